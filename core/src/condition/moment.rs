//! Points in time that a condition compares with.

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveDateTime};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::calendar::Offset;
use crate::code::FactName;
use crate::facts::FactValue;
use crate::mechanism::Context;

/// A point in time to compare with: a fact, `as_of`, or one of them moved by an offset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum When {
    /// A fixed day.
    Day(NaiveDate),
    /// The fact of that name, or `as_of`.
    Fact(FactName),
    /// The same, moved.
    Moved(Moved),
}

/// A fact, or `as_of`, moved by an offset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Moved {
    /// The fact, or `as_of`.
    pub fact: FactName,
    /// How far it is moved.
    pub offset: Offset,
}

impl When {
    pub(super) fn facts(&self, into: &mut BTreeSet<FactName>) {
        if let Self::Fact(fact) | Self::Moved(Moved { fact, .. }) = self
            && fact != "as_of"
        {
            into.insert(fact.clone());
        }
    }

    pub(super) fn moment(&self, context: &Context<'_>) -> Option<Moment> {
        let of = |fact: &FactName| {
            if fact == "as_of" {
                Some(Moment::Day(context.as_of()))
            } else {
                Moment::of(context.value(fact)?)
            }
        };
        match self {
            Self::Day(day) => Some(Moment::Day(*day)),
            Self::Fact(fact) => of(fact),
            Self::Moved(moved) => Some(Moment::Day(moved.offset.from(of(&moved.fact)?.day())?)),
        }
    }
}

#[derive(Clone, Copy)]
pub(super) enum Moment {
    Day(NaiveDate),
    Time(NaiveDateTime),
}

impl Moment {
    fn of(value: &FactValue) -> Option<Self> {
        match value {
            FactValue::Date(day) => Some(Self::Day(*day)),
            FactValue::DateTime(time) => Some(Self::Time(*time)),
            FactValue::Record(members) => members.values().find_map(Self::of),
            _ => None,
        }
    }

    fn day(self) -> NaiveDate {
        match self {
            Self::Day(day) => day,
            Self::Time(time) => time.date(),
        }
    }

    /// Compares moments where both have a clock time, days otherwise.
    pub(super) fn compare(self, other: Self) -> std::cmp::Ordering {
        match (self, other) {
            (Self::Time(one), Self::Time(two)) => one.cmp(&two),
            _ => self.day().cmp(&other.day()),
        }
    }

    /// The moments that a fact names: its own, or those of the entries of a list that exist on the day asked about.
    pub(super) fn all(fact: &FactName, context: &Context<'_>) -> Vec<Self> {
        match context.value(fact) {
            _ if fact == "as_of" => vec![Self::Day(context.as_of())],
            Some(FactValue::List(_)) => context
                .entries(fact)
                .into_iter()
                .filter_map(Self::of)
                .collect(),
            Some(value) => Self::of(value).into_iter().collect(),
            None => Vec::new(),
        }
    }
}
