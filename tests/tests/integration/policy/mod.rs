//! Promise: a council's policy can be read and asked, strictly, and its answers are what the description says.

mod comparisons;
mod editions;
mod periods;
mod shown;
mod statute;

use permanence_api::auth::Role;
use serde_json::{Value, json};

use crate::on_both_servers;
use crate::support::{Spec, TestApp, councils};

/// The codes of the loaded councils; there are some, or these tests would prove nothing.
fn codes() -> Vec<String> {
    let codes: Vec<String> = councils()
        .iter()
        .map(|council| council.code().to_string())
        .collect();
    assert!(codes.len() >= 2, "only {codes:?} are loaded");
    codes
}

/// The questions, as they stand in addresses.
const CAPABILITIES: [&str; 13] = [
    "sittings",
    "quorum",
    "booking",
    "paperwork",
    "decision",
    "follow-up",
    "urgent-decision",
    "checkpoints",
    "exceptions",
    "routing",
    "tracking",
    "plan",
    "reports",
];

/// Every item of a list, page by page.
async fn all(app: &TestApp, token: &str, path: &str) -> Vec<Value> {
    let mut items = Vec::new();
    let mut next = path.to_owned();
    loop {
        let page = app.get(&next).token(token).send().await.expect(200);
        items.extend(page.json()["items"].as_array().expect("items").clone());
        match page
            .header("link")
            .strip_prefix('<')
            .and_then(|link| link.split_once('>'))
        {
            Some((link, _)) => next = link.to_owned(),
            None => return items,
        }
    }
}

