//! Every clause of kind rule, proved by worked cases: the examples of the policy's register and both sides of each boundary.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    missing_docs
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use permanence_core::rulebook::{ClauseKind, CouncilPolicy, Policy};
use permanence_council_somerset::{RULEBOOK, Somerset};
use permanence_plugin::cases::{self, Case};

fn policy() -> CouncilPolicy {
    CouncilPolicy::new(serde_json::from_str(RULEBOOK).unwrap()).unwrap()
}

fn edition(policy: &CouncilPolicy) -> &Policy {
    &policy.editions()[0]
}

fn all_cases() -> Vec<Case> {
    Case::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("cases")).unwrap()
}

#[test]
fn every_case_comes_out_as_written() {
    let report = cases::run::<Somerset>(&policy(), &all_cases()).unwrap();
    assert!(report.is_empty(), "{}", report.join("\n"));
}

#[test]
fn every_rule_has_a_case_that_makes_it_speak() {
    assert_eq!(cases::unproved(&policy(), &all_cases()), BTreeSet::new());
}

/// The register of the policy: what stands in it and in no rulebook, or the other way round, is named.
#[test]
fn the_policy_is_whole() {
    let policy = policy();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("register.csv");
    let registered: BTreeMap<String, String> = std::fs::read_to_string(file)
        .unwrap()
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(','))
        .map(|(id, rest)| (id.to_owned(), rest.to_owned()))
        .collect();
    let written: BTreeMap<String, String> = edition(&policy)
        .rulebook
        .clauses
        .iter()
        .map(|clause| {
            let kind = serde_json::to_value(clause.kind).unwrap();
            let rest = format!("{},{}", clause.topic, kind.as_str().unwrap());
            (clause.id.to_string(), rest)
        })
        .collect();
    assert_eq!(registered.len(), 75);
    assert_eq!(written, registered);
    for clause in &edition(&policy).rulebook.clauses {
        let carried_out = edition(&policy).rules_of(&clause.id).next().is_some();
        assert_eq!(
            carried_out,
            clause.kind == ClauseKind::Rule,
            "{}",
            clause.id
        );
    }
}

#[test]
fn no_two_facts_answer_to_one_name() {
    let policy = policy();
    let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, fact) in edition(&policy).dictionary().iter() {
        for own in std::iter::once(name).chain(&fact.aliases) {
            names.entry(own.camel()).or_default().push(name.to_string());
        }
    }
    names.retain(|_, facts| facts.len() > 1);
    assert_eq!(names, BTreeMap::new());
}
