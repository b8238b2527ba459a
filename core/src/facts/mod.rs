//! Facts: what is known about a child, an item or a meeting when a question is asked.
//!
//! A fact that is absent is *not known*; `null` is *known to be none*; `false` is an answer.
//! Names and types come from a [`Dictionary`]; what it does not know is refused with a JSON pointer, all faults at once.

pub mod dictionary;
mod read;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use serde_json::Value;

pub use dictionary::{Dictionary, FactDefinition, FactType};

use crate::calendar::london;
use crate::code::{Code, FactName};

/// The value of a fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FactValue {
    /// Known to be none.
    None,
    /// A day.
    Date(NaiveDate),
    /// A moment, in local London time.
    DateTime(NaiveDateTime),
    /// A time of day.
    Time(NaiveTime),
    /// Yes or no.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// Free text.
    Text(String),
    /// A code.
    Code(Code),
    /// Several values.
    List(Vec<FactValue>),
    /// Named values.
    Record(BTreeMap<FactName, FactValue>),
}

/// Why a fact was refused. It never repeats the value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{pointer}: {message}")]
pub struct FactError {
    /// JSON pointer below `facts`.
    pub pointer: String,
    /// `unknown_fact`, `wrong_type`, `unknown_code` or `too_long`.
    pub code: &'static str,
    /// The rule that was broken.
    pub message: String,
}

/// The facts of one question.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts(BTreeMap<FactName, FactValue>);

impl Facts {
    /// Reads facts as they stand in JSON (names in camel case); all faults are reported.
    pub fn read(
        members: &serde_json::Map<String, Value>,
        dictionary: &Dictionary,
    ) -> Result<Self, Vec<FactError>> {
        read::facts(members, dictionary)
    }

    /// Reads the facts of a question about a day: the period that it asks about may not be longer than
    /// [`Period::LONGEST_DAYS`](crate::calendar::Period::LONGEST_DAYS), because an answer names every week or sitting in it.
    pub fn read_asked(
        members: &serde_json::Map<String, Value>,
        dictionary: &Dictionary,
        as_of: NaiveDate,
    ) -> Result<Self, Vec<FactError>> {
        let facts = Self::read(members, dictionary)?;
        match facts.period_fault(members, dictionary, as_of) {
            Some(fault) => Err(vec![fault]),
            None => Ok(facts),
        }
    }

    /// What is wrong with the period that these facts, read of these members, ask about as of a day.
    pub fn period_fault(
        &self,
        members: &serde_json::Map<String, Value>,
        dictionary: &Dictionary,
        as_of: NaiveDate,
    ) -> Option<FactError> {
        read::period::fault(members, dictionary, self, as_of)
    }

    /// Writes the facts as JSON, names in camel case.
    pub fn to_json(&self) -> serde_json::Map<String, Value> {
        self.0
            .iter()
            .map(|(name, value)| (name.camel(), value.to_json()))
            .collect()
    }

    /// Those of these names.
    #[must_use]
    pub fn only(&self, names: &BTreeSet<FactName>) -> Self {
        let named = self.0.iter().filter(|(name, _)| names.contains(*name));
        Self(
            named
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
        )
    }

    /// Sets a fact; the caller vouches for its type.
    pub fn insert(&mut self, name: FactName, value: FactValue) {
        self.0.insert(name, value);
    }

    /// Every fact in the order of names.
    pub fn iter(&self) -> impl Iterator<Item = (&FactName, &FactValue)> {
        self.0.iter()
    }

    /// The value, `None` where it is not known.
    pub fn get(&self, name: &str) -> Option<&FactValue> {
        self.0.get(name)
    }

    /// Whether nothing is known about it.
    pub fn is_absent(&self, name: &str) -> bool {
        !self.0.contains_key(name)
    }

    /// The day, or the day of the moment.
    pub fn date(&self, name: &str) -> Option<NaiveDate> {
        self.get(name).and_then(FactValue::as_date)
    }

    /// The moment in local time.
    pub fn date_time(&self, name: &str) -> Option<NaiveDateTime> {
        match self.get(name) {
            Some(FactValue::DateTime(moment)) => Some(*moment),
            _ => None,
        }
    }

    /// The code.
    pub fn code(&self, name: &str) -> Option<&Code> {
        match self.get(name) {
            Some(FactValue::Code(code)) => Some(code),
            _ => None,
        }
    }

    /// Yes or no.
    pub fn boolean(&self, name: &str) -> Option<bool> {
        match self.get(name) {
            Some(FactValue::Boolean(answer)) => Some(*answer),
            _ => None,
        }
    }

    /// The whole number.
    pub fn integer(&self, name: &str) -> Option<i64> {
        match self.get(name) {
            Some(FactValue::Integer(number)) => Some(*number),
            _ => None,
        }
    }

    /// The list; empty where it is none or not known.
    pub fn list(&self, name: &str) -> &[FactValue] {
        match self.get(name) {
            Some(FactValue::List(items)) => items,
            _ => &[],
        }
    }
}

impl FromIterator<(FactName, FactValue)> for Facts {
    fn from_iter<I: IntoIterator<Item = (FactName, FactValue)>>(facts: I) -> Self {
        Self(facts.into_iter().collect())
    }
}

impl FactValue {
    /// The day, or the day of the moment.
    pub fn as_date(&self) -> Option<NaiveDate> {
        match self {
            Self::Date(day) => Some(*day),
            Self::DateTime(moment) => Some(moment.date()),
            _ => None,
        }
    }

    /// The code.
    pub fn as_code(&self) -> Option<&Code> {
        match self {
            Self::Code(code) => Some(code),
            _ => None,
        }
    }

    /// A member of a record.
    pub fn member(&self, name: &str) -> Option<&FactValue> {
        match self {
            Self::Record(members) => members.get(name),
            _ => None,
        }
    }

    /// Whether it says something: not none, not an empty list or text.
    pub fn is_answered(&self) -> bool {
        match self {
            Self::None => false,
            Self::Text(text) => !text.trim().is_empty(),
            Self::List(items) => !items.is_empty(),
            Self::Record(members) => !members.is_empty(),
            _ => true,
        }
    }

    /// Whether it answers with anything but no: yes, a day, a text, a code, a number other than nought.
    pub fn is_yes(&self) -> bool {
        match self {
            Self::Boolean(answer) => *answer,
            Self::Integer(number) => *number != 0,
            Self::Code(code) => *code != "no",
            _ => self.is_answered(),
        }
    }

    /// The value as JSON.
    pub fn to_json(&self) -> Value {
        match self {
            Self::None => Value::Null,
            Self::Date(day) => Value::String(day.to_string()),
            Self::DateTime(moment) => Value::String(london::text(*moment)),
            Self::Time(time) => Value::String(time.format("%H:%M").to_string()),
            Self::Boolean(answer) => Value::Bool(*answer),
            Self::Integer(number) => Value::from(*number),
            Self::Text(text) => Value::String(text.clone()),
            Self::Code(code) => Value::String(code.to_string()),
            Self::List(items) => items.iter().map(Self::to_json).collect(),
            Self::Record(members) => Value::Object(
                members
                    .iter()
                    .map(|(name, value)| (name.camel(), value.to_json()))
                    .collect(),
            ),
        }
    }
}
