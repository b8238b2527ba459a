//! A code that must be one of a closed list: an option, an outcome, a request type, a role that may do something.
//!
//! A code that is not known is not judged.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Context, Works, codes, give, names};
use crate::code::{Code, FactName};
use crate::evaluation::{ClauseAnswer, Effect};
use crate::facts::FactValue;
use crate::rulebook::Rule;

/// Parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClosedList {
    /// The fact that is judged: a code or a list of codes.
    pub fact: FactName,
    /// What it may be.
    #[serde(default)]
    pub allowed: Vec<Code>,
    /// What it may be by the code of another fact; a code without a list falls back on `allowed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed_by: Option<By>,
    /// Raised when it is something else.
    pub error: Code,
    /// What that does; `flag` accepts and reports.
    #[serde(default = "block")]
    pub effect: Effect,
    /// Names of the results.
    #[serde(default)]
    pub returns: Returns,
}

fn block() -> Effect {
    Effect::Block
}

/// Lists by the code of a fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct By {
    /// The fact.
    pub fact: FactName,
    /// Its codes and what each allows.
    pub lists: BTreeMap<Code, Vec<Code>>,
}

/// Names of the results; those left out are not given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Returns {
    /// Whether the request was taken.
    #[serde(default)]
    pub accepted: Option<FactName>,
    /// The error code of a refusal.
    #[serde(default)]
    pub error: Option<FactName>,
    /// What is allowed.
    #[serde(default)]
    pub allowed: Option<FactName>,
    /// Whether the code is in the list.
    #[serde(default)]
    pub in_list: Option<FactName>,
}

impl Works for ClosedList {
    fn answer(&self, context: &Context<'_>, rule: &Rule, answer: &mut ClauseAnswer) {
        let listed = self
            .allowed_by
            .as_ref()
            .and_then(|by| by.lists.get(context.code(&by.fact)?));
        let allowed = listed.unwrap_or(&self.allowed);
        let given: Vec<&Code> = context
            .entries(&self.fact)
            .into_iter()
            .filter_map(FactValue::as_code)
            .collect();
        let wrong = given.iter().any(|code| !allowed.contains(code));
        let refused = wrong && self.effect == Effect::Block;
        let it = &self.returns;
        give(answer, it.allowed.as_ref(), codes(allowed));
        if !given.is_empty() {
            give(answer, it.in_list.as_ref(), !wrong);
            give(answer, it.accepted.as_ref(), !refused);
            give(
                answer,
                it.error.as_ref(),
                if refused {
                    self.error.to_string().into()
                } else {
                    Value::Null
                },
            );
        }
        if wrong {
            let vocabulary = context.policy().dictionary().vocabulary();
            let finding = context.finding(rule, &self.error, self.effect, |label| {
                let list: Vec<_> = allowed
                    .iter()
                    .map(|code| vocabulary.label(code).to_lowercase())
                    .collect();
                format!("{label}. Allowed: {}.", list.join(", "))
            });
            answer.findings.push(finding);
        }
    }

    fn facts(&self, into: &mut BTreeSet<FactName>) {
        into.insert(self.fact.clone());
        into.extend(self.allowed_by.iter().map(|by| by.fact.clone()));
    }

    fn returns(&self) -> Vec<FactName> {
        let it = &self.returns;
        names([&it.accepted, &it.error, &it.allowed, &it.in_list])
    }
}
