//! Who owes what, which step comes next and what it cannot do without, which of several papers is enough.

use serde_json::{Value, json};

use super::trial::{ask, codes, policy, policy_with_facts};

#[test]
fn what_is_missing_is_listed_with_who_owes_it() {
    let policy = policy(
        "paperwork",
        json!({ "rule": { "checklist": { "given": ["documents"],
            "required": [{ "item": "medicals", "by": "fostering_permanency_worker" }, { "item": "care_plan", "by": "social_worker" },
                         { "item": "references", "by": "fostering_permanency_worker" }, "sgo_support_plan"],
            "returns": { "missing": "missing_documents", "there": "received", "by": "by", "missing_by": "missing_by_author" } } } }),
    );
    let answer = ask(
        &policy,
        "2025-01-01",
        json!({ "documents": ["sgo_support_plan"] }),
    );
    assert_eq!(answer.results["received"], 1);
    assert_eq!(
        answer.results["by"],
        json!(["fostering_permanency_worker", "social_worker"])
    );
    assert_eq!(
        answer.results["missingByAuthor"],
        json!({ "fostering_permanency_worker": ["medicals", "references"], "social_worker": ["care_plan"] })
    );
    let all = json!({ "documents": ["medicals", "care_plan", "references", "sgo_support_plan"] });
    let answer = ask(&policy, "2025-01-01", all);
    assert_eq!(answer.results["by"], json!([]));
    assert_eq!(answer.results["received"], 4);
}

#[test]
fn a_step_names_who_takes_it_and_does_not_count_without_the_one_it_needs() {
    let policy = policy(
        "route",
        json!({ "rule": { "steps": { "next": "next_step", "by": "by", "missing": "missing_steps",
            "steps": [{ "step": "match_recommended", "by": ["fostering_panel"], "or_when": { "fact": "recommended_on", "known": true } },
                      { "step": "match_ratified", "by": ["head_of_service"],
                        "needs": { "step": "match_recommended", "error": "recommendation_missing" } }] } },
        }),
    );
    let early = ask(&policy, "2025-01-02", json!({ "matchRatified": true }));
    assert_eq!(early.results["nextStep"], "match_recommended");
    assert_eq!(early.results["by"], json!(["fostering_panel"]));
    assert_eq!(
        early.results["missingSteps"],
        json!(["match_recommended", "match_ratified"])
    );
    assert_eq!(codes(&early), ["recommendation_missing"]);
    let facts = json!({ "matchRatified": true, "recommendedOn": "2025-01-02" });
    let done = ask(&policy, "2025-01-02", facts.clone());
    assert_eq!(done.results["nextStep"], Value::Null);
    assert_eq!(done.results["by"], json!([]));
    assert!(codes(&done).is_empty());
    // The recommendation of tomorrow is none yet.
    assert_eq!(
        ask(&policy, "2025-01-01", facts).results["nextStep"],
        "match_recommended"
    );
}

#[test]
fn steps_may_be_told_by_their_number() {
    let policy = policy_with_facts(
        "route",
        json!({ "steps_done": { "type": { "list": "integer" }, "means": "Steps that were taken, by number." } }),
        json!({ "rule": { "steps": { "done": ["steps_done"], "next": "next_step", "missing": "missing_steps",
            "steps": [{ "step": "arrange_matching_meeting" }, { "step": "match_recommended" }, { "step": "match_ratified" }] } } }),
    );
    let answer = ask(&policy, "2025-01-02", json!({ "stepsDone": [1, 3] }));
    assert_eq!(answer.results["nextStep"], "match_recommended");
    assert_eq!(answer.results["missingSteps"], json!(["match_recommended"]));
    // There is no step before the first and none after the last.
    let answer = ask(&policy, "2025-01-02", json!({ "stepsDone": [0, 4] }));
    assert_eq!(answer.results["nextStep"], "arrange_matching_meeting");
}

#[test]
fn a_condition_may_ask_for_a_numbered_step_and_for_a_member_of_an_entry() {
    let own = json!({ "steps_done": { "type": { "one_of": [{ "list": "integer" }, { "list": { "record": { "step": "integer", "done": "boolean" } } }] } } });
    let holds = |condition: Value, steps: Value| {
        let rule = json!({ "rule": { "must_be_recorded": { "requires": condition, "returns": { "met": "complete" } } } });
        let policy = policy_with_facts("route", own.clone(), rule);
        ask(&policy, "2025-01-02", json!({ "stepsDone": steps })).results["complete"] == true
    };
    let third = json!({ "fact": "steps_done", "numbered": 3 });
    assert!(holds(third.clone(), json!([1, 3])));
    assert!(holds(third.clone(), json!([{ "step": 3 }])));
    assert!(!holds(third.clone(), json!([{ "step": 3, "done": false }])));
    assert!(!holds(third, json!([1, 2])));
    let told = json!({ "fact": "steps_done", "has_member": ["done"] });
    assert!(holds(told.clone(), json!([{ "step": 3, "done": false }])));
    assert!(!holds(told.clone(), json!([{ "step": 3 }])));
    assert!(!holds(told, json!([3])));
}

