//! Promise: a case is opened once, changed only by who knows its version, closed once, and every step answers alike.

use permanence_api::auth::Role;
use serde_json::json;

use super::{CASES, id, open};
use crate::on_both_servers;

on_both_servers! {
    async fn a_case_is_opened_and_read(app: &TestApp) {
        let token = app.token("derby", Role::IntegrationClient);
        let made = open(app, &token, "CH-1", "Finch").await;
        let body = made.json();
        assert_eq!(made.header("location"), format!("{CASES}/{}", id(&body)));
        assert_eq!(made.etag(), "\"v1\"");
        assert_eq!((&body["status"], &body["createdAt"]), (&json!("open"), &json!("2026-03-02T09:30:00Z")));
        let read = app.get(made.header("location")).token(&token).send().await.expect(200);
        assert_eq!((read.json(), read.etag()), (body, "\"v1\""));
        let held = app.get(made.header("location")).token(&token).header("if-none-match", "\"v1\"").send().await;
        assert_eq!((held.status, held.text.as_str()), (304, ""));
    }

    async fn a_reference_is_given_once(app: &TestApp) {
        let token = app.token("derby", Role::IntegrationClient);
        let first = open(app, &token, "CH-1", "Finch").await;
        let again = app.post(CASES).token(&token).json(&json!({ "reference": "CH-1" })).send().await;
        again.problem(409, "already_exists");
        assert_eq!(again.header("location"), first.header("location"));
        let stranger = app.mint("sw-9", &["derby"], &[Role::SocialWorker], &[], 3600);
        let blind = app.post(CASES).token(&stranger).json(&json!({ "reference": "CH-1" })).send().await;
        blind.problem(409, "already_exists");
        assert_eq!(blind.header("location"), "");
        let other = open(app, &token, "CH-2", "Heron").await;
        let renamed = app.patch(other.header("location")).token(&token).if_match(other.etag());
        renamed.merge_patch(&json!({ "reference": "CH-1" })).send().await.problem(409, "already_exists");
        let elsewhere = app.token("bradford", Role::IntegrationClient);
        let path = "/v1/councils/bradford/cases";
        app.post(path).token(&elsewhere).json(&json!({ "reference": "CH-1" })).send().await.expect(201);
    }

    async fn a_key_makes_a_retry_give_the_first_answer(app: &TestApp) {
        let token = app.token("derby", Role::IntegrationClient);
        let ask = |body| app.post(CASES).token(&token).key("k-1").json(&body).send();
        let first = ask(json!({ "reference": "CH-1", "team": "north" })).await.expect(201);
        let again = ask(json!({ "reference": "CH-1", "team": "north" })).await.expect(201);
        assert_eq!((&first.text, first.etag()), (&again.text, again.etag()));
        assert_eq!(first.header("location"), again.header("location"));
        ask(json!({ "reference": "CH-2" })).await.problem(422, "key_reused");
        // The key is the caller's own.
        let other = app.mint("somebody-else", &["derby"], &[Role::IntegrationClient], &[], 3600);
        let body = json!({ "reference": "CH-2" });
        app.post(CASES).token(&other).key("k-1").json(&body).send().await.expect(201);
    }

    async fn retries_at_one_time_make_one_case(app: &TestApp) {
        let token = app.token("derby", Role::IntegrationClient);
        let ask = || app.post(CASES).token(&token).key("k-1").json(&json!({ "reference": "CH-1" })).send();
        let answers = futures_util::future::join_all((0..8).map(|_| ask())).await;
        let first = &answers[0].text;
        assert!(answers.iter().all(|answer| answer.status == 201 && answer.text == *first));
    }

    async fn a_change_names_its_version(app: &TestApp) {
        let token = app.token("derby", Role::IntegrationClient);
        let made = open(app, &token, "CH-1", "Finch").await;
        let place = made.header("location");
        let patch = || app.patch(place).token(&token);
        let body = json!({ "team": "south", "sex": null, "why": "The family moved." });
        patch().merge_patch(&body).send().await.problem(428, "precondition_required");
        let changed = patch().if_match("\"v1\"").merge_patch(&body).send().await.expect(200);
        assert_eq!((changed.etag(), &changed.json()["team"]), ("\"v2\"", &json!("south")));
        assert_eq!(changed.json()["familyName"], "Finch");
        patch().if_match("\"v1\"").merge_patch(&body).send().await.problem(412, "version_conflict");
        let cleared = patch().if_match("\"v2\"").merge_patch(&json!({ "team": null })).send().await.expect(200);
        assert_eq!(cleared.json()["team"], json!(null));
        let same = patch().if_match("\"v3\"").merge_patch(&json!({ "team": null })).send().await.expect(200);
        assert_eq!(same.etag(), "\"v3\"", "nothing changed");
        let unknown = patch().if_match("\"v3\"").merge_patch(&json!({ "colour": "red" })).send().await;
        unknown.problem(422, "invalid");
        assert_eq!(unknown.faults()[0].0, "/colour");
    }

    async fn of_two_changes_of_one_version_one_is_refused(app: &TestApp) {
        let token = app.token("derby", Role::IntegrationClient);
        let made = open(app, &token, "CH-1", "Finch").await;
        let place = made.header("location");
        let change = |team: &'static str| {
            app.patch(place).token(&token).if_match("\"v1\"").merge_patch(&json!({ "team": team })).send()
        };
        let (east, west) = tokio::join!(change("east"), change("west"));
        let mut statuses = [east.status, west.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412]);
    }

    async fn a_case_is_closed_once(app: &TestApp) {
        let token = app.token("derby", Role::IntegrationClient);
        let made = open(app, &token, "CH-1", "Finch").await;
        let closure = format!("{}/closure", made.header("location"));
        let close = |body| app.put(&closure).token(&token).if_match("*").json(&body).send();
        let early = close(json!({ "reason": "Adopted.", "closedOn": "2026-03-03" })).await;
        early.problem(422, "invalid");
        assert_eq!(early.faults(), [("/closedOn".to_owned(), "in_the_future".to_owned())]);
        let closed = close(json!({ "reason": "Adopted." })).await.expect(200);
        assert_eq!((&closed.json()["status"], &closed.json()["closedOn"]), (&json!("closed"), &json!("2026-03-02")));
        close(json!({ "reason": "Again." })).await.problem(409, "conflict");
        app.put(&closure).token(&token).json(&json!({ "reason": "x" })).send().await.problem(428, "precondition_required");
    }
}
