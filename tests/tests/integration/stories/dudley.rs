//! Dudley: a child on the list of admissions for whom no Monday fits, papers that come late, a panel without the team
//! manager, a planning meeting that nobody arranged, a search that may not start on word of mouth, and a match that only a
//! Head of Service can ratify.

mod desk;
mod later;

use permanence_api::auth::Role;
use serde_json::{Value, json};

use self::desk::{ask, attend, id, say, sitting_of, waiting};
use self::later::{matched, nothing_is_arranged, search};
use crate::databases::TestDatabase;
use crate::panel_journey::{Day, codes, day, follow_ups, refused, run_jobs};

const COUNCIL: &str = "dudley";

async fn at(database: &TestDatabase, now: &str) -> Day {
    Day::at(database, COUNCIL, now).await
}

async fn story(database: TestDatabase) {
    let case = into_care(&database).await;
    let (booking, second) = no_monday_fits(&database, &case).await;
    late_papers(&database, &booking).await;
    put_off(&database, &case, &booking, &second).await;
    plan_is_settled(&database, &case, &booking, &second).await;
    nothing_is_arranged(&database, &case).await;
    search(&database, &case).await;
    matched(&database, &case).await;
}

/// A child becomes looked after on a Thursday, and is found on the list of admissions the next day.
async fn into_care(database: &TestDatabase) -> String {
    let first = at(database, "2025-05-16T09:00:00Z").await;
    let body = json!({
        "reference": "DUD-0001", "givenName": "Lark", "familyName": "Invented", "dateOfBirth": "2019-05-04",
        "socialWorker": "test-social_worker", "team": "north"
    });
    let made = first.post(Role::SocialWorker, "/cases", &body).await;
    let case = id(&made.expect(201).json());
    let episode = json!({
        "kind": "episode", "startedOn": "2025-05-15",
        "details": { "start": "S", "legalStatus": "C1", "placement": "U6", "provider": "PR4", "need": "N1" }
    });
    let path = format!("/cases/{case}/care-events");
    first
        .post(Role::SocialWorker, &path, &episode)
        .await
        .expect(201);
    say(&first, &case, "admissionsReportOn", json!("2025-05-16")).await;

    let told = json!({ "asOf": "2025-05-16", "facts": { "admissionsReportOn": "2025-05-16" } });
    let told = ask(&first, "/evaluations/routing", &told).await;
    assert_eq!(
        (
            &told["results"]["notifiedBy"],
            &told["results"]["notified"],
            &told["results"]["channel"]
        ),
        (
            &json!("permanency_coordinator"),
            &json!(["social_worker", "team_manager"]),
            &json!("email")
        )
    );
    case
}

