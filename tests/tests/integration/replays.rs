//! Promise: whatever makes something, sent again under its key, is made once and answered as the first time.

use permanence_api::auth::Role;
use permanence_api::plugins::Councils;
use serde_json::{Value, json};

use crate::databases::TestDatabase;
use crate::http::anytown::{anytown, at, open};
use crate::on_both_databases;
use crate::panel_journey::{Day, run_jobs};
use crate::plugins::workshop::{c_plugin_with, council, settings};
use crate::support::{Spec, TestApp};

/// Sends a request three times under one key: the answers are one answer; under the key another request is refused.
struct Twice<'a> {
    day: &'a Day,
    seen: Vec<&'static str>,
}

impl Twice<'_> {
    async fn send(
        &mut self,
        operation: &'static str,
        role: Role,
        path: &str,
        version: Option<&str>,
        body: &Value,
        status: u16,
    ) -> Value {
        let send = async |body: &Value| {
            let asked = self
                .day
                .app
                .post(&self.day.path(path))
                .token(&self.day.token(role));
            let asked = asked.key(operation).json(body);
            match version {
                Some(etag) => asked.if_match(etag).send().await,
                None => asked.send().await,
            }
        };
        let first = send(body).await.expect(status);
        for _ in 0..2 {
            let again = send(body).await.expect(status);
            assert_eq!(again.text, first.text, "{operation}");
            assert_eq!(
                again.header("location"),
                first.header("location"),
                "{operation}"
            );
            assert_eq!(again.etag(), first.etag(), "{operation}");
        }
        let mut other = body.clone();
        if let Some((_, member)) =
            other
                .as_object_mut()
                .expect("a body")
                .iter_mut()
                .find(|(name, _)| {
                    [
                        "reference",
                        "reason",
                        "rationale",
                        "location",
                        "requestedBy",
                    ]
                    .contains(&name.as_str())
                })
        {
            *member = "something_else".into();
            send(&other).await.problem(422, "key_reused");
        }
        self.seen.push(operation);
        first.json()
    }
}

fn id(view: &Value) -> String {
    view["id"].as_str().expect("an id").to_owned()
}

async fn etag(day: &Day, path: &str) -> String {
    day.get(Role::HeadOfService, path)
        .await
        .expect(200)
        .etag()
        .to_owned()
}

/// The same for what a policy asks to be written down.
async fn records(database: &TestDatabase) -> Vec<&'static str> {
    let app = anytown(database).await;
    let case = open(&app, "CH-9").await;
    let day = Day {
        app,
        council: "anytown",
    };
    let mut twice = Twice {
        day: &day,
        seen: Vec::new(),
    };
    let spec = Spec::of_this_build();
    let said = |operation: &str| {
        let operation = spec.operation(operation);
        operation.body_example().expect("an example")
    };
    let fact = at(&format!("/cases/{case}/facts/becameLookedAfterOn"));
    let fact = day
        .app
        .put(&fact)
        .token(&day.token(Role::IntegrationClient));
    let since = json!({ "value": "2025-09-01" });
    fact.json(&since).send().await.expect(200);
    let of_case = |rest: &str| format!("/cases/{case}/{rest}");
    for (operation, role, path) in [
        (
            "appointMember",
            Role::PanelAdministrator,
            "/members".to_owned(),
        ),
        (
            "submitForm",
            Role::HeadOfService,
            of_case("form-submissions"),
        ),
        (
            "submitCouncilForm",
            Role::HeadOfService,
            "/form-submissions".to_owned(),
        ),
        (
            "recordTrackerEntry",
            Role::HeadOfService,
            of_case("tracker-entries"),
        ),
        (
            "createExceptionReport",
            Role::HeadOfService,
            of_case("exception-reports"),
        ),
    ] {
        twice
            .send(operation, role, &path, None, &said(operation), 201)
            .await;
    }
    twice.seen
}

