//! Promise: care events and facts are taken in their shapes only, with every fault told, and nothing of them is lost.

use permanence_api::auth::Role;
use serde_json::json;

use super::open;
use crate::on_both_servers;

on_both_servers! {
    async fn a_care_event_is_recorded_changed_and_withdrawn(app: &TestApp) {
        let token = app.token("derby", Role::IntegrationClient);
        let made = open(app, &token, "CH-1", "Finch").await;
        let events = format!("{}/care-events", made.header("location"));
        let body = json!({
            "kind": "episode",
            "startedOn": "2025-01-10",
            "details": { "start": "S", "legalStatus": "V2", "placement": "U6", "note": "x" },
        });
        let event = app.post(&events).token(&token).json(&body).send().await.expect(201);
        assert_eq!(event.json()["details"], body["details"]);
        let place = event.header("location").to_owned();
        assert_eq!(app.get(&place).token(&token).send().await.expect(200).json(), event.json());
        let patch = |body| app.patch(&place).token(&token).if_match("*").merge_patch(&body).send();
        let change = json!({ "endedOn": "2025-02-01", "details": { "legalStatus": "C2", "note": null } });
        let changed = patch(change).await.expect(200);
        assert_eq!(changed.json()["details"], json!({ "start": "S", "legalStatus": "C2", "placement": "U6" }));
        let wrong = patch(json!({ "details": { "legalStatus": 7 } })).await;
        assert_eq!(wrong.status, 422);
        assert_eq!(wrong.faults(), [("/details/legalStatus".to_owned(), "wrong_type".to_owned())]);
        let wrong = patch(json!({ "details": { "legalStatus": null } })).await;
        assert_eq!(wrong.faults(), [("/details/legalStatus".to_owned(), "required".to_owned())]);
        let withdrawn = patch(json!({ "withdrawnOn": "2026-03-02", "why": "Another child's." })).await.expect(200);
        assert_eq!((withdrawn.etag(), &withdrawn.json()["withdrawnOn"]), ("\"v3\"", &json!("2026-03-02")));
        let listed = app.get(&format!("{events}?kind=episode")).token(&token).send().await.expect(200).json();
        assert_eq!(listed["items"], json!([withdrawn.json()]));
        let none = app.get(&format!("{events}?kind=review")).token(&token).send().await.expect(200).json();
        assert_eq!(none["items"], json!([]));
    }

    async fn every_fault_of_a_care_event_is_told_at_once(app: &TestApp) {
        let token = app.token("derby", Role::IntegrationClient);
        let made = open(app, &token, "CH-1", "Finch").await;
        let events = format!("{}/care-events", made.header("location"));
        let body = json!({ "kind": "episode", "endedOn": "2025-01-10", "details": { "placement": "U66", "attended": [] } });
        let refused = app.post(&events).token(&token).json(&body).send().await;
        refused.problem(422, "invalid");
        let faults: Vec<_> = refused.faults().into_iter().map(|(pointer, _)| pointer).collect();
        assert_eq!(faults, ["/startedOn", "/details/legalStatus", "/details/placement", "/details/attended"]);
        assert!(!refused.text.contains("U66"), "what was sent is not repeated");
        let strange = json!({ "kind": "episode", "details": { "colour": "red" } });
        let refused = app.post(&events).token(&token).json(&strange).send().await;
        assert_eq!((refused.status, refused.faults()[0].0.as_str()), (422, "/details/colour"));
    }

    async fn a_fact_is_said_and_changed_only_by_who_knows_it(app: &TestApp) {
        let token = app.token("derby", Role::IntegrationClient);
        let made = open(app, &token, "CH-1", "Finch").await;
        let facts = format!("{}/facts", made.header("location"));
        let place = format!("{facts}/gatewayDecisionOn");
        app.get(&place).token(&token).send().await.problem(404, "not_found");
        let put = |body| app.put(&place).token(&token).json(&body);
        let said = put(json!({ "value": "2026-01-05", "note": "By letter." })).send().await.expect(200);
        assert_eq!((said.etag(), &said.json()["name"]), ("\"v1\"", &json!("gatewayDecisionOn")));
        put(json!({ "value": "2026-01-06" })).send().await.problem(428, "precondition_required");
        put(json!({ "value": "2026-01-06" })).if_match("\"v9\"").send().await.problem(412, "version_conflict");
        let changed = put(json!({ "value": null })).if_match("\"v1\"").send().await.expect(200);
        assert_eq!((changed.etag(), &changed.json()["value"]), ("\"v2\"", &json!(null)));
        let listed = app.get(&facts).token(&token).send().await.expect(200).json();
        assert_eq!(listed["items"], json!([changed.json()]));
        let wrong = put(json!({ "value": "soon" })).if_match("\"v2\"").send().await;
        wrong.problem(422, "invalid");
        assert_eq!(wrong.faults(), [("/value".to_owned(), "wrong_type".to_owned())]);
        let unknown = app.put(&format!("{facts}/favouriteColour")).token(&token).json(&json!({ "value": "red" }));
        unknown.send().await.problem(404, "not_found");
        let history = format!("{}/history", made.header("location"));
        let history = app.get(&history).token(&token).send().await.expect(200).json();
        assert_eq!(history["items"][0]["differences"][1]["before"], "2026-01-05");
    }

    async fn a_strangers_records_are_not_there(app: &TestApp) {
        let all = app.token("derby", Role::IntegrationClient);
        let made = open(app, &all, "CH-1", "Finch").await;
        let place = made.header("location");
        let stranger = app.mint("sw-2", &["derby"], &[Role::SocialWorker], &[], 3600);
        for path in ["history", "timeline", "as-of?at=2026-03-02T09:30:00Z", "care-events", "facts"] {
            app.get(&format!("{place}/{path}")).token(&stranger).send().await.problem(404, "not_found");
        }
        let event = json!({ "kind": "review", "startedOn": "2026-02-01" });
        let asked = app.post(&format!("{place}/care-events")).token(&stranger).json(&event).send().await;
        asked.problem(404, "not_found");
        let asked = app.put(&format!("{place}/facts/gatewayDecisionOn")).token(&stranger).json(&json!({ "value": null }));
        asked.send().await.problem(404, "not_found");
    }
}