/// The first Monday's papers were due before notice, the second is a bank holiday: a further day is found for the child.
async fn no_monday_fits(database: &TestDatabase, case: &str) -> (String, String) {
    let first = at(database, "2025-05-16T10:00:00Z").await;
    let question = json!({ "asOf": "2025-05-16", "facts": {
        "becameLookedAfterOn": "2025-05-15", "notifiedAt": "2025-05-16T11:00:00+01:00" } });
    let offer = ask(&first, "/evaluations/booking", &question).await;
    assert_eq!(offer["results"]["targetPanelOn"], Value::Null);
    assert_eq!(
        offer["results"]["ruledOut"],
        json!([{ "date": "2025-05-19", "reason": "deadline_passed" }, { "date": "2025-05-26", "reason": "bank_holiday" }])
    );
    assert_eq!(codes(&offer["findings"]), ["no_compliant_slot"]);
    assert_eq!(
        offer["findings"][0]["responsibleRole"],
        "permanency_coordinator"
    );

    let made = first
        .post(
            Role::PanelAdministrator,
            "/sittings",
            &json!({ "from": "2025-05-19", "to": "2025-06-09" }),
        )
        .await
        .expect(201)
        .json();
    let days: Vec<&str> = made["made"]
        .as_array()
        .expect("sittings")
        .iter()
        .filter_map(|sitting| sitting["heldOn"].as_str())
        .collect();
    assert_eq!(days, ["2025-05-19", "2025-06-02", "2025-06-09"]);
    let extra = json!({ "heldOn": "2025-05-27", "reason": "No Monday fits within the two weeks." });
    let extra = first
        .post(Role::PanelAdministrator, "/sittings", &extra)
        .await
        .expect(201)
        .json();
    assert_eq!(extra["made"][0]["offPattern"], true);
    assert_eq!(
        codes(&extra["made"][0]["findings"]),
        ["off_pattern_panel_date"]
    );

    let mut body = json!({
        "caseId": case, "sittingId": extra["made"][0]["id"], "requestType": "permanent_fostering_match",
        "requestedBy": "permanency_coordinator"
    });
    let wrong = first.post(Role::SocialWorker, "/bookings", &body).await;
    refused(&wrong, "request_type_not_panel_business", "DUD-SLOT-01");
    body["requestType"] = "early_permanence_consideration".into();
    let view = first
        .post(Role::SocialWorker, "/bookings", &body)
        .await
        .expect(201)
        .json();
    // The Wednesday of the week before.
    assert_eq!(
        day(&view, "paperworkDueAt")["at"],
        "2025-05-21T17:00:00+01:00"
    );
    assert_eq!(day(&view, "panelDueOn")["on"], "2025-05-29");
    assert_eq!(view["papersComplete"], false);
    assert_eq!(
        view["checklist"][0]["document"],
        "legal_gateway_referral|placement_referral_form"
    );
    (
        format!("/bookings/{}", id(&view["booking"])),
        id(&made["made"][1]),
    )
}

/// The referral form comes the morning after: it is flagged, and the child stays on the list.
async fn late_papers(database: &TestDatabase, booking: &str) {
    let late = at(database, "2025-05-22T08:00:00Z").await;
    let paper = json!({ "document": "placement_referral_form", "submittedBy": "social_worker" });
    let view = late
        .post(Role::SocialWorker, &format!("{booking}/papers"), &paper)
        .await
        .expect(201)
        .json();
    assert_eq!(view["papersComplete"], true, "{view}");
    assert!(
        codes(&view["findings"]).contains(&"paperwork_late"),
        "{view}"
    );
    drop(late);
    let said = run_jobs(database, COUNCIL, "2025-05-22T09:00:00Z", "2025-05-22").await;
    assert!(said.contains("0 removed from the list"), "{said}");
    let shown = at(database, "2025-05-22T10:00:00Z").await;
    let view = shown
        .get(Role::SocialWorker, booking)
        .await
        .expect(200)
        .json();
    assert_eq!(view["booking"]["status"], "listed");
}

