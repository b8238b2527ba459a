//! Promise: the children whom the generator let wait are named under their council's clauses, since the day their clock
//! began, and nobody else is.

use std::collections::{BTreeMap, BTreeSet};

use permanence_api::auth::Role;
use permanence_api::demo::{Invented, Story, Wanted, invent};
use permanence_core::code::camel;
use serde_json::{Value, json};

use crate::on_both_servers;
use crate::support::TestApp;

const TODAY: &str = "2026-03-02";

/// Sends an invented council's return and the facts beside it.
async fn fill(app: &TestApp, council: &str) -> Invented {
    let invented = invent(&Wanted::new(140, TODAY.parse().unwrap()));
    let token = app.token(council, Role::IntegrationClient);
    let files: Vec<Value> = invented
        .files
        .iter()
        .map(|file| json!({ "name": file.name, "content": file.text }))
        .collect();
    let body = json!({ "kind": "ssda903", "files": files });
    let path = format!("/v1/councils/{council}/imports");
    let sent = app
        .post(&path)
        .token(&token)
        .json(&body)
        .send()
        .await
        .expect(202);
    let import = loop {
        let import = app
            .get(sent.header("location"))
            .token(&token)
            .send()
            .await
            .expect(200)
            .json();
        match import["status"].as_str() {
            Some("queued" | "running") => {
                tokio::time::sleep(std::time::Duration::from_millis(50)).await
            }
            _ => break import,
        }
    };
    assert_eq!(import["status"], "succeeded");
    assert_eq!(
        (&import["result"]["errors"], &import["result"]["warnings"]),
        (&json!(0), &json!(0))
    );
    let ids = ids(app, council, &token).await;
    for other in &invented.facts {
        let case = &ids[&other.child];
        for (name, value) in &other.facts {
            let path = format!("/v1/councils/{council}/cases/{case}/facts/{}", camel(name));
            let said = app
                .put(&path)
                .token(&token)
                .json(&json!({ "value": value }))
                .send()
                .await;
            assert!([200, 404].contains(&said.status), "{name}: {}", said.text);
        }
    }
    invented
}

async fn ids(app: &TestApp, council: &str, token: &str) -> BTreeMap<String, String> {
    let mut ids = BTreeMap::new();
    for case in all(
        app,
        &format!("/v1/councils/{council}/cases?limit=200"),
        token,
    )
    .await
    {
        let text = |name: &str| case[name].as_str().unwrap().to_owned();
        ids.insert(text("reference"), text("id"));
    }
    ids
}

async fn all(app: &TestApp, path: &str, token: &str) -> Vec<Value> {
    let (mut items, mut next) = (Vec::new(), path.to_owned());
    loop {
        let page = app.get(&next).token(token).send().await.expect(200).json();
        items.extend(page["items"].as_array().unwrap().clone());
        match page["nextCursor"].as_str() {
            Some(cursor) => next = format!("{path}&cursor={cursor}"),
            None => return items,
        }
    }
}

/// For each child the day since when it waits and how sure that is, of the findings with this code.
async fn found(app: &TestApp, council: &str, code: &str) -> BTreeMap<String, (String, String)> {
    let token = app.token(council, Role::HeadOfService);
    let path = format!("/v1/councils/{council}/exceptions?limit=200&code={code}");
    let mut found = BTreeMap::new();
    for item in all(app, &path, &token).await {
        let finding = &item["finding"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        if finding["certainty"] != "cannot_be_known" {
            let shown = (text(&finding["since"]), text(&finding["certainty"]));
            found.insert(text(&item["reference"]), shown);
        }
    }
    found
}

/// Insists that a code names the children of these stories, each since its day, and nobody else.
async fn assert_named(
    app: &TestApp,
    council: &str,
    invented: &Invented,
    code: &str,
    stories: &[Story],
) {
    let found = found(app, council, code).await;
    let planted: Vec<_> = invented
        .planted
        .iter()
        .filter(|planted| stories.contains(&planted.story))
        .collect();
    let wanted: BTreeSet<&String> = planted.iter().map(|planted| &planted.child).collect();
    let named: BTreeSet<&String> = found.keys().collect();
    assert_eq!(named, wanted, "{code}");
    assert!(!wanted.is_empty(), "{code}");
    for planted in planted {
        let certainty = if planted.began_on == planted.shown_on {
            "certain"
        } else {
            "at_least"
        };
        let expected = (planted.shown_on.to_string(), certainty.to_owned());
        assert_eq!(
            found[&planted.child], expected,
            "{code} {:?}",
            planted.story
        );
    }
}

on_both_servers! {
    async fn bradford_names_those_who_wait(app: &TestApp) {
        let invented = fill(app, "bradford").await;
        for (code, stories) in [
            ("placement_order_not_placed_over_26_weeks", &[Story::PlacementOrderWaiting, Story::PlacementOrderWaitingLong][..]),
            ("tor_placement_order_over_40_weeks", &[Story::PlacementOrderWaitingLong]),
            ("placement_order_over_12_months", &[Story::PlacementOrderPlanChanged]),
            ("adoptive_placement_over_26_weeks", &[Story::AdoptiveNoApplication, Story::AdoptiveNoApplicationLong]),
            ("tor_adoptive_placement_over_40_weeks", &[Story::AdoptiveNoApplicationLong]),
            ("plo_over_4_months", &[Story::LetterOverFourMonths]),
            ("placed_with_parents_over_12_months", &[Story::WithParentsOverAYear]),
        ] {
            assert_named(app, "bradford", &invented, code, stories).await;
        }
    }

    async fn derby_names_those_who_wait(app: &TestApp) {
        let invented = fill(app, "derby").await;
        for (code, stories) in [
            ("sgo_exploration_due", &[Story::SameCarersOverTwoYears, Story::SameCarersSinceBeforeReturns][..]),
            ("connected_order_overdue", &[Story::ConnectedOverAYear]),
            ("sgo_assessment_overdue", &[Story::GuardianAssessmentOverdue]),
        ] {
            assert_named(app, "derby", &invented, code, stories).await;
        }
    }
}
