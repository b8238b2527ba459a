//! The panel's operations beside the main job: agenda, cancelling, legal advice, decisions outside panel, follow-ups.

mod agenda;
mod completions;
mod decisions_listed;
mod facts;
mod legal_advice;
mod members_named;
mod races;
mod urgent;

use permanence_api::auth::Role;
use serde_json::{Value, json};

use crate::panel_journey::Day;

/// The id of what was made or read.
fn id(view: &Value) -> String {
    view["id"].as_str().expect("an id").to_owned()
}

/// A case of the test's social worker.
async fn case(day: &Day, reference: &str) -> String {
    let body = json!({
        "reference": reference, "dateOfBirth": "2017-05-04", "socialWorker": "test-social_worker", "team": "north"
    });
    let made = day.post(Role::HeadOfService, "/cases", &body).await;
    id(&made.expect(201).json())
}

/// A booking's body.
fn booking(case: &str, sitting: &str, request_type: &str) -> Value {
    json!({ "caseId": case, "sittingId": sitting, "requestType": request_type, "requestedBy": "social_worker" })
}

/// Books, and gives the booking.
async fn book(day: &Day, body: &Value) -> Value {
    let made = day.post(Role::PanelAdministrator, "/bookings", body).await;
    made.expect(201).json()["booking"].clone()
}

/// Reads that the audit has of these operations, with the cases that were read, once there are as many as are waited for.
async fn reads(day: &Day, operation: &str, wanted: usize) -> Vec<String> {
    let path = format!("/audit-events?operation={operation}&limit=200");
    let mut cases = Vec::new();
    // Another mover may have the journal in hand; it is there when it has moved it.
    for _ in 0..100 {
        let page = day.get(Role::Auditor, &path).await.expect(200).json();
        let items = page["items"].as_array().expect("items");
        let case = |item: &Value| item["caseId"].as_str().map(str::to_owned);
        cases = items.iter().filter_map(case).collect();
        if cases.len() >= wanted {
            break;
        }
    }
    cases
}

/// Records who was at a sitting.
async fn attend(day: &Day, sitting: &str, list: &Value) -> Value {
    let path = format!("/sittings/{sitting}");
    let read = day.get(Role::PanelAdministrator, &path).await.expect(200);
    let put = day.app.put(&day.path(&format!("{path}/attendance")));
    let put = put.token(&day.token(Role::PanelAdministrator));
    let put = put.if_match(read.etag()).json(list).send().await;
    put.expect(200).json()
}
