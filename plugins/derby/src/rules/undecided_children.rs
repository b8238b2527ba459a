//! DER-REPORT-03: children in long-term care without a permanence decision on the last day of a half-year, and why.
//!
//! Example: on 30 September 2025 five children, two of them undecided, one of these without a reason: count 2, and
//! `rationale_missing` for that child.

use chrono::NaiveDate;
use permanence_core::evaluation::Effect;
use permanence_core::facts::FactValue;
use permanence_plugin::answering::{finding, give, json_day};
use permanence_plugin::reading::{member, member_day};
use permanence_plugin::{ClauseAnswer, Context, Rule};
use serde_json::{Map, Value};

use crate::period::end_of_half_year;

/// Members that name a child, never in words.
const REFERENCES: [&str; 4] = ["child", "child_id", "reference", "id"];
/// Members that may tell the day of the decision, and whether there is one.
const DECIDED: [&str; 4] = [
    "permanence_decision_on",
    "decision_on",
    "decided_on",
    "permanence_decision",
];
const HAS_DECISION: [&str; 2] = ["has_permanence_decision", "permanence_decision"];

pub(crate) fn answer(context: &Context<'_>, rule: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let Some(snapshot) = end_of_half_year(context) else {
        return answer;
    };
    let mut listed = Vec::new();
    // What comes after the day asked about is not there yet.
    let by = snapshot.min(context.as_of());
    for child in in_long_term_care(context).filter(|child| !is_decided(child, by)) {
        let reference = REFERENCES
            .into_iter()
            .find_map(|name| child.member(name))
            .map_or(Value::Null, FactValue::to_json);
        let reason = member(child, &["reason", "rationale", "delay_reason"]);
        let mut entry = Map::new();
        entry.insert("child".into(), reference.clone());
        entry.insert(
            "reason".into(),
            reason.map_or(Value::Null, FactValue::to_json),
        );
        listed.push(Value::Object(entry));
        if reason.is_none()
            && let Some(mut finding) = finding(
                context,
                rule,
                "rationale_missing",
                Effect::Flag,
                "A child in long-term care has no permanence decision, and no reason is given.",
            )
        {
            finding.evidence.insert("child".into(), reference);
            answer.findings.push(finding);
        }
    }
    give(&mut answer, "snapshot_on", json_day(Some(snapshot)));
    give(&mut answer, "count", listed.len());
    give(&mut answer, "children", listed);
    answer
}

/// Children marked as being in long-term care; all of them where the list carries no marks at all.
pub(crate) fn in_long_term_care<'a>(
    context: &Context<'a>,
) -> impl Iterator<Item = &'a FactValue> + use<'a> {
    let children = context.facts().list("children");
    let unmarked = children
        .iter()
        .all(|child| child.member("in_long_term_care").is_none());
    children.iter().filter(move |child| {
        unmarked || child.member("in_long_term_care") == Some(&FactValue::Boolean(true))
    })
}

/// Whether permanence was decided by that day.
pub(crate) fn is_decided(child: &FactValue, by: NaiveDate) -> bool {
    match member_day(child, &DECIDED) {
        Some(day) => day <= by,
        None => HAS_DECISION
            .into_iter()
            .any(|name| child.member(name) == Some(&FactValue::Boolean(true))),
    }
}
