//! What comes after the early permanence panel: the planning meeting, the search, the match.

use permanence_api::auth::Role;
use serde_json::{Value, json};

use super::at;
use super::desk::{ask, attend, change, id, say, waiting};
use crate::databases::TestDatabase;
use crate::panel_journey::{codes, operations, refused};

/// The nine papers of the bundle, in its order.
const BUNDLE: [&str; 9] = [
    "matching_meeting_report",
    "fostering_permanency_assessment_report",
    "foster_home_review",
    "form_f_assessment",
    "dbs_checks",
    "medicals",
    "risk_assessment",
    "references",
    "motivation_questionnaire",
];

/// The meeting falls through and nobody sets a new day: six weeks after the panel that is drift.
pub(super) async fn nothing_is_arranged(database: &TestDatabase, case: &str) {
    let day = at(database, "2025-07-15T09:00:00Z").await;
    let found = waiting(&day, case).await;
    assert_eq!(codes(&found), ["initial_sections_overdue"]);
    assert_eq!(found[0]["responsibleRole"], "social_worker");
    let done = "initialSectionsCompletedOn";
    say(&day, case, done, json!("2025-07-15")).await;
    change(&day, case, "firstPlanningMeetingOn", Value::Null).await;
    let found = waiting(&day, case).await;
    assert_eq!(
        codes(&found),
        [
            "first_planning_meeting_overdue",
            "first_planning_meeting_date_missing"
        ]
    );
    assert_eq!(
        (
            &found[0]["dueOn"],
            &found[0]["ranOutOn"],
            &found[0]["certainty"]
        ),
        (
            &json!("2025-07-14"),
            &json!("2025-07-15"),
            &json!("certain")
        )
    );
    change(&day, case, "firstPlanningMeetingOn", json!("2025-07-21")).await;
    assert_eq!(codes(&waiting(&day, case).await), [""; 0]);
}

/// No carer of the council's own is found. The search outside waits for a written permission, and for its copy.
pub(super) async fn search(database: &TestDatabase, case: &str) {
    let day = at(database, "2025-08-14T09:00:00Z").await;
    let mut facts = json!({
        "route": "family_finding", "penPictureSentOn": "2025-07-28", "internalSearchResult": "no_internal_resource",
        "permissionOn": "2025-08-11", "permissionForm": "oral", "givenBy": "service_manager", "searchStart": "2025-08-14"
    });
    let path = "/clauses/DUD-DECISION-05/evaluations";
    let question = json!({ "asOf": "2025-08-14", "facts": facts });
    let answer = ask(&day, path, &question).await;
    assert_eq!(answer["results"]["externalSearchAllowed"], false);
    assert_eq!(
        answer["results"]["reasons"],
        json!(["permission_not_written"])
    );
    facts["permissionForm"] = "written".into();
    let question = json!({ "asOf": "2025-08-14", "facts": facts });
    let answer = ask(&day, path, &question).await;
    assert_eq!(answer["results"]["externalSearchAllowed"], true);
    let routing = ask(&day, "/evaluations/routing", &question).await;
    assert_eq!(
        routing["results"]["nextStep"], "send_permission_to_placements_team",
        "{routing}"
    );

    say(&day, case, "searchStart", json!("2025-08-14")).await;
    let found = waiting(&day, case).await;
    assert_eq!(codes(&found), ["permission_not_sent_to_placements"]);
    let sent = "permissionEmailedToPlacementsOn";
    say(&day, case, sent, json!("2025-08-14")).await;
    assert_eq!(codes(&waiting(&day, case).await), [""; 0]);

    facts["responsesPassedOn"] = "2025-08-29".into();
    facts["carerChosen"] = true.into();
    let question = json!({ "asOf": "2025-09-01", "facts": facts });
    let routing = ask(&day, "/evaluations/routing", &question).await;
    assert_eq!(
        (
            &routing["results"]["route"],
            &routing["results"]["nextStep"]
        ),
        (
            &json!("ifa_match"),
            &json!("explore_sgo_and_transfer_with_carer")
        )
    );
}

