//! DER-URGENT-02: how many decisions were taken outside panel in the period asked about.
//!
//! Example: decisions outside panel of 31 December 2024, 1 January and 31 March 2025, asked for the first quarter: two.
//! A list of all decisions counts with those that are marked as taken outside panel.

use permanence_core::facts::FactValue;
use permanence_plugin::answering::give;
use permanence_plugin::{ClauseAnswer, Context};

pub(crate) fn answer(context: &Context<'_>) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let facts = context.facts();
    let listed_so = facts
        .list("out_of_panel_decisions")
        .iter()
        .filter(|decision| is_outside(decision) != Some(false));
    let marked_so = facts
        .list("panel_decisions")
        .iter()
        .filter(|decision| is_outside(decision) == Some(true));
    let count = listed_so
        .chain(marked_so)
        .filter(|decision| is_asked_about(context, decision))
        .count();
    give(&mut answer, "out_of_panel_decision_count", count);
    answer
}

/// Whether a decision is said to have been taken outside panel.
fn is_outside(decision: &FactValue) -> Option<bool> {
    match decision.member("decided_outside_panel") {
        Some(FactValue::Boolean(outside)) => Some(*outside),
        _ => None,
    }
}

/// Taken by the day asked about and within the period, where there is one; a decision without a day counts.
fn is_asked_about(context: &Context<'_>, decision: &FactValue) -> bool {
    let Some(day) = decision.member("decided_on").and_then(FactValue::as_date) else {
        return true;
    };
    day <= context.as_of() && context.period().is_none_or(|period| period.contains(day))
}
