//! Promise: legal advice on an item counts towards it at once, and its text is repeated nowhere.

use permanence_api::auth::Role;
use serde_json::json;

use super::{attend, book, booking, case, id, reads};
use crate::on_both_databases;
use crate::panel_journey::{Day, codes};

const SECRET: &str = "Privileged: the threshold is not met.";

async fn discharge(day: &Day) -> (String, String) {
    let sittings = day.make_sittings("2026-03-20", "2026-03-26").await;
    let case = case(day, "CH-1").await;
    let body = booking(&case, &sittings[0].1, "care_order_discharge");
    let booked = book(day, &body).await;
    (case, format!("/bookings/{}", id(&booked)))
}

on_both_databases! {
    async fn advice_from_afar_needs_its_reason_and_privileged_text_is_not_repeated(database: &TestDatabase) {
        let day = Day::at(database, "bradford", "2026-03-02T09:30:00Z").await;
        let (case, path) = discharge(&day).await;
        let mut advice = json!({ "givenBy": "local_authority_lawyer", "kind": "advice_remote", "advice": SECRET });
        let place = format!("{path}/legal-advice");
        let made = day.post(Role::LegalAdviser, &place, &advice).await.expect(201);
        assert!(!made.text.contains(SECRET), "{}", made.text);
        assert!(codes(&made.json()["findings"]).contains(&"remote_without_exceptional_reason"), "{}", made.text);

        advice["exceptionalReason"] = "The lawyer was in court.".into();
        let made = day.post(Role::LegalAdviser, &place, &advice).await.expect(201);
        assert!(!codes(&made.json()["findings"]).contains(&"remote_without_exceptional_reason"), "{}", made.text);

        let history = day.get(Role::HeadOfService, &format!("/cases/{case}/history?limit=200")).await.expect(200);
        assert!(history.text.contains("recordLegalAdvice"));
        assert!(!history.text.contains(SECRET), "privileged text is in the history");
        let seen = day.get(Role::PanelAdministrator, &path).await.expect(200);
        assert!(!seen.text.contains(SECRET), "{}", seen.text);
    }

    async fn privileged_advice_is_read_back_by_whoever_may_read_it_and_the_read_is_recorded(database: &TestDatabase) {
        let day = Day::at(database, "bradford", "2026-03-02T09:30:00Z").await;
        let (case, path) = discharge(&day).await;
        let place = format!("{path}/legal-advice");
        let none = day.get(Role::LegalAdviser, &place).await.expect(200).json();
        assert_eq!((&none["items"], &none["nextCursor"]), (&json!([]), &json!(null)));
        let first = json!({
            "givenBy": "local_authority_lawyer", "kind": "advice_remote", "advice": SECRET, "givenOn": "2026-02-27",
            "exceptionalReason": "The lawyer was in court.", "confirmedOn": "2026-03-01"
        });
        day.post(Role::LegalAdviser, &place, &first).await.expect(201);
        let second = json!({ "givenBy": "local_authority_lawyer", "kind": "advice_at_meeting" });
        day.post(Role::LegalAdviser, &place, &second).await.expect(201);

        let page = day.get(Role::HeadOfService, &place).await.expect(200).json();
        let shown = &page["items"][0];
        for (name, said) in first.as_object().expect("members") {
            assert_eq!(shown[name], *said, "{name}: {page}");
        }
        assert_eq!((&shown["caseId"], &shown["bookingId"]), (&json!(case), &json!(path.trim_start_matches("/bookings/"))));
        assert_eq!((&page["items"][1]["kind"], &page["items"][1]["advice"]), (&json!("advice_at_meeting"), &json!(null)));
        assert_eq!(page["items"].as_array().map(Vec::len), Some(2));

        let half = day.get(Role::LegalAdviser, &format!("{place}?limit=1")).await.expect(200).json();
        let rest = format!("{place}?limit=1&cursor={}", half["nextCursor"].as_str().expect("a second page"));
        let rest = day.get(Role::LegalAdviser, &rest).await.expect(200).json();
        assert_eq!(([&half["items"][0], &rest["items"][0]], &rest["nextCursor"]), ([shown, &page["items"][1]], &json!(null)));
        assert_eq!(reads(&day, "listLegalAdvice", 4).await, [case.as_str(); 4]);
    }

    async fn who_reads_the_panel_does_not_read_privileged_advice_by_that(database: &TestDatabase) {
        let day = Day::at(database, "bradford", "2026-03-02T09:30:00Z").await;
        let (_, path) = discharge(&day).await;
        let place = format!("{path}/legal-advice");
        let advice = json!({ "givenBy": "local_authority_lawyer", "kind": "advice_at_meeting", "advice": SECRET });
        day.post(Role::LegalAdviser, &place, &advice).await.expect(201);
        for role in [
            Role::SocialWorker, Role::TeamManager, Role::IndependentReviewingOfficer, Role::PanelMember,
            Role::PanelAdministrator, Role::IntegrationClient, Role::Auditor,
        ] {
            let refused = day.get(role, &place).await;
            refused.problem(403, "forbidden");
            assert!(!refused.text.contains(SECRET));
        }
        // The chair reads it on a sitting of their own; elsewhere it looks as if it were not there.
        day.get(Role::PanelChair, &place).await.problem(404, "not_found");
        let booked = day.get(Role::PanelChair, &path).await.expect(200).json();
        let sitting = booked["booking"]["sittingId"].as_str().expect("an id");
        let present = json!({ "present": [{ "role": "head_of_service", "capacity": "member", "personRef": "test-panel_chair" }] });
        attend(&day, sitting, &present).await;
        let seen = day.get(Role::PanelChair, &place).await.expect(200).json();
        assert_eq!(seen["items"][0]["advice"], SECRET, "{seen}");
        let nowhere = "/bookings/01980f0e-8a70-7c55-9d36-1b1f5a8f0c11/legal-advice";
        day.get(Role::LegalAdviser, nowhere).await.problem(404, "not_found");
    }

    async fn only_who_advises_on_law_records_it_and_never_ahead(database: &TestDatabase) {
        let day = Day::at(database, "bradford", "2026-03-02T09:30:00Z").await;
        let (_, path) = discharge(&day).await;
        let place = format!("{path}/legal-advice");
        let advice = json!({ "givenBy": "local_authority_lawyer", "kind": "advice_at_meeting" });
        for role in [Role::SocialWorker, Role::PanelChair, Role::PanelAdministrator] {
            day.post(role, &place, &advice).await.problem(403, "forbidden");
        }
        let mut ahead = advice.clone();
        ahead["givenOn"] = "2026-03-03".into();
        let refused = day.post(Role::LegalAdviser, &place, &ahead).await;
        refused.problem(422, "invalid");
        assert_eq!(refused.faults(), [("/givenOn".to_owned(), "in_the_future".to_owned())]);

        let reason = json!({ "reason": "Not asked for any more." });
        day.change(Role::SocialWorker, &path, &format!("{path}/withdrawal"), &reason).await.expect(200);
        day.post(Role::LegalAdviser, &place, &advice).await.problem(409, "conflict");
    }
}
