//! The worked cases of every clause, and what holds for the rulebook as a whole.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::collections::BTreeMap;
use std::path::Path;

use permanence_core::rulebook::{CouncilPolicy, Policy};
use permanence_core::{Capability, Facts, PolicyDocument, Question};
use permanence_council_dudley::{Dudley, RULEBOOK};
use permanence_plugin::cases::{self, Case, InProcess};
use permanence_plugin::{links, planted, register};
use serde_json::{Value, json};

const REGISTER: &str = include_str!("../register.csv");

fn policy() -> CouncilPolicy {
    let document: PolicyDocument = serde_json::from_str(RULEBOOK).unwrap();
    CouncilPolicy::new(document).unwrap()
}

fn all_cases() -> Vec<Case> {
    Case::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("cases")).unwrap()
}

fn ask(
    policy: &CouncilPolicy,
    capability: Capability,
    as_of: &str,
    facts: Value,
) -> permanence_core::Answer {
    let edition: &Policy = &policy.editions()[0];
    let coded = InProcess::<Dudley>::new(policy, &edition.rulebook.edition.id).unwrap();
    let facts = Facts::read(facts.as_object().unwrap(), edition.dictionary()).unwrap();
    let question = Question {
        as_of: as_of.parse().unwrap(),
        facts,
    };
    permanence_core::evaluate(edition, capability, &question, &coded).unwrap()
}

#[test]
fn every_case_comes_out_as_written() {
    let differences = cases::run::<Dudley>(&policy(), &all_cases()).unwrap();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn every_rule_clause_has_a_case_that_makes_it_speak() {
    let unproved = cases::unproved(&policy(), &all_cases());
    assert!(unproved.is_empty(), "{unproved:?}");
}

#[test]
fn the_rulebook_is_the_register_clause_by_clause_and_each_is_met() {
    let policy = policy();
    let edition = &policy.editions()[0];
    let register = register::read(REGISTER).unwrap();
    assert_eq!(
        register::differences(edition, &register),
        Vec::<String>::new()
    );
    assert_eq!(register::unmet(edition), Vec::<String>::new());
}

#[test]
fn every_fault_planted_into_the_rulebook_is_noticed() {
    let document: PolicyDocument = serde_json::from_str(RULEBOOK).unwrap();
    let register = register::read(REGISTER).unwrap();
    assert_eq!(
        planted::uncaught(&document, &register).unwrap(),
        Vec::<String>::new()
    );
}

#[test]
fn what_a_form_holds_can_be_judged() {
    let policy = policy();
    assert_eq!(links::misfits(&policy.editions()[0]), Vec::<String>::new());
    let shown = links::not_handed_out::<Dudley>(&policy, &all_cases()).unwrap();
    assert_eq!(shown, Vec::<String>::new());
}

#[test]
fn no_two_facts_answer_to_one_name() {
    let policy = policy();
    let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, fact) in policy.editions()[0].dictionary().iter() {
        for own in std::iter::once(name).chain(&fact.aliases) {
            names.entry(own.camel()).or_default().push(name.to_string());
        }
    }
    names.retain(|_, facts| facts.len() > 1);
    assert_eq!(names, BTreeMap::new());
}

#[test]
fn a_question_without_facts_raises_nothing() {
    let policy = policy();
    for capability in Capability::ALL {
        let answer = ask(&policy, capability, "2026-11-22", json!({}));
        assert!(
            answer.findings.is_empty(),
            "{capability}: {:?}",
            answer.findings
        );
    }
}

#[test]
fn the_officers_page_is_true() {
    let written = permanence_plugin::page::write::<Dudley>(&policy(), &all_cases()).unwrap();
    permanence_plugin::page::same(env!("CARGO_MANIFEST_DIR"), &written).unwrap();
}
