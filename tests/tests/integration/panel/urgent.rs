//! Promise: a decision outside panel is made by whom the policy lets, and comes back to the panel where the policy says so.

use permanence_api::auth::Role;
use permanence_api::plugins::Councils;
use serde_json::{Value, json};

use super::{attend, book, booking, case, id};
use crate::databases::TestDatabase;
use crate::on_both_databases;
use crate::panel_journey::{Day, codes, refused};
use crate::plugins::workshop::{c_plugin_with, council, settings};
use crate::support::TestApp;

/// The day of the decisions.
pub(super) const TODAY: &str = "2026-03-02T09:30:00Z";

pub(super) fn urgent(case: &str, request_type: &str, outcome: &str) -> Value {
    json!({
        "caseId": case, "requestType": request_type, "decidedBy": "head_of_service", "outcome": outcome,
        "reason": "The court decides on Friday.", "rationale": "The plan meets the child's needs."
    })
}

/// A council of the tests, whose policy brings decisions back to a panel that sits when it is called.
pub(super) async fn anytown(database: &TestDatabase, now: &str) -> Day {
    let rulebook = include_str!("../../../data/policies/brings-back.json");
    let councils = tokio::task::spawn_blocking(|| {
        let library = c_plugin_with(&[], rulebook);
        std::iter::once(council(&settings(&[&library]))).collect::<Councils>()
    });
    let councils = councils.await.expect("the plugin loads");
    let app = TestApp::with(database.clone(), councils, now, &[]).await;
    Day {
        app,
        council: "anytown",
    }
}

/// Two sittings that were arranged; the first is on the day of the decision, and is not after it.
async fn sittings(day: &Day) -> Vec<String> {
    let mut made = Vec::new();
    for held_on in ["2026-03-02", "2026-03-12"] {
        let body = json!({ "heldOn": held_on, "startTime": "10:00" });
        let answer = day.post(Role::PanelAdministrator, "/sittings", &body).await;
        let sitting = answer.expect(201).json()["made"][0].clone();
        // A panel that sits when it is called is never off its pattern.
        assert_eq!(sitting["offPattern"], false, "{sitting}");
        made.push(id(&sitting));
    }
    made
}

async fn read(day: &Day, decision: &str) -> (Value, String) {
    let path = format!("/decisions/{decision}");
    let answer = day.get(Role::PanelChair, &path).await.expect(200);
    (answer.json(), answer.etag().to_owned())
}

/// What the panel decides on the item that brings the decision back.
pub(super) async fn ratify(
    day: &Day,
    decision: &str,
    booking: &str,
    outcome: &str,
) -> crate::support::Answered {
    let (_, etag) = read(day, decision).await;
    let body = json!({
        "bookingId": booking,
        "decision": { "outcome": outcome, "rationale": "The panel heard it.", "decidedOn": "2026-03-02" }
    });
    let path = day.path(&format!("/decisions/{decision}/ratification"));
    let asked = day.app.post(&path).token(&day.token(Role::PanelChair));
    asked.if_match(&etag).json(&body).send().await
}

/// An urgent decision, and the item that brings it back to the sitting of the same day.
pub(super) async fn waiting(day: &Day) -> (String, String) {
    let sittings = sittings(day).await;
    let case = case(day, "CH-1").await;
    let body = urgent(&case, "placement_move", "ratified");
    let made = day
        .post(Role::HeadOfService, "/urgent-decisions", &body)
        .await
        .expect(201)
        .json();
    let item = book(day, &booking(&case, &sittings[0], "placement_move")).await;
    attend(
        day,
        &sittings[0],
        &json!({ "present": [{ "role": "head_of_service", "capacity": "member" }] }),
    )
    .await;
    (id(&made), id(&item))
}

