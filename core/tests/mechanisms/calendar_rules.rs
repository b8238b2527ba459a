//! Sittings, cut-offs, target sittings, slots and months.

use chrono::NaiveDate;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::trial::{
    ask, codes, day, fortnightly_policy, monthly_policy, policy, policy_with_facts,
    policy_with_hours,
};

#[test]
fn the_calendar_of_a_year_and_a_sitting_off_its_pattern() {
    let monthly = monthly_policy(
        "frequency",
        json!({ "rule": { "sitting_calendar": { "flag_date": "off_pattern_panel_date",
            "returns": { "dates": "panel_dates", "non_working": "non_working_day_dates" } } } }),
    );
    let answer = ask(&monthly, "2025-01-01", json!({ "year": 2030 }));
    assert_eq!(answer.results["panelDates"][11], "2030-12-25");
    assert_eq!(answer.results["nonWorkingDayDates"], json!(["2030-12-25"]));
    assert_eq!(
        codes(&ask(
            &monthly,
            "2025-01-01",
            json!({ "panelDate": "2025-12-17" })
        )),
        ["off_pattern_panel_date"]
    );
    assert!(
        codes(&ask(
            &monthly,
            "2025-01-01",
            json!({ "panelDate": "2025-12-31" })
        ))
        .is_empty()
    );
    let weekly = policy(
        "slot",
        json!({ "rule": { "sitting_calendar": { "flag_date": "off_pattern_panel_date", "flag_time": "off_pattern_panel_time",
            "returns": { "flags": "flags" } } } }),
    );
    for (date, time, flags) in [
        ("2025-07-08", "13:45", json!([])),
        ("2025-07-08", "11:59", json!(["off_pattern_panel_time"])),
        ("2025-07-08", "12:00", json!([])),
        ("2025-07-08", "18:00", json!(["off_pattern_panel_time"])),
        (
            "2025-07-09",
            "09:00",
            json!(["off_pattern_panel_date", "off_pattern_panel_time"]),
        ),
    ] {
        let answer = ask(
            &weekly,
            "2025-01-01",
            json!({ "panelDate": date, "startsAt": time }),
        );
        assert_eq!(answer.results["flags"], flags, "{date} {time}");
    }
}

#[test]
fn a_pattern_with_an_anchor_tells_nothing_without_it_and_refuses_one_of_another_weekday() {
    let policy = fortnightly_policy(
        "frequency",
        json!({ "rule": { "sitting_calendar": { "flag_date": "off_pattern_panel_date",
            "anchor_error": "anchor_not_thursday",
            "returns": { "dates": "panel_dates", "accepted": "accepted", "error": "error" } } } }),
    );
    let ask = |facts: Value| ask(&policy, "2025-09-01", facts);
    let period =
        |anchor: &str| json!({ "from": "2025-09-01", "to": "2025-09-30", "anchorDate": anchor });
    let answer = ask(period("2025-09-04"));
    assert_eq!(
        answer.results["panelDates"],
        json!(["2025-09-04", "2025-09-18"])
    );
    assert_eq!(answer.results["accepted"], true);
    let answer = ask(period("2025-09-05"));
    assert_eq!(answer.results["panelDates"], Value::Null);
    assert_eq!(answer.results["error"], "anchor_not_thursday");
    assert_eq!(codes(&answer), ["anchor_not_thursday"]);
    let answer = ask(json!({ "month": "2025-09", "panelDate": "2025-09-11" }));
    assert_eq!(answer.results["panelDates"], Value::Null);
    assert!(!answer.results.contains_key("accepted"));
    assert!(codes(&answer).is_empty());
    assert_eq!(
        codes(&ask(json!({ "panelDate": "2025-09-12" }))),
        ["off_pattern_panel_date"]
    );
}

#[test]
fn the_next_sitting_after_the_day_asked_about() {
    let policy = monthly_policy(
        "booking",
        json!({ "rule": { "target_sitting": { "earliest": { "after": "as_of" },
            "returns": { "target": "target_panel_on" } } } }),
    );
    for (as_of, target) in [("2025-11-25", "2025-11-26"), ("2025-11-26", "2025-12-31")] {
        assert_eq!(
            ask(&policy, as_of, json!({})).results["targetPanelOn"],
            target
        );
    }
}