#[test]
fn a_numbered_step_that_was_not_taken_is_not_done() {
    let policy = policy_with_facts(
        "route",
        json!({ "steps_done": { "type": { "list": { "record": { "step": "integer", "done_on": "date", "done": "boolean" } } } } }),
        json!({ "rule": { "steps": { "done": ["steps_done"], "missing": "missing_steps",
            "steps": [{ "step": "arrange_matching_meeting" }, { "step": "match_recommended" }, { "step": "match_ratified" }] } } }),
    );
    let steps = json!({ "stepsDone": [{ "step": 1, "doneOn": "2025-01-02" }, { "step": 2, "doneOn": null }, { "step": 3, "done": false }] });
    let missing = |as_of: &str| ask(&policy, as_of, steps.clone()).results["missingSteps"].clone();
    assert_eq!(
        missing("2025-01-02"),
        json!(["match_recommended", "match_ratified"])
    );
    // What is done tomorrow is not done.
    assert_eq!(missing("2025-01-01").as_array().map(Vec::len), Some(3));
}

#[test]
fn one_paper_in_time_may_be_enough() {
    let policy = policy(
        "deadline",
        json!({ "rule": { "cut_off": { "sitting": "panel_date", "at": { "weekday": "thursday", "time": "13:00:00" },
            "submitted": ["submitted_at"], "submitted_in": "documents", "any_of": ["care_plan", "references"], "flag_late": "paperwork_late",
            "returns": { "on_time": "on_time" } } } }),
    );
    let facts = |first: &str, second: &str| {
        json!({ "panelDate": "2025-06-24", "documents": [
            { "document": "care_plan", "receivedAt": first }, { "document": "references", "receivedAt": second }] })
    };
    let one = facts("2025-06-19T13:00:00+01:00", "2025-06-20T09:00:00+01:00");
    assert_eq!(ask(&policy, "2025-06-23", one).results["onTime"], true);
    // Another paper is none of them.
    let other = json!({ "panelDate": "2025-06-24", "documents": [
        { "document": "medicals", "receivedAt": "2025-06-18T09:00:00+01:00" }] });
    assert_eq!(ask(&policy, "2025-06-23", other).results["onTime"], false);
    // A paper of tomorrow has not come, neither in time nor late.
    let tomorrow = facts("2025-06-19T13:00:00+01:00", "2025-06-20T09:00:00+01:00");
    let answer = ask(&policy, "2025-06-18", tomorrow);
    assert_eq!(answer.results["onTime"], Value::Null);
    let none = facts("2025-06-19T13:01:00+01:00", "2025-06-20T09:00:00+01:00");
    let answer = ask(&policy, "2025-06-23", none);
    assert_eq!(answer.results["onTime"], false);
    assert_eq!(codes(&answer), ["paperwork_late"]);
    // The time runs out in the course of its last day.
    let last_day = "2025-06-19".parse().ok();
    assert_eq!(answer.findings[0].due_on, last_day);
    assert_eq!(answer.findings[0].ran_out_on, last_day);
}

#[test]
fn a_reason_may_wait_for_a_fact_while_another_is_certain() {
    let policy = policy(
        "decision",
        json!({ "rule": { "requirements": { "returns": { "reasons": "reasons" }, "all": [
            { "reason": "permission_missing", "requires": { "fact": "permission_on", "known": true } },
            { "reason": "permission_not_by_service_manager", "requires": { "fact": "given_by", "is": "service_manager" },
              "settled_by": ["given_by"] }] } } }),
    );
    let answer = ask(&policy, "2025-01-01", json!({ "permissionOn": null }));
    let certainty: Vec<Value> = answer
        .findings
        .iter()
        .map(|finding| json!([finding.certainty, finding.missing]))
        .collect();
    assert_eq!(
        certainty,
        [
            json!(["certain", []]),
            json!(["cannot_be_known", ["givenBy"]])
        ]
    );
    let told = json!({ "permissionOn": null, "givenBy": "social_worker" });
    assert!(
        ask(&policy, "2025-01-01", told)
            .findings
            .iter()
            .all(|finding| finding.missing.is_empty())
    );
}

#[test]
fn a_sitting_on_a_day_that_is_left_out_may_count_as_off_the_pattern() {
    let rule = |flag_skipped: bool| {
        json!({ "rule": { "sitting_calendar": { "flag_date": "off_pattern_panel_date", "flag_skipped": flag_skipped,
            "returns": { "status": "status", "flags": "flags" } } } })
    };
    // Boxing Day 2028 is a Tuesday.
    let boxing_day = json!({ "panelDate": "2028-12-26" });
    let strict = ask(
        &policy("slot", rule(true)),
        "2028-12-01",
        boxing_day.clone(),
    );
    assert_eq!(strict.results["flags"], json!(["off_pattern_panel_date"]));
    assert_eq!(strict.results["status"], "skipped_bank_holiday");
    let lenient = ask(&policy("slot", rule(false)), "2028-12-01", boxing_day);
    assert_eq!(lenient.results["flags"], json!([]));
    let tuesday = json!({ "panelDate": "2028-12-19" });
    let regular = ask(&policy("slot", rule(true)), "2028-12-01", tuesday);
    assert_eq!(regular.results["flags"], json!([]));
    assert!(!regular.results.contains_key("status"));
}

#[test]
fn an_action_may_lack_a_role_and_count_from_whichever_day_is_known() {
    let policy = policy(
        "action",
        json!({ "rule": { "create_actions": { "returns": "actions", "actions": [{ "action": "complete_initial_sections",
            "due": { "first_of": [{ "fact": "planning_meeting_on", "offset": "-1 calendar_days" },
                                  { "fact": "meeting_date", "offset": "-1 calendar_days" }] } }] } } }),
    );
    let answer = ask(
        &policy,
        "2025-01-01",
        json!({ "meetingDate": "2028-03-01" }),
    );
    assert_eq!(answer.results["actions"][0]["dueOn"], "2028-02-29");
    assert_eq!(answer.results["actions"][0]["responsible"], Value::Null);
    assert_eq!(answer.findings[0].responsible_role, None);
}
