//! Promise: a period that a question is about has a limit, which is told, and up to it there is an answer.

use chrono::{Days, NaiveDate};
use permanence_api::auth::Role;
use permanence_core::calendar::Period;
use serde_json::{Value, json};

use super::codes;
use crate::on_both_servers;
use crate::support::{Answered, Spec, TestApp};

const FROM: &str = "2000-01-03";

/// The day so many days after the first.
fn after(days: i64) -> String {
    let from: NaiveDate = FROM.parse().expect("a day");
    let days = Days::new(u64::try_from(days).expect("a number of days"));
    from.checked_add_days(days).expect("a day").to_string()
}

async fn ask(app: &TestApp, council: &str, question: &str, facts: Value) -> Answered {
    let path = format!("/v1/councils/{council}/evaluations/{question}");
    let token = app.token(council, Role::CouncilOfficer);
    let body = json!({ "asOf": "2060-03-02", "facts": facts });
    app.post(&path).token(&token).json(&body).send().await
}

fn too_long(answer: &Answered, pointer: &str) {
    let problem = answer.problem(422, "invalid");
    assert_eq!(
        answer.faults(),
        [(pointer.to_owned(), "too_long".to_owned())]
    );
    let limit = Period::LONGEST_DAYS.to_string();
    assert!(
        problem["errors"][0]["message"]
            .as_str()
            .is_some_and(|text| text.contains(&limit)),
        "{problem}"
    );
}

on_both_servers! {
    async fn the_longest_period_is_answered_and_one_day_more_is_refused_with_the_limit(app: &TestApp) {
        for council in codes() {
            for question in ["sittings", "reports"] {
                let facts = |to: String| json!({ "from": FROM, "to": to });
                ask(app, &council, question, facts(after(Period::LONGEST_DAYS))).await.expect(200);
                too_long(&ask(app, &council, question, facts(after(Period::LONGEST_DAYS + 1))).await, "/facts/to");
                too_long(&ask(app, &council, question, json!({ "from": "0001-01-01" })).await, "/facts/from");
            }
        }
    }

    async fn a_comparison_has_the_same_limit(app: &TestApp) {
        let token = app.token("derby", Role::CouncilOfficer);
        let compare = async |to: String| {
            let facts = json!({ "from": FROM, "to": to });
            let body = json!({
                "asOf": "2060-03-02", "against": { "council": "dudley" }, "capabilities": ["reports"], "facts": facts
            });
            app.post("/v1/councils/derby/comparisons").token(&token).json(&body).send().await
        };
        compare(after(Period::LONGEST_DAYS)).await.expect(200);
        too_long(&compare(after(Period::LONGEST_DAYS + 1)).await, "/facts/to");
    }

    async fn days_of_long_ago_are_no_reason_to_fail(app: &TestApp) {
        let facts = json!({ "weeksChecked": ["0001-01-01"], "weekStarting": "0001-01-01" });
        let known: Vec<&str> = facts.as_object().expect("facts").keys().map(String::as_str).collect();
        let token = app.token("dudley", Role::CouncilOfficer);
        for name in known {
            let body = json!({ "asOf": "9999-12-31", "facts": { name: facts[name] } });
            let path = "/v1/councils/dudley/evaluations/reports";
            let answer = app.post(path).token(&token).json(&body).send().await;
            assert_eq!(answer.status, 200, "{name}: {}", answer.text);
        }
    }

    async fn sittings_are_made_within_the_limits_and_a_request_that_makes_nothing_says_why(app: &TestApp) {
        let token = app.token("derby", Role::PanelAdministrator);
        let make = async |from: &str, to: &str| {
            let body = json!({ "from": from, "to": to });
            app.post("/v1/councils/derby/sittings").token(&token).json(&body).send().await
        };
        too_long(&make(FROM, &after(Period::LONGEST_DAYS + 1)).await, "/to");
        let many = make(FROM, &after(Period::LONGEST_DAYS)).await;
        let problem = many.problem(422, "invalid");
        assert_eq!(many.faults(), [("/to".to_owned(), "too_long".to_owned())]);
        assert!(problem["detail"].as_str().is_some_and(|text| text.contains("120")), "{problem}");
        let turned = make("2026-03-31", "2026-03-01").await;
        turned.problem(422, "invalid");
        assert_eq!(turned.faults(), [("/to".to_owned(), "out_of_order".to_owned())]);

        // The panel sits on the last Wednesday of the month: on 25 March.
        let none = make("2026-03-01", "2026-03-24").await;
        let problem = none.problem(422, "rule_refused");
        assert_eq!(none.faults(), [("/to".to_owned(), "no_sitting_in_period".to_owned())]);
        let clauses = problem["errors"][0]["clauses"].as_array().expect("clauses");
        assert!(clauses.iter().any(|id| id.as_str().is_some_and(|id| id.starts_with("DER-"))), "{problem}");
        let listed = app.get("/v1/councils/derby/sittings").token(&token).send().await.expect(200).json();
        assert_eq!(listed["items"], json!([]));

        let made = make("2026-03-01", "2026-03-25").await.expect(201).json();
        assert_eq!(made["made"][0]["heldOn"], "2026-03-25");
        let again = make("2026-03-01", "2026-03-25").await.expect(201).json();
        assert_eq!((&again["made"], &again["existing"]), (&json!([]), &json!(["2026-03-25"])));
    }
}

#[test]
fn the_description_tells_the_limits() {
    let spec = Spec::of_this_build();
    let schemas = &spec.document()["components"]["schemas"];
    let said = |schema: &str, member: &str| {
        let text = schemas[schema]["properties"][member]["description"].as_str();
        text.expect("a description").to_owned()
    };
    let limit = format!("{} days", Period::LONGEST_DAYS);
    for (schema, member) in [("EvaluationRequest", "facts"), ("SittingCreate", "to")] {
        assert!(said(schema, member).contains(&limit), "{schema}.{member}");
    }
    assert!(said("SittingCreate", "to").contains("120 sittings"));
}
