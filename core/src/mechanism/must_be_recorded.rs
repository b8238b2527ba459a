//! Something that must be recorded once the rule applies: a plan, a meeting, a reason, a consent.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Context, Works, give, names};
use crate::code::{Code, FactName};
use crate::condition::Condition;
use crate::evaluation::{ClauseAnswer, Effect};
use crate::rulebook::Rule;

/// Parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MustBeRecorded {
    /// What has to hold.
    pub requires: Condition,
    /// Raised while it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag: Option<Code>,
    /// What the flag does; `block` refuses.
    #[serde(default = "flag")]
    pub effect: Effect,
    /// The day from which it is wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<FactName>,
    /// Names of the results.
    #[serde(default)]
    pub returns: Returns,
}

fn flag() -> Effect {
    Effect::Flag
}

/// Names of the results; those left out are not given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Returns {
    /// Whether it holds.
    #[serde(default)]
    pub met: Option<FactName>,
    /// Whether the flag is up.
    #[serde(default)]
    pub raised: Option<FactName>,
    /// The flag in a list, empty where it is not up.
    #[serde(default)]
    pub reasons: Option<FactName>,
    /// Whether the request was taken.
    #[serde(default)]
    pub accepted: Option<FactName>,
    /// The error code of a refusal.
    #[serde(default)]
    pub error: Option<FactName>,
}

impl Works for MustBeRecorded {
    fn answer(&self, context: &Context<'_>, rule: &Rule, answer: &mut ClauseAnswer) {
        let met = self.requires.holds(context);
        let raised = self.flag.as_ref().filter(|_| !met);
        give(answer, self.returns.met.as_ref(), met);
        give(answer, self.returns.raised.as_ref(), !met);
        give(answer, self.returns.reasons.as_ref(), super::codes(raised));
        give(answer, self.returns.accepted.as_ref(), met);
        give(
            answer,
            self.returns.error.as_ref(),
            raised.map_or(Value::Null, |code| code.to_string().into()),
        );
        if let Some(flag) = raised {
            let mut finding = context.finding(rule, flag, self.effect, |label| format!("{label}."));
            if let Some((fact, since)) = self
                .since
                .as_ref()
                .and_then(|fact| Some((fact, context.date(fact)?)))
            {
                context.anchor(&mut finding, fact, since);
                finding.ran_out_on = Some(since);
            }
            answer.findings.push(finding);
        }
    }

    fn not_applicable(&self, answer: &mut ClauseAnswer) {
        give(answer, self.returns.raised.as_ref(), false);
        give(
            answer,
            self.returns.reasons.as_ref(),
            Value::Array(Vec::new()),
        );
        give(answer, self.returns.accepted.as_ref(), true);
        give(answer, self.returns.error.as_ref(), Value::Null);
    }

    fn facts(&self, into: &mut BTreeSet<FactName>) {
        self.requires.facts(into);
        into.extend(self.since.clone());
    }

    fn returns(&self) -> Vec<FactName> {
        let it = &self.returns;
        names([&it.met, &it.raised, &it.reasons, &it.accepted, &it.error])
    }
}
