//! A table of conditions and the results they give; the first row that holds counts.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Context, Works};
use crate::code::{Code, FactName};
use crate::condition::Condition;
use crate::evaluation::{ClauseAnswer, Effect};
use crate::facts::FactValue;
use crate::rulebook::Rule;

/// Parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lookup {
    /// The rows.
    pub rows: Vec<Row>,
    /// Results where no row holds.
    #[serde(default)]
    pub otherwise: BTreeMap<FactName, Value>,
    /// Results that repeat a fact, null where it is not known.
    #[serde(default)]
    pub repeats: BTreeMap<FactName, FactName>,
    /// A result that a fact should equal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compare: Option<Compare>,
}

/// A row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// When it holds; always where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
    /// The results it gives.
    pub gives: BTreeMap<FactName, Value>,
    /// Raised when this row holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag: Option<Code>,
    /// What the flag does.
    #[serde(default = "flag")]
    pub effect: Effect,
}

fn flag() -> Effect {
    Effect::Flag
}

/// A result that a fact should equal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Compare {
    /// The result.
    pub result: FactName,
    /// The fact.
    pub fact: FactName,
    /// Raised when they differ.
    pub flag: Code,
}

impl Works for Lookup {
    fn answer(&self, context: &Context<'_>, rule: &Rule, answer: &mut ClauseAnswer) {
        let row = self
            .rows
            .iter()
            .find(|row| row.when.as_ref().is_none_or(|when| when.holds(context)));
        for (name, value) in row.map_or(&self.otherwise, |row| &row.gives) {
            answer.set(name, value.clone());
        }
        for (name, fact) in &self.repeats {
            let value = context.value(fact).map_or(Value::Null, FactValue::to_json);
            answer.set(name, value);
        }
        if let Some((flag, effect)) = row.and_then(|row| Some((row.flag.as_ref()?, row.effect))) {
            answer
                .findings
                .push(context.finding(rule, flag, effect, |label| format!("{label}.")));
        }
        if let Some(compare) = &self.compare
            && let Some(given) = context.value(&compare.fact)
            && let Some(computed) = answer.results.get(&compare.result.camel())
            && !computed.is_null()
            && given.to_json() != *computed
        {
            let finding = context.finding(rule, &compare.flag, Effect::Flag, |label| {
                format!("{label}.")
            });
            answer.findings.push(finding);
        }
    }

    fn facts(&self, into: &mut BTreeSet<FactName>) {
        for when in self.rows.iter().filter_map(|row| row.when.as_ref()) {
            when.facts(into);
        }
        into.extend(self.repeats.values().cloned());
        into.extend(self.compare.iter().map(|compare| compare.fact.clone()));
    }

    fn returns(&self) -> Vec<FactName> {
        let mut names: Vec<FactName> = Vec::new();
        for name in self
            .rows
            .iter()
            .flat_map(|row| row.gives.keys())
            .chain(self.otherwise.keys())
            .chain(self.repeats.keys())
        {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        names
    }
}
