//! Promise: what a policy says to people and which reports it asks for can be read, and no clause of that kind is lost.

use std::collections::BTreeSet;

use permanence_api::auth::Role;
use serde_json::{Value, json};

use super::{all, codes};
use crate::on_both_servers;

fn ids(items: &[Value], member: &str) -> BTreeSet<String> {
    items
        .iter()
        .map(|item| item[member].as_str().expect("an id").to_owned())
        .collect()
}

on_both_servers! {
    async fn every_clause_of_text_is_shown_once(app: &TestApp) {
        for code in codes() {
            let token = app.token(&code, Role::SocialWorker);
            let texts = all(app, &token, &format!("/v1/councils/{code}/clauses?kind=text&limit=200")).await;
            let path = format!("/v1/councils/{code}/guidance?limit=");
            let shown = all(app, &token, &format!("{path}7")).await;
            assert_eq!(shown, all(app, &token, &format!("{path}200")).await);
            assert_eq!(ids(&shown, "clause"), ids(&texts, "id"));
            assert_eq!(shown.len(), texts.len());
            let order: Vec<_> = shown.iter().map(|view| (view["topic"].as_str(), view["clause"].as_str())).collect();
            assert!(order.is_sorted(), "{order:?}");
            for view in &shown {
                let clause = texts.iter().find(|text| text["id"] == view["clause"]).expect("the clause");
                assert_eq!((&view["says"], &view["values"]), (&clause["says"], &clause["values"]));
            }
        }
    }

    async fn guidance_is_found_by_subject_shape_and_what_it_is_about(app: &TestApp) {
        let mut shapes = BTreeSet::new();
        for code in codes() {
            let token = app.token(&code, Role::SocialWorker);
            let path = format!("/v1/councils/{code}/guidance?limit=200");
            let shown = all(app, &token, &path).await;
            shapes.extend(ids(&shown, "shape"));
            for filter in ["topic", "shape"] {
                for wanted in ids(&shown, filter) {
                    let found = all(app, &token, &format!("{path}&{filter}={wanted}")).await;
                    assert!(!found.is_empty() && found.iter().all(|view| view[filter] == json!(wanted)), "{filter} {wanted}");
                }
            }
            let about = all(app, &token, &format!("{path}&about=adoption")).await;
            assert!(about.iter().all(|view| view["values"].to_string().contains("\"adoption\"")));
        }
        assert!(shapes.contains("comparison") && shapes.contains("for_and_against"), "{shapes:?}");
        let code = codes().remove(0);
        let token = app.token(&code, Role::SocialWorker);
        let path = format!("/v1/councils/{code}/guidance");
        app.get(&format!("{path}?edition=none")).token(&token).send().await.problem(400, "bad_query");
        app.get(&format!("{path}?shape=poem")).token(&token).send().await.problem(400, "bad_query");
    }

    async fn every_clause_on_reports_stands_under_a_report(app: &TestApp) {
        let mut reports = 0;
        for code in codes() {
            let token = app.token(&code, Role::PerformanceAnalyst);
            let path = format!("/v1/councils/{code}/clauses?limit=200&topic=");
            let mut wanted = ids(&all(app, &token, &format!("{path}report")).await, "id");
            wanted.extend(ids(&all(app, &token, &format!("{path}kpi")).await, "id"));
            let listed = all(app, &token, &format!("/v1/councils/{code}/reports")).await;
            let paged = all(app, &token, &format!("/v1/councils/{code}/reports?limit=1")).await;
            assert_eq!(listed, paged);
            let cited: BTreeSet<String> = listed
                .iter()
                .flat_map(|report| ids(report["clauses"].as_array().expect("clauses"), "id"))
                .collect();
            assert!(cited.is_superset(&wanted), "{code}: {cited:?} without some of {wanted:?}");
            reports += listed.len();
        }
        assert!(reports > 0, "no council has a report: this test proves nothing");
    }
}
