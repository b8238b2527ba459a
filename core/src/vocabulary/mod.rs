//! The shared vocabulary: code lists with labels, and the facts that any council's rules may read.
//!
//! It is data (`core/vocabulary/*.json`), embedded when the crate is built.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::code::{Code, FactName};
use crate::facts::FactDefinition;

/// One code of a list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeEntry {
    /// As a person reads it; made from the code where it is empty.
    #[serde(default)]
    pub label: String,
    /// Sorts codes of one list, such as `favourable` outcomes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<Code>,
}

/// A list of codes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeList {
    /// What the codes are for.
    pub title: String,
    /// Whether a code outside the list is taken and left to the rules (outcomes, request types, options).
    #[serde(default)]
    pub open: bool,
    /// The codes in their order.
    pub codes: BTreeMap<Code, CodeEntry>,
}

/// Code lists and facts.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary(Arc<Words>);

#[derive(Debug, Default, Deserialize)]
struct Words {
    lists: BTreeMap<Code, CodeList>,
    facts: BTreeMap<FactName, FactDefinition>,
}

impl Vocabulary {
    /// The vocabulary that all councils share.
    pub fn shared() -> Self {
        static SHARED: OnceLock<Vocabulary> = OnceLock::new();
        SHARED
            .get_or_init(|| {
                let lists = serde_json::from_str(include_str!("../../vocabulary/codes.json"));
                let facts = serde_json::from_str(include_str!("../../vocabulary/facts.json"));
                // The files are checked by a test of this module; a build that fails it is never shipped.
                Self(Arc::new(Words {
                    lists: lists.unwrap_or_default(),
                    facts: facts.unwrap_or_default(),
                }))
            })
            .clone()
    }

    /// This vocabulary with a council's own lists; codes of a list of the same name are added to it.
    pub fn with_lists(&self, own: &BTreeMap<Code, CodeList>) -> Self {
        if own.is_empty() {
            return self.clone();
        }
        let mut lists = self.0.lists.clone();
        for (name, list) in own {
            let known = lists.entry(name.clone()).or_insert_with(|| CodeList {
                title: list.title.clone(),
                open: list.open,
                codes: BTreeMap::new(),
            });
            known.codes.extend(list.codes.clone());
        }
        Self(Arc::new(Words {
            lists,
            facts: self.0.facts.clone(),
        }))
    }

    /// One list.
    pub fn list(&self, name: &Code) -> Option<&CodeList> {
        self.0.lists.get(name)
    }

    /// Every list in the order of names.
    pub fn lists(&self) -> &BTreeMap<Code, CodeList> {
        &self.0.lists
    }

    /// The shared facts.
    pub fn facts(&self) -> &BTreeMap<FactName, FactDefinition> {
        &self.0.facts
    }

    /// The label of a code in whichever list has it.
    pub fn label(&self, code: &Code) -> String {
        self.0
            .lists
            .values()
            .find_map(|list| list.codes.get(code))
            .filter(|entry| !entry.label.is_empty())
            .map_or_else(|| code.label(), |entry| entry.label.clone())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::facts::FactType;

    #[test]
    fn the_embedded_files_are_sound() {
        let lists: BTreeMap<Code, CodeList> =
            serde_json::from_str(include_str!("../../vocabulary/codes.json")).unwrap();
        let facts: BTreeMap<FactName, FactDefinition> =
            serde_json::from_str(include_str!("../../vocabulary/facts.json")).unwrap();
        assert!(lists.len() > 10 && facts.len() > 150);
        for (name, fact) in &facts {
            if let FactType::Code(Some(list)) = &fact.kind {
                assert!(lists.contains_key(list), "{name} names the list {list}");
            }
        }
        assert_eq!(Vocabulary::shared().facts().len(), facts.len());
    }
}
