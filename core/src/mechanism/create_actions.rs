//! Follow-up actions, each with the role responsible and, where the policy gives one, a due date.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Anchor, Context, Works, day, give, names};
use crate::calendar::Offset;
use crate::code::{Code, FactName};
use crate::condition::Condition;
use crate::evaluation::{ClauseAnswer, Effect};
use crate::rulebook::Rule;

/// Parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateActions {
    /// The actions in the order of the clause.
    pub actions: Vec<ActionSpec>,
    /// Name of the list of actions in the results.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returns: Option<FactName>,
}

/// One action.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ActionSpec {
    /// What is to be done.
    pub action: Code,
    /// Who is to do it, where the policy says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub responsible: Option<Code>,
    /// Whether the policy does not name that role and it is assumed.
    #[serde(default)]
    pub responsible_assumed: bool,
    /// By when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Due>,
    /// It is only created when this holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
    /// More about it, such as a form or a remit.
    #[serde(default)]
    pub with: BTreeMap<FactName, Value>,
}

/// By when an action is due.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Due {
    /// On the day of a fact.
    On(FactName),
    /// So long after a fact.
    After {
        /// The fact.
        fact: FactName,
        /// How long.
        offset: Offset,
    },
    /// Counted from the first of these that is known.
    FirstOf(Vec<Anchor>),
    /// On the first sitting strictly after a fact that is not full (the fact `full_sittings`).
    NextSittingAfter(FactName),
}

impl Due {
    fn day(&self, context: &Context<'_>) -> Option<NaiveDate> {
        match self {
            Self::On(fact) => context.facts().date(fact.as_str()),
            Self::After { fact, offset } => offset.from(context.date(fact)?),
            Self::FirstOf(anchors) => anchors
                .iter()
                .find_map(|anchor| anchor.offset.from(context.date(&anchor.fact)?)),
            Self::NextSittingAfter(fact) => {
                let from = context.date(fact)?.succ_opt()?;
                let full = context.facts().list("full_sittings");
                context.first_sitting(context.panel()?, from, |day| {
                    !full.iter().any(|entry| entry.as_date() == Some(day))
                })
            }
        }
    }

    fn facts(&self) -> Vec<&FactName> {
        match self {
            Self::On(fact) | Self::After { fact, .. } | Self::NextSittingAfter(fact) => vec![fact],
            Self::FirstOf(anchors) => anchors.iter().map(|anchor| &anchor.fact).collect(),
        }
    }
}

impl Works for CreateActions {
    fn answer(&self, context: &Context<'_>, rule: &Rule, answer: &mut ClauseAnswer) {
        let mut list = Vec::new();
        for spec in &self.actions {
            if spec.when.as_ref().is_some_and(|when| !when.holds(context)) {
                continue;
            }
            let due = spec.due.as_ref().and_then(|due| due.day(context));
            let mut entry = Map::new();
            entry.insert("action".into(), spec.action.to_string().into());
            let responsible = spec.responsible.as_ref().map(Code::to_string);
            entry.insert("responsible".into(), responsible.into());
            entry.insert("responsibleAssumed".into(), spec.responsible_assumed.into());
            entry.insert("dueOn".into(), day(due));
            for (name, value) in &spec.with {
                entry.insert(name.camel(), value.clone());
            }
            let mut finding = context.finding(rule, &spec.action, Effect::CreateAction, |label| {
                format!("{label}.")
            });
            finding.responsible_role = spec.responsible.clone();
            finding.due_on = due;
            finding.evidence = spec
                .with
                .iter()
                .map(|(name, value)| (name.camel(), value.clone()))
                .collect();
            answer.findings.push(finding);
            list.push(Value::Object(entry));
        }
        give(answer, self.returns.as_ref(), list);
    }

    fn not_applicable(&self, answer: &mut ClauseAnswer) {
        give(answer, self.returns.as_ref(), Value::Array(Vec::new()));
    }

    fn facts(&self, into: &mut BTreeSet<FactName>) {
        for spec in &self.actions {
            into.extend(spec.due.iter().flat_map(Due::facts).cloned());
            if let Some(Due::NextSittingAfter(_)) = spec.due {
                into.extend(FactName::new("full_sittings").ok());
            }
            if let Some(when) = &spec.when {
                when.facts(into);
            }
        }
    }

    fn returns(&self) -> Vec<FactName> {
        names([&self.returns])
    }
}
