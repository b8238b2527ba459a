//! What is still to be done after a negative viability assessment (BRA-FORM-07): whether the carer opposes it is recorded,
//! the carer was told in writing, and was sent a copy.
//!
//! An uncle, negative, told in writing and opposing, without a copy: the copy is missing.
//! A grandmother, positive: nothing is.

use permanence_core::facts::FactValue;
use permanence_plugin::{ClauseAnswer, Context, Rule};
use serde_json::Value;

use crate::ask::{give, text, value};

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

fn negative(outcome: Option<&FactValue>) -> bool {
    outcome.and_then(text) == Some("negative")
}

pub(super) fn answer(context: &Context<'_>, _: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let rows: Vec<&FactValue> = context
        .facts()
        .list("potential_carers")
        .iter()
        .filter(|row| negative(row.member("viability_outcome")))
        .collect();
    let one = negative(value(context, "viability_outcome"));
    let missing: Vec<Value> = STEPS
        .into_iter()
        .filter(|step| {
            rows.iter().any(|row| !taken(step, row.member(step)))
                || (one && !taken(step, value(context, step)))
        })
        .map(Value::from)
        .collect();
    give(&mut answer, "missing_steps", missing);
    answer
}
