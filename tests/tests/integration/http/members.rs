//! Promise: who holds which post of a panel, from when to when, is recorded, and a sitting may name them.

use permanence_api::auth::Role;
use serde_json::json;

use super::anytown::{anytown, at, get, post, token};
use crate::on_both_databases;
use crate::support::Spec;

on_both_databases! {
    async fn a_member_is_appointed_listed_and_leaves(database: &TestDatabase) {
        let app = anytown(database).await;
        let spec = Spec::of_this_build();
        let token = token(&app, "admin-1", Role::PanelAdministrator);
        let appoint = spec.operation("appointMember");
        let body = appoint.body_example().expect("an example");
        let made = post(&app, &token, "/members", &body).await.expect(201);
        let member = made.json();
        assert_eq!(spec.faults(&appoint, 201, &member), Vec::<String>::new());
        assert_eq!((&member["panel"], &member["role"]), (&json!("permanence_panel"), &json!("panel_chair")));
        let on = |day: &str| format!("/members?panel=permanence_panel&role=panel_chair&on={day}");
        for (day, there) in [("2026-03-01", 0), ("2026-03-02", 1), ("2027-03-01", 1), ("2027-03-02", 0)] {
            let listed = get(&app, &token, &on(day)).await.expect(200).json();
            assert_eq!(listed["items"].as_array().map(Vec::len), Some(there), "{day}");
        }
        let place = made.header("location").to_owned();
        let patch = |tag: &str, body| app.patch(&place).token(&token).if_match(tag).merge_patch(&body).send();
        let left = patch(made.etag(), json!({ "toOn": "2026-06-30", "note": null })).await.expect(200);
        assert_eq!((&left.json()["toOn"], left.etag()), (&json!("2026-06-30"), "\"v2\""));
        patch(made.etag(), json!({ "toOn": null })).await.problem(412, "version_conflict");
        let early = patch("\"v2\"", json!({ "toOn": "2026-03-01" })).await;
        assert_eq!(early.faults(), [("/toOn".to_owned(), "before_its_start".to_owned())]);
        let nobody = patch("\"v2\"", json!({ "name": null })).await;
        assert_eq!(nobody.faults(), [("/name".to_owned(), "required".to_owned())]);
        assert_eq!(app.get(&place).token(&token).send().await.expect(200).json(), left.json());
    }

    async fn a_post_that_the_panel_does_not_have_is_named(database: &TestDatabase) {
        let app = anytown(database).await;
        let token = token(&app, "admin-1", Role::PanelAdministrator);
        get(&app, &token, "/members?role=AAA").await.problem(400, "bad_query");
        for (body, pointer, code) in [
            (json!({ "role": "lead_member", "name": "x" }), "/role", "unknown_code"),
            (json!({ "role": "panel_chair", "name": "x", "substituteFor": "lead_member" }), "/substituteFor", "unknown_code"),
            (json!({ "panel": "no_such_panel", "role": "panel_chair", "name": "x" }), "/panel", "unknown_code"),
            (json!({ "role": "panel_chair", "name": "x", "fromOn": "2026-03-02", "toOn": "2026-03-01" }), "/toOn", "before_its_start"),
            (json!({ "role": "panel_chair", "name": "" }), "/name", "length"),
        ] {
            let refused = post(&app, &token, "/members", &body).await;
            assert_eq!((refused.status, refused.faults()), (422, vec![(pointer.to_owned(), code.to_owned())]), "{body}");
        }
    }

    async fn an_attendance_may_name_a_member_in_office(database: &TestDatabase) {
        let app = anytown(database).await;
        let token = token(&app, "admin-1", Role::PanelAdministrator);
        let chair = |from: &str| json!({ "role": "panel_chair", "name": "Rowan Ashdown", "personRef": "p-1", "fromOn": from });
        let member = post(&app, &token, "/members", &chair("2026-01-01")).await.expect(201).json();
        let later = post(&app, &token, "/members", &chair("2026-12-01")).await.expect(201).json();
        let made = post(&app, &token, "/sittings", &json!({ "from": "2026-03-01", "to": "2026-03-31" })).await.expect(201).json();
        let sitting = made["made"][0]["id"].as_str().expect("a sitting").to_owned();
        let place = at(&format!("/sittings/{sitting}/attendance"));
        let put = |id: &serde_json::Value, role: &str| {
            let present = json!([{ "role": role, "capacity": "member", "memberId": id }]);
            app.put(&place).token(&token).if_match("*").json(&json!({ "present": present })).send()
        };
        let there = put(&member["id"], "panel_chair").await.expect(200).json();
        let found = there.pointer("/attendance/0").or_else(|| there.pointer("/present/0")).expect("somebody");
        assert_eq!((&found["memberId"], &found["personRef"]), (&member["id"], &json!("p-1")));
        let refused = put(&later["id"], "panel_chair").await;
        assert_eq!(refused.faults(), [("/present/0/memberId".to_owned(), "not_in_office".to_owned())]);
        let refused = put(&member["id"], "local_authority_lawyer").await;
        assert_eq!(refused.faults(), [("/present/0/memberId".to_owned(), "not_found".to_owned())]);
    }
}
