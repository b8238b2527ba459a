//! An entry of a checklist: when it is wanted, when it is there, and what it is called when it is missing.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Checklist;
use crate::code::Code;
use crate::condition::Condition;
use crate::mechanism::Context;
use crate::vocabulary::Vocabulary;

/// An entry of a checklist: a code, or a code with conditions, or alternatives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Item {
    /// The code alone.
    Code(Code),
    /// The code with more.
    Detailed(DetailedItem),
}

/// An entry with conditions or alternatives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DetailedItem {
    /// What is named when it is missing; the alternatives joined by `|` where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<Code>,
    /// One of these will do.
    #[serde(default)]
    pub any_of: Vec<Code>,
    /// It is only wanted when this holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
    /// Whether a no or an empty list will do: that there is none is an answer here.
    #[serde(default)]
    pub none_will_do: bool,
    /// It is there when this holds, whatever the lists say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub met_when: Option<Condition>,
    /// Who writes or brings it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Code>,
}

impl Item {
    /// What is named when it is missing: the code, or the alternatives joined by `|`.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Code(code) => code.to_string(),
            Self::Detailed(DetailedItem {
                item: Some(item), ..
            }) => item.to_string(),
            Self::Detailed(detail) => join(detail.any_of.iter().map(Code::to_string), "|"),
        }
    }

    /// The same as a person reads it.
    pub(super) fn label(&self, vocabulary: &Vocabulary) -> String {
        let label = |code: &Code| vocabulary.label(code).to_lowercase();
        match self {
            Self::Code(code) => label(code),
            Self::Detailed(DetailedItem {
                item: Some(item), ..
            }) => label(item),
            Self::Detailed(detail) => join(detail.any_of.iter().map(label), " or "),
        }
    }

    pub(super) fn codes(&self) -> Vec<&Code> {
        match self {
            Self::Code(code) => vec![code],
            Self::Detailed(detail) if detail.any_of.is_empty() => detail.item.iter().collect(),
            Self::Detailed(detail) => detail.any_of.iter().collect(),
        }
    }

    pub(super) fn wanted(&self, context: &Context<'_>) -> bool {
        match self {
            Self::Code(_) => true,
            Self::Detailed(detail) => detail.when.as_ref().is_none_or(|when| when.holds(context)),
        }
    }

    pub(super) fn there(&self, context: &Context<'_>, list: &Checklist) -> bool {
        if let Self::Detailed(DetailedItem {
            met_when: Some(met),
            ..
        }) = self
        {
            return met.holds(context);
        }
        let none_will_do = matches!(self, Self::Detailed(detail) if detail.none_will_do);
        self.codes().into_iter().any(|code| {
            if none_will_do && context.has_none(&list.given, code) {
                true
            } else if list.no_is_an_answer {
                context.has_answer(&list.given, code)
            } else {
                context.has(&list.given, code)
            }
        })
    }
}

fn join(words: impl Iterator<Item = String>, by: &str) -> String {
    words.collect::<Vec<_>>().join(by)
}

pub(super) fn names_of(items: &[Item]) -> Vec<String> {
    items.iter().map(Item::name).collect()
}

/// What each author owes, in the order in which it is missing.
pub(super) fn by_author(lacking: &[Item]) -> Vec<(&Code, Vec<String>)> {
    let mut owed: Vec<(&Code, Vec<String>)> = Vec::new();
    for item in lacking {
        let Item::Detailed(DetailedItem { by: Some(role), .. }) = item else {
            continue;
        };
        match owed.iter_mut().find(|(known, _)| *known == role) {
            Some((_, items)) => items.push(item.name()),
            None => owed.push((role, vec![item.name()])),
        }
    }
    owed
}
