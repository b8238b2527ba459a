//! Something that must happen in every calendar month of the period asked about.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Context, Works, give, names};
use crate::code::{Code, FactName};
use crate::evaluation::{ClauseAnswer, Effect};
use crate::facts::FactValue;
use crate::rulebook::Rule;

/// Parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EveryMonth {
    /// The fact that lists the days on which it happened.
    pub events: FactName,
    /// Only months that are over on the day asked about are judged: a month that still runs may yet have one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ended_only: bool,
    /// Raised when a month is without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag: Option<Code>,
    /// Name of the list of months without one, such as `2025-02`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returns: Option<FactName>,
}

/// The day of an event: itself, or the first day that its record has.
fn day(event: &FactValue) -> Option<NaiveDate> {
    match event {
        FactValue::Record(members) => members.values().find_map(FactValue::as_date),
        single => single.as_date(),
    }
}

/// Whether the last day of a month has come.
fn ended(year: i32, month: u32, by: NaiveDate) -> bool {
    let tomorrow = by.succ_opt().unwrap_or(by);
    (year, month) < (tomorrow.year(), tomorrow.month())
}

impl Works for EveryMonth {
    fn answer(&self, context: &Context<'_>, rule: &Rule, answer: &mut ClauseAnswer) {
        let events: Vec<NaiveDate> = context
            .facts()
            .list(self.events.as_str())
            .iter()
            .filter_map(day)
            .collect();
        // Without a period the months from the first to the last event are looked at.
        let period = context
            .period()
            .or_else(|| crate::calendar::Period::new(*events.iter().min()?, *events.iter().max()?));
        let without: Vec<String> = period
            .map(|period| period.months())
            .unwrap_or_default()
            .into_iter()
            .filter(|(year, month)| !self.ended_only || ended(*year, *month, context.as_of()))
            .filter(|(year, month)| {
                !events
                    .iter()
                    .any(|day| day.year() == *year && day.month() == *month)
            })
            .map(|(year, month)| format!("{year:04}-{month:02}"))
            .collect();
        give(answer, self.returns.as_ref(), without.clone());
        if let (false, Some(flag)) = (without.is_empty(), &self.flag) {
            let finding = context.finding(rule, flag, Effect::Flag, |label| {
                format!("{label}: {}.", without.join(", "))
            });
            answer.findings.push(finding);
        }
    }

    fn facts(&self, into: &mut BTreeSet<FactName>) {
        into.insert(self.events.clone());
        into.extend(
            Context::PERIOD
                .into_iter()
                .filter_map(|name| FactName::new(name).ok()),
        );
    }

    fn returns(&self) -> Vec<FactName> {
        names([&self.returns])
    }
}
