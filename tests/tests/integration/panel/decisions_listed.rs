//! Promise: a booking leads to its decision, and decisions are listed to whoever may read them, and to nobody else.

use permanence_api::auth::Role;
use serde_json::{Value, json};

use super::urgent::{TODAY, anytown, ratify, urgent, waiting};
use super::{attend, case, id, reads};
use crate::on_both_databases;
use crate::panel_journey::Day;

/// The ids of a page's items.
fn ids(page: &Value) -> Vec<String> {
    page["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(id)
        .collect()
}

/// The ids of what a list gives to the chair.
async fn listed(day: &Day, query: &str) -> Vec<String> {
    let path = format!("/decisions?{query}");
    ids(&day.get(Role::PanelChair, &path).await.expect(200).json())
}

/// Decisions outside panel on these days, in the order of their recording; each on a case of its own.
async fn decided_on(day: &Day, days: &[&str]) -> Vec<(String, String)> {
    let mut made = Vec::new();
    for (number, on) in days.iter().enumerate() {
        let case = case(day, &format!("CH-{}", 10 + number)).await;
        let mut body = urgent(&case, "placement_move", "noted");
        body["decidedOn"] = json!(on);
        let decision = day
            .post(Role::HeadOfService, "/urgent-decisions", &body)
            .await;
        made.push((case, id(&decision.expect(201).json())));
    }
    made
}

on_both_databases! {
    async fn a_booking_leads_to_its_decision_wherever_it_is_shown(database: &TestDatabase) {
        let day = anytown(database, TODAY).await;
        let (outside, item) = waiting(&day).await;
        let path = format!("/bookings/{item}");
        let booked = day.get(Role::PanelChair, &path).await.expect(200).json()["booking"].clone();
        assert_eq!((&booked["decisionId"], &booked["status"]), (&Value::Null, &json!("listed")));

        let made = ratify(&day, &outside, &item, "ratified").await.expect(201).json();
        let decision = made["id"].as_str().expect("an id");
        let booked = day.get(Role::PanelChair, &path).await.expect(200).json()["booking"].clone();
        assert_eq!((&booked["decisionId"], &booked["status"]), (&json!(decision), &json!("decided")));
        let list = day.get(Role::PanelChair, "/bookings").await.expect(200).json();
        assert_eq!(list["items"][0]["decisionId"], decision, "{list}");
        let agenda = format!("/sittings/{}/agenda", booked["sittingId"].as_str().expect("an id"));
        let agenda = day.get(Role::PanelChair, &agenda).await.expect(200).json();
        assert_eq!(agenda["entries"][0]["decisionId"], decision, "{agenda}");
        let read = day.get(Role::PanelChair, &format!("/decisions/{decision}")).await.expect(200).json();
        assert_eq!(read["bookingId"], item.as_str());
    }

    async fn decisions_are_listed_by_their_day_and_found_by_what_is_asked(database: &TestDatabase) {
        let day = anytown(database, TODAY).await;
        let (outside, item) = waiting(&day).await;
        let of_panel = id(&ratify(&day, &outside, &item, "ratified").await.expect(201).json());
        let made = decided_on(&day, &["2026-02-27", "2026-02-20"]).await;
        let [(case, later), (_, earlier)] = made.as_slice() else { panic!("two") };
        let (later, earlier, outside, of_panel) = (later.as_str(), earlier.as_str(), outside.as_str(), of_panel.as_str());

        let page = day.get(Role::PanelChair, "/decisions").await.expect(200).json();
        assert_eq!(ids(&page), [earlier, later, outside, of_panel], "{page}");
        assert_eq!(ids(&page), listed(&day, "sort=decidedOn").await);
        assert_eq!(listed(&day, "sort=-decidedOn").await, [of_panel, outside, later, earlier]);
        let shown = |at: usize, name: &str| page["items"][at][name].clone();
        assert_eq!((shown(2, "kind"), shown(2, "bookingId")), (json!("urgent"), Value::Null));
        assert_eq!((shown(2, "ratificationStatus"), shown(3, "ratificationStatus")), (json!("ratified"), Value::Null));
        assert_eq!((shown(3, "kind"), shown(3, "bookingId")), (json!("panel"), json!(item)));
        assert_eq!((shown(0, "outcome"), shown(0, "decidedOn")), (json!("noted"), json!("2026-02-20")));

        let sitting = shown(3, "sittingId");
        let sitting = sitting.as_str().expect("a sitting");
        for (query, found) in [
            (format!("caseId={case}"), vec![later]),
            (format!("sittingId={sitting}"), vec![of_panel]),
            ("kind=urgent".to_owned(), vec![earlier, later, outside]),
            ("kind=panel&kind=chair".to_owned(), vec![of_panel]),
            ("outcome=ratified".to_owned(), vec![outside, of_panel]),
            ("outcome=refused".to_owned(), vec![]),
            ("decidedFrom=2026-02-27".to_owned(), vec![later, outside, of_panel]),
            ("decidedFrom=2026-02-28".to_owned(), vec![outside, of_panel]),
            ("decidedTo=2026-02-27".to_owned(), vec![earlier, later]),
            ("decidedTo=2026-02-26".to_owned(), vec![earlier]),
            ("decidedFrom=2026-02-21&decidedTo=2026-03-01&kind=urgent".to_owned(), vec![later]),
        ] {
            assert_eq!(listed(&day, &query).await, found, "{query}");
        }
    }

    async fn pages_hold_each_decision_once_in_either_order(database: &TestDatabase) {
        let day = anytown(database, TODAY).await;
        // Two of one day: the order of recording decides between them.
        let made = decided_on(&day, &["2026-02-27", "2026-02-20", "2026-02-27"]).await;
        let mut order = vec![made[1].1.clone(), made[0].1.clone(), made[2].1.clone()];
        for sort in ["decidedOn", "-decidedOn"] {
            let (mut found, mut next) = (Vec::new(), day.path(&format!("/decisions?limit=1&sort={sort}")));
            loop {
                let page = day.app.get(&next).token(&day.token(Role::PanelChair)).send().await.expect(200);
                found.extend(ids(&page.json()));
                match page.header("link").strip_prefix('<').and_then(|link| link.split_once('>')) {
                    Some((link, _)) => next = link.to_owned(),
                    None => break,
                }
            }
            assert_eq!(found, order, "{sort}");
            order.reverse();
        }
    }

    async fn who_does_not_see_the_case_is_not_told_of_the_decision(database: &TestDatabase) {
        let day = anytown(database, TODAY).await;
        let made = decided_on(&day, &["2026-02-27"]).await;
        let token = |subject: &str, role: Role, team: &str| day.app.mint(subject, &["anytown"], &[role], &[team], 3600);
        for (token, sees) in [
            (token("test-social_worker", Role::SocialWorker, "south"), true),
            (token("somebody-else", Role::SocialWorker, "north"), false),
            (token("a-manager", Role::TeamManager, "north"), true),
            (token("a-manager", Role::TeamManager, "south"), false),
            (token("a-member", Role::PanelMember, "north"), false),
        ] {
            let page = day.app.get(&day.path("/decisions")).token(&token).send().await.expect(200).json();
            assert_eq!(ids(&page).len(), usize::from(sees), "{page}");
            let one = day.path(&format!("/decisions/{}", made[0].1));
            let read = day.app.get(&one).token(&token).send().await;
            assert_eq!(read.status, if sees { 200 } else { 404 }, "{}", read.text);
        }
        for role in [Role::PerformanceAnalyst, Role::Auditor] {
            day.get(role, "/decisions").await.problem(403, "forbidden");
        }
    }

    async fn whoever_sits_sees_the_decisions_on_what_is_heard_there(database: &TestDatabase) {
        let day = anytown(database, TODAY).await;
        let (outside, item) = waiting(&day).await;
        let booked = day.get(Role::PanelChair, &format!("/bookings/{item}")).await.expect(200).json()["booking"].clone();
        let other = case(&day, "CH-2").await;
        let body = urgent(&other, "placement_move", "noted");
        day.post(Role::HeadOfService, "/urgent-decisions", &body).await.expect(201);
        let member = day.app.mint("p-7", &["anytown"], &[Role::PanelMember], &[], 3600);
        let list = || day.app.get(&day.path("/decisions")).token(&member).send();
        assert_eq!(ids(&list().await.expect(200).json()), Vec::<String>::new());
        let sitting = booked["sittingId"].as_str().expect("an id");
        let present = json!({ "present": [{ "role": "head_of_service", "capacity": "member", "personRef": "p-7" }] });
        attend(&day, sitting, &present).await;
        assert_eq!(ids(&list().await.expect(200).json()), [outside]);
    }

    async fn a_list_of_decisions_is_a_read_of_each_of_their_cases(database: &TestDatabase) {
        let day = anytown(database, TODAY).await;
        let made = decided_on(&day, &["2026-02-27", "2026-02-20"]).await;
        let unread = case(&day, "CH-1").await;
        day.get(Role::PanelChair, "/decisions").await.expect(200);
        let mut cases: Vec<String> = made.into_iter().map(|(case, _)| case).collect();
        let mut read = reads(&day, "listDecisions", 2).await;
        cases.sort();
        read.sort();
        assert_eq!(read, cases);
        assert!(!read.contains(&unread));
    }
}