on_both_databases! {
    async fn a_policy_says_who_decides_what_and_why(database: &TestDatabase) {
        let day = Day::at(database, "derby", "2026-03-02T09:30:00Z").await;
        let case = case(&day, "CH-1").await;
        let mut body = urgent(&case, "special_guardianship_support", "approved");
        let made = day.post(Role::HeadOfService, "/urgent-decisions", &body).await.expect(201).json();
        assert_eq!((&made["kind"], &made["decidedBy"]), (&json!("urgent"), &json!("head_of_service")));
        assert_eq!(made["ratification"], Value::Null, "this policy does not ask for it back: {made}");

        let other = urgent(&case, "staying_put", "approved");
        let answer = day.post(Role::HeadOfService, "/urgent-decisions", &other).await;
        refused(&answer, "urgent_decision_not_allowed", "DER-URGENT-01");
        body["reason"] = Value::Null;
        let answer = day.post(Role::HeadOfService, "/urgent-decisions", &body).await;
        refused(&answer, "urgent_reason_missing", "DER-URGENT-02");
        body["reason"] = "The court decides on Friday.".into();
        body["decidedBy"] = "team_manager".into();
        let answer = day.post(Role::HeadOfService, "/urgent-decisions", &body).await;
        refused(&answer, "decision_maker_not_authorised", "DER-URGENT-01");
        day.post(Role::SocialWorker, "/urgent-decisions", &body).await.problem(403, "forbidden");

        let (_, etag) = read(&day, &id(&made)).await;
        let path = day.path(&format!("/decisions/{}/ratification", id(&made)));
        let ratification = json!({ "bookingId": case, "decision": { "outcome": "approved", "rationale": "Heard." } });
        let asked = day.app.post(&path).token(&day.token(Role::PanelChair)).if_match(&etag);
        asked.json(&ratification).send().await.problem(409, "conflict");
    }

    async fn what_must_come_back_is_listed_with_its_day_until_the_panel_ratifies_it(database: &TestDatabase) {
        let day = anytown(database, TODAY).await;
        let (decision, item) = waiting(&day).await;
        let (view, _) = read(&day, &decision).await;
        assert_eq!(view["ratification"]["status"], "awaited", "{view}");
        assert_eq!(view["ratification"]["dueOn"], "2026-03-12");
        assert_eq!(view["ratification"]["clauses"], json!(["ANY-RETROSPECTIVE-01"]));
        let todo = "/actions?code=ratify_urgent_decision&status=open";
        let open = day.get(Role::PanelAdministrator, todo).await.expect(200).json();
        assert_eq!(open["items"][0]["decisionId"], decision.as_str(), "{open}");
        assert_eq!(open["items"][0]["dueOn"], "2026-03-12");
        assert_eq!(open["items"][0]["responsibleRole"], "panel_administrator");

        let made = ratify(&day, &decision, &item, "ratified").await.expect(201).json();
        assert_eq!(made["ratifies"], decision.as_str(), "{made}");
        assert_eq!(made["bookingId"], item.as_str());
        let (view, _) = read(&day, &decision).await;
        let ratification = &view["ratification"];
        assert_eq!(ratification["status"], "ratified", "{view}");
        assert_eq!(ratification["ratifiedOn"], "2026-03-02");
        assert_eq!(ratification["decisionId"], made["id"]);
        let open = day.get(Role::PanelAdministrator, todo).await.expect(200).json();
        assert_eq!(open["items"], json!([]));
        ratify(&day, &decision, &item, "ratified").await.problem(409, "conflict");
    }

    async fn any_other_outcome_refuses_it_and_one_that_postpones_leaves_it_waiting(database: &TestDatabase) {
        let day = anytown(database, TODAY).await;
        let (decision, item) = waiting(&day).await;
        let answer = ratify(&day, &decision, &item, "approved").await;
        refused(&answer, "outcome_not_allowed", "ANY-DECISION-01");

        ratify(&day, &decision, &item, "returned_for_further_work").await.expect(201);
        let (view, _) = read(&day, &decision).await;
        assert_eq!(view["ratification"]["status"], "awaited", "{view}");

        let case = view["caseId"].as_str().expect("a case");
        let page = day.get(Role::PanelAdministrator, "/sittings").await.expect(200).json();
        // The sitting of the 2nd is held: what is brought again goes to the next one.
        let sitting = id(&page["items"][1]);
        let wrong = id(&book(&day, &booking(case, &sitting, "staying_put")).await);
        let answer = ratify(&day, &decision, &wrong, "refused").await;
        assert_eq!(answer.faults(), [("/bookingId".to_owned(), "not_found".to_owned())], "{}", answer.text);
        let again = id(&book(&day, &booking(case, &sitting, "placement_move")).await);
        ratify(&day, &decision, &again, "refused").await.expect(201);
        let (view, _) = read(&day, &decision).await;
        assert_eq!(view["ratification"]["status"], "refused", "{view}");
        assert_eq!(view["ratification"]["ratifiedOn"], Value::Null);
    }

    async fn one_that_nobody_brings_back_is_overdue(database: &TestDatabase) {
        let day = anytown(database, TODAY).await;
        let (decision, _) = waiting(&day).await;
        drop(day);
        let later = anytown(database, "2026-03-13T09:30:00Z").await;
        let late = later.get(Role::PanelAdministrator, "/actions?overdue=true").await.expect(200).json();
        assert_eq!(late["items"][0]["decisionId"], decision.as_str(), "{late}");
        assert_eq!(late["items"][0]["status"], "overdue");
        assert_eq!(codes(&late["items"]), ["ratify_urgent_decision"]);
    }
}
