//! Reading facts from JSON against the dictionary; every fault is reported with its pointer.

mod day;
pub(super) mod period;
mod told;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use self::day::{date, month, month_end, time};
use super::{Dictionary, FactError, FactType, FactValue, Facts};
use crate::calendar::london;
use crate::code::{Code, FactName};

const LONGEST_TEXT: usize = 4_000;
const LONGEST_LIST: usize = 1_000;

pub(super) fn facts(
    members: &Map<String, Value>,
    dictionary: &Dictionary,
) -> Result<Facts, Vec<FactError>> {
    let mut reader = Reader {
        dictionary,
        errors: Vec::new(),
    };
    let mut facts = Facts::default();
    let mut told = Vec::new();
    for (wire, value) in members {
        let at = At::Fact(wire);
        match dictionary.by_wire_name(wire) {
            None => reader.refuse(
                &at,
                "unknown_fact",
                "this fact is not in the council's dictionary",
            ),
            Some((_, fact)) if value.is_object() && fact.kind.tells().is_some() => {
                told.extend(reader.told_facts(&at, value, &fact.kind));
            }
            Some((name, fact)) => {
                if let Some(value) = reader.value(&at, value, &fact.kind) {
                    facts.insert(name.clone(), value);
                }
            }
        }
    }
    for (name, value) in told {
        if facts.is_absent(name.as_str()) {
            facts.insert(name, value);
        }
    }
    if reader.errors.is_empty() {
        Ok(facts)
    } else {
        Err(reader.errors)
    }
}

struct Reader<'a> {
    dictionary: &'a Dictionary,
    errors: Vec<FactError>,
}

/// Where a value stands; written out as a pointer only where something is wrong with it.
#[derive(Clone, Copy)]
enum At<'a> {
    /// A fact, by its name on the wire.
    Fact(&'a str),
    /// A member of a record.
    Member(&'a At<'a>, &'a str),
    /// An entry of a list.
    Entry(&'a At<'a>, usize),
}

impl At<'_> {
    /// The JSON pointer (RFC 6901).
    fn pointer(&self) -> String {
        let escaped = |name: &str| name.replace('~', "~0").replace('/', "~1");
        match self {
            Self::Fact(name) => format!("/{}", escaped(name)),
            Self::Member(of, name) => format!("{}/{}", of.pointer(), escaped(name)),
            Self::Entry(of, index) => format!("{}/{index}", of.pointer()),
        }
    }
}

/// The members that a record may have: those of its type, and the key of an entry.
#[derive(Clone, Copy)]
struct Members<'a> {
    named: &'a BTreeMap<FactName, FactType>,
    key: Option<(&'a FactName, &'a FactType)>,
}

impl<'a> Members<'a> {
    /// The member of that name. One that is a code, such as a question with its answer, may be spelt as that code.
    fn get(&self, wire: &str) -> Option<(&'a FactName, &'a FactType)> {
        self.key
            .into_iter()
            .chain(self.named)
            .find(|(name, _)| **name == *wire || name.is_camel(wire))
    }
}

