//! A list of things that must be there, of which the missing ones are named in the order of the clause.
//!
//! Serves papers, attendance, contents of a paper, approvals, signatures, topics, steps.
//! An entry is there when one of the given lists has it, or when the fact of its own name is answered with anything but no.
//! Where one of several alternatives would do, the missing entry shows them joined by `|`.

mod item;

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use item::{DetailedItem, Item};
use item::{by_author, names_of};

use super::{Context, Works, give, names};
use crate::code::{Code, FactName};
use crate::condition::has_code;
use crate::evaluation::{ClauseAnswer, Effect};
use crate::facts::FactValue;
use crate::rulebook::Rule;

/// Parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Checklist {
    /// Facts with lists of what is there.
    #[serde(default)]
    pub given: Vec<FactName>,
    /// What must be there, in the order of the clause.
    #[serde(default)]
    pub required: Vec<Item>,
    /// What must be there by the code of a fact, such as the request type or the session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required_by: Option<By>,
    /// What must be there is itself a fact: a list of codes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required_from: Option<FactName>,
    /// Entries that somebody may do without: those are not missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waived: Option<Waived>,
    /// What may be there; its absence is named and does no harm.
    #[serde(default)]
    pub optional: Vec<Item>,
    /// Whether a no counts as an answer, as on a form.
    #[serde(default)]
    pub no_is_an_answer: bool,
    /// Raised when something is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag: Option<Code>,
    /// What the flag does; `block` refuses.
    #[serde(default = "flag")]
    pub effect: Effect,
    /// Names of the results.
    #[serde(default)]
    pub returns: Returns,
}

fn flag() -> Effect {
    Effect::Flag
}

/// Lists by the code of a fact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct By {
    /// The fact.
    pub fact: FactName,
    /// Its codes and what each requires; another code requires nothing.
    pub lists: BTreeMap<Code, Vec<Item>>,
}

/// A waiver: the fact that lists them, each with the entry, a `reason`, and who waived it (`waived_by`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Waived {
    /// The fact.
    pub fact: FactName,
    /// Roles that may waive.
    pub by: Vec<Code>,
}

impl Waived {
    /// Whether an entry was waived, with a reason, by a role that may; one that names nobody is taken to be by such a role.
    fn covers(&self, context: &Context<'_>, item: &Item) -> bool {
        context.entries(&self.fact).into_iter().any(|waiver| {
            item.codes().into_iter().any(|code| has_code(waiver, code))
                && waiver.member("reason").is_some_and(FactValue::is_answered)
                && waiver
                    .member("waived_by")
                    .is_none_or(|by| by.as_code().is_some_and(|role| self.by.contains(role)))
        })
    }
}

/// Names of the results; those left out are not given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Returns {
    /// What is missing.
    #[serde(default)]
    pub missing: Option<FactName>,
    /// The first thing missing; null where nothing is.
    #[serde(default)]
    pub first_missing: Option<FactName>,
    /// How many of the required entries are there.
    #[serde(default)]
    pub there: Option<FactName>,
    /// Who still owes something, each once, in the order of what is missing.
    #[serde(default)]
    pub by: Option<FactName>,
    /// What each of them owes.
    #[serde(default)]
    pub missing_by: Option<FactName>,
    /// Whether nothing is missing.
    #[serde(default)]
    pub complete: Option<FactName>,
    /// Whether something is.
    #[serde(default)]
    pub incomplete: Option<FactName>,
    /// What is required.
    #[serde(default)]
    pub required: Option<FactName>,
    /// Optional things that are not there.
    #[serde(default)]
    pub optional_missing: Option<FactName>,
    /// Whether the request was taken.
    #[serde(default)]
    pub accepted: Option<FactName>,
    /// The error code of a refusal.
    #[serde(default)]
    pub error: Option<FactName>,
}

impl Checklist {
    /// What is wanted and not there, in the order of the clause; a coded rule may ask for it, too.
    pub fn missing(&self, context: &Context<'_>) -> Vec<String> {
        names_of(&self.missing_items(context))
    }

    fn missing_items(&self, context: &Context<'_>) -> Vec<Item> {
        self.wanted(context)
            .into_iter()
            .filter(|item| !item.there(context, self))
            .filter(|item| {
                !self
                    .waived
                    .as_ref()
                    .is_some_and(|waived| waived.covers(context, item))
            })
            .collect()
    }

