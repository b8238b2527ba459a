//! Due dates, thresholds and things that must be recorded.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::trial::{ask, codes, day, monthly_policy, policy};

#[test]
fn a_dated_entry_of_a_list_meets_a_due_date_on_its_day() {
    let policy = policy(
        "minutes",
        json!({ "rule": { "due_date": {
            "from": [{ "fact": "panel_date", "offset": "5 working_days" }],
            "met_in": [{ "list": "sent_to", "any_of": ["panel_chair"] }],
            "flag": "minutes_overdue", "returns": { "status": "status" } } } }),
    );
    for (role, sent_on, status) in [
        ("panel_chair", json!("2025-05-08"), "completed_on_time"),
        ("panel_chair", json!("2025-05-09"), "completed_late"),
        ("panel_chair", json!("2025-05-13"), "overdue"),
        ("panel_chair", json!(null), "overdue"),
        ("social_worker", json!("2025-05-08"), "overdue"),
    ] {
        let facts =
            json!({ "panelDate": "2025-04-30", "sentTo": [{ "role": role, "sentOn": sent_on }] });
        let answer = ask(&policy, "2025-05-12", facts);
        assert_eq!(answer.results["status"], status, "{role} {sent_on}");
    }
}

#[test]
fn a_notice_before_a_late_booking_is_due_on_the_booking_day() {
    let policy = monthly_policy(
        "booking",
        json!({ "rule": { "due_date": {
            "from": [{ "fact": "panel_date", "offset": "-14 calendar_days" }],
            "not_before": "booked_on", "returns": { "due": "reminder_on" } } } }),
    );
    for (booked, reminder) in [
        ("2025-10-30", "2025-11-12"),
        ("2025-11-14", "2025-11-14"),
        ("2025-11-12", "2025-11-12"),
    ] {
        let answer = ask(
            &policy,
            "2025-11-20",
            json!({ "panelDate": "2025-11-26", "bookedOn": booked }),
        );
        assert_eq!(answer.results["reminderOn"], reminder);
    }
}

#[test]
fn a_repeated_thing_counts_from_the_last_time_else_from_the_start() {
    let policy = policy(
        "meeting",
        json!({ "rule": { "due_date": {
            "from": [{ "fact": "last_planning_meeting_on", "offset": "6 weeks" },
                     { "fact": "first_planning_meeting_on", "offset": "6 weeks" }],
            "ends_when": { "fact": "permanence_achieved", "is": true },
            "returns": { "due": "next_planning_meeting_due_on", "overdue": "next_planning_meeting_overdue" } } } }),
    );
    let last =
        json!({ "firstPlanningMeetingOn": "2025-01-02", "lastPlanningMeetingOn": "2025-09-04" });
    let answer = ask(&policy, "2025-10-16", last.clone());
    assert_eq!(answer.results["nextPlanningMeetingDueOn"], "2025-10-16");
    assert_eq!(answer.results["nextPlanningMeetingOverdue"], false);
    assert_eq!(
        ask(&policy, "2025-10-17", last).results["nextPlanningMeetingOverdue"],
        true
    );
    let first = json!({ "firstPlanningMeetingOn": "2025-01-02" });
    assert_eq!(
        ask(&policy, "2025-01-03", first).results["nextPlanningMeetingDueOn"],
        "2025-02-13"
    );
    let ended = json!({ "lastPlanningMeetingOn": "2025-09-04", "permanenceAchieved": true });
    let answer = ask(&policy, "2026-01-01", ended);
    assert_eq!(answer.results["nextPlanningMeetingDueOn"], Value::Null);
    assert_eq!(answer.results["nextPlanningMeetingOverdue"], false);
}

#[test]
fn where_the_latest_counts_an_earlier_time_does_not_start_the_clock() {
    let policy = policy(
        "checkpoint",
        json!({ "rule": { "due_date": {
            "from": [{ "fact": "last_monitored_on", "offset": "3 calendar_months" },
                     { "fact": "placement_started_on", "offset": "3 calendar_months" }],
            "latest": true, "returns": { "due": "next_due_on" } } } }),
    );
    for (last, due) in [
        (json!("2025-01-10"), "2025-04-15"),
        (json!("2025-03-31"), "2025-06-30"),
        (Value::Null, "2025-04-15"),
    ] {
        let facts = json!({ "lastMonitoredOn": last, "placementStartedOn": "2025-01-15" });
        assert_eq!(ask(&policy, "2025-05-01", facts).results["nextDueOn"], due);
    }
}

#[test]
fn the_latest_sitting_within_a_limit_is_on_or_before_it() {
    let policy = monthly_policy(
        "deadline",
        json!({ "rule": { "due_date": {
            "from": [{ "fact": "placement_order_revoked_on", "offset": "6 calendar_months" }],
            "returns": { "due": "due_date", "latest_sitting": "latest_panel_on" } } } }),
    );
    for (revoked, due, latest) in [
        ("2025-01-31", "2025-07-31", "2025-07-30"),
        ("2025-01-30", "2025-07-30", "2025-07-30"),
        ("2025-01-29", "2025-07-29", "2025-06-25"),
        ("2024-08-31", "2025-02-28", "2025-02-26"),
    ] {
        let answer = ask(
            &policy,
            "2025-02-01",
            json!({ "placementOrderRevokedOn": revoked }),
        );
        assert_eq!(
            (&answer.results["dueDate"], &answer.results["latestPanelOn"]),
            (&json!(due), &json!(latest))
        );
    }
}