#[test]
fn months_without_are_named() {
    let policy = policy(
        "frequency",
        json!({ "rule": { "every_month": { "events": "panel_dates", "flag": "no_panel_in_month", "returns": "months_without_panel" } } }),
    );
    let facts = json!({ "panelDates": ["2025-01-29", "2025-03-26"], "from": "2025-01-01", "to": "2025-03-31" });
    let answer = ask(&policy, "2025-04-01", facts);
    assert_eq!(answer.results["monthsWithoutPanel"], json!(["2025-02"]));
    assert_eq!(codes(&answer), ["no_panel_in_month"]);
}

#[test]
fn a_period_may_be_told_in_months_and_as_a_record() {
    let policy = policy(
        "frequency",
        json!({ "rule": { "every_month": { "events": "panel_dates", "flag": "no_panel_in_month", "returns": "months_without_panel" } } }),
    );
    let without = |period: Value| {
        let mut facts = json!({ "panelDates": ["2025-01-29", "2025-03-26"] });
        let told = period.as_object().unwrap().clone();
        facts.as_object_mut().unwrap().extend(told);
        ask(&policy, "2025-06-01", facts).results["monthsWithoutPanel"].clone()
    };
    for period in [
        json!({ "from": "2025-01", "to": "2025-04" }),
        json!({ "period": { "from": "2025-01-01", "to": "2025-04-30" } }),
        json!({ "range": { "from": "2025-01", "to": "2025-04" } }),
    ] {
        assert_eq!(without(period), json!(["2025-02", "2025-04"]));
    }
    assert_eq!(without(json!({ "period": "2025-02" })), json!(["2025-02"]));
}

#[test]
fn a_month_ends_on_its_last_day() {
    let rule = json!({ "rule": { "sitting_calendar": { "returns": { "dates": "dates" } } } });
    let policy = policy("slot", rule);
    let facts = json!({ "from": "2024-02", "to": "2024-02" });
    let dates = ask(&policy, "2024-01-01", facts).results["dates"].clone();
    assert_eq!(
        dates,
        json!(["2024-02-06", "2024-02-13", "2024-02-20", "2024-02-27"])
    );
}

#[test]
fn a_period_that_ends_before_it_starts_has_no_day() {
    let sittings = policy(
        "slot",
        json!({ "rule": { "sitting_calendar": { "returns": { "dates": "dates" } } } }),
    );
    let months = policy(
        "frequency",
        json!({ "rule": { "every_month": { "events": "panel_dates", "flag": "no_panel_in_month", "returns": "months_without_panel" } } }),
    );
    let number = policy(
        "report",
        json!({ "rule": { "count": { "events": "panel_dates", "returns": "sitting_count" } } }),
    );
    for (from, to) in [
        ("2025-03-31", "2025-03-01"),
        ("2025-04-01", "2025-03-31"),
        ("2025-04", "2025-02"),
    ] {
        let facts = json!({ "from": from, "to": to, "panelDates": ["2025-03-04"] });
        let answer = |policy| ask(policy, "2025-06-01", facts.clone());
        assert_eq!(answer(&sittings).results["dates"], json!([]));
        assert_eq!(answer(&months).results["monthsWithoutPanel"], json!([]));
        assert_eq!(answer(&months).findings, []);
        assert_eq!(answer(&number).results["sittingCount"], json!(0));
    }
}

#[test]
fn what_happens_every_month_may_be_a_record_with_its_day() {
    let own = json!({ "reports": { "type": { "dated": { "key": "reported_on", "members": { "issues": "text" } } } } });
    let policy = policy_with_facts(
        "kpi",
        own,
        json!({ "rule": { "every_month": { "events": "reports", "returns": "months_without_report" } } }),
    );
    let reports = json!(["2025-01-20", { "reportedOn": "2025-03-17", "issues": "None." }]);
    let facts = json!({ "reports": reports, "from": "2025-01-01", "to": "2025-03-31" });
    let answer = ask(&policy, "2025-04-01", facts);
    assert_eq!(answer.results["monthsWithoutReport"], json!(["2025-02"]));
}

