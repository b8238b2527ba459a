//! A quorum counted in seats.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::trial::{ask, policy, policy_with_facts};

fn seats() -> Value {
    json!({ "rule": { "seats": {
        "present": "present",
        "seats": [{ "seat": "head_of_service", "filled_by": ["head_of_service_lac"] }, { "seat": "through_care_service_manager" },
                  { "seat": "social_work_service_manager" }, { "seat": "iro_manager" }],
        "minimum": 3, "too_few": "fewer_than_three_members",
        "chair": ["head_of_service", "through_care_service_manager"], "no_chair": "no_eligible_chair",
        "second_grade": { "seats": ["through_care_service_manager", "social_work_service_manager"],
            "with_first_chair": 1, "missing": "no_service_manager",
            "with_delegated_chair": 2, "missing_delegated": "delegated_chair_needs_two_service_managers" } } } })
}

#[test]
fn seats_are_counted_and_reasons_come_in_order() {
    let policy = policy("quorum", seats());
    for (present, quorate, reasons, chair) in [
        (
            json!([
                "head_of_service",
                "through_care_service_manager",
                "iro_manager"
            ]),
            true,
            json!([]),
            json!("head_of_service"),
        ),
        (
            json!([
                "head_of_service",
                "head_of_service_lac",
                "through_care_service_manager"
            ]),
            false,
            json!(["fewer_than_three_members"]),
            json!("head_of_service"),
        ),
        (
            json!([
                "through_care_service_manager",
                "social_work_service_manager",
                "iro_manager"
            ]),
            true,
            json!([]),
            json!("through_care_service_manager"),
        ),
        (
            json!(["through_care_service_manager", "iro_manager"]),
            false,
            json!([
                "fewer_than_three_members",
                "delegated_chair_needs_two_service_managers"
            ]),
            json!("through_care_service_manager"),
        ),
        (
            json!([]),
            false,
            json!(["fewer_than_three_members", "no_eligible_chair"]),
            Value::Null,
        ),
    ] {
        let answer = ask(&policy, "2025-01-01", json!({ "present": present }));
        assert_eq!(answer.results["quorate"], quorate);
        assert_eq!(answer.results["reasons"], reasons);
        assert_eq!(answer.results["chair"], chair);
    }
    // Who comes to present, to watch or in support fills no seat.
    for capacity in [
        "presenter",
        "presenters",
        "observers",
        "guest",
        "panel_support",
    ] {
        let own = json!({ "present": { "type": { "entries": { "key": "role", "members": { "capacity": { "code": null } } } } } });
        let policy = policy_with_facts("quorum", own, seats());
        let present =
            json!([{ "role": "head_of_service" }, { "role": "iro_manager", "capacity": capacity }]);
        let answer = ask(&policy, "2025-01-01", json!({ "present": present }));
        assert_eq!(answer.results["membersPresent"], 1, "{capacity}");
        assert_eq!(answer.results["notCounted"], json!(["iro_manager"]));
    }
    // Nobody recorded at all is not quorate either.
    assert_eq!(
        ask(&policy, "2025-01-01", json!({})).results["quorate"],
        false
    );
}

#[test]
fn a_substitute_is_recorded_and_not_counted() {
    let policy = policy("quorum", seats());
    let present = json!(["head_of_service", "through_care_service_manager",
        { "role": "iro_manager", "attendanceType": "substitute" }]);
    let answer = ask(&policy, "2025-01-01", json!({ "present": present }));
    assert_eq!(answer.results["membersPresent"], 2);
    assert_eq!(answer.results["notCounted"], json!(["iro_manager"]));
}

const ROLES: [&str; 6] = [
    "head_of_service",
    "through_care_service_manager",
    "social_work_service_manager",
    "iro_manager",
    "social_worker",
    "team_manager",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn more_people_never_break_a_quorum_with_the_head_of_service(there in proptest::collection::vec(any::<bool>(), 6), more in 0usize..6) {
        let policy = policy("quorum", seats());
        let roles = |there: &[bool]| -> Vec<&str> {
            ROLES.iter().zip(there).filter(|(_, there)| **there).map(|(role, _)| *role).collect()
        };
        let mut first = there.clone();
        first[0] = true;
        let before = ask(&policy, "2025-01-01", json!({ "present": roles(&first) }));
        let mut second = first.clone();
        second[more] = true;
        let after = ask(&policy, "2025-01-01", json!({ "present": roles(&second) }));
        prop_assert!(before.results["quorate"] == json!(false) || after.results["quorate"] == json!(true));
        prop_assert_eq!(&before.results["quorate"], &json!(before.results["reasons"] == json!([])));
    }
}

#[test]
fn without_a_quorum_a_deferral_is_recorded_and_an_approval_is_not() {
    let mut rule = seats();
    rule["rule"]["seats"]["blocks"] = json!({ "fact": "outcome", "unless": ["deferred"] });
    let policy = policy("quorum", rule);
    for (outcome, accepted) in [("approved", false), ("deferred", true)] {
        let facts = json!({ "present": ["iro_manager"], "outcome": outcome });
        assert_eq!(
            ask(&policy, "2025-01-01", facts).results["accepted"],
            accepted
        );
    }
    let undecided = ask(&policy, "2025-01-01", json!({ "present": ["iro_manager"] }));
    assert!(!undecided.results.contains_key("accepted"));
}
