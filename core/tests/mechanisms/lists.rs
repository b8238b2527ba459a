//! Checklists, closed lists, tables, actions, recipients, steps and counts.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::trial::{ask, codes, monthly_policy, policy, policy_with_facts};

#[test]
fn papers_by_request_type_with_an_optional_one_and_one_that_depends() {
    let policy = policy(
        "paperwork",
        json!({ "rule": { "checklist": {
            "given": ["documents"],
            "required_by": { "fact": "request_type", "lists": {
                "special_guardianship_support": ["baaf_form_c", "sgo_support_plan",
                    { "item": "sgo_financial_form_hos_approved", "when": { "fact": "provider_type", "is": "ifa" } }] } },
            "optional": ["life_story_work"],
            "flag": "paperwork_incomplete",
            "returns": { "missing": "missing_documents", "optional_missing": "optional_missing", "complete": "paperwork_complete" } } } }),
    );
    let facts = json!({ "requestType": "special_guardianship_support", "providerType": "ifa",
        "documents": ["baaf_form_c", { "document": "sgo_support_plan", "receivedOn": "2025-01-10" }] });
    let answer = ask(&policy, "2025-01-10", facts.clone());
    assert_eq!(
        answer.results["missingDocuments"],
        json!(["sgo_financial_form_hos_approved"])
    );
    assert_eq!(
        answer.results["optionalMissing"],
        json!(["life_story_work"])
    );
    assert_eq!(answer.results["paperworkComplete"], false);
    // A paper received after the day asked about is not there yet.
    let answer = ask(&policy, "2025-01-09", facts);
    assert_eq!(
        answer.results["missingDocuments"],
        json!(["sgo_support_plan", "sgo_financial_form_hos_approved"])
    );
    // Nor is one of which it is known that it has not come.
    let facts = json!({ "requestType": "special_guardianship_support",
        "documents": ["baaf_form_c", { "document": "sgo_support_plan", "receivedOn": null }] });
    assert_eq!(
        ask(&policy, "2025-01-10", facts).results["missingDocuments"],
        json!(["sgo_support_plan"])
    );
    let other = json!({ "requestType": "staying_put" });
    assert_eq!(
        ask(&policy, "2025-01-09", other).results["missingDocuments"],
        json!([])
    );
}

#[test]
fn on_a_form_no_is_an_answer_and_a_comment_is_none() {
    let rule = json!({ "checklist": {
        "given": ["reviews"], "no_is_an_answer": true,
        "required": ["plan_contested", "plan_discussed"],
        "returns": { "missing": "unanswered_questions" } } });
    let policy = policy("form", json!({ "rule": rule }));
    let missing =
        |facts: Value| ask(&policy, "2025-01-10", facts).results["unansweredQuestions"].clone();
    assert_eq!(
        missing(json!({ "planContested": false })),
        json!(["plan_discussed"])
    );
    assert_eq!(
        missing(json!({ "planContested": null, "planDiscussed": true })),
        json!(["plan_contested"])
    );
    let discussed = json!({ "reviews": [{ "reviewNumber": 1, "discussed": ["plan_discussed"] }] });
    assert_eq!(
        missing(discussed),
        json!(["plan_contested", "plan_discussed"])
    );
}

