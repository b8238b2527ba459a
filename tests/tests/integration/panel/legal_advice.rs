//! Promise: legal advice on an item counts towards it at once, and its text is repeated nowhere.

use permanence_api::auth::Role;
use serde_json::json;

use super::{book, booking, case, id};
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