on_both_databases! {
    async fn every_creation_happens_once(database: &TestDatabase) {
        let rulebook = include_str!("../../data/policies/brings-back.json");
        let councils = tokio::task::spawn_blocking(|| {
            let library = c_plugin_with(&[], rulebook);
            std::iter::once(council(&settings(&[&library]))).collect::<Councils>()
        });
        let councils = councils.await.expect("the plugin loads");
        let app = TestApp::with(database.clone(), councils, "2026-03-02T09:30:00Z", &[]).await;
        let day = Day { app, council: "anytown" };
        let mut twice = Twice { day: &day, seen: Vec::new() };

        let body = json!({ "reference": "CH-1" });
        let case = id(&twice.send("createCase", Role::HeadOfService, "/cases", None, &body, 201).await);
        let body = json!({ "kind": "review", "startedOn": "2026-02-02", "details": {} });
        let path = format!("/cases/{case}/care-events");
        twice.send("createCareEvent", Role::HeadOfService, &path, None, &body, 201).await;
        let file = json!({ "name": "reviews.csv", "content": "CHILD,DOB,REVIEW,REVIEW_CODE\r\nA1,04/05/2017,12/11/2024,PN1\r\n" });
        let body = json!({ "kind": "ssda903", "dryRun": true, "files": [file] });
        twice.send("createImport", Role::IntegrationClient, "/imports", None, &body, 202).await;
        let body = json!({ "heldOn": "2026-03-02", "location": "Room 2" });
        let made = twice.send("createSitting", Role::PanelAdministrator, "/sittings", None, &body, 201).await;
        let sitting = id(&made["made"][0]);
        let body = json!({ "caseId": case, "sittingId": sitting, "requestType": "staying_put", "requestedBy": "social_worker" });
        let made = twice.send("createBooking", Role::PanelAdministrator, "/bookings", None, &body, 201).await;
        let item = format!("/bookings/{}", id(&made["booking"]));
        let body = json!({ "document": "care_plan", "reference": "doc-1" });
        twice.send("submitPaperwork", Role::PanelAdministrator, &format!("{item}/papers"), None, &body, 201).await;
        let body = json!({ "givenBy": "local_authority_lawyer", "advice": "None is needed." });
        twice.send("recordLegalAdvice", Role::LegalAdviser, &format!("{item}/legal-advice"), None, &body, 201).await;
        let body = json!({ "outcome": "ratified", "rationale": "It is right for the child." });
        let version = etag(&day, &item).await;
        twice.send("recordDecision", Role::PanelChair, &format!("{item}/decision"), Some(&version), &body, 201).await;
        let body = json!({
            "caseId": case, "requestType": "placement_move", "decidedBy": "head_of_service", "outcome": "ratified",
            "reason": "It could not wait.", "rationale": "It is right for the child."
        });
        let made = twice.send("recordUrgentDecision", Role::HeadOfService, "/urgent-decisions", None, &body, 201).await;
        let urgent = format!("/decisions/{}", id(&made));
        let body = json!({ "caseId": case, "sittingId": sitting, "requestType": "placement_move", "requestedBy": "social_worker" });
        let made = day.post(Role::PanelAdministrator, "/bookings", &body).await;
        // The sitting is held by now: what it hears further was on its list before.
        assert_eq!(made.status, 409, "{}", made.text);
        let body = json!({ "heldOn": "2026-03-12", "location": "Room 2" });
        let later = day.post(Role::PanelAdministrator, "/sittings", &body).await.expect(201).json();
        let body = json!({ "caseId": case, "sittingId": id(&later["made"][0]), "requestType": "placement_move", "requestedBy": "social_worker" });
        let made = day.post(Role::PanelAdministrator, "/bookings", &body).await.expect(201).json();
        let version = etag(&day, &urgent).await;
        let body = json!({
            "bookingId": id(&made["booking"]),
            "decision": { "outcome": "ratified", "rationale": "The panel agrees.", "decidedOn": "2026-03-02" }
        });
        let path = format!("{urgent}/ratification");
        twice.send("ratifyUrgentDecision", Role::PanelChair, &path, Some(&version), &body, 201).await;

        let mut seen = twice.seen;
        drop(day);
        seen.extend(records(database).await);
        let mut wanted: Vec<String> = Spec::of_this_build()
            .operations()
            .into_iter()
            .filter(|operation| operation.said.to_string().to_lowercase().contains("\"name\":\"idempotency-key\""))
            .map(|operation| operation.id)
            .collect();
        wanted.sort();
        seen.sort_unstable();
        assert_eq!(seen, wanted, "every operation that takes a key is tried here");
    }

    async fn a_key_past_its_time_is_forgotten_and_makes_another(database: &TestDatabase) {
        let first = Day::at(database, "derby", "2026-03-02T09:30:00Z").await;
        let body = json!({ "heldOn": "2026-03-25" });
        first.post_keyed(Role::PanelAdministrator, "/sittings", "one", &body).await.expect(201);
        drop(first);
        let early = run_jobs(database, "derby", "2026-03-03T09:00:00Z", "2026-03-03").await;
        assert!(early.ends_with(" 0 old keys forgotten"), "{early}");
        let late = run_jobs(database, "derby", "2026-03-03T10:00:00Z", "2026-03-03").await;
        assert!(late.ends_with(" 1 old keys forgotten"), "{late}");
        let next = Day::at(database, "derby", "2026-03-03T10:00:00Z").await;
        next.post_keyed(Role::PanelAdministrator, "/sittings", "one", &body).await.problem(409, "already_exists");
    }
}
