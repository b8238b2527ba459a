//! How a coded rule reads a question and writes its answer.

use chrono::NaiveDate;
use permanence_core::code::camel;
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

/// Whether one of these facts has that code.
pub(crate) fn is_code(context: &Context<'_>, names: &[&str], code: &str) -> bool {
    names
        .iter()
        .any(|name| value(context, name).and_then(text) == Some(code))
}

/// The entries of a list that exist on the day asked about.
pub(crate) fn entries<'a>(context: &Context<'a>, name: &str) -> Vec<&'a FactValue> {
    FactName::new(name)
        .map(|name| context.entries(&name))
        .unwrap_or_default()
}

/// Whether a fact is a code, or a list with it.
pub(crate) fn contains(context: &Context<'_>, name: &str, code: &str) -> bool {
    entries(context, name)
        .into_iter()
        .any(|entry| text(entry) == Some(code))
}

/// Whether a day is told that is still to come.
pub(crate) fn to_come(context: &Context<'_>, name: &str) -> bool {
    let told = context.facts().date(name);
    told.is_some_and(|day| day > context.as_of())
}

/// The roles that a fact names: codes, entries with a role, or answers by role; who is said not to have done it is left out.
pub(crate) fn roles<'a>(context: &Context<'a>, name: &str) -> Vec<&'a str> {
    if let Some(FactValue::Record(answers)) = value(context, name) {
        let yes = answers.iter().filter(|(_, answer)| answer.is_yes());
        return yes.map(|(role, _)| role.as_str()).collect();
    }
    const SAYING: [&str; 3] = ["attended", "present", "sent"];
    let refused = |entry: &FactValue| {
        SAYING
            .iter()
            .any(|name| entry.member(name) == Some(&FactValue::Boolean(false)))
    };
    entries(context, name)
        .into_iter()
        .filter(|entry| !refused(entry))
        .filter_map(|entry| text(member(entry, &["role"]).unwrap_or(entry)))
        .collect()
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

/// Who or what an entry of a list is: itself, or what one of these members says.
pub(crate) fn named(entry: &FactValue, names: &[&str]) -> Option<Value> {
    match entry {
        FactValue::Record(_) => member(entry, names).map(FactValue::to_json),
        other => Some(other.to_json()),
    }
}

/// A day as JSON, null where there is none.
pub(crate) fn json_day(day: Option<NaiveDate>) -> Value {
    day.map_or(Value::Null, |day| day.to_string().into())
}

/// Sets a result by its name in snake case.
pub(crate) fn give(answer: &mut ClauseAnswer, name: &str, value: impl Into<Value>) {
    answer.results.insert(camel(name), value.into());
}

/// Adds a flag, and gives it back so that the rule can say more of it.
pub(crate) fn flag<'a>(
    answer: &'a mut ClauseAnswer,
    context: &Context<'_>,
    rule: &Rule,
    code: &str,
    message: impl FnOnce(&str) -> String,
) -> Option<&'a mut permanence_core::Finding> {
    let code = Code::new(code).ok()?;
    let finding = context.finding(rule, &code, Effect::Flag, message);
    answer.findings.push(finding);
    answer.findings.last_mut()
}
