//! Promise: a body is read as the description has it, and what is wrong is named in the description's words.

use permanence_api::auth::Role;
use serde_json::{Value, json};

use super::anytown::{anytown, at, get, open, post, token};
use crate::on_both_databases;

/// The fault of this refusal: where, which, in which words.
fn fault(problem: &Value) -> (&str, &str, &str) {
    let text = |name: &str| problem["errors"][0][name].as_str().unwrap_or_default();
    (text("pointer"), text("code"), text("message"))
}

on_both_databases! {
    async fn days_and_moments_have_one_form(database: &TestDatabase) {
        let app = anytown(database).await;
        let token = token(&app, "head", Role::HeadOfService);
        let day = "Expected a day such as 2026-03-02.";
        for (born, code) in [
            (json!("2018-2-3"), "invalid_value"), (json!("2018-02-30"), "invalid_value"), (json!("+2018-2-03"), "invalid_value"),
            (json!("2018-02-03T00:00:00Z"), "invalid_value"), (json!(20_180_203), "wrong_type"),
        ] {
            let body = json!({ "reference": "CH-1", "dateOfBirth": born });
            let refused = post(&app, &token, "/cases", &body).await.problem(422, "invalid");
            assert_eq!(fault(&refused), ("/dateOfBirth", code, day), "{born}");
        }
        let case = open(&app, "CH-2").await;
        for (rest, pointer) in [("checkpoints?asOf=2026-3-2", "/asOf"), ("as-of?at=2026-03-02%2009:00:00Z", "/at")] {
            let refused = get(&app, &token, &format!("/cases/{case}/{rest}")).await.problem(400, "bad_query");
            assert_eq!((fault(&refused).0, fault(&refused).1), (pointer, "invalid_value"), "{rest}");
        }
        let place = at(&format!("/cases/{case}"));
        let patch = app.patch(&place).token(&token).if_match("*").merge_patch(&json!({ "dateOfBirth": "2018-2-3" }));
        assert_eq!(fault(&patch.send().await.problem(422, "invalid")), ("/dateOfBirth", "invalid_value", day));
        let patch = app.patch(&place).token(&token).if_match("*").merge_patch(&json!({ "dateOfBirth": null }));
        patch.send().await.expect(200);
    }

    async fn a_list_is_no_object(database: &TestDatabase) {
        let app = anytown(database).await;
        let token = token(&app, "head", Role::HeadOfService);
        let case = open(&app, "CH-1").await;
        let events = format!("/cases/{case}/care-events");
        let body = json!({ "kind": "review", "startedOn": "2026-01-14", "details": [] });
        let refused = post(&app, &token, &events, &body).await.problem(422, "invalid");
        assert_eq!(fault(&refused), ("/details", "wrong_type", "Expected an object."));
        let made = post(&app, &token, "/sittings", &json!({ "from": "2026-03-01", "to": "2026-03-31" })).await.expect(201).json();
        let sitting = made["made"][0]["id"].as_str().expect("a sitting").to_owned();
        let place = at(&format!("/sittings/{sitting}/attendance"));
        for (present, pointer, expected) in [
            (json!([["panel_chair", "member"]]), "/present/0", "Expected an object."),
            (json!({ "role": "panel_chair" }), "/present", "Expected a list."),
        ] {
            let put = app.put(&place).token(&token).if_match("*").json(&json!({ "present": present }));
            let refused = put.send().await.problem(422, "invalid");
            assert_eq!(fault(&refused), (pointer, "wrong_type", expected));
        }
        let refused = post(&app, &token, "/evaluations/quorum", &json!({ "facts": [] })).await.problem(422, "invalid");
        assert_eq!(fault(&refused), ("/facts", "wrong_type", "Expected an object."));
    }

    async fn what_cannot_be_cleared_is_not_passed_over(database: &TestDatabase) {
        let app = anytown(database).await;
        let token = token(&app, "head", Role::HeadOfService);
        let case = open(&app, "CH-1").await;
        let patch = app.patch(&at(&format!("/cases/{case}"))).token(&token).if_match("*");
        let refused = patch.merge_patch(&json!({ "reference": null })).send().await.problem(422, "invalid");
        assert_eq!((fault(&refused).0, fault(&refused).1), ("/reference", "wrong_type"));
    }

    async fn facts_are_refused_in_the_same_words_everywhere(database: &TestDatabase) {
        let app = anytown(database).await;
        let token = token(&app, "head", Role::HeadOfService);
        let case = open(&app, "CH-1").await;
        let made = post(&app, &token, "/sittings", &json!({ "from": "2026-03-01", "to": "2026-03-31" })).await.expect(201).json();
        let booking = json!({
            "caseId": case, "sittingId": made["made"][0]["id"], "requestType": "permanence_plan",
            "requestedBy": "social_worker", "facts": { "noSuchFact": 1 }
        });
        let unknown = ("/facts/noSuchFact", "unknown_fact", "This fact is not in the council's dictionary.");
        let asked = post(&app, &token, "/evaluations/quorum", &json!({ "facts": { "noSuchFact": 1 } })).await;
        assert_eq!(fault(&asked.problem(422, "invalid")), unknown);
        let booked = post(&app, &token, "/bookings", &booking).await;
        assert_eq!(fault(&booked.problem(422, "invalid")), unknown);
    }

    async fn a_coded_body_is_no_broken_json(database: &TestDatabase) {
        let app = anytown(database).await;
        let token = token(&app, "head", Role::HeadOfService);
        let body = app.post(&at("/cases")).token(&token).header("content-encoding", "gzip");
        body.json(&json!({ "reference": "CH-1" })).send().await.problem(415, "unsupported_media_type");
        let body = app.post(&at("/cases")).token(&token).header("content-encoding", "identity");
        body.json(&json!({ "reference": "CH-1" })).send().await.expect(201);
    }
}
