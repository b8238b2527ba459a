//! Promise: a plugin that fails costs the answers that were asked of it, each a problem; it is set aside when it fails again
//! and again, the service says so, and everything else goes on.

use permanence_api::auth::Role;
use permanence_api::plugins::Councils;
use serde_json::json;

use crate::databases::TestDatabase;
use crate::on_both_databases;
use crate::panel_journey::Day;
use crate::plugins::workshop::{council, rust_plugin, settings};
use crate::support::{Answered, TestApp};

async fn anytown(database: &TestDatabase) -> Day {
    let councils = tokio::task::spawn_blocking(|| {
        let library = rust_plugin("panics_in_calls");
        std::iter::once(council(&settings(&[&library]))).collect::<Councils>()
    });
    let councils = councils.await.expect("the plugin loads");
    let app = TestApp::with(database.clone(), councils, "2026-03-02T09:30:00Z", &[]).await;
    Day {
        app,
        council: "anytown",
    }
}

async fn ask(day: &Day, clause: &str) -> Answered {
    let path = format!("/clauses/{clause}/evaluations");
    day.post(Role::CouncilOfficer, &path, &json!({ "facts": {} }))
        .await
}

async fn health(day: &Day) -> serde_json::Value {
    day.app.get("/health/ready").send().await.expect(200).json()
}

on_both_databases! {
    async fn an_answer_that_fails_is_a_problem_and_the_next_one_is_an_answer(database: &TestDatabase) {
        let day = anytown(database).await;
        for clause in ["ANY-PANICS-01", "ANY-PANICSLOUDLY-01"] {
            let failed = ask(&day, clause).await;
            failed.problem(503, "plugin_failed");
            assert!(!failed.text.contains("planned"), "the panic's text is for the log: {}", failed.text);
            let well = ask(&day, "ANY-GOOD-01").await.expect(200).json();
            assert_eq!(well["results"]["answered"], true);
            assert_eq!(health(&day).await, json!({ "status": "ok" }));
        }
    }

    async fn one_that_fails_again_and_again_is_set_aside_and_the_service_says_so(database: &TestDatabase) {
        let day = anytown(database).await;
        for _ in 0..3 {
            ask(&day, "ANY-PANICS-01").await.problem(503, "plugin_failed");
        }
        // It is not called any more, not for what it could answer either, and nothing is concluded in its place.
        ask(&day, "ANY-GOOD-01").await.problem(503, "plugin_failed");
        assert_eq!(health(&day).await, json!({ "status": "degraded" }));
        day.get(Role::HeadOfService, "/cases").await.expect(200);
        day.app.get("/health/live").send().await.expect(200);
    }
}
