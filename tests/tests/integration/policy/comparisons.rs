//! Promise: two policies are compared over the same facts or the same children, and no other council's child is looked at.

use permanence_api::auth::Role;
use serde_json::{Value, json};

use super::codes;
use crate::on_both_servers;
use crate::support::{Answered, Spec, TestApp};

async fn compare(app: &TestApp, role: Role, council: &str, query: &str, body: &Value) -> Answered {
    let token = app.token(council, role);
    let path = format!("/v1/councils/{council}/comparisons{query}");
    app.post(&path).token(&token).json(body).send().await
}

/// Facts on which no two of the councils agree in everything.
fn facts() -> Value {
    json!({ "becameLookedAfterOn": "2023-05-01", "placementOrderOn": "2025-01-15", "legalStatus": "placement_order",
        "placedForAdoptionOn": null, "placementType": "foster_placement", "placementStartedOn": "2023-05-01",
        "lookedAfter": true, "specialGuardianshipExploredOn": null, "firstStatutoryReviewOn": "2023-05-20" })
}

/// The codes with their changes.
fn told(differences: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let list = differences.as_array().expect("differences").iter();
    list.map(|it| (text(&it["code"]), text(&it["change"])))
        .collect()
}

on_both_servers! {
    async fn the_same_facts_under_two_councils(app: &TestApp) {
        let spec = Spec::of_this_build();
        let operation = spec.operation("compareCouncils");
        let (one, other) = ("bradford", "derby");
        let body = |against: &str| json!({ "asOf": "2026-03-02", "against": { "council": against }, "facts": facts() });
        let there = compare(app, Role::CouncilOfficer, one, "", &body(other)).await.expect(200).json();
        assert_eq!(spec.faults(&operation, 200, &there), Vec::<String>::new());
        assert_eq!((&there["own"]["council"], &there["other"]["council"]), (&json!(one), &json!(other)));
        let waiting = there["differences"].as_array().expect("differences").iter()
            .find(|it| it["code"] == "placement_order_not_placed_over_26_weeks").expect("a finding of one council alone");
        assert_eq!((&waiting["change"], &waiting["other"]), (&json!("vanishes"), &Value::Null));
        assert_eq!(waiting["own"]["clauses"], json!(["BRA-EXCEPTION-01"]));
        assert!(there["unchanged"].as_array().expect("codes").contains(&json!("statutory_second_review_overdue")));
        let back = compare(app, Role::CouncilOfficer, other, "", &body(one)).await.expect(200).json();
        let turned: Vec<(String, String)> = told(&back["differences"]).into_iter()
            .map(|(code, change)| (code, match change.as_str() {
                "appears" => "vanishes".to_owned(),
                "vanishes" => "appears".to_owned(),
                same => same.to_owned(),
            }))
            .collect();
        assert_eq!(turned, told(&there["differences"]));
        let same = compare(app, Role::CouncilOfficer, one, "", &body(one)).await.expect(200).json();
        assert_eq!((&same["differences"], &same["days"]), (&json!([]), &json!([])));
    }

    async fn what_one_side_does_not_know_is_named_and_what_neither_knows_is_refused(app: &TestApp) {
        let council = |body: Value| async move { compare(app, Role::CouncilOfficer, "derby", "", &body).await };
        // A fact of one council's own dictionary.
        let mut sent = facts();
        sent["prePro"] = json!(1);
        let refused = council(json!({ "against": { "council": "bradford" }, "facts": sent })).await;
        refused.problem(422, "invalid");
        assert_eq!(refused.faults(), [("/facts/prePro".to_owned(), "unknown_fact".to_owned())]);
        let mut sent = facts();
        sent["preProceedingsEndedOn"] = json!("2025-06-01");
        let compared = council(json!({ "against": { "council": "bradford" }, "facts": sent })).await.expect(200).json();
        assert_eq!(compared["unreadByOwn"], json!([{ "fact": "preProceedingsEndedOn", "code": "unknown_fact" }]));
        assert_eq!(compared["unreadByOther"], json!([]));
    }

    async fn a_question_that_cannot_be_put_is_refused_with_its_place(app: &TestApp) {
        let council = codes().remove(0);
        for (body, pointer, fault) in [
            (json!({ "against": { "council": "atlantis" }, "facts": {} }), "/against/council", "unknown_council"),
            (json!({ "against": { "edition": "none" }, "facts": {} }), "/against/edition", "unknown_edition"),
            (json!({ "edition": "none", "against": {}, "facts": {} }), "/edition", "unknown_edition"),
            (json!({ "against": {} }), "/facts", "missing_member"),
            (json!({ "against": [null, null], "facts": {} }), "/against", "wrong_type"),
            (json!({ "against": {}, "facts": {}, "caseload": true }), "/caseload", "one_of_two"),
            (json!({ "against": {}, "caseload": true, "capabilities": ["quorum"] }), "/capabilities", "not_of_a_caseload"),
        ] {
            let refused = compare(app, Role::HeadOfService, &council, "", &body).await;
            refused.problem(422, "invalid");
            assert_eq!(refused.faults(), [(pointer.to_owned(), fault.to_owned())], "{body}");
        }
    }

    async fn a_caseload_is_compared_page_by_page_for_those_who_may_see_it(app: &TestApp) {
        let token = app.token("bradford", Role::HeadOfService);
        for (number, stated) in [(1, "2025-01-15"), (2, "2026-02-20"), (3, "2025-03-03")] {
            let case = app.post("/v1/councils/bradford/cases").token(&token).json(&json!({ "reference": format!("CH-{number}") }))
                .send().await.expect(201).json();
            let put = |name: &str, value: Value| {
                let path = format!("/v1/councils/bradford/cases/{}/facts/{name}", case["id"].as_str().expect("an id"));
                app.put(&path).token(&token).json(&json!({ "value": value })).send()
            };
            for (name, value) in facts().as_object().expect("facts") {
                let value = if name == "placementOrderOn" { json!(stated) } else { value.clone() };
                let said = put(name, value).await;
                assert!([200, 201].contains(&said.status), "{name}: {}", said.text);
            }
        }
        let body = json!({ "asOf": "2026-03-02", "against": { "council": "derby" }, "capabilities": ["exceptions"], "caseload": true });
        compare(app, Role::CouncilOfficer, "bradford", "", &body).await.problem(403, "forbidden");
        // A social worker without cases sees none.
        let none = compare(app, Role::SocialWorker, "bradford", "", &body).await.expect(200).json();
        assert_eq!(none["caseload"]["cases"], 0);
        let whole = compare(app, Role::HeadOfService, "bradford", "", &body).await.expect(200).json();
        let spec = Spec::of_this_build();
        assert_eq!(spec.faults(&spec.operation("compareCouncils"), 200, &whole), Vec::<String>::new());
        assert_eq!((&whole["caseload"]["cases"], &whole["caseload"]["nextCursor"]), (&json!(3), &Value::Null));
        let count = |of: &Value| -> i64 {
            let codes = of["caseload"]["byCode"].as_array().expect("codes").iter();
            codes.filter(|it| it["code"] == "placement_order_not_placed_over_26_weeks").filter_map(|it| it["vanishes"].as_i64()).sum()
        };
        assert_eq!(count(&whole), 2);
        let (mut query, mut found, mut cases) = ("?limit=1".to_owned(), 0, Vec::new());
        loop {
            let page = compare(app, Role::HeadOfService, "bradford", &query, &body).await.expect(200).json();
            found += count(&page);
            cases.extend(page["caseload"]["differing"].as_array().expect("cases").clone());
            match page["caseload"]["nextCursor"].as_str() {
                Some(cursor) => query = format!("?limit=1&cursor={cursor}"),
                None => break,
            }
        }
        assert_eq!(found, 2);
        assert_eq!(json!(cases), whole["caseload"]["differing"]);
        let page = compare(app, Role::HeadOfService, "bradford", "?limit=1", &body).await.expect(200).json();
        let cursor = page["caseload"]["nextCursor"].as_str().expect("a cursor").to_owned();
        let mut other = body.clone();
        other["capabilities"] = json!(["checkpoints"]);
        compare(app, Role::HeadOfService, "bradford", &format!("?limit=1&cursor={cursor}"), &other).await.problem(400, "bad_cursor");
    }
}
