//! What is still to be done after a negative viability assessment (BRA-FORM-07): whether the carer opposes it is recorded,
//! the carer was told in writing, and was sent a copy.
//!
//! An uncle, negative, told in writing and opposing, without a copy: the copy is missing.
//! A grandmother, positive: nothing is.

use chrono::NaiveDate;
use permanence_core::facts::FactValue;
use permanence_plugin::answering::give;
use permanence_plugin::reading::{text, value};
use permanence_plugin::{ClauseAnswer, Context, Rule};
use serde_json::Value;

const STEPS: [&str; 3] = [
    "opposes_decision",
    "advised_in_writing",
    "assessment_copy_sent",
];

/// Whether a step was taken: a no is an answer to whether the carer opposes, and to nothing else.
fn taken(step: &str, answer: Option<&FactValue>) -> bool {
    match step {
        "opposes_decision" => answer.is_some_and(FactValue::is_answered),
        _ => answer.is_some_and(FactValue::is_yes),
    }
}

/// Whether a row of the table says so: by yes, or by a day that has come.
fn taken_in_row(step: &str, row: &FactValue, as_of: NaiveDate) -> bool {
    let come = |said: &&FactValue| said.as_date().is_none_or(|on| on <= as_of);
    taken(step, row.member(step).filter(come))
        || taken(step, row.member(&format!("{step}_on")).filter(come))
}

fn negative(outcome: Option<&FactValue>) -> bool {
    outcome.and_then(text) == Some("negative")
}

/// Whether the assessment is over on a day: one without a day is.
fn over(completed_on: Option<&FactValue>, as_of: NaiveDate) -> bool {
    completed_on
        .and_then(FactValue::as_date)
        .is_none_or(|on| on <= as_of)
}

pub(super) fn answer(context: &Context<'_>, _: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let rows: Vec<&FactValue> = context
        .facts()
        .list("potential_carers")
        .iter()
        .filter(|row| negative(row.member("viability_outcome")))
        .filter(|row| over(row.member("viability_completed_on"), context.as_of()))
        .collect();
    let one = negative(value(context, "viability_outcome"))
        && over(
            context.facts().get("assessment_completed_on"),
            context.as_of(),
        );
    let missing: Vec<Value> = STEPS
        .into_iter()
        .filter(|step| {
            rows.iter()
                .any(|row| !taken_in_row(step, row, context.as_of()))
                || (one && !taken(step, value(context, step)))
        })
        .map(Value::from)
        .collect();
    give(&mut answer, "missing_steps", missing);
    answer
}
