//! Promise: a report keeps the finding that it was written on, and is signed off by those whom the council's rules name.

use permanence_api::auth::Role;
use serde_json::json;

use super::anytown::{anytown, at, get, history, open, post, token};
use crate::on_both_databases;
use crate::support::Spec;

/// Opens a case of a child who came into care on this day.
async fn looked_after(app: &crate::support::TestApp, reference: &str, since: &str) -> String {
    let case = open(app, reference).await;
    let token = token(app, "case-system", Role::IntegrationClient);
    let fact = app
        .put(&at(&format!("/cases/{case}/facts/becameLookedAfterOn")))
        .token(&token);
    fact.json(&json!({ "value": since }))
        .send()
        .await
        .expect(200);
    case
}

on_both_databases! {
    async fn a_report_is_written_and_signed_by_whom_the_rules_name(database: &TestDatabase) {
        let app = anytown(database).await;
        let spec = Spec::of_this_build();
        let case = looked_after(&app, "CH-1", "2025-09-01").await;
        let token = token(&app, "sw-1", Role::SocialWorker);
        let create = spec.operation("createExceptionReport");
        let body = create.body_example().expect("an example");
        let made = post(&app, &token, &format!("/cases/{case}/exception-reports"), &body).await.expect(201);
        let report = made.json();
        assert_eq!(spec.faults(&create, 201, &report), Vec::<String>::new());
        assert_eq!((&report["clauses"], &report["edition"], &report["asOf"]), (&json!(["ANY-EXCEPTION-01"]), &json!("1"), &json!("2026-03-02")));
        assert_eq!((&report["finding"]["code"], &report["reasons"]), (&json!("permanence_plan_missing"), &body["reasons"]));
        assert_eq!(report["status"], "awaiting_signatures");
        assert_eq!(report["signOff"]["missing"], json!(["social_worker", "team_manager"]));

        let place = made.header("location").to_owned();
        let sign = |tag: &str, body: serde_json::Value| {
            app.post(&format!("{place}/signatures")).token(&token).if_match(tag).json(&body).send()
        };
        let signing = spec.operation("signOffExceptionReport");
        let first = sign(made.etag(), signing.body_example().expect("an example")).await.expect(200);
        assert_eq!(spec.faults(&signing, 200, &first.json()), Vec::<String>::new());
        assert_eq!((&first.json()["status"], &first.json()["signOff"]["missing"]), (&json!("awaiting_signatures"), &json!(["team_manager"])));
        assert_eq!(first.json()["signOff"]["clauses"], json!(["ANY-EXCEPTION-09"]));
        sign(first.etag(), json!({ "role": "social_worker" })).await.problem(409, "conflict");
        sign(made.etag(), json!({ "role": "team_manager" })).await.problem(412, "version_conflict");
        let second = sign(first.etag(), json!({ "role": "team_manager", "signedAt": "2026-03-02T09:00:00Z" })).await.expect(200);
        assert_eq!((&second.json()["status"], &second.json()["signOff"]["missing"]), (&json!("signed_off"), &json!([])));
        assert_eq!(second.json()["signOff"]["results"]["readyForPanel"], true);
        sign(second.etag(), json!({ "role": "team_manager" })).await.problem(409, "conflict");
        assert_eq!(app.get(&place).token(&token).send().await.expect(200).json(), second.json());

        let list = |status: &str| format!("/exception-reports?caseId={case}&status={status}");
        assert_eq!(get(&app, &token, &list("signed_off")).await.expect(200).json()["items"], json!([second.json()]));
        assert_eq!(get(&app, &token, &list("awaiting_signatures")).await.expect(200).json()["items"], json!([]));
        let done = history(&app, &case).await;
        assert_eq!(done[..3], ["signOffExceptionReport", "signOffExceptionReport", "createExceptionReport"]);
        // The finding is kept, whatever becomes of the child.
        let fact = app.put(&at(&format!("/cases/{case}/facts/becameLookedAfterOn"))).token(&token).if_match("*");
        fact.json(&json!({ "value": "2026-02-01" })).send().await.expect(200);
        assert_eq!(app.get(&place).token(&token).send().await.expect(200).json()["finding"], report["finding"]);
    }

    async fn there_is_no_report_without_a_finding(database: &TestDatabase) {
        let app = anytown(database).await;
        let token = token(&app, "sw-1", Role::SocialWorker);
        let report = json!({ "code": "permanence_plan_missing", "reasons": "x", "plan": "y" });
        // Four months since the second of November are over on the third of March.
        let in_time = looked_after(&app, "CH-1", "2025-11-02").await;
        let refused = post(&app, &token, &format!("/cases/{in_time}/exception-reports"), &report).await;
        assert_eq!((refused.status, refused.faults()), (422, vec![("/code".to_owned(), "no_such_finding".to_owned())]));
        let late = looked_after(&app, "CH-2", "2025-11-01").await;
        let place = format!("/cases/{late}/exception-reports");
        let other = json!({ "code": "permanence_plan_missing", "clause": "ANY-EXCEPTION-09", "reasons": "x", "plan": "y" });
        assert_eq!(post(&app, &token, &place, &other).await.faults()[0].1, "no_such_finding");
        let made = post(&app, &token, &place, &report).await.expect(201);
        let sign = |body: serde_json::Value| {
            app.post(&format!("{}/signatures", made.header("location"))).token(&token).if_match("*").json(&body).send()
        };
        assert_eq!(sign(json!({ "role": "no_such_role" })).await.faults(), [("/role".to_owned(), "unknown_code".to_owned())]);
        let early = sign(json!({ "role": "social_worker", "signedAt": "2026-03-02T09:31:00Z" })).await;
        assert_eq!(early.faults(), [("/signedAt".to_owned(), "in_the_future".to_owned())]);
        let stranger = app.mint("sw-2", &["anytown"], &[Role::SocialWorker], &[], 3600);
        post(&app, &stranger, &place, &report).await.problem(404, "not_found");
        app.get(made.header("location")).token(&stranger).send().await.problem(404, "not_found");
        assert_eq!(get(&app, &stranger, "/exception-reports").await.expect(200).json()["items"], json!([]));
    }
}
