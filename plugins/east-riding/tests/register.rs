//! Every clause of the register stands in the rulebook, and every one of kind rule is proved by worked cases.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    missing_docs
)]

use permanence_core::rulebook::ClauseKind;
use permanence_core::{Answer, Capability};
use permanence_council_east_riding::{EastRiding, RULEBOOK};
use permanence_plugin::proof::{Proof, codes};
use serde_json::{Value, json};

permanence_plugin::council_tests!(EastRiding, rulebook = RULEBOOK);

fn proof() -> Proof<EastRiding> {
    Proof::new(RULEBOOK, env!("CARGO_MANIFEST_DIR")).unwrap()
}

fn ask(capability: Capability, as_of: &str, facts: Value) -> Answer {
    let facts = facts.as_object().unwrap();
    proof().ask(capability, as_of, facts).unwrap()
}

#[test]
fn the_rulebook_holds_all_clauses_of_the_procedure() {
    let proof = proof();
    let kinds = [ClauseKind::Rule, ClauseKind::Data, ClauseKind::Text];
    assert_eq!(kinds.map(|kind| proof.clauses_of(kind)), [38, 28, 10]);
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
