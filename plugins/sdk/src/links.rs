//! Whether the links of clauses of kind `data` hold in use, and not only by name.
//!
//! A link to entries of a rule is proved by a worked case in which the rule hands them out.
//! A field of a form that has the name of a fact takes the values of that fact, so that the form can be judged by the rules
//! that read the fact.

use std::collections::{BTreeMap, BTreeSet};

use permanence_core::facts::{Dictionary, FactType};
use permanence_core::rulebook::{CouncilPolicy, Held, Policy};
use permanence_core::{ClauseId, Code};
use serde_json::Value;

use crate::CouncilPlugin;
use crate::cases::{self, Case};

/// The entries of rules that clauses point at and that no worked case makes the rule hand out, a sentence each.
///
/// # Errors
/// A case that cannot be asked.
pub fn not_handed_out<P: CouncilPlugin>(
    policy: &CouncilPolicy,
    cases: &[Case],
) -> Result<Vec<String>, String> {
    let mut wanted: Vec<(&ClauseId, &ClauseId, &[Code])> = Vec::new();
    for clause in policy
        .editions()
        .iter()
        .flat_map(|edition| &edition.rulebook.clauses)
    {
        for held in &clause.held_in {
            if let Held::Entries {
                clause: rule,
                entries,
            } = held
            {
                wanted.push((&clause.id, rule, entries));
            }
        }
    }
    let mut given: BTreeMap<&ClauseId, BTreeSet<String>> = BTreeMap::new();
    for case in cases {
        if !wanted.iter().any(|(_, rule, _)| **rule == case.clause) {
            continue;
        }
        if let Some(answer) = cases::answer::<P>(policy, case)? {
            let names = given.entry(&case.clause).or_default();
            for value in answer.results.values() {
                collect(value, names);
            }
        }
    }
    let mut sentences = Vec::new();
    for (clause, rule, entries) in wanted {
        let names = given.get(rule);
        for entry in entries {
            if !names.is_some_and(|names| names.contains(entry.as_str())) {
                sentences.push(format!(
                    "{clause}: no case of {rule} shows that it hands out {entry}"
                ));
            }
        }
    }
    Ok(sentences)
}

fn collect(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            into.insert(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, into)),
        Value::Object(members) => members.values().for_each(|value| collect(value, into)),
        _ => {}
    }
}

/// Fields of forms and trackers that have the name of a fact and cannot hold what the fact can be, a sentence each.
#[must_use]
pub fn misfits(policy: &Policy) -> Vec<String> {
    let forms = policy
        .rulebook
        .forms
        .iter()
        .flat_map(|form| form.fields().map(|field| ("form", &form.code, field)));
    let trackers = policy.rulebook.trackers.iter().flat_map(|tracker| {
        tracker
            .fields()
            .map(|field| ("tracker", &tracker.code, field))
    });
    forms
        .chain(trackers)
        .filter_map(|(what, code, (name, schema))| {
            let (fact, entry) = policy.dictionary().by_wire_name(name)?;
            (!fits(schema, &entry.kind, policy.dictionary()))
                .then(|| format!("{what} {code}: {name} is of another type than the fact {fact}"))
        })
        .collect()
}

/// Whether everything that a schema allows can be read as the fact, as far as types go.
fn fits(schema: &Value, kind: &FactType, dictionary: &Dictionary) -> bool {
    let types = types(schema);
    let only = |wanted: &str| types == [wanted];
    let format = schema.get("format").and_then(Value::as_str);
    match kind {
        FactType::Answer => !types.contains(&"object"),
        FactType::OneOf(kinds) => kinds.iter().any(|kind| fits(schema, kind, dictionary)),
        FactType::Date => only("string") && format == Some("date"),
        FactType::DateTime => only("string") && format == Some("date-time"),
        FactType::Month | FactType::MonthEnd | FactType::Time => only("string"),
        FactType::Tells(_) => false,
        FactType::Boolean => only("boolean"),
        FactType::Integer => only("integer"),
        FactType::Text => only("string"),
        FactType::Code(list) => only("string") && codes_fit(schema, list.as_ref(), dictionary),
        FactType::List(of) => {
            only("array")
                && schema
                    .get("items")
                    .is_some_and(|items| fits(items, of, dictionary))
        }
        FactType::Entries { list, .. } => {
            only("array")
                && schema.get("items").is_some_and(|items| {
                    self::types(items) == ["object"] || codes_fit(items, list.as_ref(), dictionary)
                })
        }
        FactType::Dated { .. } => {
            only("array")
                && schema.get("items").is_some_and(|items| {
                    self::types(items) == ["object"] || fits(items, &FactType::Date, dictionary)
                })
        }
        FactType::Record(_) => only("object"),
    }
}

/// The types that a schema allows, without null.
fn types(schema: &Value) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names
            .iter()
            .filter_map(Value::as_str)
            .filter(|name| *name != "null")
            .collect(),
        _ => Vec::new(),
    }
}

/// Whether the codes that a schema allows are those of a list; any text will do where the list is open.
fn codes_fit(schema: &Value, list: Option<&Code>, dictionary: &Dictionary) -> bool {
    let Some(list) = list.and_then(|list| dictionary.vocabulary().list(list)) else {
        return true;
    };
    match schema.get("enum").and_then(Value::as_array) {
        Some(codes) => codes.iter().all(|code| {
            code.as_str()
                .is_some_and(|code| list.codes.keys().any(|own| own.as_str() == code))
        }),
        None => list.open,
    }
}
