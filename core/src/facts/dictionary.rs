//! What each fact is called and what type it has: the shared vocabulary plus what a council's own clauses name.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::code::{Code, FactName};
use crate::vocabulary::Vocabulary;

/// The type of a fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum FactType {
    /// A day, `2025-03-31`. Days after `as_of` do not exist yet, unless the fact is `planned`.
    Date,
    /// A moment with zone, `2025-03-31T13:00:00+01:00`.
    DateTime,
    /// A calendar month, `2025-03`, or any day of it; it is kept as its first day.
    Month,
    /// A calendar month, `2025-03`; it is kept as its last day.
    MonthEnd,
    /// A time of day, `13:45`, seconds or none.
    Time,
    /// Yes or no.
    Boolean,
    /// A whole number.
    Integer,
    /// Free text.
    Text,
    /// A code of the named list; of any list where none is named.
    Code(Option<Code>),
    /// Yes or no, a day, a number, a text or a code, or several of them: the answer to one entry of a checklist.
    Answer,
    /// A list of such values.
    List(Box<FactType>),
    /// A list of entries, each a code of the list or a record with that code under `key` and further members; or a record
    /// with the entries by their codes, `{"chair": true, "child": false}`.
    Entries {
        /// Member that holds the code.
        key: FactName,
        /// List of the code.
        #[serde(default)]
        list: Option<Code>,
        /// Further members.
        #[serde(default)]
        members: BTreeMap<FactName, FactType>,
    },
    /// A list of entries, each a day or a record with that day under `key` and further members.
    Dated {
        /// Member that holds the day.
        key: FactName,
        /// Further members.
        #[serde(default)]
        members: BTreeMap<FactName, FactType>,
    },
    /// A record with these members.
    Record(BTreeMap<FactName, FactType>),
    /// A record that tells other facts: its members, each with the fact that it is; a fact told by its own name stands.
    /// It is the type of a whole fact, or one of its forms.
    Tells(BTreeMap<FactName, FactName>),
    /// Any of these forms; the first that fits is taken, so a day or a moment, a list of codes or of records.
    OneOf(Vec<FactType>),
}

impl FactType {
    /// The facts that a record of this type tells, by its members.
    pub fn tells(&self) -> Option<&BTreeMap<FactName, FactName>> {
        match self {
            Self::Tells(members) => Some(members),
            Self::OneOf(kinds) => kinds.iter().find_map(Self::tells),
            _ => None,
        }
    }
}

/// A fact of the dictionary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FactDefinition {
    /// Its type.
    #[serde(rename = "type")]
    pub kind: FactType,
    /// What it means, in a sentence.
    #[serde(default)]
    pub means: String,
    /// A date that may lie ahead of `as_of`: a sitting, a hearing, a review to come.
    #[serde(default)]
    pub planned: bool,
    /// Other names under which it is accepted.
    #[serde(default)]
    pub aliases: Vec<FactName>,
}

/// All facts that a question to one council may carry.
#[derive(Debug, Clone, Default)]
pub struct Dictionary {
    facts: BTreeMap<FactName, FactDefinition>,
    by_wire_name: HashMap<String, FactName>,
    vocabulary: Vocabulary,
}

impl Dictionary {
    /// The shared facts with a council's own; a council's definition replaces a shared one of the same name.
    pub fn new(vocabulary: Vocabulary, own: &BTreeMap<FactName, FactDefinition>) -> Self {
        let mut facts = vocabulary.facts().clone();
        facts.extend(own.iter().map(|(name, fact)| (name.clone(), fact.clone())));
        let mut dictionary = Self {
            facts,
            by_wire_name: HashMap::new(),
            vocabulary,
        };
        dictionary.index();
        dictionary
    }

    /// Adds an entry of a checklist as a fact of its own, unless a fact of that name exists.
    pub fn add_answer(&mut self, name: FactName) {
        if !self.facts.contains_key(&name) && !self.by_wire_name.contains_key(&name.camel()) {
            self.by_wire_name.insert(name.camel(), name.clone());
            self.facts.insert(
                name,
                FactDefinition {
                    kind: FactType::Answer,
                    means: String::new(),
                    planned: false,
                    aliases: Vec::new(),
                },
            );
        }
    }

    fn index(&mut self) {
        for (name, fact) in &self.facts {
            for alias in &fact.aliases {
                self.by_wire_name.insert(alias.camel(), name.clone());
            }
        }
        for name in self.facts.keys() {
            self.by_wire_name.insert(name.camel(), name.clone());
        }
    }

    /// The definition of a fact.
    pub fn get(&self, name: &str) -> Option<&FactDefinition> {
        self.facts.get(name)
    }

    /// The fact of a name in camel case, aliases included.
    pub fn by_wire_name(&self, wire: &str) -> Option<(&FactName, &FactDefinition)> {
        let name = self.by_wire_name.get(wire)?;
        Some((name, self.facts.get(name)?))
    }

