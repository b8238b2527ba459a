//! Several things that must all hold; each that does not gives its own reason, in the order of the clause.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Context, Works, codes, give, names};
use crate::code::{Code, FactName};
use crate::condition::Condition;
use crate::evaluation::{ClauseAnswer, Effect};
use crate::rulebook::Rule;

/// Parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Requirements {
    /// What must hold, in the order of the clause.
    pub all: Vec<Requirement>,
    /// What a reason does; `block` refuses.
    #[serde(default = "reason")]
    pub effect: Effect,
    /// Names of the results.
    #[serde(default)]
    pub returns: Returns,
}

/// One thing that must hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// Given while it does not hold.
    pub reason: Code,
    /// What must hold.
    pub requires: Condition,
    /// Facts without which the reason cannot be certain.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub settled_by: Vec<FactName>,
}

/// Names of the results; those left out are not given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Returns {
    /// Whether all of it holds.
    #[serde(default)]
    pub met: Option<FactName>,
    /// The reasons, empty where all of it holds.
    #[serde(default)]
    pub reasons: Option<FactName>,
    /// Whether the request was taken.
    #[serde(default)]
    pub accepted: Option<FactName>,
    /// The error code of a refusal: the first reason.
    #[serde(default)]
    pub error: Option<FactName>,
}

fn reason() -> Effect {
    Effect::Reason
}

impl Works for Requirements {
    fn answer(&self, context: &Context<'_>, rule: &Rule, answer: &mut ClauseAnswer) {
        let lacking: Vec<&Requirement> = self
            .all
            .iter()
            .filter(|one| !one.requires.holds(context))
            .collect();
        let reasons: Vec<&Code> = lacking.iter().map(|one| &one.reason).collect();
        let it = &self.returns;
        give(answer, it.met.as_ref(), reasons.is_empty());
        give(answer, it.reasons.as_ref(), codes(reasons.iter().copied()));
        give(answer, it.accepted.as_ref(), reasons.is_empty());
        give(
            answer,
            it.error.as_ref(),
            reasons
                .first()
                .map_or(Value::Null, |code| code.to_string().into()),
        );
        let settled = rule
            .certain_when
            .as_ref()
            .is_some_and(|it| it.holds(context));
        for one in lacking {
            let mut finding =
                context.finding(rule, &one.reason, self.effect, |label| format!("{label}."));
            if !settled {
                context.unsettled(&mut finding, &one.settled_by);
            }
            answer.findings.push(finding);
        }
    }

    fn not_applicable(&self, answer: &mut ClauseAnswer) {
        give(
            answer,
            self.returns.reasons.as_ref(),
            Value::Array(Vec::new()),
        );
        give(answer, self.returns.error.as_ref(), Value::Null);
    }

    fn facts(&self, into: &mut BTreeSet<FactName>) {
        for one in &self.all {
            one.requires.facts(into);
            into.extend(one.settled_by.iter().cloned());
        }
    }

    fn returns(&self) -> Vec<FactName> {
        let it = &self.returns;
        names([&it.met, &it.reasons, &it.accepted, &it.error])
    }
}
