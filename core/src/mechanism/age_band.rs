//! An age in completed years and whether it lies in a band: "aged 16 to 19 on moving in".
//!
//! "Aged X to Y" runs from the Xth birthday to the day before the (Y+1)th.
//! A birthday on 29 February falls on 1 March in other years.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Context, Works, give, names};
use crate::code::FactName;
use crate::evaluation::ClauseAnswer;
use crate::rulebook::Rule;

/// Parameters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AgeBand {
    /// The fact with the day on which the age counts; `as_of` where it is absent or not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<FactName>,
    /// The youngest age in the band.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<i64>,
    /// The oldest age in the band.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<i64>,
    /// Names of the results.
    #[serde(default)]
    pub returns: Returns,
}

/// Names of the results; those left out are not given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Returns {
    /// The age; null where it is not known.
    #[serde(default)]
    pub age: Option<FactName>,
    /// Whether it lies in the band; null where it is not known.
    #[serde(default)]
    pub eligible: Option<FactName>,
}

/// Completed years on a day; `None` before birth.
pub fn age_on(born: NaiveDate, day: NaiveDate) -> Option<i64> {
    // 29 February compares as later than 28 February and earlier than 1 March, as the convention wants it.
    let had_birthday = (day.month(), day.day()) >= (born.month(), born.day());
    let years = day.year() - born.year() - i32::from(!had_birthday);
    (day >= born).then_some(i64::from(years))
}

fn fact(name: &str) -> Option<FactName> {
    FactName::new(name).ok()
}

impl Works for AgeBand {
    fn answer(&self, context: &Context<'_>, _: &Rule, answer: &mut ClauseAnswer) {
        let day = self
            .on
            .as_ref()
            .and_then(|fact| context.date(fact))
            .unwrap_or(context.as_of());
        let age = context
            .facts()
            .date("date_of_birth")
            .and_then(|born| age_on(born, day))
            .or_else(|| context.facts().integer("age"));
        give(
            answer,
            self.returns.age.as_ref(),
            age.map_or(Value::Null, Value::from),
        );
        let within = age.map(|age| {
            self.from.is_none_or(|from| age >= from) && self.to.is_none_or(|to| age <= to)
        });
        give(
            answer,
            self.returns.eligible.as_ref(),
            within.map_or(Value::Null, Value::Bool),
        );
    }

    fn facts(&self, into: &mut BTreeSet<FactName>) {
        into.extend(self.on.clone());
        into.extend(fact("date_of_birth"));
        into.extend(fact("age"));
    }

    fn returns(&self) -> Vec<FactName> {
        names([&self.returns.age, &self.returns.eligible])
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn d(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn ages_are_completed_years() {
        for (born, day, age) in [
            ("2009-05-20", "2025-05-19", Some(15)),
            ("2009-05-20", "2025-05-20", Some(16)),
            ("2008-02-29", "2025-02-28", Some(16)),
            ("2008-02-29", "2025-03-01", Some(17)),
            ("2008-02-29", "2028-02-29", Some(20)),
            ("2025-03-01", "2025-02-28", None),
        ] {
            assert_eq!(age_on(d(born), d(day)), age, "{born} {day}");
        }
    }

    proptest! {
        #[test]
        fn an_age_never_falls(born in 0..9_000i32, days in 0..9_000i64) {
            let born = NaiveDate::from_num_days_from_ce_opt(730_000 + born).unwrap();
            let day = born + chrono::TimeDelta::days(days);
            prop_assert!(age_on(born, day).unwrap() <= age_on(born, day.succ_opt().unwrap()).unwrap());
        }
    }
}
