//! Promise: the law for every council stands beside each one's policy, with its citations, and changes none of its results.

use permanence_api::auth::Role;
use serde_json::{Value, json};

use super::{all, codes};
use crate::on_both_servers;

fn statutory(finding: &Value) -> bool {
    let clauses = finding["clauses"].as_array().expect("clauses");
    clauses
        .iter()
        .any(|id| id.as_str().is_some_and(|id| id.starts_with("ENG-")))
}

on_both_servers! {
    async fn the_law_is_listed_with_its_citations(app: &TestApp) {
        let token = app.token(&codes()[0], Role::SocialWorker);
        let rules = all(app, &token, "/v1/statute?limit=2").await;
        let ids: Vec<&str> = rules.iter().map(|rule| rule["id"].as_str().expect("an id")).collect();
        let expected = ["ENG-PLAN-01", "ENG-PROCEEDINGS-01", "ENG-PROCEEDINGS-02", "ENG-REVIEW-01", "ENG-REVIEW-02", "ENG-REVIEW-03"];
        assert_eq!(ids, expected);
        for rule in &rules {
            let citation = rule["citation"].as_str().expect("a citation");
            assert!(citation.contains("reg. ") || citation.contains("s. 32"), "{citation}");
            assert_eq!(rule["capabilities"], json!(["checkpoints", "exceptions"]));
        }
    }

    async fn it_speaks_beside_every_council_about_due_dates_and_drift(app: &TestApp) {
        let facts = json!({ "becameLookedAfterOn": "2025-09-01", "firstStatutoryReviewOn": "2025-09-26",
            "secondStatutoryReviewOn": null, "proceedingsIssuedOn": "2025-09-01", "proceedingsConcludedOn": null });
        for code in codes() {
            let token = app.token(&code, Role::SocialWorker);
            let ask = async |question: &str| {
                let path = format!("/v1/councils/{code}/evaluations/{question}");
                let body = json!({ "asOf": "2026-03-02", "facts": facts });
                app.post(&path).token(&token).json(&body).send().await.expect(200).json()
            };
            for question in ["checkpoints", "exceptions"] {
                let answer = ask(question).await;
                let found: Vec<(&Value, &Value, &Value)> = answer["findings"].as_array().expect("findings").iter()
                    .filter(|finding| statutory(finding))
                    .map(|finding| (&finding["clauses"][0], &finding["dueOn"], &finding["ranOutOn"]))
                    .collect();
                assert_eq!(found, [
                    (&json!("ENG-REVIEW-02"), &json!("2025-12-26"), &json!("2025-12-27")),
                    (&json!("ENG-PROCEEDINGS-01"), &json!("2026-03-01"), &json!("2026-03-02")),
                ], "{code} {question}");
                let cited = serde_json::to_string(&answer["because"]).expect("JSON");
                assert!(!cited.contains("ENG-"), "{code}: the council's results stay its own");
            }
            let dates = ask("checkpoints").await["statute"].clone();
            assert_eq!(dates["ENG-REVIEW-01"], json!({ "firstStatutoryReviewDueOn": "2025-09-29", "firstStatutoryReviewStatus": "completed_on_time" }));
            assert!(ask("exceptions").await.get("statute").is_none());
            assert!(!ask("paperwork").await["findings"].as_array().expect("findings").iter().any(statutory));
        }
    }

    async fn a_clause_asked_alone_answers_alone(app: &TestApp) {
        for code in codes() {
            let token = app.token(&code, Role::SocialWorker);
            let path = format!("/v1/councils/{code}/clauses?kind=rule&capability=checkpoints&limit=1");
            let clause = all(app, &token, &path).await.remove(0)["id"].as_str().expect("an id").to_owned();
            let path = format!("/v1/councils/{code}/clauses/{clause}/evaluations");
            let body = json!({ "asOf": "2026-03-02", "facts": { "becameLookedAfterOn": "2025-09-01", "reviews": [] } });
            let answer = app.post(&path).token(&token).json(&body).send().await.expect(200).json();
            assert!(answer.get("statute").is_none() && !answer["findings"].as_array().expect("findings").iter().any(statutory));
            app.get(&format!("/v1/councils/{code}/clauses/ENG-REVIEW-01")).token(&token).send().await.problem(404, "not_found");
        }
    }
}
