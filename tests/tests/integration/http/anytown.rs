//! An invented council whose policy asks for one record of each kind.

use permanence_api::auth::Role;
use serde_json::{Value, json};

use crate::databases::TestDatabase;
use crate::plugins::workshop;
use crate::support::{Answered, NOW, TestApp};

/// A server that speaks for it.
pub async fn anytown(database: &TestDatabase) -> TestApp {
    let rulebook = include_str!("../../../data/records/anytown.json");
    let library = workshop::c_plugin_with(&[], rulebook);
    let council = workshop::council(&workshop::settings(&[&library]));
    TestApp::with(database.clone(), [council].into_iter().collect(), NOW, &[]).await
}

/// An address at the council.
pub fn at(rest: &str) -> String {
    format!("/v1/councils/anytown{rest}")
}

/// A token for somebody in this role.
pub fn token(app: &TestApp, subject: &str, role: Role) -> String {
    app.mint(subject, &["anytown"], &[role], &["north"], 3600)
}

/// Opens a case of the social worker `sw-1` in the team `north`, and gives its id.
pub async fn open(app: &TestApp, reference: &str) -> String {
    let body = json!({ "reference": reference, "socialWorker": "sw-1", "team": "north" });
    let token = token(app, "case-system", Role::IntegrationClient);
    let made = post(app, &token, "/cases", &body).await.expect(201).json();
    made["id"].as_str().expect("an id").to_owned()
}

/// Sends a body.
pub async fn post(app: &TestApp, token: &str, rest: &str, body: &Value) -> Answered {
    app.post(&at(rest)).token(token).json(body).send().await
}

/// Reads.
pub async fn get(app: &TestApp, token: &str, rest: &str) -> Answered {
    app.get(&at(rest)).token(token).send().await
}

/// The codes of a list of findings.
pub fn codes(findings: &Value) -> Vec<&str> {
    let findings = findings.as_array().expect("findings");
    findings
        .iter()
        .filter_map(|one| one["code"].as_str())
        .collect()
}

/// The operations of a case's history, newest first.
pub async fn history(app: &TestApp, case: &str) -> Vec<String> {
    let token = token(app, "head", Role::HeadOfService);
    let page = get(app, &token, &format!("/cases/{case}/history"))
        .await
        .expect(200)
        .json();
    let items = page["items"].as_array().expect("items").clone();
    let name = |item: &Value| item["operation"].as_str().unwrap_or_default().to_owned();
    items.iter().map(name).collect()
}
