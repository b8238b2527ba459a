//! Promise: lists go on where they stopped, whatever happens meanwhile, and names stay out of addresses.

use permanence_api::auth::Role;
use serde_json::json;

use super::{CASES, open, references};
use crate::on_both_servers;

on_both_servers! {
    async fn pages_go_on_where_they_stopped(app: &TestApp) {
        let token = app.token("derby", Role::IntegrationClient);
        for reference in ["C", "A", "E", "B", "D"] {
            open(app, &token, reference, "Finch").await;
        }
        for (sort, expected) in [
            ("reference", ["A", "B", "C", "D", "E"]),
            ("-reference", ["E", "D", "C", "B", "A"]),
            ("createdAt", ["C", "A", "E", "B", "D"]),
            ("familyName", ["C", "A", "E", "B", "D"]),
            ("-updatedAt", ["D", "B", "E", "A", "C"]),
        ] {
            let mut seen = Vec::new();
            let mut next = format!("{CASES}?sort={sort}&limit=2");
            loop {
                let page = app.get(&next).token(&token).send().await.expect(200);
                seen.extend(references(&page.json()));
                let link = page.header("link");
                assert_eq!(link.is_empty(), page.json()["nextCursor"].is_null());
                let Some(address) = link.split_once('>').map(|(address, _)| address.trim_start_matches('<')) else {
                    break;
                };
                next = address.to_owned();
            }
            assert_eq!(seen, expected, "{sort}");
        }
    }

    async fn a_cursor_fits_its_own_question_only(app: &TestApp) {
        let token = app.token("derby", Role::IntegrationClient);
        for reference in ["A", "B", "C"] {
            open(app, &token, reference, "Finch").await;
        }
        let page = app.get(&format!("{CASES}?sort=reference&limit=1")).token(&token).send().await.expect(200);
        let cursor = page.json()["nextCursor"].as_str().expect("a cursor").to_owned();
        for other in ["sort=-reference", "sort=reference&team=north", "limit=1"] {
            let asked = app.get(&format!("{CASES}?{other}&cursor={cursor}")).token(&token).send().await;
            asked.problem(400, "bad_cursor");
        }
        app.get(&format!("{CASES}?cursor=nonsense")).token(&token).send().await.problem(400, "bad_cursor");
        app.get(&format!("{CASES}?sort=colour")).token(&token).send().await.problem(400, "bad_query");
        app.get(&format!("{CASES}?limit=0")).token(&token).send().await.problem(400, "bad_query");
    }

    async fn filters_narrow(app: &TestApp) {
        let token = app.token("derby", Role::IntegrationClient);
        open(app, &token, "A", "Finch").await;
        let other = open(app, &token, "B", "Heron").await;
        let change = json!({ "team": "south", "socialWorker": "sw-2" });
        app.patch(other.header("location")).token(&token).if_match("*").merge_patch(&change).send().await.expect(200);
        for (question, expected) in [
            ("team=north", vec!["A"]),
            ("team=north&team=south", vec!["A", "B"]),
            ("socialWorker=sw-2", vec!["B"]),
            ("reference=A", vec!["A"]),
            ("status=closed", vec![]),
            ("updatedFromAt=2026-03-02T09:30:00Z", vec!["A", "B"]),
            ("updatedFromAt=2026-03-02T09:30:01Z", vec![]),
        ] {
            let page = app.get(&format!("{CASES}?{question}&sort=reference")).token(&token).send().await.expect(200);
            assert_eq!(references(&page.json()), expected, "{question}");
        }
    }

    async fn a_search_finds_by_the_beginning_of_a_name(app: &TestApp) {
        let token = app.token("derby", Role::IntegrationClient);
        for (reference, name) in [("A", "Finch"), ("B", "Finchley"), ("C", "Heron")] {
            open(app, &token, reference, name).await;
        }
        let search = |question: &'static str, body| {
            app.post(&format!("{CASES}/searches{question}")).token(&token).json(&body).send()
        };
        let found = search("", json!({ "familyName": "FINCH" })).await.expect(200);
        assert_eq!(references(&found.json()), ["A", "B"]);
        let found = search("", json!({ "familyName": "finchl", "dateOfBirth": "2017-05-04" })).await.expect(200);
        assert_eq!(references(&found.json()), ["B"]);
        let none = search("", json!({ "dateOfBirth": "2017-05-05" })).await.expect(200);
        assert!(references(&none.json()).is_empty());
        let first = search("?limit=1", json!({ "familyName": "finch" })).await.expect(200);
        let cursor = first.json()["nextCursor"].as_str().expect("a cursor").to_owned();
        let go_on = |name| {
            let path = format!("{CASES}/searches?limit=1&cursor={cursor}");
            app.post(&path).token(&token).json(&json!({ "familyName": name })).send()
        };
        assert_eq!(references(&go_on("finch").await.expect(200).json()), ["B"]);
        go_on("heron").await.problem(400, "bad_cursor");
    }
}
