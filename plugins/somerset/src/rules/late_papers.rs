//! SOM-PAPERWORK-01: papers are late that come, or are still missing, after the day two weeks before panel.
//!
//! Passes: received on 2 October for the panel of 16 October.
//! Fails: received on 3 October; or, on that day, not received. Late papers cost no place on the list.

use chrono::NaiveDate;
use permanence_core::ClauseId;
use permanence_core::evaluation::Effect;
use permanence_core::facts::FactValue;
use permanence_core::mechanism::Mechanism;
use permanence_plugin::answering::{finding, overdue};
use permanence_plugin::reading::{member_day, papers_due_on};
use permanence_plugin::{ClauseAnswer, Context, Rule};

/// The clause whose checklist says what is required.
const REQUIRED: &str = "SOM-PAPERWORK-13";

pub(crate) fn answer(context: &Context<'_>, rule: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let Some(due) = papers_due_on(context) else {
        return answer;
    };
    let came_late = received(context).into_iter().any(|day| day > due);
    let missing = context.as_of() > due && is_missing(context);
    if (came_late || missing)
        && let Some(mut finding) = finding(
            context,
            rule,
            "paperwork_late",
            Effect::Flag,
            &format!("Papers were due by {due}, two weeks before panel."),
        )
    {
        overdue(&mut finding, due);
        answer.findings.push(finding);
    }
    answer
}

/// Days on which papers came, as far as they have come.
fn received(context: &Context<'_>) -> Vec<NaiveDate> {
    let facts = context.facts();
    let mut days: Vec<NaiveDate> = match facts.get("documents") {
        Some(FactValue::List(papers)) => papers
            .iter()
            .filter_map(|paper| member_day(paper, &["received_on", "received_at"]))
            .collect(),
        Some(FactValue::Record(papers)) => papers.values().filter_map(FactValue::as_date).collect(),
        _ => Vec::new(),
    };
    for name in ["document_received_on", "submitted_at"] {
        days.extend(days_of(context, name));
    }
    days.retain(|day| *day <= context.as_of());
    days
}

/// The day of a fact, or the days of its list.
fn days_of(context: &Context<'_>, name: &str) -> Vec<NaiveDate> {
    match context.facts().get(name) {
        Some(FactValue::List(days)) => days.iter().filter_map(FactValue::as_date).collect(),
        Some(day) => day.as_date().into_iter().collect(),
        None => Vec::new(),
    }
}

/// Whether papers are known to be missing; what nobody asked about is not.
fn is_missing(context: &Context<'_>) -> bool {
    let facts = context.facts();
    let not_here_yet = |name: &str| {
        facts.get(name).is_some()
            && !days_of(context, name)
                .into_iter()
                .any(|day| day <= context.as_of())
    };
    if let Some(FactValue::List(named)) = facts.get("missing_documents") {
        return !named.is_empty();
    }
    if not_here_yet("document_received_on") {
        return true;
    }
    if facts.is_absent("documents") {
        return false;
    }
    let Ok(clause) = ClauseId::new(REQUIRED) else {
        return false;
    };
    context
        .policy()
        .rules_of(&clause)
        .any(|rule| match &rule.rule {
            Mechanism::Checklist(list) => !list.missing(context).is_empty(),
            _ => false,
        })
}
