//! Promise: what a case was at any moment can be read, and who changed what, when and why.

use permanence_api::auth::Role;
use serde_json::{Value, json};

use super::open;
use crate::on_both_servers;

on_both_servers! {
    async fn the_history_tells_what_changed_by_whom_and_why(app: &TestApp) {
        let token = app.token("derby", Role::IntegrationClient);
        let made = open(app, &token, "CH-1", "Finch").await;
        let place = made.header("location");
        let own = app.mint("sw-1", &["derby"], &[Role::SocialWorker], &[], 3600);
        let change = json!({ "team": "south", "why": "The family moved." });
        app.patch(place).token(&own).if_match("\"v1\"").merge_patch(&change).send().await.expect(200);
        let event = json!({ "kind": "review", "startedOn": "2026-02-01" });
        app.post(&format!("{place}/care-events")).token(&token).json(&event).send().await.expect(201);
        let history = app.get(&format!("{place}/history")).token(&own).send().await.expect(200).json();
        let items = history["items"].as_array().expect("items");
        let operations: Vec<_> = items.iter().map(|item| item["operation"].as_str().expect("text")).collect();
        assert_eq!(operations, ["createCareEvent", "updateCase", "createCase"]);
        let update = &items[1];
        assert_eq!((&update["actor"], &update["why"]), (&json!("sw-1"), &json!("The family moved.")));
        assert_eq!(update["differences"], json!([{ "pointer": "/team", "before": "north", "after": "south" }]));
        let pointers: Vec<_> = items[2]["differences"].as_array().expect("differences").iter().map(|one| &one["pointer"]).collect();
        assert!(pointers.contains(&&json!("/reference")));
        // Page by page it is the same, although what a change is compared with is on the next page.
        let mut seen = Vec::new();
        let mut next = format!("{place}/history?limit=1");
        loop {
            let page = app.get(&next).token(&own).send().await.expect(200);
            seen.extend(page.json()["items"].as_array().expect("items").clone());
            let Some(cursor) = page.json()["nextCursor"].as_str().map(str::to_owned) else { break };
            next = format!("{place}/history?limit=1&cursor={cursor}");
        }
        assert_eq!(Value::Array(seen), history["items"]);
    }

    async fn a_case_is_readable_as_of_any_moment(app: &TestApp) {
        let token = app.token("derby", Role::IntegrationClient);
        let made = open(app, &token, "CH-1", "Finch").await;
        let place = made.header("location");
        app.patch(place).token(&token).if_match("\"v1\"").merge_patch(&json!({ "team": "south" })).send().await.expect(200);
        let event = json!({ "kind": "review", "startedOn": "2026-02-01" });
        app.post(&format!("{place}/care-events")).token(&token).json(&event).send().await.expect(201);
        let as_of = |at: &str| app.get(&format!("{place}/as-of?at={at}")).token(&token).send();
        let now = as_of("2026-03-02T09:30:00Z").await.expect(200).json();
        let records = now["records"].as_array().expect("records");
        assert_eq!(records.len(), 2);
        assert_eq!((&records[0]["kind"], &records[0]["version"]), (&json!("case"), &json!(2)));
        assert_eq!(records[0]["document"]["team"], "south");
        assert_eq!(records[1]["kind"], "care_event");
        as_of("2026-03-02T09:29:59Z").await.problem(404, "not_found");
        as_of("yesterday").await.problem(400, "bad_query");
    }

    async fn the_timeline_is_in_the_order_of_days(app: &TestApp) {
        let token = app.token("derby", Role::IntegrationClient);
        let made = open(app, &token, "CH-1", "Finch").await;
        let place = made.header("location");
        for event in [
            json!({ "kind": "review", "startedOn": "2026-02-01" }),
            json!({ "kind": "episode", "startedOn": "2025-01-10", "details": { "legalStatus": "C2", "placement": "U6" } }),
            json!({ "kind": "planning_meeting", "startedOn": "2025-12-24" }),
        ] {
            app.post(&format!("{place}/care-events")).token(&token).json(&event).send().await.expect(201);
        }
        let codes = async |question: &str| {
            let page = app.get(&format!("{place}/timeline{question}")).token(&token).send().await.expect(200).json();
            let items = page["items"].as_array().expect("items").clone();
            let cursor = page["nextCursor"].as_str().map(str::to_owned);
            (items.iter().map(|item| item["code"].as_str().expect("text").to_owned()).collect::<Vec<_>>(), cursor)
        };
        assert_eq!(codes("").await.0, ["episode", "planning_meeting", "review"]);
        let (first, cursor) = codes("?limit=2").await;
        assert_eq!(first, ["episode", "planning_meeting"]);
        let cursor = cursor.expect("a cursor");
        assert_eq!(codes(&format!("?limit=2&cursor={cursor}")).await, (vec!["review".to_owned()], None));
        assert!(codes("?kind=booking").await.0.is_empty());
    }
}
