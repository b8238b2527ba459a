//! What a history tells, by the names of facts.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde_json::{Map, Value, json};

use crate::care::Source;
use crate::care::spells::Start;
use crate::code::camel;

/// A review with its number in the period of care, when that can be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReviewOn {
    /// 1 for the first of the period of care.
    pub number: Option<u32>,
    /// Day it was held.
    pub on: NaiveDate,
}

/// The value of a fact that a history can tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CareValue {
    /// Known to be none.
    None,
    /// A day.
    Day(NaiveDate),
    /// Yes or no.
    Answer(bool),
    /// A code.
    Code(&'static str),
    /// Reviews, in order.
    Reviews(Vec<ReviewOn>),
}

/// A fact with where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CareFact {
    /// Its value.
    pub value: CareValue,
    /// Whether the true date may be earlier.
    pub may_be_earlier: bool,
    /// The record that shows it; none where it follows from the history as a whole.
    pub source: Option<Source>,
}

/// All facts that a history tells, by name in snake case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CareFacts(BTreeMap<&'static str, CareFact>);

impl CareFacts {
    /// One fact; `None` where it is not known.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&CareFact> {
        self.0.get(name)
    }

    /// Every fact in the order of names.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &CareFact)> {
        self.0.iter().map(|(name, fact)| (*name, fact))
    }

    /// The names of the facts whose true date may be earlier.
    #[must_use]
    pub fn lower_bounds(&self) -> Vec<&'static str> {
        self.iter()
            .filter(|(_, fact)| fact.may_be_earlier)
            .map(|(name, _)| name)
            .collect()
    }

    /// The facts as a policy question carries them: names in camel case, with `lowerBounds` where there are any.
    #[must_use]
    pub fn to_json(&self) -> Map<String, Value> {
        let mut facts: Map<String, Value> = self
            .iter()
            .map(|(name, fact)| (camel(name), fact.value.to_json()))
            .collect();
        let bounds = self.lower_bounds();
        if !bounds.is_empty() {
            facts.insert("lowerBounds".to_owned(), json!(bounds));
        }
        facts
    }

    pub(super) fn set(&mut self, name: &'static str, value: CareValue, source: Option<&Source>) {
        self.0.insert(
            name,
            CareFact {
                value,
                may_be_earlier: false,
                source: source.cloned(),
            },
        );
    }

    pub(super) fn none(&mut self, name: &'static str) {
        self.set(name, CareValue::None, None);
    }

    pub(super) fn start(&mut self, name: &'static str, start: Start<'_>) {
        let fact = CareFact {
            value: CareValue::Day(start.on),
            may_be_earlier: start.may_be_earlier,
            source: Some(start.shown_by.source.clone()),
        };
        self.0.insert(name, fact);
    }
}

impl CareValue {
    /// The day, for a fact that is one.
    #[must_use]
    pub const fn day(&self) -> Option<NaiveDate> {
        match self {
            Self::Day(day) => Some(*day),
            _ => None,
        }
    }

    pub(super) fn to_json(&self) -> Value {
        match self {
            Self::None => Value::Null,
            Self::Day(day) => json!(day),
            Self::Answer(answer) => json!(answer),
            Self::Code(code) => json!(code),
            Self::Reviews(reviews) => reviews
                .iter()
                .map(|review| match review.number {
                    Some(number) => json!({ "reviewOn": review.on, "reviewNumber": number }),
                    None => json!({ "reviewOn": review.on }),
                })
                .collect(),
        }
    }
}
