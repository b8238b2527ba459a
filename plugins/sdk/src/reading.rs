//! How a coded rule reads a question: facts by their names, entries of lists, and what an entry may be called.
//!
//! Whoever asks may write a thing in several ways, so that most readings take several names and the first that says something.
//! A name that is none is a fact that nobody has told.

use chrono::NaiveDate;
use permanence_core::facts::FactValue;
use permanence_core::mechanism::Context;
use serde_json::Value;

/// A fact as it stood on the day asked about.
#[must_use]
pub fn value<'a>(context: &Context<'a>, name: &str) -> Option<&'a FactValue> {
    context.value(name)
}

/// The day of a fact as it stood.
#[must_use]
pub fn day(context: &Context<'_>, name: &str) -> Option<NaiveDate> {
    value(context, name).and_then(FactValue::as_date)
}

/// Whether a fact is told as a day that is still to come.
#[must_use]
pub fn to_come(context: &Context<'_>, name: &str) -> bool {
    let told = context.facts().date(name);
    told.is_some_and(|day| day > context.as_of())
}

/// The day on which papers are due for the sitting that the question names.
#[must_use]
pub fn papers_due_on(context: &Context<'_>) -> Option<NaiveDate> {
    let sitting = context.facts().date("panel_date")?;
    context.panel()?.papers_due_on(sitting)
}

/// The entries of a list that exist on the day asked about.
#[must_use]
pub fn entries<'a>(context: &Context<'a>, name: &str) -> Vec<&'a FactValue> {
    context.entries(name)
}

/// Whether a fact is a code, or a list with it.
#[must_use]
pub fn contains(context: &Context<'_>, name: &str, code: &str) -> bool {
    let entries = entries(context, name);
    entries.into_iter().any(|entry| text(entry) == Some(code))
}

/// A code, or a text, which may be a code that no list has.
#[must_use]
pub fn text(value: &FactValue) -> Option<&str> {
    match value {
        FactValue::Code(code) => Some(code.as_str()),
        FactValue::Text(text) => Some(text),
        _ => None,
    }
}

/// A whole number.
#[must_use]
pub fn integer(value: &FactValue) -> Option<i64> {
    match value {
        FactValue::Integer(number) => Some(*number),
        _ => None,
    }
}

/// The first of these members that a record answers.
#[must_use]
pub fn member<'a>(entry: &'a FactValue, names: &[&str]) -> Option<&'a FactValue> {
    names
        .iter()
        .filter_map(|name| entry.member(name))
        .find(|value| value.is_answered())
}

/// The first of these members that is a day.
#[must_use]
pub fn member_day(entry: &FactValue, names: &[&str]) -> Option<NaiveDate> {
    names.iter().find_map(|name| entry.member(name)?.as_date())
}

/// Who or what an entry of a list is: itself, or what the first of these members says that is answered.
#[must_use]
pub fn named(entry: &FactValue, names: &[&str]) -> Option<Value> {
    match entry {
        FactValue::Record(_) => member(entry, names).map(FactValue::to_json),
        other => Some(other.to_json()),
    }
}
