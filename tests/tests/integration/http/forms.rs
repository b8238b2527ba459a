//! Promise: a form is taken as its schema has it, told place by place what does not fit, and answered with what the policy
//! still asks for.

use permanence_api::auth::Role;
use serde_json::json;

use super::anytown::{anytown, at, codes, get, history, open, post, token};
use crate::on_both_databases;
use crate::support::Spec;

on_both_databases! {
    async fn a_form_is_handed_in_completed_and_read_back(database: &TestDatabase) {
        let app = anytown(database).await;
        let (spec, case) = (Spec::of_this_build(), open(&app, "CH-1").await);
        let token = token(&app, "sw-1", Role::SocialWorker);
        let forms = get(&app, &token, "/forms?about=case").await.expect(200).json();
        assert_eq!(forms["items"][0]["code"], "agency_report");
        let form = get(&app, &token, "/forms/agency_report").await.expect(200);
        assert_eq!(form.json()["schema"]["required"], json!(["childName"]));
        assert_eq!(form.json()["clauses"], json!(["ANY-FORM-01", "ANY-FORM-03"]));
        get(&app, &token, "/forms/no_such_form").await.problem(404, "not_found");

        let (submit, read) = (spec.operation("submitForm"), spec.operation("getFormSubmission"));
        let body = submit.body_example().expect("an example");
        let made = post(&app, &token, &format!("/cases/{case}/form-submissions"), &body).await.expect(201);
        let answer = made.json();
        assert_eq!(spec.faults(&submit, 201, &answer), Vec::<String>::new());
        assert_eq!(answer["submission"]["content"], body["content"]);
        assert_eq!((&answer["submission"]["edition"], &answer["submission"]["submittedBy"]), (&json!("1"), &json!("sw-1")));
        assert_eq!(answer["submission"]["pluginSha256"].as_str().map(str::len), Some(64));
        assert_eq!(codes(&answer["check"]["findings"]), ["carers_views_missing"]);
        assert_eq!(answer["check"]["findings"][0]["clauses"], json!(["ANY-FORM-01"]));
        assert_eq!(answer["check"]["results"], json!({ "complete": false }));

        let place = made.header("location").to_owned();
        let stored = app.get(&place).token(&token).send().await.expect(200);
        assert_eq!(stored.json(), answer);
        assert_eq!(spec.faults(&read, 200, &stored.json()), Vec::<String>::new());
        let patch = |tag: &str, body| app.patch(&place).token(&token).if_match(tag).merge_patch(&body).send();
        let change = json!({ "content": { "carersViews": "They agree.", "seenOn": "2026-02-01" } });
        let changed = patch(stored.etag(), change.clone()).await.expect(200).json();
        assert_eq!(codes(&changed["check"]["findings"]), Vec::<&str>::new());
        assert_eq!(changed["check"]["results"], json!({ "complete": true }));
        patch(stored.etag(), change.clone()).await.problem(412, "version_conflict");
        app.patch(&place).token(&token).merge_patch(&change).send().await.problem(428, "precondition_required");
        let cleared = patch("\"v2\"", spec.operation("updateFormSubmission").body_example().expect("an example")).await.expect(200).json();
        let left = json!({ "childName": "Wren A. Finch", "carersViews": "They agree." });
        assert_eq!(cleared["submission"]["content"], left);
        let wrong = patch("\"v3\"", json!({ "content": { "childName": null } })).await;
        assert_eq!((wrong.status, wrong.faults()), (422, vec![("/content/childName".to_owned(), "missing_member".to_owned())]));
        let done = history(&app, &case).await;
        assert_eq!(done, ["updateFormSubmission", "updateFormSubmission", "submitForm", "createCase"]);
    }

    async fn what_the_case_says_does_not_fill_in_a_form(database: &TestDatabase) {
        let app = anytown(database).await;
        let case = open(&app, "CH-1").await;
        let token = token(&app, "case-system", Role::IntegrationClient);
        let fact = app.put(&at(&format!("/cases/{case}/facts/carersViews"))).token(&token);
        fact.json(&json!({ "value": "They agreed in May." })).send().await.expect(200);
        let body = json!({ "form": "agency_report", "content": { "childName": "Wren Finch" } });
        let made = post(&app, &token, &format!("/cases/{case}/form-submissions"), &body).await.expect(201).json();
        assert_eq!(codes(&made["check"]["findings"]), ["carers_views_missing"]);
    }

    async fn every_place_that_does_not_fit_is_told_and_nothing_is_repeated(database: &TestDatabase) {
        let app = anytown(database).await;
        let case = open(&app, "CH-1").await;
        let token = token(&app, "sw-1", Role::SocialWorker);
        let place = format!("/cases/{case}/form-submissions");
        let content = json!({ "carersViews": 7, "seenOn": "Zaphod", "present": [{ "role": "Zaphod" }, {}], "colour": "Zaphod" });
        let refused = post(&app, &token, &place, &json!({ "form": "agency_report", "content": content })).await;
        refused.problem(422, "invalid");
        let mut faults = refused.faults();
        faults.sort();
        let expected = [
            ("/content/carersViews", "wrong_type"),
            ("/content/childName", "missing_member"),
            ("/content/colour", "unknown_member"),
            ("/content/present/0/role", "unknown_code"),
            ("/content/present/1/role", "missing_member"),
            ("/content/seenOn", "invalid_value"),
        ];
        assert_eq!(faults, expected.map(|(at, code)| (at.to_owned(), code.to_owned())));
        assert!(!refused.text.contains("Zaphod"), "{}", refused.text);
        for (body, pointer, code) in [
            (json!({ "form": "no_such_form", "content": {} }), "/form", "unknown_code"),
            (json!({ "form": "panel_report", "content": {} }), "/form", "wrong_subject"),
            (json!({ "form": "agency_report", "content": [] }), "/content", "wrong_type"),
            (json!({ "form": "agency_report", "content": { "childName": "x" }, "bookingId": case }), "/bookingId", "not_found"),
        ] {
            let refused = post(&app, &token, &place, &body).await;
            assert_eq!((refused.status, refused.faults()), (422, vec![(pointer.to_owned(), code.to_owned())]), "{body}");
        }
        let listed = get(&app, &token, &place).await.expect(200).json();
        assert_eq!(listed["items"], json!([]));
    }

    async fn a_form_is_handed_in_once_under_its_key(database: &TestDatabase) {
        let app = anytown(database).await;
        let case = open(&app, "CH-1").await;
        let token = token(&app, "sw-1", Role::SocialWorker);
        let place = at(&format!("/cases/{case}/form-submissions"));
        let send = |name: &str| {
            let body = json!({ "form": "agency_report", "content": { "childName": name } });
            app.post(&place).token(&token).key("form-1").json(&body).send()
        };
        let first = send("Wren").await.expect(201).json();
        assert_eq!(send("Wren").await.expect(201).json()["submission"], first["submission"]);
        send("Robin").await.problem(422, "key_reused");
        let listed = app.get(&place).token(&token).send().await.expect(200).json();
        assert_eq!(listed["items"], json!([first["submission"]]));
    }

    async fn a_strangers_forms_are_not_there(database: &TestDatabase) {
        let app = anytown(database).await;
        let case = open(&app, "CH-1").await;
        let (own, stranger) = (token(&app, "sw-1", Role::SocialWorker), app.mint("sw-2", &["anytown"], &[Role::SocialWorker], &[], 3600));
        let place = format!("/cases/{case}/form-submissions");
        let body = json!({ "form": "agency_report", "content": { "childName": "Wren" } });
        let made = post(&app, &own, &place, &body).await.expect(201);
        get(&app, &stranger, &place).await.problem(404, "not_found");
        post(&app, &stranger, &place, &body).await.problem(404, "not_found");
        app.get(made.header("location")).token(&stranger).send().await.problem(404, "not_found");
        let change = app.patch(made.header("location")).token(&stranger).if_match("*").merge_patch(&json!({ "content": {} }));
        change.send().await.problem(404, "not_found");
    }

    async fn a_form_about_the_council_is_seen_by_its_writer_and_by_who_sees_all(database: &TestDatabase) {
        let app = anytown(database).await;
        let spec = Spec::of_this_build();
        let (own, other) = (token(&app, "sw-1", Role::SocialWorker), token(&app, "sw-2", Role::SocialWorker));
        let all = token(&app, "iro-1", Role::IndependentReviewingOfficer);
        let body = spec.operation("submitCouncilForm").body_example().expect("an example");
        let made = post(&app, &own, "/form-submissions", &body).await.expect(201);
        assert_eq!(made.json()["submission"]["caseId"], json!(null));
        for (token, seen) in [(&own, 1), (&other, 0), (&all, 1)] {
            let listed = get(&app, token, "/form-submissions?form=panel_report").await.expect(200).json();
            assert_eq!(listed["items"].as_array().map(Vec::len), Some(seen));
            let read = app.get(made.header("location")).token(token).send().await;
            assert_eq!(read.status, if seen == 1 { 200 } else { 404 });
        }
        let wrong = json!({ "form": "agency_report", "content": { "childName": "Wren" } });
        let refused = post(&app, &own, "/form-submissions", &wrong).await;
        assert_eq!(refused.faults(), [("/form".to_owned(), "wrong_subject".to_owned())]);
    }
}
