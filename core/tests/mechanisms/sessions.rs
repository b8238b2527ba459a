//! The session of an item, and a sitting entered off the pattern.

use permanence_core::rulebook::{CouncilPolicy, Policy};
use serde_json::{Value, json};

use super::trial::{ask, codes, monthly_policy};

fn two_sessions() -> Policy {
    let plain = monthly_policy(
        "slot",
        json!({ "rule": { "session_of": { "slot_starts_at": "slot_starts_at", "flag": "wrong_session", "returns": "session" } } }),
    );
    let mut rulebook = serde_json::to_value(&plain.rulebook).unwrap();
    rulebook["panels"][0]["sessions"] = json!([
        { "code": "sgo_morning", "clauses": ["ANY-RULE-01"], "request_types": ["special_guardianship_support"],
          "services": ["locality_fieldwork"], "starts_before": "12:00:00" },
        { "code": "sgo_afternoon", "clauses": ["ANY-RULE-01"], "request_types": ["special_guardianship_support"],
          "services": ["children_in_care", "idcs"], "starts_from": "12:00:00" }
    ]);
    let document = json!({ "council": plain.council, "editions": [rulebook] });
    CouncilPolicy::new(serde_json::from_value(document).unwrap())
        .unwrap()
        .editions()[0]
        .clone()
}

#[test]
fn service_and_time_of_day_settle_the_session() {
    let policy = two_sessions();
    let sgo = |more: Value| {
        let mut facts = json!({ "requestType": "special_guardianship_support" });
        facts
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        facts
    };
    for (facts, session, wrong) in [
        (json!({ "service": "idcs" }), json!("sgo_afternoon"), false),
        (
            json!({ "service": "idcs", "session": "sgo_morning" }),
            json!("sgo_afternoon"),
            true,
        ),
        (
            json!({ "service": "idcs", "slotStartsAt": "11:59" }),
            json!("sgo_afternoon"),
            true,
        ),
        (
            json!({ "service": "idcs", "slotStartsAt": "12:00" }),
            json!("sgo_afternoon"),
            false,
        ),
        (
            json!({ "slotStartsAt": "11:30" }),
            json!("sgo_morning"),
            false,
        ),
        (json!({}), Value::Null, false),
        (json!({ "service": "social_work" }), Value::Null, false),
        (json!({ "session": "sgo_morning" }), Value::Null, false),
        (json!({ "session": "staying_put" }), Value::Null, true),
    ] {
        let answer = ask(&policy, "2025-01-01", sgo(facts.clone()));
        assert_eq!(answer.results["session"], session, "{facts}");
        assert_eq!(codes(&answer) == ["wrong_session"], wrong, "{facts}");
    }
}

#[test]
fn each_sitting_entered_is_held_against_the_pattern() {
    let policy = monthly_policy(
        "frequency",
        json!({ "rule": { "sitting_calendar": { "flag_date": "off_pattern_panel_date",
            "returns": { "dates": "panel_dates", "non_working_day": "non_working_day" } } } }),
    );
    let answer = ask(
        &policy,
        "2025-01-01",
        json!({ "panelDates": ["2025-11-26", "2025-12-17"] }),
    );
    assert_eq!(codes(&answer), ["off_pattern_panel_date"]);
    assert!(answer.findings[0].message.contains("2025-12-17"));
    let christmas = ask(&policy, "2024-01-01", json!({ "panelDate": "2024-12-25" }));
    assert_eq!(christmas.results["nonWorkingDay"], true);
    assert!(christmas.findings.is_empty());
}
