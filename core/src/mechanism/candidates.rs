//! Everything of a list that fits the facts: the sections of a tracker, the routes that are open.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Context, Works};
use crate::code::FactName;
use crate::condition::Condition;
use crate::evaluation::ClauseAnswer;
use crate::rulebook::Rule;

/// Parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Candidates {
    /// What may fit, in the order in which it is given.
    pub of: Vec<Candidate>,
    /// Name of the list of those that do.
    pub returns: FactName,
}

/// Something that may fit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Candidate {
    /// Its name, as the council writes it.
    pub name: String,
    /// When it fits.
    pub when: Condition,
}

impl Works for Candidates {
    fn answer(&self, context: &Context<'_>, _: &Rule, answer: &mut ClauseAnswer) {
        let fit: Vec<Value> = self
            .of
            .iter()
            .filter(|one| one.when.holds(context))
            .map(|one| one.name.clone().into())
            .collect();
        answer.set(&self.returns, fit);
    }

    fn facts(&self, into: &mut BTreeSet<FactName>) {
        self.of.iter().for_each(|one| one.when.facts(into));
    }

    fn returns(&self) -> Vec<FactName> {
        vec![self.returns.clone()]
    }
}
