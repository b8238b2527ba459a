//! The panel's operations beside the main job: agenda, cancelling, legal advice, decisions outside panel, follow-ups.

mod agenda;
mod completions;
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

/// Records who was at a sitting.
async fn attend(day: &Day, sitting: &str, list: &Value) -> Value {
    let path = format!("/sittings/{sitting}");
    let read = day.get(Role::PanelAdministrator, &path).await.expect(200);
    let put = day.app.put(&day.path(&format!("{path}/attendance")));
    let put = put.token(&day.token(Role::PanelAdministrator));
    let put = put.if_match(read.etag()).json(list).send().await;
    put.expect(200).json()
}
