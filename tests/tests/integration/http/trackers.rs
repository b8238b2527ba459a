//! Promise: a child stands in one section of a tracker, moves as the council's rules allow, and what is reported stays.

use permanence_api::auth::Role;
use serde_json::json;

use super::anytown::{anytown, at, codes, get, history, open, post, token};
use crate::on_both_databases;
use crate::support::Spec;

on_both_databases! {
    async fn a_child_is_put_on_a_tracker_moves_and_leaves(database: &TestDatabase) {
        let app = anytown(database).await;
        let (spec, case) = (Spec::of_this_build(), open(&app, "CH-1").await);
        let token = token(&app, "tm-1", Role::TeamManager);
        let record = spec.operation("recordTrackerEntry");
        let body = record.body_example().expect("an example");
        let place = format!("/cases/{case}/tracker-entries");
        let made = post(&app, &token, &place, &body).await.expect(201);
        let entry = made.json();
        assert_eq!(spec.faults(&record, 201, &entry), Vec::<String>::new());
        assert_eq!((&entry["section"], &entry["lead"]), (&json!("plan_agreed"), &json!("team_manager")));
        assert_eq!(entry["content"], body["content"]);
        post(&app, &token, &place, &body).await.problem(409, "already_exists");

        let entry_place = made.header("location").to_owned();
        let change = |rest: &str, tag: &str, body: serde_json::Value| {
            app.post(&format!("{entry_place}{rest}")).token(&token).if_match(tag).json(&body).send()
        };
        let feedback = spec.operation("recordTrackerFeedback");
        let said = change("/feedback", made.etag(), feedback.body_example().expect("an example")).await.expect(200);
        assert_eq!(spec.faults(&feedback, 200, &said.json()), Vec::<String>::new());
        assert_eq!(said.json()["feedback"][0]["givenOn"], "2026-03-02");
        let later = change("/feedback", said.etag(), json!({ "givenOn": "2026-03-03", "givenBy": "team_manager", "text": "x" })).await;
        assert_eq!(later.faults(), [("/givenOn".to_owned(), "in_the_future".to_owned())]);

        let unmet = change("/transfers", said.etag(), json!({ "toSection": "matched" })).await;
        let refusal = unmet.problem(422, "rule_refused");
        assert_eq!(refusal["errors"][0]["clauses"], json!(["ANY-TRACKER-02"]));
        let transfer = spec.operation("transferTrackerEntry");
        let moved = change("/transfers", said.etag(), transfer.body_example().expect("an example")).await.expect(200);
        assert_eq!(spec.faults(&transfer, 200, &moved.json()), Vec::<String>::new());
        assert_eq!((&moved.json()["section"], &moved.json()["lead"]), (&json!("matched"), &json!("service_manager")));
        assert_eq!(codes(&moved.json()["moves"][0]["findings"]), ["transfer_not_due"]);
        assert_eq!(moved.json()["moves"][0]["findings"][0]["clauses"], json!(["ANY-TRACKER-03"]));
        change("/transfers", said.etag(), json!({ "leavesTracker": true })).await.problem(412, "version_conflict");

        let off = change("/transfers", moved.etag(), json!({ "leavesTracker": true, "meetingOn": "2026-03-02" })).await.expect(200);
        assert_eq!((&off.json()["leftOn"], &off.json()["moves"][1]["toSection"]), (&json!("2026-03-02"), &json!(null)));
        change("/transfers", off.etag(), json!({ "toSection": "matched", "meetingOn": "2026-03-02" })).await.problem(409, "conflict");
        let list = format!("/tracker-entries?caseId={case}");
        assert_eq!(get(&app, &token, &list).await.expect(200).json()["items"], json!([]));
        let list = format!("{list}&includeLeft=true");
        assert_eq!(get(&app, &token, &list).await.expect(200).json()["items"], json!([off.json()]));
        let done = history(&app, &case).await;
        assert_eq!(done, ["transferTrackerEntry", "transferTrackerEntry", "recordTrackerFeedback", "recordTrackerEntry", "createCase"]);
    }

    async fn a_move_that_the_policy_proposes_is_not_flagged(database: &TestDatabase) {
        let app = anytown(database).await;
        let case = open(&app, "CH-1").await;
        let token = token(&app, "tm-1", Role::TeamManager);
        let body = json!({ "section": "plan_agreed", "addedBy": "team_manager" });
        let made = post(&app, &token, &format!("/cases/{case}/tracker-entries"), &body).await.expect(201);
        let transfer = json!({ "toSection": "matched", "meetingOn": "2026-03-02", "facts": { "matchApproved": true } });
        let place = format!("{}/transfers", made.header("location"));
        let moved = app.post(&place).token(&token).if_match("*").json(&transfer).send().await.expect(200).json();
        assert_eq!(moved["moves"][0]["findings"], json!([]));
        let back = json!({ "toSection": "matched", "meetingOn": "2026-03-02" });
        let same = app.post(&place).token(&token).if_match("*").json(&back).send().await;
        assert_eq!(same.faults(), [("/toSection".to_owned(), "no_change".to_owned())]);
    }

    async fn sections_are_counted_for_whom_their_children_are(database: &TestDatabase) {
        let app = anytown(database).await;
        let (manager, elsewhere) = (token(&app, "tm-1", Role::TeamManager), app.mint("tm-2", &["anytown"], &[Role::TeamManager], &["south"], 3600));
        for reference in ["CH-1", "CH-2"] {
            let case = open(&app, reference).await;
            let body = json!({ "section": "plan_agreed", "addedBy": "team_manager" });
            let made = post(&app, &manager, &format!("/cases/{case}/tracker-entries"), &body).await.expect(201);
            app.get(made.header("location")).token(&elsewhere).send().await.problem(404, "not_found");
            let one = get(&app, &manager, &format!("/tracker-sections?caseId={case}")).await.expect(200).json();
            assert_eq!(one["items"][1]["entries"], 1);
        }
        for (token, entries) in [(&manager, 2), (&elsewhere, 0)] {
            let sections = get(&app, token, "/tracker-sections").await.expect(200).json();
            let counted: Vec<_> = sections["items"].as_array().expect("items").iter().map(|one| (one["section"].clone(), one["entries"].clone())).collect();
            assert_eq!(counted, [(json!("matched"), json!(0)), (json!("plan_agreed"), json!(entries))]);
            assert_eq!(sections["items"][0]["lead"], json!(["service_manager"]));
            let listed = get(&app, token, "/tracker-entries?section=plan_agreed").await.expect(200).json();
            assert_eq!(listed["items"].as_array().map(Vec::len), Some(entries));
        }
    }

    async fn what_does_not_fit_a_tracker_is_named(database: &TestDatabase) {
        let app = anytown(database).await;
        let case = open(&app, "CH-1").await;
        let token = token(&app, "tm-1", Role::TeamManager);
        let place = format!("/cases/{case}/tracker-entries");
        for (body, pointer, code) in [
            (json!({ "content": {} }), "/section", "missing_member"),
            (json!({ "section": "no_such_section" }), "/section", "unknown_code"),
            (json!({ "tracker": "no_such_tracker" }), "/tracker", "unknown_code"),
            (json!({ "section": "matched", "addedBy": "no_such_role" }), "/addedBy", "unknown_code"),
            (json!({ "section": "matched", "content": { "reviewOn": "soon" } }), "/content/reviewOn", "invalid_value"),
            (json!({ "section": "matched", "joinedOn": "2026-03-03" }), "/joinedOn", "in_the_future"),
        ] {
            let refused = post(&app, &token, &place, &body).await;
            assert_eq!((refused.status, refused.faults()), (422, vec![(pointer.to_owned(), code.to_owned())]), "{body}");
        }
        let lawyer = json!({ "section": "matched", "addedBy": "local_authority_lawyer" });
        let refused = post(&app, &token, &place, &lawyer).await.problem(422, "rule_refused");
        assert_eq!(refused["errors"][0]["clauses"], json!(["ANY-TRACKER-04"]));
        let made = post(&app, &token, &place, &json!({ "section": "matched" })).await.expect(201);
        let patch = app.patch(&at(made.header("location").trim_start_matches("/v1/councils/anytown"))).token(&token).if_match(made.etag());
        let changed = patch.merge_patch(&json!({ "content": { "nextStep": "x" } })).send().await.expect(200);
        assert_eq!(changed.json()["content"], json!({ "nextStep": "x" }));
    }
}
