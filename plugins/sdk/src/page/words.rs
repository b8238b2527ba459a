//! Codes, days and values as a person reads them.

use chrono::NaiveDate;
use permanence_core::Effect;
use serde_json::Value;

/// `2 March 2026`.
pub(super) fn day(day: NaiveDate) -> String {
    day.format("%-d %B %Y").to_string()
}

/// A name in snake case with spaces.
pub(super) fn spaced(name: &str) -> String {
    name.replace('_', " ")
}

/// A name in camel case with spaces.
pub(super) fn uncameled(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 8);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            words.push(' ');
            words.push(letter.to_ascii_lowercase());
        } else if letter == '_' {
            words.push(' ');
        } else {
            words.push(letter);
        }
    }
    words
}

/// A value of a question or an answer.
pub(super) fn value(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => match text.parse::<NaiveDate>() {
            Ok(on) => day(on),
            Err(_) => spaced(text),
        },
        Value::Array(entries) if entries.is_empty() => "an empty list".to_owned(),
        Value::Array(entries) => entries
            .iter()
            .map(self::value)
            .collect::<Vec<_>>()
            .join("; "),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| format!("{} {}", uncameled(name), self::value(value)))
            .collect::<Vec<_>>()
            .join(", "),
    }
}

/// What a finding does.
pub(super) fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::Flag => "flagged",
        Effect::Block => "refused",
        Effect::CreateAction => "to be done",
        Effect::Reason => "because",
    }
}

/// What a rule of this mechanism does.
pub(super) fn mechanism(name: &str) -> &'static str {
    match name {
        "due_date" => "the day by which something is due, and whether it was kept",
        "cut_off" => "the weekday and time before a sitting by which something must be in",
        "threshold" => "how long something has lasted, and the day on which that is too long",
        "must_be_recorded" => "whether something is recorded that must be",
        "checklist" => "what must be there, and what of it is missing",
        "closed_list" => "whether a choice is one that the policy knows",
        "create_actions" => "what is to be done next, by whom and by when",
        "seats" => "whether enough of the right people are present, and who may chair",
        "session_of" => "in which session an item is heard, and under whom",
        "sitting_calendar" => "on which days the panel sits",
        "every_month" => "whether something happened in each month",
        "target_sitting" => "the sitting that a case should go to",
        "slots" => "how items follow each other within a session",
        "lookup" => "what the policy says for each situation",
        "recipients" => "who receives something, and who has not yet",
        "steps" => "the steps in their order, and the next one",
        "count" => "how often something happened",
        "requirements" => "several things that must all hold, each with its reason",
        "candidates" => "everything that fits the situation",
        "age_band" => "the child's age and what follows from it",
        _ => "what the policy says",
    }
}