on_both_servers! {
    async fn councils_are_listed_for_whom_they_are(app: &TestApp) {
        for code in codes() {
            let token = app.token(&code, Role::CouncilOfficer);
            let listed = all(app, &token, "/v1/councils").await;
            assert_eq!(listed.len(), 1);
            assert_eq!(listed[0]["code"], json!(code));
            let council = app.get(&format!("/v1/councils/{code}")).token(&token).send().await.expect(200);
            assert_eq!(council.json()["editions"][0]["id"].as_str().map(str::is_empty), Some(false));
            let held = app.get(&format!("/v1/councils/{code}")).token(&token).header("if-none-match", council.etag());
            assert_eq!(held.send().await.expect(304).text, "");
        }
        let unknown = app.token("atlantis", Role::CouncilOfficer);
        app.get("/v1/councils/atlantis").token(&unknown).send().await.problem(404, "not_found");
    }

    async fn a_policy_is_listed_whole_however_small_the_pages(app: &TestApp) {
        let code = codes().remove(0);
        let token = app.token(&code, Role::CouncilOfficer);
        let large = all(app, &token, &format!("/v1/councils/{code}/clauses?limit=200")).await;
        let small = all(app, &token, &format!("/v1/councils/{code}/clauses?limit=7")).await;
        assert_eq!(large, small);
        let rules = all(app, &token, &format!("/v1/councils/{code}/clauses?kind=rule&limit=200")).await;
        assert!(!rules.is_empty() && rules.len() < large.len());
        assert!(rules.iter().all(|clause| clause["kind"] == "rule"));
        let lists = all(app, &token, &format!("/v1/councils/{code}/codes")).await;
        assert!(lists.iter().any(|list| list["name"] == "outcomes"));
    }

    async fn every_rule_answers_what_its_clause_says_that_it_takes(app: &TestApp) {
        let spec = Spec::of_this_build();
        let (ask, read) = (spec.operation("evaluateClause"), spec.operation("getClause"));
        for code in codes() {
            let token = app.token(&code, Role::CouncilOfficer);
            let rules = all(app, &token, &format!("/v1/councils/{code}/clauses?kind=rule&limit=200")).await;
            for rule in rules {
                let id = rule["id"].as_str().expect("an id");
                let place = [("council", code.as_str()), ("clauseId", id)];
                let clause = app.get(&read.at(&place)).token(&token).send().await.expect(200).json();
                assert_eq!(spec.faults(&read, 200, &clause), Vec::<String>::new(), "{id}");
                let question = json!({"asOf": "2026-03-02", "facts": {}});
                let answer = app.post(&ask.at(&place)).token(&token).json(&question).send().await;
                let body = answer.expect(200).json();
                assert_eq!(spec.faults(&ask, 200, &body), Vec::<String>::new(), "{id}");
                for finding in body["findings"].as_array().expect("findings") {
                    assert!(finding["clauses"].as_array().is_some_and(|clauses| clauses.contains(&json!(id))), "{id}: {finding}");
                }
            }
        }
    }

    async fn what_the_examples_ask_is_answered(app: &TestApp) {
        let spec = Spec::of_this_build();
        let code = codes().remove(0);
        let token = app.token(&code, Role::CouncilOfficer);
        let rules = all(app, &token, &format!("/v1/councils/{code}/clauses?kind=rule&limit=1")).await;
        let clause = rules[0]["id"].as_str().expect("an id");
        let stateless = |tag: &Value| ["Service", "Councils", "Policy"].iter().any(|known| tag == known);
        for operation in spec.operations().iter().filter(|operation| stateless(&operation.said["tags"][0])) {
            let path = operation.at(&[("council", &code), ("clauseId", clause)]);
            let method = reqwest::Method::from_bytes(operation.method.as_bytes()).expect("a method");
            let mut asked = app.ask(method, &path);
            if operation.scope.is_some() {
                asked = asked.token(&token);
            }
            if let Some(example) = operation.body_example() {
                asked = asked.json(&example);
            }
            let answer = asked.send().await.expect(200);
            assert_eq!(spec.faults(operation, 200, &answer.json()), Vec::<String>::new(), "{}", operation.id);
        }
    }

    async fn a_question_is_read_strictly(app: &TestApp) {
        for code in codes() {
            let token = app.token(&code, Role::CouncilOfficer);
            let path = format!("/v1/councils/{code}/evaluations/exceptions");
            let cases = [
                (json!({"facts": {"xyz": 1}}), "/facts/xyz", "unknown_fact"),
                (json!({"facts": {"becameLookedAfterOn": 7}}), "/facts/becameLookedAfterOn", "wrong_type"),
                (json!({"facts": {"becameLookedAfterOn": "2026-02-30"}}), "/facts/becameLookedAfterOn", "wrong_type"),
                (json!({"facts": {}, "xyz": 1}), "/xyz", "unknown_member"),
                (json!({}), "/facts", "missing_member"),
                (json!({"facts": []}), "/facts", "wrong_type"),
                (json!({"facts": {}, "asOf": "soon"}), "/asOf", "invalid_value"),
                (json!({"facts": {}, "edition": "no such"}), "/edition", "unknown_edition"),
            ];
            for (question, pointer, fault) in cases {
                let answer = app.post(&path).token(&token).json(&question).send().await;
                answer.problem(422, "invalid");
                assert_eq!(answer.faults(), [(pointer.to_owned(), fault.to_owned())], "{question}");
            }
            let many = json!({"facts": {"xyz": 1, "becameLookedAfterOn": 7}});
            assert_eq!(app.post(&path).token(&token).json(&many).send().await.faults().len(), 2);
        }
    }

    async fn an_extreme_day_is_an_answer_or_a_refusal_and_never_a_fault_of_ours(app: &TestApp) {
        for code in codes() {
            let token = app.token(&code, Role::CouncilOfficer);
            for capability in CAPABILITIES {
                for day in ["0001-01-01", "1899-12-31", "2100-02-28", "9999-12-31"] {
                    let question = json!({"asOf": day, "facts": {"becameLookedAfterOn": day}});
                    let path = format!("/v1/councils/{code}/evaluations/{capability}");
                    let answer = app.post(&path).token(&token).json(&question).send().await;
                    assert!(answer.status < 500, "{capability} on {day}: {}", answer.text);
                }
            }
        }
    }

    async fn a_clause_that_computes_nothing_says_so(app: &TestApp) {
        let code = codes().remove(0);
        let token = app.token(&code, Role::CouncilOfficer);
        let shown = all(app, &token, &format!("/v1/councils/{code}/clauses?kind=text&limit=1")).await;
        let id = shown[0]["id"].as_str().expect("an id");
        let ask = |id: &str| {
            let path = format!("/v1/councils/{code}/clauses/{id}/evaluations");
            app.post(&path).token(&token).json(&json!({"facts": {}})).send()
        };
        ask(id).await.problem(409, "conflict");
        ask("NO-SUCH-01").await.problem(404, "not_found");
        ask("nonsense").await.problem(404, "not_found");
    }

    async fn a_silent_council_says_so_and_forbids_nothing(app: &TestApp) {
        let spec = Spec::of_this_build();
        let mut silences = 0;
        for code in codes() {
            let token = app.token(&code, Role::CouncilOfficer);
            for (operation, capability) in [
                ("evaluateRouting", "routing"),
                ("evaluateTracking", "tracking"),
                ("evaluatePlan", "plan_check"),
                ("evaluateReports", "reports"),
            ] {
                let operation = spec.operation(operation);
                let rules = format!("/v1/councils/{code}/clauses?kind=rule&capability={capability}&limit=1");
                let has_rules = !all(app, &token, &rules).await.is_empty();
                let example = operation.body_example().expect("an example");
                let asked = app.post(&operation.at(&[("council", &code)])).token(&token).json(&example);
                let answer = asked.send().await.expect(200).json();
                assert_eq!(spec.faults(&operation, 200, &answer), Vec::<String>::new());
                let silent = answer["silent"].as_array().expect("topics").contains(&json!(capability));
                let empty = answer["results"] == json!({}) && answer["findings"] == json!([]);
                if silent {
                    assert!(!has_rules && empty, "{code} is not silent on {capability}");
                    silences += 1;
                } else {
                    assert!(has_rules || !empty, "{code} is silent on {capability} and does not say so");
                }
            }
        }
        assert!(silences > 0, "no council is silent on anything: this test proves nothing");
    }
}
