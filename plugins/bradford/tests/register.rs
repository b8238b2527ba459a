//! The worked cases of every clause, and what holds for the rulebook as a whole.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use permanence_core::rulebook::ClauseKind;
use permanence_core::{Answer, Capability};
use permanence_council_bradford::{Bradford, RULEBOOK};
use permanence_plugin::council_tests;
use permanence_plugin::proof::Proof;
use serde_json::{Value, json};

council_tests!(
    Bradford,
    rulebook = RULEBOOK,
    a_question_without_facts_raises_nothing_but_a_missing_quorum = [
        Quorum: "fewer_than_three_members",
        Quorum: "no_eligible_chair",
        Decision: "fewer_than_three_members",
        Decision: "no_eligible_chair",
    ]
);

fn proof() -> Proof<Bradford> {
    Proof::new(RULEBOOK, env!("CARGO_MANIFEST_DIR")).unwrap()
}

fn ask(capability: Capability, as_of: &str, facts: Value) -> Answer {
    let facts = facts.as_object().unwrap();
    proof().ask(capability, as_of, facts).unwrap()
}

#[test]
fn the_policy_has_all_its_clauses_and_a_rule_for_each_that_computes() {
    let proof = proof();
    let kinds = [ClauseKind::Rule, ClauseKind::Data, ClauseKind::Text];
    assert_eq!(kinds.map(|kind| proof.clauses_of(kind)), [94, 31, 48]);
    let edition = &proof.policy().editions()[0];
    for clause in &edition.rulebook.clauses {
        let ruled = edition.rules_of(&clause.id).next().is_some();
        assert_eq!(ruled, clause.kind == ClauseKind::Rule, "{}", clause.id);
    }
}

#[test]
fn a_decision_is_refused_without_a_quorum_and_taken_with_one() {
    let facts = |present: Value| {
        json!({ "requestType": "permanent_fostering_match", "outcome": "approved", "consensus": true,
            "chair": "head_of_service", "present": present })
    };
    let few = ask(
        Capability::Decision,
        "2025-09-16",
        facts(json!(["head_of_service", "court_consultant"])),
    );
    assert_eq!(few.results["accepted"], false);
    let enough = ask(
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
    let facts = json!({ "lookedAfter": true, "placementType": "adoptive_placement", "placementStartedOn": "2024-06-03",
        "legalStatus": "placement_order", "placementOrderOn": "2024-03-04", "placementOrderRevokedOn": null,
        "option": "adoption", "secondStatutoryReviewOn": "2024-05-06", "adoptionOrderOn": null });
    let answer = ask(Capability::Exceptions, "2025-09-01", facts);
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
    let facts = json!({ "reviews": [{ "reviewOn": "2025-02-12" }], "permanencePlanOn": null });
    let drift = ask(Capability::Exceptions, "2025-02-13", facts.clone());
    assert!(drift.findings.is_empty(), "{:?}", drift.findings);
    let dates = ask(Capability::Checkpoints, "2025-02-13", facts);
    assert_eq!(dates.findings[0].code.as_str(), "due_at_second_review");
}