    /// Every fact in the order of names.
    pub fn iter(&self) -> impl Iterator<Item = (&FactName, &FactDefinition)> {
        self.facts.iter()
    }

    /// The code lists that facts refer to.
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// The JSON Schema of an object with these facts, for clients that want to know what to send.
    pub fn schema<'a>(&self, names: impl IntoIterator<Item = &'a FactName>) -> Value {
        let mut properties = serde_json::Map::new();
        let named: BTreeSet<&FactName> = names.into_iter().collect();
        let telling = self.facts.iter().filter(|(_, fact)| {
            let mut told = fact.kind.tells().into_iter().flat_map(BTreeMap::values);
            told.any(|told| named.contains(told))
        });
        let all: BTreeSet<&FactName> = telling
            .map(|(name, _)| name)
            .chain(named.iter().copied())
            .collect();
        for name in all {
            if let Some(fact) = self.facts.get(name) {
                let mut schema = self.type_schema(&fact.kind);
                if let Value::Object(schema) = &mut schema
                    && !fact.means.is_empty()
                {
                    schema.insert("description".into(), fact.means.clone().into());
                }
                properties.insert(name.camel(), nullable(schema));
            }
        }
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "properties": properties,
            "additionalProperties": false
        })
    }

    fn type_schema(&self, kind: &FactType) -> Value {
        match kind {
            FactType::Date => json!({ "type": "string", "format": "date" }),
            FactType::DateTime => json!({ "type": "string", "format": "date-time" }),
            FactType::Month => {
                json!({ "type": "string", "pattern": "^\\d{4}-(0[1-9]|1[0-2])(-\\d{2})?$" })
            }
            FactType::MonthEnd => {
                json!({ "type": "string", "pattern": "^\\d{4}-(0[1-9]|1[0-2])$" })
            }
            FactType::Time => {
                json!({ "type": "string", "pattern": "^([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d)?$" })
            }
            FactType::Boolean => json!({ "type": "boolean" }),
            FactType::Integer => json!({ "type": "integer" }),
            FactType::Text => json!({ "type": "string", "maxLength": 4000 }),
            FactType::Answer => json!({ "type": ["boolean", "string", "integer", "array"] }),
            FactType::Code(list) => self.code_schema(list.as_ref()),
            FactType::List(of) => {
                json!({ "type": "array", "items": self.type_schema(of), "maxItems": 1000 })
            }
            FactType::Record(members) => self.record_schema(members),
            FactType::Tells(members) => self.telling_schema(members),
            FactType::OneOf(kinds) => {
                let kinds: Vec<Value> = kinds.iter().map(|kind| self.type_schema(kind)).collect();
                json!({ "anyOf": kinds })
            }
            FactType::Dated { key, members } => {
                let mut all = members.clone();
                all.insert(key.clone(), FactType::Date);
                let record = self.record_schema(&all);
                json!({
                    "type": "array",
                    "maxItems": 1000,
                    "items": { "oneOf": [self.type_schema(&FactType::Date), record] }
                })
            }
            FactType::Entries { key, list, members } => {
                let mut all = members.clone();
                all.insert(key.clone(), FactType::Code(list.clone()));
                let mut record = self.record_schema(&all);
                if let Value::Object(record) = &mut record {
                    record.insert("required".into(), json!([key.camel()]));
                }
                json!({
                    "type": ["array", "object"],
                    "maxItems": 1000,
                    "items": { "oneOf": [self.code_schema(list.as_ref()), record] }
                })
            }
        }
    }

    /// A member that is the telling fact itself has the other forms of that fact.
    fn telling_schema(&self, members: &BTreeMap<FactName, FactName>) -> Value {
        let own = |kind: &FactType| match kind {
            FactType::OneOf(kinds) => {
                let others = kinds.iter().filter(|kind| kind.tells().is_none());
                FactType::OneOf(others.cloned().collect())
            }
            other => other.clone(),
        };
        let members = members
            .iter()
            .filter_map(|(member, fact)| Some((member.clone(), own(&self.facts.get(fact)?.kind))))
            .filter(|(_, kind)| kind.tells().is_none())
            .collect();
        self.record_schema(&members)
    }

    fn record_schema(&self, members: &BTreeMap<FactName, FactType>) -> Value {
        let properties: serde_json::Map<String, Value> = members
            .iter()
            .map(|(name, kind)| (name.camel(), nullable(self.type_schema(kind))))
            .collect();
        json!({ "type": "object", "properties": properties, "additionalProperties": false })
    }

    fn code_schema(&self, list: Option<&Code>) -> Value {
        match list.and_then(|list| self.vocabulary.list(list)) {
            Some(list) if !list.open => {
                json!({ "type": "string", "enum": list.codes.keys().map(Code::as_str).collect::<Vec<_>>() })
            }
            _ => json!({ "type": "string", "pattern": "^[a-z0-9_|]{1,80}$" }),
        }
    }
}

fn nullable(schema: Value) -> Value {
    json!({ "anyOf": [schema, { "type": "null" }] })
}
