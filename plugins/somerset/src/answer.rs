//! Findings and results of the coded rules.

use permanence_core::Code;
use permanence_core::evaluation::{Effect, Finding};
use permanence_plugin::{ClauseAnswer, Context, Rule};
use serde_json::Value;

/// A finding with the rulebook's message, or this one.
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

/// Sets a result under its name on the wire.
pub(crate) fn give(answer: &mut ClauseAnswer, name: &str, value: impl Into<Value>) {
    answer.results.insert(name.to_owned(), value.into());
}
