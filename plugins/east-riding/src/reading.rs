//! How a coded rule reads a question and writes its answer.

use chrono::NaiveDate;
use permanence_core::code::camel;
use permanence_core::evaluation::Finding;
use permanence_core::facts::FactValue;
use permanence_core::{Effect, FactName};
use permanence_plugin::{ClauseAnswer, Code, Context, Rule};
use serde_json::Value;

/// A fact as it stood on the day asked about.
pub(crate) fn value<'a>(context: &Context<'a>, name: &str) -> Option<&'a FactValue> {
    context.value(&FactName::new(name).ok()?)
}

/// The day of a fact as it stood.
pub(crate) fn day(context: &Context<'_>, name: &str) -> Option<NaiveDate> {
    value(context, name).and_then(FactValue::as_date)
}

/// The entries of a list that exist on the day asked about.
pub(crate) fn entries<'a>(context: &Context<'a>, name: &str) -> Vec<&'a FactValue> {
    FactName::new(name)
        .map(|name| context.entries(&name))
        .unwrap_or_default()
}

/// The first of these members that a record has, the record itself a fact: `{adoption_panel: {starts_at: 09:30}}`.
pub(crate) fn member_of<'a>(
    context: &Context<'a>,
    record: &str,
    members: &[&str],
) -> Option<&'a FactValue> {
    let record = context.facts().get(record)?;
    members.iter().find_map(|name| record.member(name))
}

/// A code or a text.
pub(crate) fn word(value: &FactValue) -> Option<&str> {
    match value {
        FactValue::Code(code) => Some(code.as_str()),
        FactValue::Text(text) => Some(text.trim()),
        _ => None,
    }
}

/// How something with a due date stands.
pub(crate) fn status(
    due: Option<NaiveDate>,
    done: Option<NaiveDate>,
    as_of: NaiveDate,
) -> &'static str {
    match (due, done) {
        (None, _) => "not_known",
        (Some(due), Some(done)) if done <= due => "completed_on_time",
        (Some(_), Some(_)) => "completed_late",
        (Some(due), None) if as_of <= due => "open",
        (Some(_), None) => "overdue",
    }
}

/// Sets a result by its name in snake case.
pub(crate) fn give(answer: &mut ClauseAnswer, name: &str, value: impl Into<Value>) {
    answer.results.insert(camel(name), value.into());
}

/// A flag of the rule with its message; the rulebook carries one for each coded rule.
pub(crate) fn flag(context: &Context<'_>, rule: &Rule, code: &str) -> Option<Finding> {
    let code = Code::new(code).ok()?;
    Some(context.finding(rule, &code, Effect::Flag, |label| format!("{label}.")))
}
