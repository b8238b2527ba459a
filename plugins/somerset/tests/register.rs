//! Every clause of kind rule, proved by worked cases: the examples of the policy's register and both sides of each boundary.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    missing_docs
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use permanence_core::rulebook::{CouncilPolicy, Policy, PolicyDocument};
use permanence_core::{Capability, Facts, Question};
use permanence_council_somerset::{RULEBOOK, Somerset};
use permanence_plugin::cases::{self, Case, InProcess};
use permanence_plugin::{links, planted, register};

const REGISTER: &str = include_str!("../register.csv");

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

#[test]
fn the_rulebook_has_the_clauses_of_the_register_and_meets_each_of_them() {
    let policy = policy();
    let edition = edition(&policy);
    let register = register::read(REGISTER).unwrap();
    assert_eq!(register.len(), 75);
    assert_eq!(
        register::differences(edition, &register),
        Vec::<String>::new()
    );
    assert_eq!(register::unmet(edition), Vec::<String>::new());
    for clause in &edition.rulebook.clauses {
        assert!(!clause.says.is_empty(), "{}", clause.id);
    }
}

#[test]
fn what_data_is_held_in_is_used_and_fits() {
    let policy = policy();
    let unused = links::not_handed_out::<Somerset>(&policy, &all_cases()).unwrap();
    assert_eq!(unused, Vec::<String>::new());
    assert_eq!(links::misfits(edition(&policy)), Vec::<String>::new());
}

#[test]
fn no_planted_fault_goes_unnoticed() {
    let document: PolicyDocument = serde_json::from_str(RULEBOOK).unwrap();
    let register = register::read(REGISTER).unwrap();
    assert_eq!(
        planted::uncaught(&document, &register).unwrap(),
        Vec::<String>::new()
    );
}

#[test]
fn a_question_without_facts_raises_nothing() {
    let policy = policy();
    let edition = edition(&policy);
    let coded = InProcess::<Somerset>::new(&policy, &edition.rulebook.edition.id).unwrap();
    for capability in Capability::ALL {
        let question = Question {
            as_of: "2026-11-22".parse().unwrap(),
            facts: Facts::default(),
        };
        let answer = permanence_core::evaluate(edition, capability, &question, &coded).unwrap();
        assert!(answer.findings.is_empty(), "{capability}: {answer:?}");
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

#[test]
fn the_officers_page_is_true() {
    let written = permanence_plugin::page::write::<Somerset>(&policy(), &all_cases()).unwrap();
    permanence_plugin::page::same(env!("CARGO_MANIFEST_DIR"), &written).unwrap();
}
