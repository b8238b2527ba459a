//! Conditions on facts, the forms in which facts may come, and rules that concern only some questions.

use permanence_core::{Capability, Facts, NoCodedRules, Question};
use serde_json::{Value, json};

use super::trial::{ask, codes, policy, policy_with_facts};

/// Whether a condition holds: the flag of a rule that requires its opposite.
fn holds(condition: Value, as_of: &str, facts: Value) -> bool {
    let policy = policy(
        "meeting",
        json!({ "rule": { "must_be_recorded": {
            "requires": { "not": condition }, "flag": "case_management_meeting_missing" } } }),
    );
    !ask(&policy, as_of, facts).findings.is_empty()
}

#[test]
fn absent_known_and_yes_are_three_things() {
    let cases = [
        (json!({}), false, false, false),
        (json!({ "planEndorsed": null }), true, false, false),
        (json!({ "planEndorsed": false }), true, true, false),
        (json!({ "planEndorsed": true }), true, true, true),
    ];
    for (facts, given, known, done) in cases {
        for (test, expected) in [("absent", !given), ("known", known), ("yes", done)] {
            let condition = json!({ "fact": "plan_endorsed", test: true });
            assert_eq!(
                holds(condition, "2025-01-01", facts.clone()),
                expected,
                "{test} {facts}"
            );
        }
    }
    let empty = json!({ "attended": [] });
    assert!(holds(
        json!({ "fact": "attended", "absent": false }),
        "2025-01-01",
        empty
    ));
}

#[test]
fn a_list_of_days_is_compared_day_by_day_and_days_to_come_do_not_exist() {
    let condition = json!({ "fact": "linked_assessments", "on_or_after": "placement_order_revocation_decided_on" });
    let facts = json!({ "linkedAssessments": ["2025-03-20", "2025-04-01"],
        "placementOrderRevocationDecidedOn": "2025-04-01" });
    assert!(holds(condition.clone(), "2025-04-01", facts.clone()));
    let early = json!({ "linkedAssessments": ["2025-03-20", "2025-04-02"],
        "placementOrderRevocationDecidedOn": "2025-04-01" });
    assert!(!holds(condition, "2025-04-01", early));
}

#[test]
fn answers_by_code_contain_what_is_answered_with_a_yes() {
    let policy = policy_with_facts(
        "meeting",
        json!({ "present": { "type": { "record": { "social_worker": "answer", "team_manager": "answer" } } } }),
        json!({ "rule": { "must_be_recorded": { "requires": { "fact": "present", "contains": "team_manager" },
            "returns": { "met": "attendance_complete" } } } }),
    );
    for (answer, there) in [
        (json!(true), true),
        (json!(false), false),
        (json!(null), false),
    ] {
        let facts = json!({ "present": { "socialWorker": true, "teamManager": answer } });
        let answer = ask(&policy, "2025-01-01", facts);
        assert_eq!(answer.results["attendanceComplete"], there);
    }
}

#[test]
fn one_entry_must_hold_all_the_codes() {
    let condition = json!({ "fact": "attended", "has_entry": ["social_worker", "in_person"] });
    let facts = |mode: &str| json!({ "attended": [{ "role": "social_worker", "mode": mode }, { "role": "team_manager", "mode": "in_person" }] });
    assert!(holds(condition.clone(), "2025-01-01", facts("in_person")));
    assert!(!holds(condition, "2025-01-01", facts("remote")));
}

#[test]
fn an_answer_may_stand_under_the_code_of_its_question() {
    let rule = json!({ "rule": { "checklist": {
        "given": ["answers"], "required": ["plan_agreed", "views_heard"], "no_is_an_answer": true,
        "returns": { "missing": "missing_fields" } } } });
    let answers =
        json!({ "type": { "record": { "plan_agreed": "answer", "views_heard": "answer" } } });
    let policy = policy_with_facts("form", json!({ "answers": answers }), rule);
    for answers in [
        json!({ "plan_agreed": "no" }),
        json!({ "planAgreed": "no" }),
    ] {
        let answer = ask(&policy, "2025-01-01", json!({ "answers": answers }));
        assert_eq!(answer.results["missingFields"], json!(["views_heard"]));
    }
}

#[test]
fn a_number_may_be_compared_with_another_fact() {
    let condition = json!({ "fact": "children_looked_after", "at_most": "children_in_placement" });
    let facts = |looked_after: i64| json!({ "childrenLookedAfter": looked_after, "childrenInPlacement": 2 });
    assert!(holds(condition.clone(), "2025-01-01", facts(2)));
    assert!(!holds(condition.clone(), "2025-01-01", facts(3)));
    assert!(!holds(
        condition,
        "2025-01-01",
        json!({ "childrenLookedAfter": 1 })
    ));
}