/// The fostering panel hears the match with its bundle; a Service Manager cannot ratify it, a Head of Service can.
pub(super) async fn matched(database: &TestDatabase, case: &str) {
    let day = at(database, "2025-10-06T09:00:00Z").await;
    say(&day, case, "route", json!("ifa_match")).await;
    assert_eq!(
        codes(&waiting(&day, case).await),
        ["fee_reduction_not_requested"]
    );
    let asked = "feeReductionRequestedOn";
    say(&day, case, asked, json!("2025-10-06")).await;
    assert_eq!(codes(&waiting(&day, case).await), [""; 0]);
    let sitting =
        json!({ "panel": "fostering_panel", "heldOn": "2025-10-21", "startTime": "10:00" });
    let sitting = day
        .post(Role::PanelAdministrator, "/sittings", &sitting)
        .await
        .expect(201)
        .json();
    assert_eq!(sitting["made"][0]["offPattern"], false);
    let sitting = id(&sitting["made"][0]);
    let body = json!({
        "caseId": case, "sittingId": sitting, "requestType": "permanent_fostering_match",
        "requestedBy": "fostering_permanency_worker"
    });
    let view = day
        .post(Role::SocialWorker, "/bookings", &body)
        .await
        .expect(201)
        .json();
    let listed: Vec<&str> = view["checklist"]
        .as_array()
        .expect("a checklist")
        .iter()
        .filter_map(|paper| paper["document"].as_str())
        .collect();
    assert_eq!(listed, BUNDLE);
    let booking = format!("/bookings/{}", id(&view["booking"]));
    let mut last = Value::Null;
    for document in BUNDLE {
        let paper = json!({ "document": document, "submittedBy": "fostering_permanency_worker" });
        last = day
            .post(Role::SocialWorker, &format!("{booking}/papers"), &paper)
            .await
            .expect(201)
            .json();
    }
    assert_eq!(last["papersComplete"], true, "{last}");
    assert!(
        !codes(&last["findings"]).contains(&"paperwork_late"),
        "{last}"
    );
    drop(day);

    let panel = at(database, "2025-10-24T14:00:00Z").await;
    let there = [
        "social_worker",
        "fostering_permanency_worker",
        "foster_carer",
    ];
    attend(&panel, &sitting, &[], &there).await;
    let decide = format!("{booking}/decision");
    let mut body = json!({
        "outcome": "ratified", "rationale": "The carers meet the child's needs until adulthood.", "consensus": "reached",
        "decidedOn": "2025-10-24",
        "facts": { "recommendedOn": "2025-10-21", "ratifiedOn": "2025-10-24", "ratifiedBy": "service_manager" }
    });
    let wrong = panel
        .change(Role::PanelChair, &booking, &decide, &body)
        .await;
    refused(&wrong, "decision_maker_not_authorised", "DUD-DECISION-04");
    body["facts"]["ratifiedBy"] = "head_of_service".into();
    body["facts"]["recommendedOn"] = Value::Null;
    let wrong = panel
        .change(Role::PanelChair, &booking, &decide, &body)
        .await;
    refused(&wrong, "recommendation_missing", "DUD-DECISION-04");
    body["facts"]["recommendedOn"] = "2025-10-21".into();
    let made = panel
        .change(Role::PanelChair, &booking, &decide, &body)
        .await
        .expect(201)
        .json();
    assert_eq!(made["outcome"], "ratified");
    assert_eq!(codes(&waiting(&panel, case).await), [""; 0]);

    let names = operations(&panel, case).await;
    for name in [
        "createCase",
        "createCareEvent",
        "putCaseFact",
        "createBooking",
        "submitPaperwork",
        "deferBooking",
        "moveBooking",
        "recordDecision",
    ] {
        assert!(
            names.iter().any(|known| known == name),
            "{name} is not in {names:?}"
        );
    }
}
