//! How a coded rule writes its answer: results under their names, days, and findings.

use chrono::NaiveDate;
use permanence_core::code::camel;
use permanence_core::evaluation::{Effect, Finding};
use permanence_core::mechanism::Context;
use permanence_core::rulebook::Rule;
use permanence_core::{ClauseAnswer, Code};
use serde_json::Value;

/// Sets a result by its name in snake case.
pub fn give(answer: &mut ClauseAnswer, name: &str, value: impl Into<Value>) {
    answer.results.insert(camel(name), value.into());
}

/// A day as JSON, null where there is none.
#[must_use]
pub fn json_day(day: Option<NaiveDate>) -> Value {
    day.map_or(Value::Null, |day| day.to_string().into())
}

/// A finding of a rule with the rulebook's message, or else this one; none where the code is no code.
#[must_use]
pub fn finding(
    context: &Context<'_>,
    rule: &Rule,
    code: &str,
    effect: Effect,
    message: &str,
) -> Option<Finding> {
    let code = Code::new(code).ok()?;
    Some(context.finding(rule, &code, effect, |_| message.to_owned()))
}

/// The same where the rulebook's label of the code says enough.
#[must_use]
pub fn labelled(context: &Context<'_>, rule: &Rule, code: &str, effect: Effect) -> Option<Finding> {
    let code = Code::new(code).ok()?;
    Some(context.finding(rule, &code, effect, |label| format!("{label}.")))
}

/// A flag with the rulebook's message, or else the label of its code.
#[must_use]
pub fn flag(context: &Context<'_>, rule: &Rule, code: &str) -> Option<Finding> {
    labelled(context, rule, code, Effect::Flag)
}

/// Adds a finding to an answer, and gives it back so that the rule can say more of it.
pub fn raise(
    answer: &mut ClauseAnswer,
    finding: impl Into<Option<Finding>>,
) -> Option<&mut Finding> {
    answer.findings.push(finding.into()?);
    answer.findings.last_mut()
}

/// Notes in a finding the last day on which a thing was in time, and that the time ran out on the day after.
pub fn overdue(finding: &mut Finding, due: impl Into<Option<NaiveDate>>) {
    finding.due_on = due.into();
    finding.ran_out_on = finding.due_on.and_then(|due| due.succ_opt());
}
