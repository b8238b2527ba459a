//! Every clause of the register stands in the rulebook, and every one of kind rule is proved by worked cases.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    missing_docs
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use permanence_core::rulebook::{ClauseKind, CouncilPolicy, Policy};
use permanence_core::{Answer, Capability, Facts, Question};
use permanence_council_east_riding::{EastRiding, RULEBOOK};
use permanence_plugin::cases::{self, Case, InProcess};
use permanence_plugin::register;
use serde_json::{Value, json};

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

fn ask(capability: Capability, as_of: &str, facts: Value) -> Answer {
    let policy = policy();
    let edition = edition(&policy);
    let coded = InProcess::<EastRiding>::new(&policy, &edition.rulebook.edition.id).unwrap();
    let facts = Facts::read(facts.as_object().unwrap(), edition.dictionary()).unwrap();
    let question = Question {
        as_of: as_of.parse().unwrap(),
        facts,
    };
    permanence_core::evaluate(edition, capability, &question, &coded).unwrap()
}

fn codes(answer: &Answer) -> Vec<&str> {
    let findings = answer.findings.iter();
    findings.map(|finding| finding.code.as_str()).collect()
}

#[test]
fn every_case_comes_out_as_written() {
    let report = cases::run::<EastRiding>(&policy(), &all_cases()).unwrap();
    assert!(report.is_empty(), "{}", report.join("\n"));
}

#[test]
fn every_rule_has_a_case_that_makes_it_speak() {
    assert_eq!(cases::unproved(&policy(), &all_cases()), BTreeSet::new());
}

#[test]
fn the_rulebook_holds_the_register_and_each_clause_is_met() {
    let policy = policy();
    let edition = edition(&policy);
    let register = register::read(REGISTER).unwrap();
    assert_eq!(
        register::differences(edition, &register),
        Vec::<String>::new()
    );
    assert_eq!(register::unmet(edition), Vec::<String>::new());
    let count = |kind: ClauseKind| {
        let clauses = edition.rulebook.clauses.iter();
        clauses.filter(|clause| clause.kind == kind).count()
    };
    assert_eq!(
        (
            count(ClauseKind::Rule),
            count(ClauseKind::Data),
            count(ClauseKind::Text)
        ),
        (38, 28, 10)
    );
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
fn a_question_without_facts_raises_nothing() {
    for capability in Capability::ALL {
        let answer = ask(capability, "2026-11-22", json!({}));
        assert!(
            answer.findings.is_empty(),
            "{capability}: {:?}",
            codes(&answer)
        );
    }
}

#[test]
fn every_kind_of_question_says_what_the_policy_leaves_open() {
    for capability in [
        Capability::Quorum,
        Capability::Paperwork,
        Capability::UrgentDecision,
        Capability::Tracking,
        Capability::Reports,
    ] {
        let answer = ask(capability, "2026-11-22", json!({}));
        assert!(!answer.silent.is_empty(), "{capability}");
    }
}

#[test]
fn a_child_of_a_return_is_flagged_with_what_cannot_be_known() {
    let facts = json!({ "becameLookedAfterOn": "2025-01-31", "lookedAfter": true, "option": "adoption",
        "endorsingReviewOn": "2025-05-20" });
    let answer = ask(Capability::Exceptions, "2025-09-01", facts);
    assert_eq!(
        codes(&answer),
        [
            "adoption_presentation_overdue",
            "single_assessment_overdue",
            "second_review_overdue"
        ]
    );
    for finding in &answer.findings {
        assert_eq!(
            serde_json::to_value(finding.certainty).unwrap(),
            "cannot_be_known"
        );
        assert!(!finding.missing.is_empty());
    }
}

#[test]
fn the_officers_page_is_true() {
    let written = permanence_plugin::page::write::<EastRiding>(&policy(), &all_cases()).unwrap();
    permanence_plugin::page::same(env!("CARGO_MANIFEST_DIR"), &written).unwrap();
}
