//! How much of an answer is put together.

use permanence_core::evaluator::{Extent, evaluate_several};
use permanence_core::rulebook::CouncilPolicy;
use permanence_core::{Answer, Capability, Facts, NoCodedRules, PolicyDocument, Question};
use serde_json::{Value, json};

/// What two due dates of one name, the second with a status of its own, say to each capability in its extent; both rules belong
/// to both capabilities.
fn answers<const N: usize>(wanted: [(Capability, Extent); N]) -> [Answer; N] {
    let clause = |id: &str| json!({ "id": id, "at": "1", "topic": "deadline", "kind": "rule", "says": "A rule." });
    let rule = |clause: &str, fact: &str, returns: Value| {
        json!({ "clauses": [clause], "also": ["exceptions"], "rule": { "due_date": {
            "from": [{ "fact": fact, "offset": "1 weeks" }], "flag": "sgo_visit_overdue", "returns": returns } } })
    };
    let document: PolicyDocument = serde_json::from_value(json!({
        "council": { "code": "anytown", "name": "Anytown", "gss": "E06000099" },
        "editions": [{ "edition": { "id": "1", "title": "Policy" },
            "clauses": [clause("ANY-RULE-01"), clause("ANY-RULE-02")],
            "rules": [
                rule("ANY-RULE-01", "panel_date", json!({ "due": "due_date" })),
                rule("ANY-RULE-02", "booked_on", json!({ "due": "due_date", "status": "status" }))
            ] }]
    }))
    .unwrap();
    let council = CouncilPolicy::new(document).unwrap();
    let policy = &council.editions()[0];
    let facts = json!({ "panelDate": "2025-05-20", "bookedOn": "2025-05-01" });
    let question = Question {
        as_of: "2025-06-01".parse().unwrap(),
        facts: Facts::read(facts.as_object().unwrap(), policy.dictionary()).unwrap(),
    };
    let mut answers = evaluate_several(policy, wanted, &[question], &NoCodedRules).unwrap();
    answers.pop().unwrap()
}

#[test]
fn a_judgement_shows_by_clause_only_what_clauses_differ_on() {
    let checkpoints = Capability::Checkpoints;
    let [whole] = answers([(checkpoints, Extent::Whole)]);
    let [judgement] = answers([(checkpoints, Extent::Judgement)]);
    assert_eq!(
        whole.results["byClause"]["ANY-RULE-02"],
        json!({ "dueDate": "2025-05-08", "status": "overdue" })
    );
    assert_eq!(
        judgement.results,
        *json!({
            "status": "overdue",
            "byClause": {
                "ANY-RULE-01": { "dueDate": "2025-05-27" },
                "ANY-RULE-02": { "dueDate": "2025-05-08" }
            }
        })
        .as_object()
        .unwrap()
    );
    assert_eq!(judgement.findings, whole.findings);
    assert!(judgement.because.is_empty() && !whole.because.is_empty());
}

#[test]
fn findings_alone_take_nothing_from_a_capability_that_wants_all() {
    let (exceptions, checkpoints) = (Capability::Exceptions, Capability::Checkpoints);
    let [alone, whole] = answers([(exceptions, Extent::Findings), (checkpoints, Extent::Whole)]);
    let [expected] = answers([(checkpoints, Extent::Whole)]);
    assert_eq!(whole, expected);
    assert!(alone.results.is_empty());
    assert_eq!(alone.findings, whole.findings);
    assert_eq!(alone.findings.len(), 2);
}