#[test]
fn a_comment_beside_a_question_is_no_answer_however_it_is_told() {
    let members = json!({ "answer": "answer", "comment": "text" });
    let row = json!({ "record": members });
    let facts = json!({ "answers": { "type": { "one_of": [
        { "entries": { "key": "question", "members": members } },
        { "record": { "plan_contested": { "one_of": [row, "answer"] } } } ] } } });
    let rule = json!({ "rule": { "checklist": {
        "given": ["answers"], "no_is_an_answer": true,
        "required": ["plan_contested"], "returns": { "missing": "unanswered_questions" } } } });
    let policy = policy_with_facts("form", facts, rule);
    let answered = |facts: Value| {
        ask(&policy, "2025-01-10", facts).results["unansweredQuestions"] == json!([])
    };
    for told in [
        json!([{ "question": "plan_contested", "comment": "By the father." }]),
        json!([{ "question": "plan_contested", "comment": "x", "answer": null }]),
        json!([{ "question": "plan_contested", "comment": null }]),
        json!({ "planContested": { "comment": "By the father." } }),
        json!({ "planContested": {} }),
    ] {
        assert!(!answered(json!({ "answers": told })), "{told}");
    }
    for told in [
        json!(["plan_contested"]),
        json!([{ "question": "plan_contested", "answer": false, "comment": "x" }]),
        json!({ "planContested": { "answer": false, "comment": "x" } }),
        json!({ "planContested": false }),
    ] {
        assert!(answered(json!({ "answers": told })), "{told}");
    }
}

#[test]
fn who_sent_apologies_is_no_entry_and_who_came_may_be_told_by_role() {
    let rule = json!({ "rule": { "checklist": {
        "given": ["attended"], "required": ["social_worker", "team_manager"],
        "returns": { "missing": "missing_roles" } } } });
    let policy = policy("attendance", rule);
    let missing = |told: &Value| {
        ask(&policy, "2025-01-10", json!({ "attended": told })).results["missingRoles"].clone()
    };
    for told in [
        json!(["social_worker", { "role": "team_manager", "attendanceType": "apologies" }]),
        json!(["social_worker", { "role": "team_manager", "attendanceMode": "absent" }]),
        json!(["social_worker", { "role": "team_manager", "mode": "apologies" }]),
        json!(["social_worker", { "role": "team_manager", "status": "apologies" }]),
        json!(["social_worker", { "role": "team_manager", "attended": "apologies" }]),
        json!(["social_worker", { "role": "team_manager", "attended": false }]),
        json!({ "socialWorker": true, "teamManager": false }),
        json!({ "socialWorker": "remote", "teamManager": "apologies" }),
        json!({ "social_worker": { "mode": "remote" }, "team_manager": null }),
    ] {
        assert_eq!(missing(&told), json!(["team_manager"]), "{told}");
    }
    let both = json!({ "socialWorker": "conference_call", "teamManager": "in_person" });
    assert_eq!(missing(&both), json!([]));
}

#[test]
fn an_entry_of_a_checklist_may_be_answered_as_a_fact_of_its_own() {
    let policy = policy(
        "assessment",
        json!({ "rule": { "checklist": {
            "given": ["specialist_assessments"], "required": ["outcomes_focused", "long_term_support_considered"],
            "flag": "assessment_incomplete", "returns": { "missing": "missing_checks" } } } }),
    );
    let answer = ask(
        &policy,
        "2025-01-01",
        json!({ "outcomesFocused": true, "longTermSupportConsidered": false }),
    );
    assert_eq!(
        answer.results["missingChecks"],
        json!(["long_term_support_considered"])
    );
}

#[test]
fn a_closed_list_may_depend_on_another_fact() {
    let policy = policy(
        "decision",
        json!({ "rule": { "closed_list": {
            "fact": "outcome", "allowed": ["approved", "rejected", "deferred"], "error": "outcome_not_allowed",
            "allowed_by": { "fact": "request_type", "lists": { "final_care_plan": ["quality_assured", "deferred"] } },
            "returns": { "accepted": "accepted", "error": "error" } } } }),
    );
    for (kind, outcome, taken) in [
        ("final_care_plan", "approved", false),
        ("final_care_plan", "quality_assured", true),
        ("residential_match", "approved", true),
        ("residential_match", "quality_assured", false),
    ] {
        let answer = ask(
            &policy,
            "2025-01-01",
            json!({ "requestType": kind, "outcome": outcome }),
        );
        assert_eq!(answer.results["accepted"], taken, "{kind} {outcome}");
        assert_eq!(codes(&answer).is_empty(), taken);
    }
    assert!(
        !ask(&policy, "2025-01-01", json!({}))
            .results
            .contains_key("accepted")
    );
}

