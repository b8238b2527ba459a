//! How often something happened in the period asked about.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Context, Works};
use crate::code::FactName;
use crate::evaluation::ClauseAnswer;
use crate::facts::FactValue;
use crate::rulebook::Rule;

/// Parameters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Count {
    /// The fact that lists the events: days, or entries with a day.
    pub events: FactName,
    /// Name of the number.
    pub returns: FactName,
}

impl Works for Count {
    fn answer(&self, context: &Context<'_>, _: &Rule, answer: &mut ClauseAnswer) {
        let period = context.period();
        let within = |entry: &&FactValue| match (period, day_of(entry)) {
            (Some(period), Some(day)) => period.contains(day),
            _ => true,
        };
        let count = context
            .entries(&self.events)
            .into_iter()
            .filter(|entry| within(entry))
            .count();
        answer.set(&self.returns, count);
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
        vec![self.returns.clone()]
    }
}

fn day_of(entry: &FactValue) -> Option<chrono::NaiveDate> {
    match entry {
        FactValue::Record(members) => members.values().find_map(FactValue::as_date),
        other => other.as_date(),
    }
}