#[test]
fn a_month_that_still_runs_is_judged_when_its_last_day_has_come() {
    let policy = policy(
        "kpi",
        json!({ "rule": { "every_month": { "events": "panel_dates", "ended_only": true, "returns": "months_without_report" } } }),
    );
    for (as_of, months) in [
        ("2024-01-30", json!([])),
        ("2024-01-31", json!(["2024-01"])),
        ("2024-02-28", json!(["2024-01"])),
        ("2024-02-29", json!(["2024-01", "2024-02"])),
        ("2024-06-01", json!(["2024-01", "2024-02"])),
    ] {
        let facts = json!({ "panelDates": [], "from": "2024-01-01", "to": "2024-02-29" });
        let answer = ask(&policy, as_of, facts);
        assert_eq!(answer.results["monthsWithoutReport"], months, "{as_of}");
    }
}

#[test]
fn a_full_sitting_is_passed_over_and_a_late_booking_flagged() {
    let policy = monthly_policy(
        "booking",
        json!({ "rule": { "target_sitting": { "earliest": { "papers_due_from": "care_plan_agreed_on" },
            "full": "full_sittings", "booked": "panel_date", "flag": "permanent_fostering_not_booked",
            "returns": { "target": "target_panel_on", "papers_due": "paperwork_due_on", "in_time": "in_time" } } } }),
    );
    let target = |agreed: &str| {
        ask(&policy, "2025-05-30", json!({ "carePlanAgreedOn": agreed })).results["targetPanelOn"]
            .clone()
    };
    assert_eq!(target("2025-05-19"), "2025-05-28");
    assert_eq!(target("2025-05-21"), "2025-05-28");
    assert_eq!(target("2025-05-22"), "2025-06-25");
    let full = json!({ "carePlanAgreedOn": "2025-05-19", "fullSittings": ["2025-05-28"] });
    let answer = ask(&policy, "2025-05-30", full);
    assert_eq!(answer.results["targetPanelOn"], "2025-06-25");
    assert_eq!(answer.results["paperworkDueOn"], "2025-06-18");
    for (booked, flags) in [
        (json!("2025-05-28"), 0),
        (json!("2025-06-25"), 1),
        (Value::Null, 1),
    ] {
        let facts = json!({ "carePlanAgreedOn": "2025-05-19", "panelDate": booked });
        assert_eq!(ask(&policy, "2025-05-30", facts).findings.len(), flags);
    }
}

#[test]
fn the_last_sitting_before_a_day_is_strictly_before() {
    let policy = policy(
        "route",
        json!({ "rule": { "target_sitting": { "earliest": { "last_before": "decision_making_review_date" },
            "returns": { "target": "latest_panel_on", "papers_due": "paperwork_due_at" } } } }),
    );
    for (review, latest, papers) in [
        ("2025-11-19", "2025-11-18", "2025-11-13T13:00:00+00:00"),
        ("2025-11-18", "2025-11-11", "2025-11-06T13:00:00+00:00"),
    ] {
        let answer = ask(
            &policy,
            "2025-01-01",
            json!({ "decisionMakingReviewDate": review }),
        );
        assert_eq!(answer.results["latestPanelOn"], latest);
        assert_eq!(answer.results["paperworkDueAt"], papers);
    }
}

#[test]
fn a_deadline_on_a_bank_holiday_stays_and_advises_an_earlier_time() {
    let policy = policy(
        "deadline",
        json!({ "rule": { "cut_off": { "sitting": "panel_date", "at": { "weekday": "thursday", "time": "13:00:00" },
            "flag_non_working_day": "non_working_day",
            "returns": { "due_at": "paperwork_due_at", "non_working_day": "non_working_day", "advised_due_at": "advised_due_at" } } } }),
    );
    let answer = ask(&policy, "2025-01-01", json!({ "panelDate": "2025-12-30" }));
    assert_eq!(
        answer.results["paperworkDueAt"],
        "2025-12-25T13:00:00+00:00"
    );
    assert_eq!(answer.results["advisedDueAt"], "2025-12-24T13:00:00+00:00");
    assert_eq!(codes(&answer), ["non_working_day"]);
    let answer = ask(&policy, "2025-01-01", json!({ "panelDate": "2025-12-23" }));
    assert_eq!(answer.results["nonWorkingDay"], false);
    assert!(!answer.results.contains_key("advisedDueAt"));
}