#[test]
fn a_flag_waits_for_its_trigger_and_goes_with_the_record() {
    let policy = policy(
        "meeting",
        json!({
            "when": { "fact": "placement_order_revocation_decided_on", "known": true },
            "rule": { "must_be_recorded": {
                "requires": { "fact": "case_management_meeting_on", "on_or_after": "placement_order_revocation_decided_on" },
                "flag": "case_management_meeting_missing", "since": "placement_order_revocation_decided_on" } } }),
    );
    let decided = |meeting: Value| json!({ "placementOrderRevocationDecidedOn": "2025-04-01", "caseManagementMeetingOn": meeting });
    assert!(codes(&ask(&policy, "2025-03-31", decided(Value::Null))).is_empty());
    assert_eq!(
        codes(&ask(&policy, "2025-04-01", decided(Value::Null))),
        ["case_management_meeting_missing"]
    );
    assert_eq!(
        codes(&ask(&policy, "2025-05-01", decided(json!("2025-03-20")))),
        ["case_management_meeting_missing"]
    );
    assert!(codes(&ask(&policy, "2025-05-01", decided(json!("2025-04-01")))).is_empty());
    assert_eq!(
        codes(&ask(&policy, "2025-05-01", decided(json!("2025-05-02")))),
        ["case_management_meeting_missing"]
    );
    assert!(codes(&ask(&policy, "2025-05-01", json!({}))).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_threshold_holds_from_one_day_on_and_never_before(start in 0i64..15_000, months in 1i32..36, more in any::<bool>()) {
        let comparison = if more { "more_than" } else { "at_least" };
        let policy = policy("exception", json!({ "rule": { "threshold": {
            "anchor": "placement_started_on", "limit": format!("{months} calendar_months"), "comparison": comparison,
            "flag": "sgo_exploration_due",
            "returns": { "due": "due", "due_from": "due_from", "threshold_on": "threshold_on" } } } }));
        let facts = json!({ "placementStartedOn": day(start).to_string() });
        let far = ask(&policy, "2099-01-01", facts.clone());
        let from: chrono::NaiveDate = far.results["dueFrom"].as_str().unwrap().parse().unwrap();
        let threshold: chrono::NaiveDate = far.results["thresholdOn"].as_str().unwrap().parse().unwrap();
        prop_assert_eq!((from - threshold).num_days(), i64::from(more));
        prop_assert_eq!(&ask(&policy, &from.to_string(), facts.clone()).results["due"], &json!(true));
        let before = ask(&policy, &from.pred_opt().unwrap().to_string(), facts);
        prop_assert_eq!(&before.results["due"], &json!(false));
        prop_assert!(before.findings.is_empty());
    }

    #[test]
    fn a_due_date_has_one_status_and_flags_only_what_is_overdue(start in 0i64..15_000, offset in 0i32..400, asked in 0i64..800, done in proptest::option::of(0i64..800)) {
        let policy = policy("deadline", json!({ "rule": { "due_date": {
            "from": [{ "fact": "interest_expressed_on", "offset": format!("{offset} calendar_days") }],
            "met_by": ["information_visit_on"], "flag": "sgo_visit_overdue",
            "returns": { "status": "status", "overdue": "overdue", "late": "late" } } } }));
        let facts = json!({ "interestExpressedOn": day(start).to_string(),
            "informationVisitOn": done.map(|done| day(start + done).to_string()) });
        let answer = ask(&policy, &day(start + asked).to_string(), facts);
        let done = done.filter(|done| *done <= asked);
        let expected = match done {
            Some(done) if done <= i64::from(offset) => "completed_on_time",
            Some(_) => "completed_late",
            None if asked <= i64::from(offset) => "open",
            None => "overdue",
        };
        prop_assert_eq!(&answer.results["status"], &json!(expected));
        prop_assert_eq!(answer.findings.len(), usize::from(expected == "overdue"));
        prop_assert_eq!(&answer.results["overdue"], &json!(expected == "overdue"));
        prop_assert_eq!(&answer.results["late"], &json!(expected == "completed_late"));
    }
}

#[test]
fn a_setting_may_change_the_limit_of_a_clock() {
    let policy = policy(
        "exception",
        json!({ "rule": { "threshold": {
            "anchor": "placement_order_on", "limit": "26 weeks", "comparison": "more_than",
            "limit_by": { "fact": "exception_threshold_source", "limits": { "terms_of_reference": "40 weeks" } },
            "returns": { "due": "due", "due_from": "due_from" } } } }),
    );
    for (source, from) in [
        (Value::Null, "2025-07-08"),
        (json!("policy_body"), "2025-07-08"),
        (json!("terms_of_reference"), "2025-10-14"),
    ] {
        let facts = json!({ "placementOrderOn": "2025-01-06", "exceptionThresholdSource": source });
        assert_eq!(ask(&policy, from, facts.clone()).results["due"], true);
        let first: chrono::NaiveDate = from.parse().unwrap();
        let answer = ask(&policy, &first.pred_opt().unwrap().to_string(), facts);
        assert_eq!(answer.results["due"], false);
        assert_eq!(answer.results["dueFrom"], from);
    }
}
