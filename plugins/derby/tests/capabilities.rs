//! Questions to whole capabilities: what is said together, and that rules keep quiet about what was not asked.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    missing_docs
)]

use permanence_core::evaluation::Effect;
use permanence_core::{Answer, Capability};
use permanence_council_derby::{Derby, RULEBOOK};
use permanence_plugin::proof::{self, Proof};
use serde_json::{Value, json};

fn ask(capability: Capability, as_of: &str, facts: Value) -> Answer {
    let proof = Proof::<Derby>::new(RULEBOOK, env!("CARGO_MANIFEST_DIR")).unwrap();
    let facts = facts.as_object().unwrap();
    proof.ask(capability, as_of, facts).unwrap()
}

fn codes(answer: &Answer) -> Vec<&str> {
    let mut codes = proof::codes(answer);
    codes.sort_unstable();
    codes
}

#[test]
fn an_urgent_decision_about_nothing_is_refused() {
    let answer = ask(Capability::UrgentDecision, "2025-06-01", json!({}));
    assert_eq!(answer.results["accepted"], false);
    assert_eq!(codes(&answer), ["urgent_reason_missing"]);
}

#[test]
fn an_ordinary_booking_is_taken_with_its_dates() {
    let facts = json!({ "requestType": "staying_put", "panel": "permanence_panel", "panelDate": "2025-11-26",
        "session": "staying_put", "bookedOn": "2025-10-30", "requestedBy": "social_worker" });
    let answer = ask(Capability::Booking, "2025-10-30", facts.clone());
    assert!(codes(&answer).is_empty(), "{:?}", codes(&answer));
    assert_eq!(answer.results["reminderOn"], "2025-11-12");
    let papers = ask(Capability::Paperwork, "2025-10-30", facts);
    assert_eq!(papers.results["paperworkDueOn"], "2025-11-19");
    assert_eq!(papers.results["sendToChairOn"], "2025-11-19");
    assert_eq!(papers.results["itemStatus"], "listed");
    assert_eq!(codes(&papers), ["paperwork_incomplete"]);
}

#[test]
fn a_case_that_the_chair_keeps_is_listed_for_every_clause() {
    let asked = json!({ "requestType": "permanent_fostering_match", "panelDate": "2025-09-24", "documents": [],
        "requestedBy": "team_manager", "decidedBy": "head_of_service_specialist_services" });
    let answer = ask(Capability::Paperwork, "2025-09-18", asked.clone());
    assert_eq!(answer.results["itemStatus"], "listed");
    assert_eq!(answer.results["maintainedByChair"], true);
    assert_eq!(answer.results["notifications"], json!([]));
    let mut refused = asked;
    refused["decidedBy"] = json!("deputy_head_of_service_fieldwork");
    let answer = ask(Capability::Paperwork, "2025-09-18", refused);
    assert_eq!(answer.results["itemStatus"], "removed_from_list");
    assert!(codes(&answer).contains(&"decision_maker_not_authorised"));
}

#[test]
fn what_is_no_panel_business_is_refused_at_booking_and_routing() {
    for capability in [Capability::Booking, Capability::Routing] {
        let answer = ask(
            capability,
            "2025-10-30",
            json!({ "requestType": "placement_move" }),
        );
        assert!(codes(&answer).contains(&"request_type_not_panel_business"));
        assert_eq!(answer.results["accepted"], false);
    }
}

#[test]
fn a_decision_has_its_actions_its_letter_and_its_minutes() {
    let facts = json!({ "requestType": "permanent_fostering_match", "outcome": "deferred", "panelDate": "2025-04-30",
        "attended": ["iro_representative"], "chair": "head_of_service_specialist_services" });
    let answer = ask(Capability::FollowUp, "2025-04-30", facts);
    assert_eq!(answer.results["actions"].as_array().unwrap().len(), 6);
    assert_eq!(answer.results["minutesDueOn"], "2025-05-08");
    assert_eq!(answer.results["to"], json!(["foster_carer"]));
    assert_eq!(
        answer.results["recipients"],
        json!([
            "panel_chair",
            "social_worker",
            "team_manager",
            "iro_representative"
        ])
    );
    assert!(
        answer
            .findings
            .iter()
            .all(|finding| finding.effect == Effect::CreateAction),
        "{:?}",
        codes(&answer)
    );
}

#[test]
fn a_staying_put_decision_has_no_letter_and_no_minutes() {
    let facts =
        json!({ "requestType": "staying_put", "outcome": "approved", "panelDate": "2025-08-27" });
    let answer = ask(Capability::FollowUp, "2025-08-27", facts);
    assert_eq!(answer.results["actions"].as_array().unwrap().len(), 8);
    assert_eq!(answer.results["minutesRequired"], false);
    assert!(!answer.results.contains_key("to"));
    assert!(!answer.results.contains_key("error"));
}

#[test]
fn a_child_from_a_return_is_flagged_with_what_cannot_be_known() {
    let facts = json!({ "lookedAfter": true, "placementType": "foster_placement", "providerType": "in_house",
        "placementStartedOn": "2022-09-01", "specialGuardianshipOrderOn": null, "childArrangementsOrderOn": null,
        "secondStatutoryReviewOn": "2023-01-10", "lowerBounds": ["placement_started_on"] });
    let answer = ask(Capability::Exceptions, "2025-03-31", facts);
    assert_eq!(
        codes(&answer),
        ["plan_not_before_second_review", "sgo_exploration_due"]
    );
    for finding in &answer.findings {
        let finding = serde_json::to_value(finding).unwrap();
        assert_eq!(finding["certainty"], "cannot_be_known");
        assert!(!finding["missing"].as_array().unwrap().is_empty());
    }
}

#[test]
fn the_order_for_a_connected_child_is_known_from_a_return() {
    let facts = json!({ "lookedAfter": true, "placementType": "connected_person", "placementStartedOn": "2024-03-01",
        "specialGuardianshipOrderOn": null, "childArrangementsOrderOn": null });
    let answer = ask(Capability::Exceptions, "2025-03-31", facts);
    assert_eq!(codes(&answer), ["connected_order_overdue"]);
    let finding = serde_json::to_value(&answer.findings[0]).unwrap();
    assert_eq!(finding["certainty"], "certain");
    assert_eq!(finding["since"], "2024-03-01");
    assert_eq!(finding["dueOn"], "2025-03-01");
    assert_eq!(finding["ranOutOn"], "2025-03-02");
}

#[test]
fn a_missed_panel_counts_from_the_request_and_not_from_the_end_of_the_twelve_weeks() {
    let facts = json!({ "formalRequestReceivedOn": "2025-01-06", "presentedAtPanelOn": null,
        "assessmentCompletedOn": "2025-03-31" });
    let answer = ask(Capability::Exceptions, "2025-05-01", facts);
    assert_eq!(codes(&answer), ["sgo_panel_target_missed"]);
    let finding = serde_json::to_value(&answer.findings[0]).unwrap();
    assert_eq!(finding["since"], "2025-01-06");
    assert_eq!(finding["evidence"]["formalRequestReceivedOn"], "2025-01-06");
    assert_eq!(finding["dueOn"], "2025-04-30");
    assert_eq!(finding["ranOutOn"], "2025-05-01");
}