impl Reader<'_> {
    fn refuse(&mut self, at: &At<'_>, code: &'static str, message: impl Into<String>) {
        self.errors.push(FactError {
            pointer: at.pointer(),
            code,
            message: message.into(),
        });
    }

    fn wrong(&mut self, at: &At<'_>, expected: &str) -> Option<FactValue> {
        self.refuse(at, "wrong_type", format!("expected {expected}"));
        None
    }

    fn value(&mut self, at: &At<'_>, value: &Value, kind: &FactType) -> Option<FactValue> {
        if value.is_null() {
            return Some(FactValue::None);
        }
        match kind {
            FactType::Date => match date(value) {
                Some(day) => Some(FactValue::Date(day)),
                None => self.wrong(at, "a date such as 2025-03-31"),
            },
            FactType::DateTime => match value.as_str().and_then(london::parse) {
                Some(moment) => Some(FactValue::DateTime(moment)),
                None => self.wrong(
                    at,
                    "a date and time with zone such as 2025-03-31T13:00:00+01:00",
                ),
            },
            FactType::Time => match value.as_str().and_then(time) {
                Some(time) => Some(FactValue::Time(time)),
                None => self.wrong(at, "a time of day such as 13:45"),
            },
            FactType::Month => match value.as_str().and_then(month) {
                Some(first) => Some(FactValue::Date(first)),
                None => self.wrong(at, "a month such as 2025-03"),
            },
            FactType::MonthEnd => match value.as_str().and_then(month_end) {
                Some(last) => Some(FactValue::Date(last)),
                None => self.wrong(at, "a month such as 2025-03"),
            },
            FactType::Boolean => match value.as_bool() {
                Some(answer) => Some(FactValue::Boolean(answer)),
                None => self.wrong(at, "true or false"),
            },
            FactType::Integer => match value.as_i64() {
                Some(number) => Some(FactValue::Integer(number)),
                None => self.wrong(at, "a whole number"),
            },
            FactType::Text => match value.as_str() {
                Some(text) => self.text(at, text),
                None => self.wrong(at, "text"),
            },
            FactType::Answer => self.answer(at, value),
            FactType::Code(list) => self.code(at, value, list.as_ref()).map(FactValue::Code),
            FactType::List(of) => {
                self.list(at, value, |reader, at, item| reader.value(at, item, of))
            }
            FactType::Record(members) => {
                let members = Members {
                    named: members,
                    key: None,
                };
                self.record(at, value, members).map(FactValue::Record)
            }
            FactType::Tells(_) => self.wrong(at, "an object"),
            FactType::OneOf(kinds) => self.one_of(at, value, kinds),
            FactType::Dated { key, members } => self.list(at, value, |reader, at, item| {
                if let Some(day) = date(item) {
                    let record = [(key.clone(), FactValue::Date(day))].into();
                    return Some(FactValue::Record(record));
                }
                let members = Members {
                    named: members,
                    key: Some((key, &FactType::Date)),
                };
                reader.record(at, item, members).map(FactValue::Record)
            }),
            FactType::Entries { key, list, members } if value.is_object() => {
                self.entries_by_code(at, value, key, list.as_ref(), members)
            }
            FactType::Entries { key, list, members } => self.list(at, value, |reader, at, item| {
                reader.entry(at, item, key, list.as_ref(), members)
            }),
        }
    }

    /// The first form that fits. Where none does, the faults of the form that came closest (the fewest faults, the
    /// deepest at) are reported, so that a wrong member of a record is named and not the whole record.
    fn one_of(&mut self, at: &At<'_>, value: &Value, kinds: &[FactType]) -> Option<FactValue> {
        let mut closest: Option<Vec<FactError>> = None;
        // A record that the fact describes comes before entries by their codes.
        let by_code =
            |kind: &&FactType| value.is_object() && matches!(kind, FactType::Entries { .. });
        let described = kinds.iter().filter(|kind| !by_code(kind));
        for kind in described.chain(kinds.iter().filter(by_code)) {
            let mut attempt = Reader {
                dictionary: self.dictionary,
                errors: Vec::new(),
            };
            if let Some(found) = attempt.value(at, value, kind)
                && attempt.errors.is_empty()
            {
                return Some(found);
            }
            let depth = |errors: &[FactError]| errors.iter().map(|error| error.pointer.len()).max();
            if closest
                .as_ref()
                .is_none_or(|known| depth(&attempt.errors) > depth(known))
            {
                closest = Some(attempt.errors);
            }
        }
        self.errors.extend(closest.unwrap_or_default());
        None
    }

    fn text(&mut self, at: &At<'_>, text: &str) -> Option<FactValue> {
        if text.chars().count() > LONGEST_TEXT {
            self.refuse(at, "too_long", format!("at most {LONGEST_TEXT} characters"));
            return None;
        }
        Some(FactValue::Text(text.to_owned()))
    }

    fn answer(&mut self, at: &At<'_>, value: &Value) -> Option<FactValue> {
        if let Some(day) = date(value) {
            return Some(FactValue::Date(day));
        }
        if let Some(moment) = value.as_str().and_then(london::parse) {
            return Some(FactValue::DateTime(moment));
        }
        match value {
            Value::Bool(answer) => Some(FactValue::Boolean(*answer)),
            Value::String(text) => match Code::new(text.clone()) {
                Ok(code) => Some(FactValue::Code(code)),
                Err(_) => self.text(at, text),
            },
            Value::Array(_) => self.list(at, value, Self::answer),
            Value::Number(_) => match value.as_i64() {
                Some(number) => Some(FactValue::Integer(number)),
                None => self.wrong(at, "a whole number"),
            },
            _ => self.wrong(at, "true or false, a date, a whole number or text"),
        }
    }

    fn code(&mut self, at: &At<'_>, value: &Value, list: Option<&Code>) -> Option<Code> {
        let Some(code) = value.as_str().and_then(|text| Code::new(text).ok()) else {
            self.wrong(at, "a code in snake case");
            return None;
        };
        if let Some(list) = list
            && let Some(codes) = self.dictionary.vocabulary().list(list)
            && !codes.open
            && !codes.codes.contains_key(&code)
        {
            self.refuse(at, "unknown_code", format!("not a code of the list {list}"));
            return None;
        }
        Some(code)
    }

    fn list(
        &mut self,
        at: &At<'_>,
        value: &Value,
        mut item: impl FnMut(&mut Self, &At<'_>, &Value) -> Option<FactValue>,
    ) -> Option<FactValue> {
        let Some(values) = value.as_array() else {
            return self.wrong(at, "a list");
        };
        if values.len() > LONGEST_LIST {
            self.refuse(at, "too_long", format!("at most {LONGEST_LIST} entries"));
            return None;
        }
        let mut items = Vec::with_capacity(values.len());
        // Every entry is looked at, so that all faults are reported.
        for (index, value) in values.iter().enumerate() {
            items.extend(item(self, &At::Entry(at, index), value));
        }
        (items.len() == values.len()).then_some(FactValue::List(items))
    }

    fn entry(
        &mut self,
        at: &At<'_>,
        value: &Value,
        key: &FactName,
        list: Option<&Code>,
        members: &BTreeMap<FactName, FactType>,
    ) -> Option<FactValue> {
        if value.is_string() {
            let code = self.code(at, value, list)?;
            return Some(FactValue::Record(
                [(key.clone(), FactValue::Code(code))].into(),
            ));
        }
        let kind = FactType::Code(list.cloned());
        let members = Members {
            named: members,
            key: Some((key, &kind)),
        };
        let record = self.record(at, value, members)?;
        if !record.contains_key(key) {
            self.refuse(
                at,
                "wrong_type",
                format!("the member {} is missing", key.camel()),
            );
            return None;
        }
        Some(FactValue::Record(record))
    }

    fn record(
        &mut self,
        at: &At<'_>,
        value: &Value,
        members: Members<'_>,
    ) -> Option<BTreeMap<FactName, FactValue>> {
        let Some(object) = value.as_object() else {
            self.wrong(at, "an object");
            return None;
        };
        let before = self.errors.len();
        let mut record = BTreeMap::new();
        for (wire, value) in object {
            let at = At::Member(at, wire);
            match members.get(wire) {
                None => self.refuse(&at, "unknown_fact", "this member is not known here"),
                Some((name, kind)) => {
                    if let Some(value) = self.value(&at, value, kind) {
                        record.insert(name.clone(), value);
                    }
                }
            }
        }
        (self.errors.len() == before).then_some(record)
    }
}
