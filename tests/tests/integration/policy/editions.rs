//! Promise: a day is judged by the edition that held on it, and loading a newer edition changes no past answer.

use std::path::Path;

use permanence_api::auth::Role;
use permanence_api::plugins::{Councils, load};
use serde_json::{Value, json};

use crate::databases::TestDatabase;
use crate::on_both_databases;
use crate::plugins::workshop::{c_plugin_with, digest, settings};
use crate::support::{Answered, TestApp};

/// One edition of an invented policy: a plan is due so long after the child came into care, and from the second edition on
/// nothing is approved without conditions.
fn edition(id: &str, dates: Value, plan_within: &str, conditions: bool) -> Value {
    let mut about = json!({ "id": id, "title": "Policy of Anytown" });
    for (name, day) in dates.as_object().expect("dates") {
        about[name] = day.clone();
    }
    let mut rules = vec![json!({
        "clauses": ["ANY-CHECKPOINT-01"], "also": ["exceptions"],
        "rule": { "due_date": {
            "from": [{ "fact": "became_looked_after_on", "offset": plan_within }],
            "met_by": ["permanence_plan_on"], "flag": "permanence_plan_missing",
            "returns": { "due": "plan_due_on", "status": "plan_status" } } }
    })];
    let record = match conditions {
        true => {
            json!({ "requires": { "fact": "conditions", "known": true }, "flag": "explanation_missing", "effect": "block" })
        }
        false => {
            json!({ "requires": { "fact": "rationale", "known": true }, "flag": "explanation_missing", "effect": "block" })
        }
    };
    rules.push(json!({
        "clauses": ["ANY-DECISION-01"], "when": { "fact": "outcome", "is": "approved" },
        "rule": { "must_be_recorded": record }
    }));
    let clause = |id: &str, topic: &str, kind: &str| json!({ "id": id, "at": "1", "topic": topic, "kind": kind, "says": "As invented." });
    json!({
        "edition": about,
        "clauses": [
            clause("ANY-CHECKPOINT-01", "checkpoint", "rule"),
            clause("ANY-DECISION-01", "decision", "rule"),
            clause("ANY-FREQUENCY-01", "frequency", "text"),
        ],
        "panels": [{
            "code": "permanence_panel", "clauses": ["ANY-FREQUENCY-01"],
            "sits": { "every_week": "tuesday" }, "on_bank_holiday": "skip",
            "papers": { "on": "-7 calendar_days" }, "request_types": ["permanent_fostering_match"]
        }],
        "rules": rules
    })
}

/// The policy in a library of its own.
fn library(editions: Vec<Value>) -> std::path::PathBuf {
    let council = json!({ "code": "anytown", "name": "Anytown Council", "gss": "E06000099" });
    c_plugin_with(
        &[],
        &json!({ "council": council, "editions": editions }).to_string(),
    )
}

fn old_library() -> std::path::PathBuf {
    library(vec![edition("2024", json!({}), "4 calendar_months", false)])
}

fn new_library() -> std::path::PathBuf {
    library(vec![
        edition(
            "2024",
            json!({ "effective_to": "2026-02-28" }),
            "4 calendar_months",
            false,
        ),
        edition(
            "2026",
            json!({ "effective_from": "2026-03-01" }),
            "3 calendar_months",
            true,
        ),
    ])
}

fn councils(library: &Path) -> Councils {
    let loaded = load(&settings(&[library])).expect("a library that loads");
    assert!(loaded.refused.is_empty());
    loaded.councils
}

async fn server(database: &TestDatabase, library: &Path, now: &str) -> TestApp {
    let councils = councils(library);
    TestApp::with(database.clone(), councils, now, &[]).await
}

async fn ask(app: &TestApp, question: Value) -> Answered {
    let token = app.token("anytown", Role::CouncilOfficer);
    let path = "/v1/councils/anytown/evaluations/checkpoints";
    app.post(path).token(&token).json(&question).send().await
}

async fn make(app: &TestApp, path: &str, body: Value) -> Value {
    let token = app.token("anytown", Role::HeadOfService);
    let path = format!("/v1/councils/anytown{path}");
    app.post(&path)
        .token(&token)
        .json(&body)
        .send()
        .await
        .expect(201)
        .json()
}

/// A listed item on a sitting.
async fn book(app: &TestApp, case: &str, sitting: &str) -> String {
    let body = json!({ "caseId": case, "sittingId": sitting, "requestType": "permanent_fostering_match", "requestedBy": "social_worker" });
    let made = make(app, "/bookings", body).await;
    made["booking"]["id"].as_str().expect("an id").to_owned()
}

async fn decide(app: &TestApp, booking: &str, more: Value) -> Answered {
    let token = app.token("anytown", Role::HeadOfService);
    let path = format!("/v1/councils/anytown/bookings/{booking}");
    let etag = app
        .get(&path)
        .token(&token)
        .send()
        .await
        .expect(200)
        .etag()
        .to_owned();
    let mut body = json!({ "outcome": "approved", "rationale": "It is right for the child." });
    for (name, value) in more.as_object().expect("members") {
        body[name] = value.clone();
    }
    let chair = app.token("anytown", Role::PanelChair);
    let decide = app
        .post(&format!("{path}/decision"))
        .token(&chair)
        .if_match(&etag);
    decide.json(&body).send().await
}

