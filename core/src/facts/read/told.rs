//! Records that stand for something else: for other facts, or for a list of entries by their codes.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{At, Members, Reader};
use crate::code::{Code, FactName, snake};
use crate::facts::{FactType, FactValue};

impl Reader<'_> {
    /// The facts that a record tells, each read as its own type says.
    pub(super) fn told_facts(
        &mut self,
        at: &At<'_>,
        value: &Value,
        kind: &FactType,
    ) -> Vec<(FactName, FactValue)> {
        let dictionary = self.dictionary;
        let fact = |wire: &str| {
            let mut named = kind.tells()?.iter();
            let (_, fact) = named.find(|(name, _)| **name == *wire || name.is_camel(wire))?;
            Some((fact, dictionary.get(fact.as_str())?))
        };
        let mut told = Vec::new();
        for (wire, value) in value.as_object().into_iter().flatten() {
            let at = At::Member(at, wire);
            match fact(wire) {
                None => self.refuse(&at, "unknown_fact", "this member is not known here"),
                Some((name, fact)) => told.extend(
                    self.value(&at, value, &fact.kind)
                        .map(|value| (name.clone(), value)),
                ),
            }
        }
        told
    }

    /// Entries told by their codes: what is answered with no or null is no entry.
    pub(super) fn entries_by_code(
        &mut self,
        at: &At<'_>,
        value: &Value,
        key: &FactName,
        list: Option<&Code>,
        members: &BTreeMap<FactName, FactType>,
    ) -> Option<FactValue> {
        let object = value.as_object()?;
        if object.keys().any(|wire| key.is_camel(wire)) {
            return self.wrong(at, "a list");
        }
        let before = self.errors.len();
        let mut entries = Vec::new();
        for (wire, told) in object {
            let at = At::Member(at, wire);
            let Some(code) = self.code(&at, &snake(wire).into(), list) else {
                continue;
            };
            let Some(mut record) = self.told(&at, told, members) else {
                continue;
            };
            if told.as_bool() != Some(false) && !told.is_null() {
                record.insert(key.clone(), FactValue::Code(code));
                entries.push(FactValue::Record(record));
            }
        }
        (self.errors.len() == before).then_some(FactValue::List(entries))
    }

    /// What is told beside a code: yes or no, its further members, or the value of the one member that takes it.
    fn told(
        &mut self,
        at: &At<'_>,
        told: &Value,
        members: &BTreeMap<FactName, FactType>,
    ) -> Option<BTreeMap<FactName, FactValue>> {
        // Of members that take any code those come first that say how somebody came.
        const FIRST: [&str; 3] = ["mode", "attendance_mode", "attendance_type"];
        if told.is_boolean() || told.is_null() {
            return Some(BTreeMap::new());
        }
        if told.is_object() {
            let named = Members {
                named: members,
                key: None,
            };
            return self.record(at, told, named);
        }
        let first = FIRST.iter().filter_map(|name| members.get_key_value(*name));
        for (name, kind) in first.chain(members) {
            let mut attempt = Reader {
                dictionary: self.dictionary,
                errors: Vec::new(),
            };
            if let Some(value) = attempt.value(at, told, kind)
                && attempt.errors.is_empty()
            {
                return Some([(name.clone(), value)].into());
            }
        }
        self.refuse(
            at,
            "wrong_type",
            "expected true, false or a member of the entry",
        );
        None
    }
}
