//! Every clause of kind rule, proved by worked cases: the examples of the policy's register and both sides of each boundary.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    missing_docs
)]

use permanence_core::PolicyDocument;
use permanence_core::rulebook::{Clause, ClauseKind, CouncilPolicy, Held};
use permanence_council_derby::{Derby, RULEBOOK};
use permanence_plugin::council_tests;
use permanence_plugin::proof::Proof;
use permanence_plugin::register;

council_tests!(
    Derby,
    rulebook = RULEBOOK,
    a_question_about_nothing_is_answered_without_findings =
        [UrgentDecision: "urgent_reason_missing"]
);

fn proof() -> Proof<Derby> {
    Proof::new(RULEBOOK, env!("CARGO_MANIFEST_DIR")).unwrap()
}

#[test]
fn the_policy_is_whole() {
    let proof = proof();
    let kinds = [ClauseKind::Rule, ClauseKind::Data, ClauseKind::Text];
    assert_eq!(kinds.map(|kind| proof.clauses_of(kind)), [70, 135, 16]);
    let edition = &proof.policy().editions()[0];
    let clauses = edition.rulebook.clauses.iter();
    for clause in clauses.filter(|clause| clause.kind == ClauseKind::Rule) {
        let id = &clause.id;
        let ruled = edition.rules_of(id).next().is_some();
        assert!(ruled, "{id} is carried out by no rule");
    }
}

#[test]
fn a_dropped_clause_is_told() {
    let mut document = proof().document();
    document.editions[0]
        .clauses
        .retain(|clause| clause.id.as_str() != "DER-PRINCIPLE-01");
    assert_eq!(lies(document), ["DER-PRINCIPLE-01 is not in the rulebook"]);
}

#[test]
fn a_downgraded_clause_is_told() {
    let mut document = proof().document();
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
    let mut document = proof().document();
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
    let mut document = proof().document();
    clause(&mut document, "DER-RECORD-01").held_in = Vec::new();
    assert_eq!(lies(document), ["DER-RECORD-01 is met by nothing"]);
}

fn clause<'a>(document: &'a mut PolicyDocument, id: &str) -> &'a mut Clause {
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
    let edition = &policy.editions()[0];
    let mut lies = register::differences(edition, &proof().register().unwrap());
    let unmet = register::unmet(edition).into_iter();
    lies.extend(unmet.map(|clause| format!("{clause} is met by nothing")));
    lies
}