    fn wanted(&self, context: &Context<'_>) -> Vec<Item> {
        let by = self
            .required_by
            .as_ref()
            .and_then(|by| by.lists.get(context.code(&by.fact)?));
        let from = self
            .required_from
            .iter()
            .flat_map(|fact| context.entries(fact))
            .filter_map(|item| match item {
                FactValue::Record(members) => members.values().find_map(FactValue::as_code),
                other => other.as_code(),
            });
        self.required
            .iter()
            .chain(by.into_iter().flatten())
            .cloned()
            .chain(from.map(|code| Item::Code(code.clone())))
            .filter(|item| item.wanted(context))
            .collect()
    }

    fn items(&self) -> impl Iterator<Item = &Item> {
        let by = self
            .required_by
            .iter()
            .flat_map(|by| by.lists.values().flatten());
        self.required.iter().chain(by).chain(&self.optional)
    }
}

impl Works for Checklist {
    fn answer(&self, context: &Context<'_>, rule: &Rule, answer: &mut ClauseAnswer) {
        let wanted = self.wanted(context);
        let lacking = self.missing_items(context);
        let missing = names_of(&lacking);
        let optional: Vec<String> = self
            .optional
            .iter()
            .filter(|item| item.wanted(context) && !item.there(context, self))
            .map(Item::name)
            .collect();
        let it = &self.returns;
        give(answer, it.missing.as_ref(), missing.clone());
        give(
            answer,
            it.first_missing.as_ref(),
            missing
                .first()
                .map_or(Value::Null, |name| name.clone().into()),
        );
        give(
            answer,
            it.there.as_ref(),
            wanted.len().saturating_sub(missing.len()),
        );
        let owed = by_author(&lacking);
        let authors: Vec<String> = owed.iter().map(|(role, _)| role.to_string()).collect();
        give(answer, it.by.as_ref(), authors);
        give(
            answer,
            it.missing_by.as_ref(),
            owed.into_iter()
                .map(|(role, items)| (role.to_string(), Value::from(items)))
                .collect::<Map<_, _>>(),
        );
        give(answer, it.complete.as_ref(), missing.is_empty());
        give(answer, it.incomplete.as_ref(), !missing.is_empty());
        give(answer, it.required.as_ref(), names_of(&wanted));
        give(answer, it.optional_missing.as_ref(), optional);
        let refused = !missing.is_empty() && self.effect == Effect::Block;
        give(answer, it.accepted.as_ref(), !refused);
        let error = self.flag.as_ref().filter(|_| refused);
        give(
            answer,
            it.error.as_ref(),
            error.map_or(Value::Null, |code| code.to_string().into()),
        );
        if let (false, Some(flag)) = (missing.is_empty(), &self.flag) {
            let vocabulary = context.policy().dictionary().vocabulary();
            let mut finding = context.finding(rule, flag, self.effect, |label| {
                let list: Vec<_> = lacking.iter().map(|item| item.label(vocabulary)).collect();
                // A label is a heading without a full stop; a sentence of the rulebook's has one.
                format!(
                    "{}. Missing: {}.",
                    label.trim_end_matches('.'),
                    list.join(", ")
                )
            });
            finding.evidence.insert("missing".into(), missing.into());
            answer.findings.push(finding);
        }
    }

    fn facts(&self, into: &mut BTreeSet<FactName>) {
        into.extend(self.given.iter().cloned());
        into.extend(self.required_from.clone());
        into.extend(self.waived.iter().map(|waived| waived.fact.clone()));
        into.extend(self.required_by.iter().map(|by| by.fact.clone()));
        into.extend(self.answers());
        for item in self.items() {
            if let Item::Detailed(detail) = item {
                for condition in detail.when.iter().chain(&detail.met_when) {
                    condition.facts(into);
                }
            }
        }
    }

    fn answers(&self) -> Vec<FactName> {
        self.items()
            .filter(|item| {
                !matches!(
                    item,
                    Item::Detailed(DetailedItem {
                        met_when: Some(_),
                        ..
                    })
                )
            })
            .flat_map(Item::codes)
            .filter_map(|code| FactName::new(code.as_str()).ok())
            .collect()
    }

    fn returns(&self) -> Vec<FactName> {
        let it = &self.returns;
        names([
            &it.missing,
            &it.first_missing,
            &it.there,
            &it.by,
            &it.missing_by,
            &it.complete,
            &it.incomplete,
            &it.required,
            &it.optional_missing,
            &it.accepted,
            &it.error,
        ])
    }
}
