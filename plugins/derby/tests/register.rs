//! Every clause of kind rule, proved by worked cases: the examples of the policy's register and both sides of each boundary.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    missing_docs
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use permanence_core::PolicyDocument;
use permanence_core::rulebook::{ClauseKind, CouncilPolicy, Held, Policy};
use permanence_council_derby::{Derby, RULEBOOK};
use permanence_plugin::cases::{self, Case};
use permanence_plugin::register::{self, Register};
use permanence_plugin::{links, planted};

const NOTHING: [&str; 0] = [];

fn document() -> PolicyDocument {
    serde_json::from_str(RULEBOOK).unwrap()
}

fn policy() -> CouncilPolicy {
    CouncilPolicy::new(document()).unwrap()
}

fn register() -> Register {
    register::read(include_str!("../register.csv")).unwrap()
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

#[test]
fn the_rulebook_has_the_clauses_of_the_register_and_meets_each() {
    let policy = policy();
    assert_eq!(
        register::differences(edition(&policy), &register()),
        NOTHING
    );
    assert_eq!(register::unmet(edition(&policy)), NOTHING);
}

#[test]
fn what_a_link_says_a_rule_hands_out_is_handed_out_in_a_case() {
    let missing = links::not_handed_out::<Derby>(&policy(), &all_cases()).unwrap();
    assert_eq!(missing, NOTHING);
}

#[test]
fn a_form_can_be_judged_by_the_rules_that_read_its_fields() {
    assert_eq!(links::misfits(edition(&policy())), NOTHING);
}

#[test]
fn a_dropped_clause_is_told() {
    let mut document = document();
    document.editions[0]
        .clauses
        .retain(|clause| clause.id.as_str() != "DER-PRINCIPLE-01");
    assert_eq!(lies(document), ["DER-PRINCIPLE-01 is not in the rulebook"]);
}

#[test]
fn a_downgraded_clause_is_told() {
    let mut document = document();
    let clause = clause(&mut document, "DER-FORM-21");
    clause.kind = ClauseKind::Text;
    clause.held_in = Vec::new();
    assert_eq!(
        lies(document),
        ["DER-FORM-21 is of kind data, the rulebook has text"]
    );
}

#[test]
fn a_field_that_no_form_has_is_told() {
    let mut document = document();
    clause(&mut document, "DER-FORM-21").held_in = vec![Held::Form {
        form: "agency_ssw_report".parse().unwrap(),
        fields: vec!["contact".to_owned()],
    }];
    assert_eq!(
        lies(document),
        ["edition 6.0, clause DER-FORM-21: the form agency_ssw_report has no field contact"]
    );
}

#[test]
fn a_clause_that_is_held_nowhere_is_told() {
    let mut document = document();
    clause(&mut document, "DER-RECORD-01").held_in = Vec::new();
    assert_eq!(lies(document), ["DER-RECORD-01 is met by nothing"]);
}

#[test]
fn every_fault_that_can_be_planted_is_told() {
    assert_eq!(
        planted::uncaught(&document(), &register()).unwrap(),
        NOTHING
    );
}

fn clause<'a>(
    document: &'a mut PolicyDocument,
    id: &str,
) -> &'a mut permanence_core::rulebook::Clause {
    let clauses = &mut document.editions[0].clauses;
    clauses
        .iter_mut()
        .find(|clause| clause.id.as_str() == id)
        .unwrap()
}

/// What is said about a rulebook by the checks that stop the build and by those of the register.
fn lies(document: PolicyDocument) -> Vec<String> {
    let policy = match CouncilPolicy::new(document) {
        Ok(policy) => policy,
        Err(problems) => return problems.iter().map(ToString::to_string).collect(),
    };
    let mut lies = register::differences(edition(&policy), &register());
    lies.extend(
        register::unmet(edition(&policy))
            .into_iter()
            .map(|clause| format!("{clause} is met by nothing")),
    );
    lies
}

#[test]
fn the_officers_page_is_true() {
    let written = permanence_plugin::page::write::<Derby>(&policy(), &all_cases()).unwrap();
    permanence_plugin::page::same(env!("CARGO_MANIFEST_DIR"), &written).unwrap();
}
