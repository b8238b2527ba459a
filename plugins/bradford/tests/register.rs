//! The worked cases of every clause, and what holds for the rulebook as a whole.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::path::Path;

use permanence_core::rulebook::{ClauseKind, CouncilPolicy, Policy};
use permanence_core::{Capability, Facts, PolicyDocument, Question};
use permanence_council_bradford::{Bradford, RULEBOOK};
use permanence_plugin::cases::{self, Case, InProcess};
use permanence_plugin::{links, planted, register};
use serde_json::{Value, json};

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
    let coded = InProcess::<Bradford>::new(policy, &edition.rulebook.edition.id).unwrap();
    let facts = Facts::read(facts.as_object().unwrap(), edition.dictionary()).unwrap();
    let question = Question {
        as_of: as_of.parse().unwrap(),
        facts,
    };
    permanence_core::evaluate(edition, capability, &question, &coded).unwrap()
}

#[test]
fn every_case_comes_out_as_written() {
    let differences = cases::run::<Bradford>(&policy(), &all_cases()).unwrap();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn every_rule_clause_has_a_case_that_makes_it_speak() {
    let unproved = cases::unproved(&policy(), &all_cases());
    assert!(unproved.is_empty(), "{unproved:?}");
}

#[test]
fn the_policy_has_all_its_clauses_and_a_rule_for_each_that_computes() {
    let policy = policy();
    let edition = &policy.editions()[0];
    let of = |kind: ClauseKind| {
        edition
            .rulebook
            .clauses
            .iter()
            .filter(|clause| clause.kind == kind)
            .count()
    };
    assert_eq!(
        (
            of(ClauseKind::Rule),
            of(ClauseKind::Data),
            of(ClauseKind::Text)
        ),
        (94, 31, 48)
    );
    for clause in &edition.rulebook.clauses {
        let ruled = edition.rules_of(&clause.id).next().is_some();
        assert_eq!(ruled, clause.kind == ClauseKind::Rule, "{}", clause.id);
        assert!(!clause.says.is_empty());
    }
}

#[test]
fn the_rulebook_has_the_clauses_of_the_register_and_meets_each_of_them() {
    let policy = policy();
    let edition = &policy.editions()[0];
    let register = register::read(include_str!("../register.csv")).unwrap();
    assert_eq!(
        register::differences(edition, &register),
        Vec::<String>::new()
    );
    assert_eq!(register::unmet(edition), Vec::<String>::new());
}

#[test]
fn every_link_of_a_clause_holds_in_use() {
    let policy = policy();
    let edition = &policy.editions()[0];
    let missing = links::not_handed_out::<Bradford>(&policy, &all_cases()).unwrap();
    assert_eq!(missing, Vec::<String>::new());
    assert_eq!(links::misfits(edition), Vec::<String>::new());
}

#[test]
fn every_fault_that_can_be_planted_is_told() {
    let document: PolicyDocument = serde_json::from_str(RULEBOOK).unwrap();
    let register = register::read(include_str!("../register.csv")).unwrap();
    assert_eq!(
        planted::uncaught(&document, &register).unwrap(),
        Vec::<String>::new()
    );
}

#[test]
fn a_question_without_facts_raises_nothing_but_a_missing_quorum() {
    let policy = policy();
    for capability in Capability::ALL {
        let answer = ask(&policy, capability, "2026-11-22", json!({}));
        let codes: Vec<_> = answer
            .findings
            .iter()
            .map(|finding| finding.code.as_str())
            .collect();
        if capability == Capability::Quorum {
            assert_eq!(codes, ["fewer_than_three_members", "no_eligible_chair"]);
        } else if capability == Capability::Decision {
            assert!(!codes.contains(&"outcome_not_allowed"));
        } else {
            assert!(codes.is_empty(), "{capability}: {codes:?}");
        }
    }
}

#[test]
fn a_decision_is_refused_without_a_quorum_and_taken_with_one() {
    let policy = policy();
    let facts = |present: Value| {
        json!({ "requestType": "permanent_fostering_match", "outcome": "approved", "consensus": true,
            "chair": "head_of_service", "present": present })
    };
    let few = ask(
        &policy,
        Capability::Decision,
        "2025-09-16",
        facts(json!(["head_of_service", "court_consultant"])),
    );
    assert_eq!(few.results["accepted"], false);
    let enough = ask(
        &policy,
        Capability::Decision,
        "2025-09-16",
        facts(json!([
            "head_of_service",
            "court_consultant",
            "social_work_service_manager"
        ])),
    );
    assert_eq!(enough.results["accepted"], true);
    assert!(enough.findings.is_empty(), "{:?}", enough.findings);
}

#[test]
fn a_child_of_a_return_is_flagged_with_what_cannot_be_known() {
    let policy = policy();
    let facts = json!({ "lookedAfter": true, "placementType": "adoptive_placement", "placementStartedOn": "2024-06-03",
        "legalStatus": "placement_order", "placementOrderOn": "2024-03-04", "placementOrderRevokedOn": null,
        "option": "adoption", "secondStatutoryReviewOn": "2024-05-06", "adoptionOrderOn": null });
    let answer = ask(&policy, Capability::Exceptions, "2025-09-01", facts);
    let found: Vec<_> = answer
        .findings
        .iter()
        .map(|finding| {
            (
                finding.code.as_str(),
                serde_json::to_value(finding.certainty).unwrap(),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("plan_missing_at_second_review", json!("cannot_be_known")),
            ("adoptive_placement_over_26_weeks", json!("cannot_be_known")),
            (
                "tor_adoptive_placement_over_40_weeks",
                json!("cannot_be_known")
            ),
        ]
    );
}

#[test]
fn a_first_review_without_a_plan_is_no_exception_yet() {
    let policy = policy();
    let facts = json!({ "reviews": [{ "reviewOn": "2025-02-12" }], "permanencePlanOn": null });
    let drift = ask(&policy, Capability::Exceptions, "2025-02-13", facts.clone());
    assert!(drift.findings.is_empty(), "{:?}", drift.findings);
    let dates = ask(&policy, Capability::Checkpoints, "2025-02-13", facts);
    assert_eq!(dates.findings[0].code.as_str(), "due_at_second_review");
}

#[test]
fn the_officers_page_is_true() {
    let written = permanence_plugin::page::write::<Bradford>(&policy(), &all_cases()).unwrap();
    permanence_plugin::page::same(env!("CARGO_MANIFEST_DIR"), &written).unwrap();
}