/// The team manager does not come. Nothing is refused for it, but the chair puts the child off, and the two weeks run out.
async fn put_off(database: &TestDatabase, case: &str, booking: &str, second: &str) {
    let panel = at(database, "2025-05-27T13:00:00Z").await;
    let sitting = sitting_of(&panel, booking).await;
    let led = attend(
        &panel,
        &sitting,
        &["permanency_coordinator", "panel_administrator"],
        &["social_worker"],
    )
    .await;
    let quorum = &led["quorum"][0];
    assert_eq!(quorum["state"], "no_quorum_rule");
    assert_eq!(quorum["results"]["represented"], 2);
    assert_eq!(
        quorum["results"]["missingRoles"].as_array().map(Vec::len),
        Some(6)
    );
    let view = panel
        .get(Role::PanelChair, booking)
        .await
        .expect(200)
        .json();
    assert!(
        codes(&view["findings"]).contains(&"required_attendee_missing"),
        "{view}"
    );
    let put_off = format!("{booking}/deferral");
    let reason = json!({ "reason": "The team manager has to be heard." });
    panel
        .change(Role::PanelChair, booking, &put_off, &reason)
        .await
        .expect(200);
    let to = json!({ "sittingId": second, "reason": "The next Monday." });
    let view = panel
        .change(
            Role::PanelAdministrator,
            booking,
            &format!("{booking}/relocation"),
            &to,
        )
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&view["booking"]["status"], &view["heldOn"]),
        (&json!("listed"), &json!("2025-06-02"))
    );
    drop(panel);

    let on_time = at(database, "2025-05-29T09:00:00Z").await;
    assert_eq!(codes(&waiting(&on_time, case).await), [""; 0]);
    drop(on_time);
    let over = at(database, "2025-05-30T09:00:00Z").await;
    let found = waiting(&over, case).await;
    assert_eq!(codes(&found), ["early_permanence_panel_overdue"]);
    assert_eq!(
        (
            &found[0]["since"],
            &found[0]["dueOn"],
            &found[0]["ranOutOn"]
        ),
        (
            &json!("2025-05-15"),
            &json!("2025-05-29"),
            &json!("2025-05-30")
        )
    );
    assert_eq!(
        (&found[0]["clauses"], &found[0]["certainty"]),
        (&json!(["DUD-DEADLINE-01"]), &json!("cannot_be_known"))
    );
}

/// The panel settles on permanent fostering; three things follow, and the meeting is six weeks off to the day.
async fn plan_is_settled(database: &TestDatabase, case: &str, booking: &str, second: &str) {
    let panel = at(database, "2025-06-02T15:00:00Z").await;
    attend(
        &panel,
        second,
        &[
            "service_manager_fostering_adoption",
            "service_manager_children_in_care_care_leavers",
            "panel_administrator",
            "fostering_team_manager",
            "sgo_team_manager",
            "court_progression_manager",
            "adoption_team_manager",
            "permanency_coordinator",
        ],
        &["social_worker", "team_manager"],
    )
    .await;
    let mut record = json!({ "optionsDiscussed": ["adoption", "permanent_fostering"], "planDetermined": "permanent_fostering" });
    let question = json!({ "asOf": "2025-06-02", "facts": record });
    let half = ask(&panel, "/evaluations/decision", &question).await;
    assert_eq!(half["results"]["outcomeComplete"], false);
    assert_eq!(
        half["results"]["missingFields"],
        json!(["next_steps", "first_planning_meeting_on"])
    );
    record["nextSteps"] = "Find carers near the school.".into();
    record["firstPlanningMeetingOn"] = "2025-07-14".into();
    let body = json!({
        "outcome": "actions_set", "rationale": "The birth family stays much involved.", "consensus": "reached",
        "facts": record
    });
    let decide = format!("{booking}/decision");
    let made = panel
        .change(Role::PanelChair, booking, &decide, &body)
        .await
        .expect(201)
        .json();
    let actions: Vec<(&Value, &Value)> = follow_ups(&made, "action")
        .into_iter()
        .map(|one| (&one["code"], &one["dueOn"]))
        .collect();
    assert_eq!(
        actions,
        [
            (&json!("allocate_family_finder"), &Value::Null),
            (&json!("agree_planning_meeting"), &Value::Null),
            (&json!("complete_initial_sections"), &json!("2025-07-13")),
        ]
    );
    say(&panel, case, "earlyPermanencePanelOn", json!("2025-06-02")).await;
    say(&panel, case, "option", json!("permanent_fostering")).await;
    assert_eq!(
        codes(&waiting(&panel, case).await),
        ["first_planning_meeting_date_missing"]
    );
    say(&panel, case, "firstPlanningMeetingOn", json!("2025-07-14")).await;
    assert_eq!(codes(&waiting(&panel, case).await), [""; 0]);
}

#[tokio::test]
async fn sqlite() {
    story(TestDatabase::sqlite()).await;
}

#[tokio::test]
async fn postgres() {
    story(TestDatabase::postgres()).await;
}
