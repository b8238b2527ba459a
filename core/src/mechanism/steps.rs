//! Steps in an order: which is next, which are missing.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Context, Works, codes, give, names};
use crate::code::{Code, FactName};
use crate::condition::{Condition, is_numbered};
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
    /// Name of who takes the next step; empty where all are done, or where nobody is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<FactName>,
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
    /// Who answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub responsible: Option<Code>,
    /// Everybody who takes it, where the policy names them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<Code>,
    /// It is only wanted when this holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
    /// It is done when this holds, whatever the lists say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done_when: Option<Condition>,
    /// It is done, too, when this holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub or_when: Option<Condition>,
    /// It does not count as done without an earlier one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs: Option<Needs>,
}

/// An earlier step that another one cannot do without.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Needs {
    /// The earlier step.
    pub step: Code,
    /// Refuses the later one.
    pub error: Code,
}

impl Steps {
    /// Whether a step was taken, by what is recorded of it alone.
    fn taken(&self, context: &Context<'_>, step: &Step) -> bool {
        match &step.done_when {
            Some(done) => done.holds(context),
            None => {
                context.has(&self.done, &step.step)
                    || self.told_by_number(context, step)
                    || step.or_when.as_ref().is_some_and(|or| or.holds(context))
            }
        }
    }

    /// Whether a list of what was done has the step by its number in the clause, the first being 1: `2`, or `{step: 2}`.
    fn told_by_number(&self, context: &Context<'_>, step: &Step) -> bool {
        let Some(place) = self.steps.iter().position(|one| one.step == step.step) else {
            return false;
        };
        let number = i64::try_from(place.saturating_add(1)).unwrap_or(i64::MAX);
        self.done
            .iter()
            .flat_map(|list| context.entries(list))
            .any(|entry| is_numbered(entry, number))
    }

    /// The steps that are wanted, each with whether it was taken.
    fn state(&self, context: &Context<'_>) -> Vec<(&Step, bool)> {
        self.steps
            .iter()
            .filter(|step| step.when.as_ref().is_none_or(|when| when.holds(context)))
            .map(|step| (step, self.taken(context, step)))
            .collect()
    }
}

/// The earlier step that a step cannot do without, where it was not taken.
fn refusal<'a>(state: &[(&Step, bool)], step: &'a Step) -> Option<&'a Needs> {
    step.needs.as_ref().filter(|needs| {
        !state
            .iter()
            .any(|(other, taken)| *taken && other.step == needs.step)
    })
}

impl Works for Steps {
    fn answer(&self, context: &Context<'_>, rule: &Rule, answer: &mut ClauseAnswer) {
        let state = self.state(context);
        let missing: Vec<&Step> = state
            .iter()
            .filter(|(step, taken)| !taken || refusal(&state, step).is_some())
            .map(|(step, _)| *step)
            .collect();
        for (step, needs) in state
            .iter()
            .filter(|(_, taken)| *taken)
            .filter_map(|(step, _)| Some((*step, refusal(&state, step)?)))
        {
            let vocabulary = context.policy().dictionary().vocabulary();
            let mut finding = context.finding(rule, &needs.error, Effect::Block, |label| {
                format!(
                    "{label}: {} comes first.",
                    vocabulary.label(&needs.step).to_lowercase()
                )
            });
            finding
                .evidence
                .insert("step".into(), step.step.to_string().into());
            answer.findings.push(finding);
        }
        let next = missing.first();
        let takers = next.map(|step| step.by.as_slice()).unwrap_or_default();
        give(answer, self.by.as_ref(), codes(takers));
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
        for condition in self.steps.iter().flat_map(|step| {
            let done = step.done_when.iter().chain(&step.or_when);
            step.when.iter().chain(done)
        }) {
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
        names([&self.next, &self.by, &self.missing, &self.complete])
    }

    fn problems(&self, _: &crate::Rulebook) -> Vec<String> {
        let needed = self.steps.iter().filter_map(|step| step.needs.as_ref());
        needed
            .filter(|needs| !self.steps.iter().any(|step| step.step == needs.step))
            .map(|needs| format!("{} is needed by a step, but is no step itself", needs.step))
            .collect()
    }
}
