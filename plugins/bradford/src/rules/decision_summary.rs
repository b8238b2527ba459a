//! Whose file still lacks the summary of the decision (BRA-RECORD-01): due on the day of the sitting itself.
//!
//! Three children heard on 22 July 2025 and two summaries: on the 22nd nobody is late, on the 23rd the third child is.
//! A summary that came on the 23rd was late and is there.

use permanence_core::facts::FactValue;
use permanence_plugin::answering::{flag, give, json_day, overdue, raise};
use permanence_plugin::reading::{day, entries, named};
use permanence_plugin::{ClauseAnswer, Context, Rule};
use serde_json::Value;

use crate::ask::yes;

/// How a child is named in a list: by itself, or by a member.
fn child(entry: &FactValue) -> Option<Value> {
    named(entry, &["child", "child_id", "id", "name"])
}

/// Whether the entry of a child says itself that the summary is there.
fn has_own_summary(context: &Context<'_>, entry: &FactValue) -> bool {
    const NAMES: [&str; 8] = [
        "summary_recorded_on",
        "summary_completed_on",
        "summary_placed_on",
        "summary_filed_on",
        "summary_on",
        "summary",
        "summary_recorded",
        "has_summary",
    ];
    NAMES.iter().any(|name| match entry.member(name) {
        Some(FactValue::Date(day)) => *day <= context.as_of(),
        Some(other) => other.is_yes(),
        None => false,
    })
}

pub(super) fn answer(context: &Context<'_>, rule: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let due = day(context, "panel_date");
    let passed = due.is_some_and(|due| context.as_of() > due);
    let there: Vec<Value> = entries(context, "summaries")
        .into_iter()
        .filter_map(child)
        .collect();
    let lacking: Vec<Value> = context
        .facts()
        .list("children")
        .iter()
        .filter(|entry| !has_own_summary(context, entry))
        .filter_map(child)
        .filter(|child| passed && !there.contains(child))
        .collect();
    let facts = context.facts();
    let of_one = !facts.is_absent("summary_recorded_on") || !facts.is_absent("summaries");
    let raised = if facts.is_absent("children") && of_one {
        // The question is about one child and names none.
        let raised = passed && !yes(context, "summary_recorded_on") && there.is_empty();
        give(&mut answer, "summary_overdue", raised);
        raised
    } else {
        give(&mut answer, "summary_overdue", lacking.clone());
        !lacking.is_empty()
    };
    give(&mut answer, "summary_due_on", json_day(due));
    if raised {
        let raised = raise(&mut answer, flag(context, rule, "summary_overdue"));
        if let Some(finding) = raised {
            finding.since = due;
            overdue(finding, due);
        }
    }
    answer
}
