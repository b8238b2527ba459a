//! Promise: what follows from a decision is done once, by somebody, on a day; a letter that lacks something is not sent.

use permanence_api::auth::Role;
use serde_json::{Value, json};

use super::{attend, book, booking, case, id};
use crate::databases::TestDatabase;
use crate::on_both_databases;
use crate::panel_journey::{Day, follow_ups, refused};
use crate::support::Answered;

/// A match that the panel approved on 25 March, as its administrator sees it that afternoon.
async fn decided(database: &TestDatabase) -> (Day, Value) {
    let before = Day::at(database, "derby", "2026-03-02T09:30:00Z").await;
    let sittings = before.make_sittings("2026-03-01", "2026-03-31").await;
    let case = case(&before, "CH-1").await;
    let item = id(&book(
        &before,
        &booking(&case, &sittings[0].1, "permanent_fostering_match"),
    )
    .await);
    drop(before);
    let day = Day::at(database, "derby", "2026-03-25T16:00:00Z").await;
    let there = json!({ "present": [{ "role": "head_of_service_specialist_services", "capacity": "member" }] });
    attend(&day, &sittings[0].1, &there).await;
    let path = format!("/bookings/{item}");
    let body = json!({ "outcome": "approved", "rationale": "The carers meet the child's needs." });
    let made = day
        .change(Role::PanelChair, &path, &format!("{path}/decision"), &body)
        .await;
    let made = made.expect(201).json();
    (day, made)
}

/// Does something to a follow-up at a version of it.
async fn act(
    day: &Day,
    method: reqwest::Method,
    path: &str,
    version: u32,
    body: &Value,
) -> Answered {
    let asked = day
        .app
        .ask(method, &day.path(path))
        .token(&day.token(Role::PanelAdministrator));
    asked
        .if_match(&format!("\"v{version}\""))
        .json(body)
        .send()
        .await
}

on_both_databases! {
    async fn a_letter_is_drafted_until_it_lacks_nothing_and_then_sent_once(database: &TestDatabase) {
        let (day, made) = decided(database).await;
        let letter = id(follow_ups(&made, "letter")[0]);
        let (draft, issue) = (format!("/letters/{letter}/draft"), format!("/letters/{letter}/issue"));
        let sending = json!({ "sentTo": ["foster_carer"], "note": "By secure mail." });
        let early = act(&day, reqwest::Method::POST, &issue, 1, &sending).await;
        refused(&early, "letter_field_missing", "DER-LETTER-02");

        let mut says = json!({ "facts": { "childName": "Wren Finch" }, "text": "Dear carers, ..." });
        let kept = act(&day, reqwest::Method::PUT, &draft, 1, &says).await.expect(200).json();
        assert_eq!(kept["details"]["draft"]["missing"], json!(["addressee_names", "panel_chair_name"]), "{kept}");
        assert_eq!(kept["status"], "open");
        let still = act(&day, reqwest::Method::POST, &issue, 2, &sending).await;
        refused(&still, "letter_field_missing", "DER-LETTER-02");
        says["facts"]["colour"] = "red".into();
        let unknown = act(&day, reqwest::Method::PUT, &draft, 2, &says).await;
        assert_eq!(unknown.faults()[0].0, "/facts/colour", "{}", unknown.text);

        says["facts"] = json!({ "childName": "Wren Finch", "addresseeNames": ["Robin Heath"], "panelChairName": "Jo Marsh" });
        let kept = act(&day, reqwest::Method::PUT, &draft, 2, &says).await.expect(200).json();
        assert_eq!(kept["details"]["draft"]["missing"], json!([]), "{kept}");
        act(&day, reqwest::Method::POST, &issue, 2, &sending).await.problem(412, "version_conflict");
        let sent = act(&day, reqwest::Method::POST, &issue, 3, &sending).await.expect(200).json();
        assert_eq!(sent["status"], "completed_on_time", "{sent}");
        assert_eq!(sent["completedOn"], "2026-03-25");
        assert!(sent["completedBy"].as_str().is_some_and(|by| by.contains("test-panel_administrator")), "{sent}");
        assert_eq!(sent["details"]["sentTo"], json!(["foster_carer"]));
        act(&day, reqwest::Method::POST, &issue, 4, &sending).await.problem(409, "conflict");
        act(&day, reqwest::Method::PUT, &draft, 4, &says).await.problem(409, "conflict");
    }

    async fn a_record_is_made_and_a_distribution_goes_out_once(database: &TestDatabase) {
        let (day, made) = decided(database).await;
        let records = follow_ups(&made, "record");
        let minutes = records.iter().find(|one| one["code"] == "minutes").expect("minutes");
        let path = format!("/records/{}/completion", id(minutes));
        let ahead = json!({ "completedOn": "2026-03-26" });
        let refused = act(&day, reqwest::Method::POST, &path, 1, &ahead).await;
        assert_eq!(refused.faults(), [("/completedOn".to_owned(), "in_the_future".to_owned())]);
        let done = json!({ "reference": "DOC-20931" });
        let record = act(&day, reqwest::Method::POST, &path, 1, &done).await.expect(200).json();
        assert_eq!((&record["kind"], &record["status"]), (&json!("record"), &json!("completed_on_time")));
        assert_eq!(record["details"]["reference"], "DOC-20931");
        act(&day, reqwest::Method::POST, &path, 2, &done).await.problem(409, "conflict");

        let round = id(follow_ups(&made, "distribution")[0]);
        let path = format!("/distribution/{round}/completion");
        let nobody = json!({ "sentTo": ["no_such_role"] });
        let refused = act(&day, reqwest::Method::POST, &path, 1, &nobody).await;
        assert_eq!(refused.faults(), [("/sentTo/0".to_owned(), "unknown_code".to_owned())], "{}", refused.text);
        let sent = json!({ "sentTo": ["team_manager", "social_worker"] });
        let view = act(&day, reqwest::Method::POST, &path, 1, &sent).await.expect(200).json();
        assert_eq!(view["details"]["sentTo"], json!(["team_manager", "social_worker"]));
        // A record is no action, nor a letter.
        let path = format!("/actions/{round}/completion");
        act(&day, reqwest::Method::POST, &path, 2, &json!({})).await.problem(404, "not_found");
        let path = format!("/cases/{}/history?limit=200", made["caseId"].as_str().unwrap());
        let history = day.get(Role::HeadOfService, &path).await.expect(200).text;
        assert!(history.contains("completeRecord") && history.contains("completeDistribution"));
    }
}
