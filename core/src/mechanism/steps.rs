//! Steps in an order: which is next, which are missing.

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
pub struct Steps {
    /// The steps in order.
    pub steps: Vec<Step>,
    /// Facts with lists of the steps done.
    #[serde(default)]
    pub done: Vec<FactName>,
    /// Raised while a step is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag: Option<Code>,
    /// Name of the first step not done; null where all are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<FactName>,
    /// Name of the list of steps not done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<FactName>,
    /// Whether all steps are done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub complete: Option<FactName>,
}

/// A step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Its code; a fact of that name that is answered counts as done.
    pub step: Code,
    /// Who does it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub responsible: Option<Code>,
    /// It is only wanted when this holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
    /// It is done when this holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done_when: Option<Condition>,
}

impl Works for Steps {
    fn answer(&self, context: &Context<'_>, rule: &Rule, answer: &mut ClauseAnswer) {
        let missing: Vec<&Step> = self
            .steps
            .iter()
            .filter(|step| step.when.as_ref().is_none_or(|when| when.holds(context)))
            .filter(|step| match &step.done_when {
                Some(done) => !done.holds(context),
                None => !context.has(&self.done, &step.step),
            })
            .collect();
        let next = missing.first();
        give(
            answer,
            self.next.as_ref(),
            next.map_or(Value::Null, |step| step.step.to_string().into()),
        );
        give(
            answer,
            self.missing.as_ref(),
            codes(missing.iter().map(|step| &step.step)),
        );
        give(answer, self.complete.as_ref(), missing.is_empty());
        if let (Some(step), Some(flag)) = (next, &self.flag) {
            let vocabulary = context.policy().dictionary().vocabulary();
            let mut finding = context.finding(rule, flag, Effect::Flag, |label| {
                format!(
                    "{label} Next: {}.",
                    vocabulary.label(&step.step).to_lowercase()
                )
            });
            finding.responsible_role = step.responsible.clone().or(finding.responsible_role);
            answer.findings.push(finding);
        }
    }

    fn not_applicable(&self, answer: &mut ClauseAnswer) {
        give(answer, self.next.as_ref(), Value::Null);
    }

    fn facts(&self, into: &mut BTreeSet<FactName>) {
        into.extend(self.done.iter().cloned());
        into.extend(self.answers());
        for condition in self
            .steps
            .iter()
            .flat_map(|step| step.when.iter().chain(&step.done_when))
        {
            condition.facts(into);
        }
    }

    fn answers(&self) -> Vec<FactName> {
        self.steps
            .iter()
            .filter(|step| step.done_when.is_none())
            .filter_map(|step| FactName::new(step.step.as_str()).ok())
            .collect()
    }

    fn returns(&self) -> Vec<FactName> {
        names([&self.next, &self.missing, &self.complete])
    }
}