#[test]
fn a_no_is_an_answer_on_a_form_and_not_on_a_list_of_things_done() {
    for (no_is_an_answer, missing) in [(true, json!([])), (false, json!(["outcomes_focused"]))] {
        let policy = policy(
            "form",
            json!({ "rule": { "checklist": { "no_is_an_answer": no_is_an_answer,
                "required": ["outcomes_focused"], "returns": { "missing": "missing_fields" } } } }),
        );
        let answer = ask(&policy, "2025-01-01", json!({ "outcomesFocused": false }));
        assert_eq!(answer.results["missingFields"], missing);
    }
    let names = policy(
        "form",
        json!({ "rule": { "checklist": { "required": ["foster_carer_names"],
            "returns": { "missing": "missing_fields" } } } }),
    );
    let answer = ask(
        &names,
        "2025-01-01",
        json!({ "fosterCarerNames": ["Ann Example", "Bob Example"] }),
    );
    assert_eq!(answer.results["missingFields"], json!([]));
}

#[test]
fn a_record_without_its_outcome_or_for_somebody_else_is_not_there() {
    let own = json!({ "things": { "type": { "list": { "record": { "role": { "code": null }, "substitute_for": { "code": null },
        "outcome": { "code": null }, "status": { "code": null }, "decided_on": "date" } } } } });
    let policy = policy_with_facts(
        "form",
        own,
        json!({ "rule": { "checklist": { "given": ["things"], "required": ["team_manager"], "returns": { "missing": "missing_things" } } } }),
    );
    for (thing, there) in [
        (json!({ "role": "team_manager" }), true),
        (json!({ "role": "team_manager", "outcome": "agreed" }), true),
        (json!({ "role": "team_manager", "outcome": null }), false),
        (json!({ "role": "team_manager", "status": null }), false),
        (
            json!({ "role": "team_manager", "status": "missing" }),
            false,
        ),
        (json!({ "role": "team_manager", "decidedOn": null }), false),
        (
            json!({ "role": "deputy", "substituteFor": "team_manager" }),
            false,
        ),
    ] {
        let answer = ask(&policy, "2025-01-01", json!({ "things": [thing] }));
        let missing = answer.results["missingThings"].as_array().map(Vec::len);
        assert_eq!(missing, Some(usize::from(!there)), "{thing}");
    }
}

#[test]
fn an_answer_that_somebody_was_not_asked_yet_is_a_gap() {
    let policy = policy(
        "form",
        json!({ "rule": { "checklist": { "required": ["current_carer"], "returns": { "missing": "missing_fields" } } } }),
    );
    for (answer, missing) in [
        ("consulted", json!([])),
        ("not_applicable", json!([])),
        ("not_consulted", json!(["current_carer"])),
    ] {
        let given = ask(&policy, "2025-01-01", json!({ "currentCarer": answer }));
        assert_eq!(given.results["missingFields"], missing, "{answer}");
    }
}

#[test]
fn an_entry_without_its_day_is_not_there_unless_it_does_not_apply() {
    let policy = policy_with_facts(
        "form",
        json!({ "asked": { "type": { "entries": { "key": "role", "members":
            { "status": { "code": null }, "consulted": "boolean", "consulted_on": "date" } } } } }),
        json!({ "rule": { "checklist": { "given": ["asked"], "required": ["current_carer"],
            "returns": { "missing": "missing_fields" } } } }),
    );
    for (entry, missing) in [
        (json!({ "consultedOn": "2024-12-01" }), json!([])),
        (json!({ "consultedOn": null }), json!(["current_carer"])),
        (
            json!({ "consultedOn": null, "status": "not_applicable" }),
            json!([]),
        ),
        (
            json!({ "consulted": false, "status": "not_applicable" }),
            json!([]),
        ),
        (json!({ "consulted": false }), json!(["current_carer"])),
    ] {
        let mut entry = entry;
        entry["role"] = "current_carer".into();
        let given = ask(&policy, "2025-01-01", json!({ "asked": [entry] }));
        assert_eq!(given.results["missingFields"], missing, "{entry}");
    }
}

#[test]
fn a_rule_that_does_not_concern_a_question_is_left_out_unless_its_clause_is_asked() {
    let policy = policy(
        "form",
        json!({ "concerns": { "fact": "outcomes_focused", "absent": false },
            "rule": { "checklist": { "required": ["outcomes_focused"], "flag": "form_incomplete" } } }),
    );
    assert_eq!(
        codes(&ask(&policy, "2025-01-01", json!({}))),
        ["form_incomplete"]
    );
    let whole = |facts: Value| {
        let facts = Facts::read(facts.as_object().unwrap(), policy.dictionary()).unwrap();
        let question = Question {
            as_of: "2025-01-01".parse().unwrap(),
            facts,
        };
        permanence_core::evaluate(&policy, Capability::PlanCheck, &question, &NoCodedRules).unwrap()
    };
    assert!(codes(&whole(json!({}))).is_empty());
    assert_eq!(
        codes(&whole(json!({ "outcomesFocused": false }))),
        ["form_incomplete"]
    );
}