#[test]
fn actions_carry_roles_and_due_dates() {
    let policy = monthly_policy(
        "action",
        json!({
            "when": { "all": [{ "fact": "request_type", "is": "staying_put" }, { "fact": "outcome", "is": "deferred" }] },
            "rule": { "create_actions": { "returns": "actions", "actions": [
                { "action": "visit_child_and_carer", "responsible": "social_worker",
                  "due": { "after": { "fact": "panel_date", "offset": "5 working_days" } } },
                { "action": "book_next_available_panel", "responsible": "social_worker", "responsible_assumed": true,
                  "due": { "next_sitting_after": "panel_date" }, "when": { "fact": "rebook_needed", "is": true } }] } } }),
    );
    let facts = json!({ "requestType": "staying_put", "outcome": "deferred", "panelDate": "2025-04-30", "rebookNeeded": true });
    let answer = ask(&policy, "2025-04-30", facts);
    assert_eq!(
        codes(&answer),
        ["visit_child_and_carer", "book_next_available_panel"]
    );
    assert_eq!(answer.results["actions"][0]["dueOn"], "2025-05-08");
    assert_eq!(answer.results["actions"][1]["dueOn"], "2025-05-28");
    assert_eq!(answer.results["actions"][1]["responsibleAssumed"], true);
    let facts =
        json!({ "requestType": "staying_put", "outcome": "deferred", "panelDate": "2025-04-30" });
    assert_eq!(
        codes(&ask(&policy, "2025-04-30", facts)),
        ["visit_child_and_carer"]
    );
    let facts = json!({ "requestType": "staying_put", "outcome": "approved" });
    assert_eq!(
        ask(&policy, "2025-04-30", facts).results["actions"],
        json!([])
    );
}

#[test]
fn an_action_after_what_has_not_happened_yet_has_no_due_date() {
    let rule = json!({ "rule": { "create_actions": { "actions": [
        { "action": "arrange_matching_meeting", "responsible": "social_worker",
          "due": { "after": { "fact": "booked_on", "offset": "5 working_days" } } }], "returns": "actions" } } });
    let policy = policy("action", rule);
    for (as_of, due) in [
        ("2025-04-30", json!("2025-05-08")),
        ("2025-04-29", Value::Null),
    ] {
        let answer = ask(&policy, as_of, json!({ "bookedOn": "2025-04-30" }));
        assert_eq!(answer.results["actions"][0]["dueOn"], due, "{as_of}");
    }
}

#[test]
fn everybody_receives_one_copy_and_only_after_approval() {
    let policy = policy(
        "distribution",
        json!({ "rule": { "recipients": {
            "to": ["panel_chair", "social_worker", "team_manager"], "plus": "attended", "sent": "sent_to",
            "after": "approved_by_chair_on", "error": "distribution_before_approval",
            "returns": { "recipients": "recipients", "missing": "missing_recipients" } } } }),
    );
    let facts = json!({ "attended": ["panel_chair", "iro_representative", "social_worker"],
        "sentTo": ["team_manager"], "approvedByChairOn": "2025-05-02" });
    let answer = ask(&policy, "2025-05-02", facts.clone());
    assert_eq!(
        answer.results["recipients"],
        json!([
            "panel_chair",
            "social_worker",
            "team_manager",
            "iro_representative"
        ])
    );
    assert_eq!(
        answer.results["missingRecipients"],
        json!(["panel_chair", "social_worker", "iro_representative"])
    );
    assert!(codes(&answer).is_empty());
    assert_eq!(
        codes(&ask(&policy, "2025-05-01", facts)),
        ["distribution_before_approval"]
    );
}

