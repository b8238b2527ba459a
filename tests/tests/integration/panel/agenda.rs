//! Promise: the agenda shows what is heard, in the order in which it is heard; what a cancelled sitting held is put off.

use permanence_api::auth::Role;
use serde_json::{Value, json};

use super::{book, booking, case, id};
use crate::on_both_databases;
use crate::panel_journey::Day;

async fn agenda(day: &Day, role: Role, sitting: &str) -> Value {
    let path = format!("/sittings/{sitting}/agenda");
    day.get(role, &path).await.expect(200).json()
}

fn references(agenda: &Value) -> Vec<&str> {
    let entries = agenda["entries"].as_array().expect("entries");
    entries
        .iter()
        .filter_map(|entry| entry["reference"].as_str())
        .collect()
}

/// Three matches on the first sitting, booked out of the order of their slots.
async fn three_items(day: &Day) -> (Vec<(String, String)>, Vec<String>) {
    let sittings = day.make_sittings("2026-03-01", "2026-04-30").await;
    let mut bookings = Vec::new();
    for (reference, start, end) in [
        ("CH-2", "10:30", "11:00"),
        ("CH-3", "11:00", "11:30"),
        ("CH-1", "10:00", "10:30"),
    ] {
        let case = case(day, reference).await;
        let mut body = booking(&case, &sittings[0].1, "permanent_fostering_match");
        body["slotStartTime"] = start.into();
        body["slotEndTime"] = end.into();
        bookings.push(id(&book(day, &body).await));
    }
    (sittings, bookings)
}

on_both_databases! {
    async fn items_stand_in_the_order_of_their_slots_and_only_those_that_are_heard(database: &TestDatabase) {
        let day = Day::at(database, "derby", "2026-03-02T09:30:00Z").await;
        let (sittings, bookings) = three_items(&day).await;
        let sitting = &sittings[0].1;
        let shown = agenda(&day, Role::PanelChair, sitting).await;
        assert_eq!(references(&shown), ["CH-1", "CH-2", "CH-3"], "{shown}");
        assert_eq!(shown["sitting"]["heldOn"], "2026-03-25");
        assert_eq!(shown["entries"][0]["slotStartTime"], "10:00");

        let path = format!("/bookings/{}", bookings[0]);
        let reason = json!({ "reason": "The plan changed." });
        day.change(Role::PanelAdministrator, &path, &format!("{path}/withdrawal"), &reason).await.expect(200);
        assert_eq!(references(&agenda(&day, Role::PanelChair, sitting).await), ["CH-1", "CH-3"]);
    }

    async fn a_caller_sees_the_items_of_their_own_cases(database: &TestDatabase) {
        let day = Day::at(database, "derby", "2026-03-02T09:30:00Z").await;
        let (sittings, _) = three_items(&day).await;
        let path = day.path(&format!("/sittings/{}/agenda", sittings[0].1));
        let own = agenda(&day, Role::SocialWorker, &sittings[0].1).await;
        assert_eq!(references(&own).len(), 3);
        let other = day.app.mint("somebody-else", &["derby"], &[Role::SocialWorker], &["south"], 3600);
        let shown = day.app.get(&path).token(&other).send().await.expect(200).json();
        assert_eq!(shown["entries"], json!([]), "{shown}");
    }

    async fn items_of_a_cancelled_sitting_are_put_off_and_can_be_moved(database: &TestDatabase) {
        let day = Day::at(database, "derby", "2026-03-02T09:30:00Z").await;
        let (sittings, bookings) = three_items(&day).await;
        let (sitting, next) = (&sittings[0].1, &sittings[1].1);
        let path = format!("/sittings/{sitting}");
        let read = day.get(Role::PanelAdministrator, &path).await.expect(200);
        let cancel = json!({ "status": "cancelled", "reason": "The building is closed." });
        let patch = || day.app.patch(&day.path(&path)).token(&day.token(Role::PanelAdministrator));
        let gone = patch().if_match(read.etag()).merge_patch(&cancel).send().await.expect(200);
        assert_eq!(gone.json()["status"], "cancelled");
        patch().if_match(gone.etag()).merge_patch(&cancel).send().await.problem(409, "conflict");

        for booking in &bookings {
            let view = day.get(Role::PanelAdministrator, &format!("/bookings/{booking}")).await.expect(200).json();
            assert_eq!(view["booking"]["status"], "deferred", "{view}");
            assert_eq!(view["booking"]["statusReason"], "sitting_cancelled");
        }
        assert_eq!(agenda(&day, Role::PanelChair, sitting).await["entries"], json!([]));
        // Nobody is booked there any more, and who was may go elsewhere.
        let late = case(&day, "CH-4").await;
        let body = booking(&late, sitting, "permanent_fostering_match");
        day.post(Role::PanelAdministrator, "/bookings", &body).await.problem(409, "conflict");
        let path = format!("/bookings/{}", bookings[2]);
        let to = json!({ "sittingId": next, "reason": "The sitting was cancelled." });
        let moved = day.change(Role::PanelAdministrator, &path, &format!("{path}/relocation"), &to).await.expect(200);
        assert_eq!(moved.json()["booking"]["status"], "listed");
        assert_eq!(references(&agenda(&day, Role::PanelChair, next).await), ["CH-1"]);
    }
}