#[test]
fn slots_follow_each_other() {
    let policy = policy(
        "slot",
        json!({ "rule": { "slots": { "minutes": { "special_guardianship_support": 30 }, "start": "starts_at",
            "cases": "children_in_placement", "taken": "reviews", "overlap": "slot_overlap", "returns": "slots" } } }),
    );
    let answer = ask(
        &policy,
        "2025-01-01",
        json!({ "startsAt": "13:00", "childrenInPlacement": 2 }),
    );
    assert_eq!(
        answer.results["slots"],
        json!([{ "startsAt": "13:00", "endsAt": "13:30" }, { "startsAt": "13:30", "endsAt": "14:00" }])
    );
}

#[test]
fn the_slot_of_an_item_is_held_against_those_that_are_taken() {
    let policy = policy(
        "slot",
        json!({ "rule": { "slots": { "minutes": { "special_guardianship_support": 30 }, "start": "starts_at",
            "cases": "linked_assessments", "taken": "taken_slots", "overlap": "slot_overlap", "returns": "slots" } } }),
    );
    for (own, overlaps) in [
        ("12:30", false),
        ("12:31", true),
        ("13:29", true),
        ("13:30", false),
    ] {
        let facts = json!({ "slotStartsAt": own, "takenSlots": [{ "startsAt": "13:00", "endsAt": "13:30" }] });
        let answer = ask(&policy, "2025-01-01", facts);
        assert_eq!(codes(&answer) == ["slot_overlap"], overlaps, "{own}");
    }
    // An item on the list stands among the slots that are taken, once.
    let mut facts = json!({ "slotStartsAt": "13:00", "itemStatus": "listed", "takenSlots": [{ "startsAt": "13:00" }] });
    assert!(codes(&ask(&policy, "2025-01-01", facts.clone())).is_empty());
    facts["takenSlots"] = json!([{ "startsAt": "13:00" }, { "startsAt": "13:00" }]);
    assert_eq!(
        codes(&ask(&policy, "2025-01-01", facts.clone())),
        ["slot_overlap"]
    );
    facts["itemStatus"] = Value::Null;
    facts["takenSlots"] = json!([{ "startsAt": "13:00" }]);
    assert_eq!(codes(&ask(&policy, "2025-01-01", facts)), ["slot_overlap"]);
    // Cases may be listed instead of counted.
    let listed = json!({ "startsAt": "13:00", "linkedAssessments": ["2024-01-01", "2024-02-01"] });
    let answer = ask(&policy, "2025-01-01", listed);
    assert_eq!(answer.results["slots"].as_array().map(Vec::len), Some(2));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn papers_for_the_target_are_never_due_before_they_are_ready(start in 0i64..12_000) {
        let policy = monthly_policy("booking", json!({ "rule": { "target_sitting": {
            "earliest": { "papers_due_from": "care_plan_agreed_on" },
            "returns": { "target": "target_panel_on", "papers_due": "paperwork_due_on" } } } }));
        let ready = day(start);
        let answer = ask(&policy, "2040-01-01", json!({ "carePlanAgreedOn": ready.to_string() }));
        let of = |name: &str| answer.results[name].as_str().unwrap().parse::<NaiveDate>().unwrap();
        prop_assert!(of("paperworkDueOn") >= ready);
        // The sitting before it would have been too early.
        prop_assert!((of("targetPanelOn") - ready).num_days() < 7 + 36);
    }
}

#[test]
fn the_hour_of_a_sitting_may_stand_with_its_day() {
    let policy = policy_with_hours(
        "slot",
        json!({ "rule": { "sitting_calendar": { "flag_time": "off_pattern_panel_time" } } }),
    );
    for (day, found) in [
        ("2025-07-08", vec![]),
        ("2025-07-08T12:00:00+01:00", vec![]),
        ("2025-07-08T11:59:00+01:00", vec!["off_pattern_panel_time"]),
    ] {
        let answer = ask(&policy, "2025-07-01", json!({ "panelDate": day }));
        assert_eq!(codes(&answer), found, "{day}");
    }
}
