//! Findings and results of the coded rules.

use chrono::NaiveDate;
use permanence_core::Code;
use permanence_core::evaluation::{Effect, Finding};
use permanence_plugin::{ClauseAnswer, Context, Rule};
use serde_json::Value;

/// A finding with the rulebook's message, or this one, where the code is a good one.
pub(crate) fn finding(
    context: &Context<'_>,
    rule: &Rule,
    code: &str,
    effect: Effect,
    message: &str,
) -> Option<Finding> {
    let code = Code::new(code).ok()?;
    Some(context.finding(rule, &code, effect, |_| message.to_owned()))
}

/// Refuses: the error as a finding and in the results.
pub(crate) fn refuse(
    answer: &mut ClauseAnswer,
    context: &Context<'_>,
    rule: &Rule,
    code: &str,
    message: &str,
) {
    give(answer, "accepted", false);
    give(answer, "error", code);
    answer
        .findings
        .extend(finding(context, rule, code, Effect::Block, message));
}

/// Sets a result under its name on the wire.
pub(crate) fn give(answer: &mut ClauseAnswer, name: &str, value: impl Into<Value>) {
    answer.results.insert(name.to_owned(), value.into());
}

/// A day as JSON.
pub(crate) fn day(day: Option<NaiveDate>) -> Value {
    day.map_or(Value::Null, |day| day.to_string().into())
}