#[test]
fn the_first_row_that_holds_counts_and_is_compared() {
    let policy = policy(
        "slot",
        json!({ "rule": { "lookup": {
            "rows": [
                { "when": { "fact": "service", "is": "locality_fieldwork" }, "gives": { "session": "sgo_morning" } },
                { "when": { "fact": "service", "one_of": ["children_in_care", "idcs"] }, "gives": { "session": "sgo_afternoon" } }],
            "otherwise": { "session": null },
            "compare": { "result": "session", "fact": "session", "flag": "wrong_session" } } } }),
    );
    let answer = ask(
        &policy,
        "2025-01-01",
        json!({ "service": "idcs", "session": "sgo_morning" }),
    );
    assert_eq!(answer.results["session"], "sgo_afternoon");
    assert_eq!(codes(&answer), ["wrong_session"]);
    assert!(codes(&ask(&policy, "2025-01-01", json!({ "service": "idcs" }))).is_empty());
    assert_eq!(
        ask(&policy, "2025-01-01", json!({})).results["session"],
        Value::Null
    );
}

#[test]
fn steps_are_taken_in_order() {
    let policy = policy(
        "route",
        json!({ "rule": { "steps": {
            "steps": [{ "step": "permanence_discussion" }, { "step": "challenge_panel_review", "responsible": "service_manager" },
                      { "step": "permanence_panel", "when": { "fact": "outcome", "is_not": "not_agreed" } }],
            "next": "next_step", "missing": "missing_steps" } } }),
    );
    let answer = ask(
        &policy,
        "2025-01-01",
        json!({ "permanenceDiscussion": "2024-12-01", "outcome": "agreed" }),
    );
    assert_eq!(answer.results["nextStep"], "challenge_panel_review");
    assert_eq!(
        answer.results["missingSteps"],
        json!(["challenge_panel_review", "permanence_panel"])
    );
    let answer = ask(
        &policy,
        "2025-01-01",
        json!({ "permanenceDiscussion": true, "challengePanelReview": true }),
    );
    assert_eq!(answer.results["nextStep"], Value::Null);
}

const ITEMS: [&str; 4] = [
    "baaf_form_c",
    "sgo_support_plan",
    "life_story_work",
    "references",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_given_and_what_is_missing_make_the_list(given in proptest::collection::vec(any::<bool>(), 4)) {
        let policy = policy("paperwork", json!({ "rule": { "checklist": {
            "given": ["documents"], "required": ITEMS, "flag": "paperwork_incomplete",
            "returns": { "missing": "missing_documents", "complete": "paperwork_complete" } } } }));
        let split = |wanted: bool| -> Vec<&str> {
            ITEMS.iter().zip(&given).filter(|(_, given)| **given == wanted).map(|(item, _)| *item).collect()
        };
        let answer = ask(&policy, "2025-01-01", json!({ "documents": split(true) }));
        prop_assert_eq!(&answer.results["missingDocuments"], &json!(split(false)));
        prop_assert_eq!(&answer.results["paperworkComplete"], &json!(split(false).is_empty()));
        prop_assert_eq!(answer.findings.len(), usize::from(!split(false).is_empty()));
    }
}

#[test]
fn one_person_in_two_parts_receives_one_copy() {
    let policy = policy(
        "distribution",
        json!({ "rule": { "recipients": { "to": ["panel_chair", "social_worker"], "plus": "attended",
            "posts": { "panel_chair": "chair" }, "after": "approved_by_chair_on", "on": "given_on",
            "error": "distribution_before_approval", "returns": { "recipients": "recipients" } } } }),
    );
    let facts = json!({ "chair": "head_of_service", "approvedByChairOn": "2025-05-02", "givenOn": "2025-05-01",
        "attended": [{ "role": "head_of_service" }, { "role": "social_worker", "name": "Ann Example" },
            { "role": "carer", "name": "Ann Example" }, { "role": "iro_representative" }] });
    let answer = ask(&policy, "2025-06-01", facts.clone());
    assert_eq!(
        answer.results["recipients"],
        json!(["panel_chair", "social_worker", "iro_representative"])
    );
    // Sent a day before the approval.
    assert_eq!(codes(&answer), ["distribution_before_approval"]);
    let mut later = facts;
    later["givenOn"] = json!("2025-05-02");
    assert!(codes(&ask(&policy, "2025-06-01", later)).is_empty());
}

