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
use permanence_council_derby::{Derby, RULEBOOK};
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
    let report = cases::run::<Derby>(&policy(), &all_cases()).unwrap();
    assert!(report.is_empty(), "{}", report.join("\n"));
}

#[test]
fn every_rule_has_a_case_that_makes_it_speak() {
    assert_eq!(cases::unproved(&policy(), &all_cases()), BTreeSet::new());
}

#[test]
fn the_policy_is_whole() {
    let policy = policy();
    let clauses = &edition(&policy).rulebook.clauses;
    let count = |kind: ClauseKind| clauses.iter().filter(|clause| clause.kind == kind).count();
    assert_eq!(clauses.len(), 221);
    assert_eq!(
        (
            count(ClauseKind::Rule),
            count(ClauseKind::Data),
            count(ClauseKind::Text)
        ),
        (70, 135, 16)
    );
    for clause in clauses
        .iter()
        .filter(|clause| clause.kind == ClauseKind::Rule)
    {
        assert!(
            edition(&policy).rules_of(&clause.id).next().is_some(),
            "{} is carried out by no rule",
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