on_both_databases! {
    async fn a_question_is_judged_by_the_edition_of_its_day_or_by_the_one_it_names(database: &TestDatabase) {
        let app = server(database, &new_library(), "2026-03-02T09:30:00Z").await;
        let facts = json!({ "becameLookedAfterOn": "2025-11-15", "permanencePlanOn": null });
        for (as_of, edition, due, flagged) in [
            ("2026-02-28", "2024", "2026-03-15", false),
            ("2026-03-01", "2026", "2026-02-15", true),
            ("1999-01-01", "2024", "", false),
        ] {
            let answer = ask(&app, json!({ "asOf": as_of, "facts": facts })).await.expect(200).json();
            assert_eq!(answer["edition"], edition, "{as_of}");
            assert_eq!(answer["results"]["planDueOn"].as_str().unwrap_or_default(), due, "{as_of}");
            let own = answer["findings"].as_array().expect("findings").iter().any(|it| it["code"] == "permanence_plan_missing");
            assert_eq!(own, flagged, "{as_of}");
        }
        let named = ask(&app, json!({ "asOf": "2026-03-05", "edition": "2024", "facts": facts })).await.expect(200).json();
        assert_eq!((&named["edition"], &named["results"]["planDueOn"]), (&json!("2024"), &json!("2026-03-15")));
        let today = ask(&app, json!({ "facts": facts })).await.expect(200).json();
        assert_eq!((&today["edition"], &today["asOf"]), (&json!("2026"), &json!("2026-03-02")));
        let unknown = ask(&app, json!({ "edition": "2025", "facts": facts })).await;
        unknown.problem(422, "invalid");
        assert_eq!(unknown.faults(), [("/edition".to_owned(), "unknown_edition".to_owned())]);
        let token = app.token("anytown", Role::CouncilOfficer);
        let clause = |edition: &str| app.get(&format!("/v1/councils/anytown/clauses/ANY-DECISION-01?edition={edition}")).token(&token).send();
        assert_eq!(clause("2024").await.expect(200).json()["edition"], "2024");
        let unknown = clause("2025").await;
        unknown.problem(400, "bad_query");
        assert_eq!(unknown.faults(), [("/edition".to_owned(), "unknown_edition".to_owned())]);
    }

    async fn a_newer_edition_changes_no_stored_decision_and_no_answer_about_the_past(database: &TestDatabase) {
        let (old, new) = (old_library(), new_library());
        let facts = json!({ "becameLookedAfterOn": "2025-11-15", "permanencePlanOn": null });
        let past = json!({ "asOf": "2026-02-24", "facts": facts });
        let before = server(database, &old, "2026-02-10T09:30:00Z").await;
        let mut children = Vec::new();
        for number in 1..=3 {
            let case = make(&before, "/cases", json!({ "reference": format!("CH-{number}") })).await;
            children.push(case["id"].as_str().expect("an id").to_owned());
        }
        let made = make(&before, "/sittings", json!({ "from": "2026-02-24", "to": "2026-03-03" })).await;
        let sittings: Vec<String> = made["made"].as_array().expect("sittings").iter()
            .map(|sitting| sitting["id"].as_str().expect("an id").to_owned()).collect();
        let first = book(&before, &children[0], &sittings[0]).await;
        let late = book(&before, &children[1], &sittings[0]).await;
        let later = book(&before, &children[2], &sittings[1]).await;
        drop(before);

        let panel = server(database, &old, "2026-02-24T16:00:00Z").await;
        let decided = decide(&panel, &first, json!({})).await.expect(201).json();
        let judged_by = decided["judgedBy"].clone();
        assert_eq!(judged_by["edition"], "2024");
        assert_eq!(judged_by["pluginDigest"], digest(&old).to_string());
        assert_eq!((&judged_by["plugin"], &judged_by["pluginVersion"]), (&json!("c"), &json!("1")));
        let path = format!("/v1/councils/anytown/decisions/{}", decided["id"].as_str().expect("an id"));
        let read = async |app: &TestApp| {
            let token = app.token("anytown", Role::PanelChair);
            app.get(&path).token(&token).send().await.expect(200).json()
        };
        let (stored, answered) = (read(&panel).await, ask(&panel, past.clone()).await.expect(200).json());
        drop(panel);

        let after = server(database, &new, "2026-03-03T16:00:00Z").await;
        assert_eq!(read(&after).await, stored);
        assert_eq!(ask(&after, past).await.expect(200).json(), answered);
        // Recorded today, decided on a day of the edition before: that one judges.
        let decided = decide(&after, &late, json!({})).await.expect(201).json();
        assert_eq!(decided["judgedBy"]["edition"], "2024");
        assert_eq!(decided["judgedBy"]["pluginDigest"], digest(&new).to_string());
        let refused = decide(&after, &later, json!({})).await;
        let problem = refused.problem(422, "rule_refused");
        assert_eq!(problem["errors"][0]["clauses"], json!(["ANY-DECISION-01"]));
        let decided = decide(&after, &later, json!({ "conditions": ["Contact is settled."] })).await.expect(201).json();
        assert_eq!(decided["judgedBy"]["edition"], "2026");
        assert_eq!(read(&after).await["judgedBy"], judged_by);
    }
}