#[test]
fn a_plain_yes_lets_it_go_out() {
    let policy = policy(
        "distribution",
        json!({ "rule": { "recipients": { "to": ["panel_chair"], "after": "assessment_copy_sent",
            "error": "distribution_before_approval" } } }),
    );
    for (told, refused) in [
        (json!({ "assessmentCopySent": true }), false),
        (json!({ "assessmentCopySent": false }), true),
        (json!({ "assessmentCopySent": null }), true),
        (json!({}), true),
    ] {
        let answer = ask(&policy, "2025-06-01", told.clone());
        assert_eq!(codes(&answer).is_empty(), !refused, "{told}");
    }
}

#[test]
fn alternatives_are_named_however_long_they_are() {
    let policy = policy(
        "attendance",
        json!({ "rule": { "checklist": { "given": ["attended"], "flag": "required_member_missing",
            "required": [{ "any_of": ["head_of_service_specialist_services",
                "deputy_head_of_service_specialist_services", "deputy_head_of_service_fieldwork"] }],
            "returns": { "missing": "missing_required", "complete": "attendance_complete" } } } }),
    );
    let answer = ask(&policy, "2025-06-25", json!({ "attended": [] }));
    assert_eq!(answer.results["attendanceComplete"], false);
    assert_eq!(codes(&answer), ["required_member_missing"]);
    assert!(answer.findings[0].message.contains(" or "));
}

#[test]
fn none_is_an_entry_where_the_clause_takes_it_for_one() {
    let policy = policy(
        "record",
        json!({ "rule": { "checklist": {
            "no_is_an_answer": true,
            "required": ["rationale", { "item": "conditions", "none_will_do": true }],
            "returns": { "missing": "missing_fields" } } } }),
    );
    for (facts, missing) in [
        (json!({ "rationale": "So.", "conditions": [] }), json!([])),
        (
            json!({ "rationale": "", "conditions": ["One."] }),
            json!(["rationale"]),
        ),
        (
            json!({ "rationale": "So.", "conditions": null }),
            json!(["conditions"]),
        ),
        (json!({ "rationale": "So." }), json!(["conditions"])),
    ] {
        let answer = ask(&policy, "2025-01-01", facts.clone());
        assert_eq!(answer.results["missingFields"], missing, "{facts}");
    }
}

#[test]
fn a_waiver_needs_a_reason_and_nobody_who_may_not() {
    let own = json!({ "waivers": { "type": { "entries": { "key": "document",
        "members": { "reason": "text", "waived_by": { "code": null } } } } } });
    let policy = policy_with_facts(
        "paperwork",
        own,
        json!({ "rule": { "checklist": { "required": ["report"], "waived": { "fact": "waivers", "by": ["panel_chair"] },
            "returns": { "missing": "missing_documents" } } } }),
    );
    for (waiver, missing) in [
        (
            json!({ "document": "report", "reason": "Not needed.", "waivedBy": "panel_chair" }),
            0,
        ),
        (json!({ "document": "report", "reason": "Not needed." }), 0),
        (
            json!({ "document": "report", "waivedBy": "panel_chair" }),
            1,
        ),
        (
            json!({ "document": "report", "reason": "Not needed.", "waivedBy": "social_worker" }),
            1,
        ),
        (
            json!({ "document": "report", "reason": "Not needed.", "waivedBy": null }),
            1,
        ),
    ] {
        let answer = ask(&policy, "2025-01-01", json!({ "waivers": [waiver] }));
        let lacking = answer.results["missingDocuments"].as_array().map(Vec::len);
        assert_eq!(lacking, Some(missing), "{waiver}");
    }
}
