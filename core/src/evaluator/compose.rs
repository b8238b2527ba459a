//! One answer out of what many rules said.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde_json::{Map, Value};

use super::{Extent, Part};
use crate::code::ClauseId;
use crate::evaluation::{Answer, Capability, Question};
use crate::rulebook::Policy;

/// Puts what the rules said together: one answer, with the clauses behind each result.
pub(super) fn compose(
    policy: &Policy,
    capability: Option<Capability>,
    question: &Question,
    parts: Vec<Part<'_>>,
    extent: Extent,
) -> Answer {
    let whole = extent == Extent::Whole;
    let by_clause = match extent {
        Extent::Whole => by_clause(&parts, |_| true),
        Extent::Judgement => {
            let shared = given_more_than_once(&parts);
            by_clause(&parts, |name| shared.contains(name))
        }
        Extent::Findings => None,
    };
    let mut results: Map<String, Value> = Map::new();
    let mut because: BTreeMap<String, Vec<ClauseId>> = BTreeMap::new();
    let mut conflicts: BTreeSet<String> = BTreeSet::new();
    let mut findings = Vec::new();
    for Part { clauses, said } in parts {
        findings.extend(said.findings);
        if extent == Extent::Findings {
            continue;
        }
        for (name, value) in said.results {
            if whole {
                let cited = because.entry(name.clone()).or_default();
                for clause in clauses.iter() {
                    if !cited.contains(clause) {
                        cited.push(clause.clone());
                    }
                }
            }
            match results.get_mut(&name) {
                None => {
                    results.insert(name, value);
                }
                Some(known) => {
                    if !merge(&name, known, value) {
                        conflicts.insert(name);
                    }
                }
            }
        }
    }
    for name in &conflicts {
        results.remove(name);
    }
    let by_clause = match by_clause {
        Some(by_clause) if !whole => only(&conflicts, by_clause),
        by_clause => by_clause,
    };
    if let Some(by_clause) = by_clause {
        results.insert("byClause".into(), Value::Object(by_clause));
    }
    Answer {
        council: policy.council.code.clone(),
        edition: policy.rulebook.edition.id.clone(),
        as_of: question.as_of,
        results,
        because,
        findings,
        silent: if whole {
            silent(policy, capability)
        } else {
            Vec::new()
        },
        statute: BTreeMap::new(),
    }
}

/// Names of results that more than one rule gives.
fn given_more_than_once<'a>(parts: &'a [Part<'_>]) -> HashSet<&'a str> {
    let mut known: HashSet<&str> = HashSet::new();
    let names = parts.iter().flat_map(|part| part.said.results.keys());
    names
        .map(String::as_str)
        .filter(|name| !known.insert(name))
        .collect()
}

/// The results of each clause apart, where more than one gives any, of the names that are wanted.
fn by_clause(parts: &[Part<'_>], wanted: impl Fn(&str) -> bool) -> Option<Map<String, Value>> {
    let giving = || parts.iter().filter(|part| !part.said.results.is_empty());
    let first = giving().next()?.clauses.first()?;
    if giving().all(|part| part.clauses.iter().all(|clause| clause == first)) {
        return None;
    }
    let mut by_clause: Map<String, Value> = Map::new();
    for part in giving() {
        for clause in part.clauses.iter() {
            let results = part.said.results.iter();
            for (name, value) in results.filter(|(name, _)| wanted(name)) {
                let own = by_clause
                    .entry(clause.as_str())
                    .or_insert_with(|| Value::Object(Map::new()));
                if let Value::Object(own) = own {
                    // A rule of the same clause that does not apply says none, which is not more than another says.
                    if !value.is_null() || own.get(name).is_none_or(Value::is_null) {
                        own.insert(name.clone(), value.clone());
                    }
                }
            }
        }
    }
    Some(by_clause)
}

/// Those results of each clause that have one of these names; none where no clause has any.
fn only(names: &BTreeSet<String>, mut by_clause: Map<String, Value>) -> Option<Map<String, Value>> {
    if names.is_empty() {
        return None;
    }
    by_clause.retain(|_, own| {
        if let Value::Object(own) = own {
            own.retain(|name, _| names.contains(name));
        }
        own.as_object().is_some_and(|own| !own.is_empty())
    });
    Some(by_clause)
}

/// What the policy says nothing about. A capability for which it has no rule at all is named too: an empty answer would
/// look like consent.
fn silent(policy: &Policy, capability: Option<Capability>) -> Vec<String> {
    let no_rule = capability.filter(|it| policy.rules(*it).next().is_none());
    let topics = policy
        .rulebook
        .silent
        .iter()
        .filter(|silence| {
            silence.capabilities.is_empty()
                || capability.is_some_and(|it| silence.capabilities.contains(&it))
        })
        .map(|silence| silence.topic.clone());
    no_rule
        .map(|it| it.to_string())
        .into_iter()
        .chain(topics)
        .collect()
}

/// Puts two values of one name together: equal ones stay, lists are joined, refusals and gaps win. False where they differ.
fn merge(name: &str, known: &mut Value, value: Value) -> bool {
    match (&mut *known, value) {
        (known, value) if *known == value => true,
        (Value::Null, value) => {
            *known = value;
            true
        }
        (_, Value::Null) => true,
        (Value::Array(list), Value::Array(more)) => {
            for entry in more {
                if !list.contains(&entry) {
                    list.push(entry);
                }
            }
            true
        }
        (Value::Bool(known), Value::Bool(value))
            if name == "accepted" || name.ends_with("omplete") =>
        {
            *known = *known && value;
            true
        }
        (Value::String(_), Value::String(_)) if name == "error" => true,
        _ => false,
    }
}
