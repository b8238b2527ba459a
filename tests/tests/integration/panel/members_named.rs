//! Promise: what is refused at the panel names the member that is wrong, and what a client needs for its next step is in the
//! answer that it has.

use permanence_api::auth::Role;
use serde_json::{Value, json};

use super::{attend, book, booking, case, id};
use crate::on_both_databases;
use crate::panel_journey::{Day, follow_ups};
use crate::support::Answered;

fn named(answer: &Answered, pointer: &str, code: &str) {
    assert_eq!(answer.status, 422, "{}", answer.text);
    let (pointer, code) = (pointer.to_owned(), code.to_owned());
    assert!(
        answer.faults().contains(&(pointer, code)),
        "{}",
        answer.text
    );
}

on_both_databases! {
    async fn hours_that_end_before_they_begin_are_named(database: &TestDatabase) {
        let day = Day::at(database, "derby", "2026-03-02T09:30:00Z").await;
        let mut body = json!({ "heldOn": "2026-03-26", "startTime": "16:00", "endTime": "10:00", "reason": "Urgent." });
        let wrong = day.post(Role::PanelAdministrator, "/sittings", &body).await;
        named(&wrong, "/endTime", "out_of_order");
        body["endTime"] = "17:00".into();
        let made = day.post(Role::PanelAdministrator, "/sittings", &body).await.expect(201).json();
        let sitting = id(&made["made"][0]);
        let patch = day.app.patch(&day.path(&format!("/sittings/{sitting}"))).token(&day.token(Role::PanelAdministrator));
        let wrong = patch.if_match("*").merge_patch(&json!({ "startTime": "18:00" })).send().await;
        named(&wrong, "/endTime", "out_of_order");
        let case = case(&day, "CH-1").await;
        let mut item = booking(&case, &sitting, "permanent_fostering_match");
        item["slotStartTime"] = "11:00".into();
        item["slotEndTime"] = "10:30".into();
        let wrong = day.post(Role::SocialWorker, "/bookings", &item).await;
        named(&wrong, "/slotEndTime", "out_of_order");
    }

    async fn who_decided_is_a_role_or_the_panel(database: &TestDatabase) {
        let (before, sitting, item) = listed(database).await;
        drop(before);
        let day = Day::at(database, "derby", "2026-03-25T16:00:00Z").await;
        let there = json!({ "present": [{ "role": "head_of_service_specialist_services", "capacity": "member" }] });
        attend(&day, &sitting, &there).await;
        let (path, decide) = (format!("/bookings/{item}"), format!("/bookings/{item}/decision"));
        let mut body = json!({ "outcome": "approved", "rationale": "The carers meet the child's needs.", "decidedBy": "caretaker" });
        let wrong = day.change(Role::PanelChair, &path, &decide, &body).await;
        named(&wrong, "/decidedBy", "unknown_code");
        body["decidedBy"] = "panel".into();
        let made = day.change(Role::PanelChair, &path, &decide, &body).await.expect(201).json();
        // Whoever lists what is to be done can do it: the list has the version that completing asks for.
        let action = follow_ups(&made, "action")[0].clone();
        let listed = day.get(Role::PanelAdministrator, "/actions?limit=1").await.expect(200).json();
        assert_eq!(listed["items"][0]["etag"], action["etag"]);
        let done = day.app.post(&day.path(&format!("/actions/{}/completion", id(&action)))).token(&day.token(Role::SocialWorker));
        let done = done.if_match(action["etag"].as_str().expect("a version")).json(&json!({})).send().await.expect(200);
        assert_eq!(done.json()["etag"], "\"v2\"");
    }

    async fn an_urgent_decision_is_refused_at_the_member_that_is_wrong(database: &TestDatabase) {
        let day = Day::at(database, "somerset", "2026-03-02T09:30:00Z").await;
        let case = case(&day, "CH-1").await;
        let body = json!({
            "caseId": case, "requestType": "placement_move", "decidedBy": "head_of_service", "outcome": "approved",
            "rationale": "The child needs a bed tonight."
        });
        let wrong = day.post(Role::PanelChair, "/urgent-decisions", &body).await;
        named(&wrong, "/decidedBy", "decision_maker_not_authorised");
        named(&wrong, "/outcome", "outcome_not_allowed");
    }

    async fn a_refusal_names_the_fact_that_would_settle_it(database: &TestDatabase) {
        let day = Day::at(database, "somerset", "2026-03-02T09:30:00Z").await;
        let case = case(&day, "CH-1").await;
        let body = json!({
            "caseId": case, "requestType": "permanent_fostering_match", "decidedBy": "head_of_service",
            "outcome": "ratified", "rationale": "A good match."
        });
        let wrong = day.post(Role::PanelChair, "/urgent-decisions", &body).await.problem(422, "rule_refused");
        let errors = wrong["errors"].as_array().expect("errors");
        let unknown = errors.iter().find(|error| error["code"] == "carers_not_approved_long_term").expect("a refusal");
        let message = unknown["message"].as_str().unwrap_or_default();
        assert!(message.ends_with("Not known: carersApprovedLongTerm."), "{message}");
    }

    async fn one_of_two_papers_fills_their_place_on_the_checklist(database: &TestDatabase) {
        let day = Day::at(database, "dudley", "2026-03-02T09:30:00Z").await;
        let case = case(&day, "CH-1").await;
        let period = json!({ "panel": "early_permanence_panel", "from": "2026-03-16", "to": "2026-03-31" });
        let made = day.post(Role::PanelAdministrator, "/sittings", &period).await.expect(201).json();
        let item = id(&book(&day, &booking(&case, &id(&made["made"][0]), "early_permanence_consideration")).await);
        let papers = format!("/bookings/{item}/papers");
        let view = day.post(Role::SocialWorker, &papers, &json!({ "document": "placement_referral_form" })).await;
        let view = view.expect(201).json();
        let either = "legal_gateway_referral|placement_referral_form";
        let entries: Vec<(&Value, &Value)> = view["checklist"]
            .as_array()
            .expect("a checklist")
            .iter()
            .map(|entry| (&entry["document"], &entry["status"]))
            .collect();
        assert!(entries.contains(&(&json!(either), &json!("received"))), "{view}");
        assert!(!entries.iter().any(|(document, _)| **document == "placement_referral_form"), "{view}");
        assert_eq!(view["papersComplete"], true);
    }
}

/// A match on Derby's sitting of 25 March: the day on which it was booked, the sitting, and the item.
async fn listed(database: &crate::databases::TestDatabase) -> (Day, String, String) {
    let day = Day::at(database, "derby", "2026-03-02T09:30:00Z").await;
    let sittings = day.make_sittings("2026-03-01", "2026-03-31").await;
    let case = case(&day, "CH-1").await;
    let sitting = sittings[0].1.clone();
    let item = id(&book(&day, &booking(&case, &sitting, "permanent_fostering_match")).await);
    (day, sitting, item)
}
