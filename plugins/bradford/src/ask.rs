//! How a coded rule reads a question and writes its answer.

use chrono::{Datelike, NaiveDate};
use permanence_core::code::camel;
use permanence_core::facts::FactValue;
use permanence_core::{ClauseId, Effect, FactName};
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

/// The first of these facts that has a day.
pub(crate) fn first_day(context: &Context<'_>, names: &[&str]) -> Option<NaiveDate> {
    names.iter().find_map(|name| day(context, name))
}

/// The code of a fact, or its text where it is written like one.
pub(crate) fn word<'a>(context: &Context<'a>, name: &str) -> Option<&'a str> {
    value(context, name).and_then(text)
}

/// Whether a fact is answered with anything but no.
pub(crate) fn yes(context: &Context<'_>, name: &str) -> bool {
    value(context, name).is_some_and(FactValue::is_yes)
}

/// Whether a fact is answered with no.
pub(crate) fn no(context: &Context<'_>, name: &str) -> bool {
    value(context, name) == Some(&FactValue::Boolean(false))
}

/// Whether nothing is known of a fact, or that there is none.
pub(crate) fn unknown(context: &Context<'_>, name: &str) -> bool {
    !value(context, name).is_some_and(FactValue::is_answered)
}

/// The entries of a list that exist on the day asked about.
pub(crate) fn entries<'a>(context: &Context<'a>, name: &str) -> Vec<&'a FactValue> {
    FactName::new(name)
        .map(|name| context.entries(&name))
        .unwrap_or_default()
}

/// A code or text.
pub(crate) fn text(value: &FactValue) -> Option<&str> {
    match value {
        FactValue::Code(code) => Some(code.as_str()),
        FactValue::Text(text) => Some(text),
        _ => None,
    }
}

/// The first of these members that a record answers.
pub(crate) fn member<'a>(entry: &'a FactValue, names: &[&str]) -> Option<&'a FactValue> {
    names
        .iter()
        .filter_map(|name| entry.member(name))
        .find(|value| value.is_answered())
}

/// The role of an entry: the code itself, or the member `role`.
pub(crate) fn role(entry: &FactValue) -> Option<&str> {
    text(entry).or_else(|| member(entry, &["role"]).and_then(text))
}

/// The birthday at an age; one on 29 February falls on 1 March in other years.
pub(crate) fn birthday(born: NaiveDate, age: i32) -> Option<NaiveDate> {
    let year = born.year() + age;
    born.with_year(year)
        .or_else(|| NaiveDate::from_ymd_opt(year, 3, 1))
}

/// A day as JSON, null where there is none.
pub(crate) fn json_day(day: Option<NaiveDate>) -> Value {
    day.map_or(Value::Null, |day| day.to_string().into())
}

/// Sets a result by its name in snake case.
pub(crate) fn give(answer: &mut ClauseAnswer, name: &str, value: impl Into<Value>) {
    answer.results.insert(camel(name), value.into());
}

/// Adds a finding; `clause` narrows it to one of the rule's clauses.
pub(crate) fn find(
    answer: &mut ClauseAnswer,
    context: &Context<'_>,
    rule: &Rule,
    code: &str,
    effect: Effect,
    clause: Option<&str>,
) {
    let Ok(code) = Code::new(code) else { return };
    let mut finding = context.finding(rule, &code, effect, |label| format!("{label}."));
    finding
        .clauses
        .extend(clause.and_then(|id| ClauseId::new(id).ok()));
    answer.findings.push(finding);
}
