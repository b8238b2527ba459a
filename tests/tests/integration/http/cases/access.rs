//! Promise: whose case it is not sees nothing of it, not even that it is there, and every read is in the audit.

use permanence_api::auth::Role;
use serde_json::{Value, json};

use super::{CASES, id, open, references};
use crate::on_both_servers;

on_both_servers! {
    async fn a_social_worker_sees_own_cases_and_a_manager_the_teams(app: &TestApp) {
        let all = app.token("derby", Role::IntegrationClient);
        let made = open(app, &all, "CH-1", "Finch").await;
        let place = made.header("location");
        let own = app.mint("sw-1", &["derby"], &[Role::SocialWorker], &["south"], 3600);
        let stranger = app.mint("sw-2", &["derby"], &[Role::SocialWorker], &["north"], 3600);
        let manager = app.mint("tm-1", &["derby"], &[Role::TeamManager], &["north"], 3600);
        let member = app.mint("pm-1", &["derby"], &[Role::PanelMember], &[], 3600);
        for (token, sees) in [(&own, true), (&stranger, false), (&manager, true), (&member, false)] {
            let read = app.get(place).token(token).send().await;
            let listed = app.get(CASES).token(token).send().await.expect(200);
            assert_eq!((read.status == 200, references(&listed.json()).len()), (sees, usize::from(sees)));
            if !sees {
                read.problem(404, "not_found");
            }
        }
        // The scope comes before the version: a stranger does not learn that there is something to clash with.
        let change = app.patch(place).token(&stranger).if_match("\"v9\"").merge_patch(&json!({ "team": "x" }));
        change.send().await.problem(404, "not_found");
        let change = app.patch(place).token(&own).if_match("\"v1\"").merge_patch(&json!({ "socialWorker": "sw-2" }));
        let refused = change.send().await;
        refused.problem(422, "invalid");
        assert_eq!(refused.faults(), [("/socialWorker".to_owned(), "out_of_scope".to_owned())]);
    }

    async fn a_social_workers_new_case_is_their_own(app: &TestApp) {
        let own = app.mint("sw-1", &["derby"], &[Role::SocialWorker], &[], 3600);
        let made = app.post(CASES).token(&own).json(&json!({ "reference": "CH-1" })).send().await.expect(201);
        assert_eq!(made.json()["socialWorker"], "sw-1");
        let given_away = json!({ "reference": "CH-2", "socialWorker": "sw-2" });
        app.post(CASES).token(&own).json(&given_away).send().await.problem(422, "invalid");
    }

    async fn every_read_is_in_the_audit_with_who_and_why_not_what(app: &TestApp) {
        let all = app.token("derby", Role::IntegrationClient);
        let auditor = app.token("derby", Role::Auditor);
        let made = open(app, &all, "CH-1", "Finch").await;
        let case = id(&made.json());
        let own = app.mint("sw-1", &["derby"], &[Role::SocialWorker], &[], 3600);
        app.get(made.header("location")).token(&own).header("x-request-id", "req-7").send().await.expect(200);
        app.get(CASES).token(&own).send().await.expect(200);
        let search = json!({ "familyName": "finch" });
        app.post(&format!("{CASES}/searches")).token(&own).json(&search).send().await.expect(200);
        let path = format!("/v1/councils/derby/audit-events?caseId={case}&actor=sw-1");
        let mut page = Value::Null;
        // Another mover may have the journal in hand; it is there when it has moved it.
        for _ in 0..100 {
            page = app.get(&path).token(&auditor).send().await.expect(200).json();
            if page["items"].as_array().is_some_and(|items| items.len() == 3) {
                break;
            }
        }
        let items = page["items"].as_array().expect("items");
        let operations: Vec<_> = items.iter().map(|event| event["operation"].as_str().expect("text")).collect();
        assert_eq!(operations, ["getCase", "listCases", "searchCases"]);
        assert_eq!((&items[0]["requestId"], &items[0]["actorRole"]), (&json!("req-7"), &json!("social_worker")));
        assert!(!page.to_string().contains("Finch"));
        let chain = app.get("/v1/councils/derby/audit-chain").token(&auditor).send().await.expect(200).json();
        assert_eq!((&chain["intact"], &chain["brokenAtSeq"]), (&json!(true), &json!(null)));
        assert_eq!(chain["goodCount"], 4);
    }

    async fn a_change_behind_the_services_back_is_found(app: &TestApp) {
        let all = app.token("derby", Role::IntegrationClient);
        let auditor = app.token("derby", Role::Auditor);
        let chain = || app.get("/v1/councils/derby/audit-chain").token(&auditor).send();
        assert_eq!(chain().await.expect(200).json()["goodCount"], 0);
        for reference in ["A", "B", "C"] {
            open(app, &all, reference, "Finch").await;
        }
        assert_eq!(chain().await.expect(200).json()["intact"], true);
        app.database().unguard().await;
        app.database().run("DELETE FROM audit_events WHERE seq = 3").await;
        let cut = chain().await.expect(200).json();
        assert_eq!((&cut["intact"], &cut["brokenAtSeq"]), (&json!(false), &json!(3)));
        app.database().run("UPDATE audit_events SET actor = 'nobody' WHERE seq = 2").await;
        let changed = chain().await.expect(200).json();
        assert_eq!((&changed["brokenAtSeq"], &changed["goodCount"]), (&json!(2), &json!(1)));
    }

    async fn the_audit_is_the_auditors(app: &TestApp) {
        for role in [Role::IntegrationClient, Role::SocialWorker, Role::HeadOfService] {
            let token = app.token("derby", role);
            for path in ["/v1/councils/derby/audit-events", "/v1/councils/derby/audit-chain"] {
                app.get(path).token(&token).send().await.problem(403, "forbidden");
            }
        }
        let auditor = app.token("derby", Role::Auditor);
        app.get(CASES).token(&auditor).send().await.problem(403, "forbidden");
    }
}
