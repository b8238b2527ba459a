//! Promise: a child is the same child to every question: a booking is judged by the facts that drift is judged by.

use permanence_api::auth::Role;
use permanence_api::service::children::child_load;
use permanence_api::service::items::item_load;
use permanence_api::store::cases::CaseScope;
use permanence_api::store::ids::BookingId;
use permanence_api::store::{Conn, StoreError};
use permanence_core::CouncilCode;
use serde_json::json;
use uuid::Uuid;

use super::{book, booking, id};
use crate::on_both_databases;
use crate::panel_journey::Day;
use crate::support::councils;

/// Two years: one child goes on from the first into the second, the other is left out of the second without an end.
const FILES: [(&str, &str); 3] = [
    (
        "2023-24-episodes.csv",
        "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,HOME_POST,PL_POST,URN\r\n\
         STAYED,01/05/2023,S,C2,N1,U4,PR1,,,,,,SC1\r\nLOST,01/06/2023,S,C2,N1,U4,PR1,,,,,,SC2\r\n",
    ),
    (
        "2024-25-episodes.csv",
        "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,HOME_POST,PL_POST,URN\r\n\
         STAYED,01/05/2023,S,C2,N1,U4,PR1,,,,,,SC1\r\n",
    ),
    (
        "2024-25-reviews.csv",
        "CHILD,DOB,REVIEW,REVIEW_CODE\r\nSTAYED,04/05/2017,12/11/2024,PN1\r\n",
    ),
];

async fn import(day: &Day) {
    let files: Vec<_> = FILES
        .iter()
        .map(|(name, content)| json!({ "name": name, "content": content, "collectionYear": &name[..7] }))
        .collect();
    let body = json!({ "kind": "ssda903", "files": files });
    let sent = day.post(Role::IntegrationClient, "/imports", &body).await;
    let import = day.follow(&sent.expect(202)).await;
    assert_eq!(import["status"], "succeeded", "{import}");
}

on_both_databases! {
    async fn a_booking_and_drift_know_the_same_of_an_imported_child(database: &TestDatabase) {
        let day = Day::at(database, "derby", "2026-03-02T09:30:00Z").await;
        import(&day).await;
        let sittings = day.make_sittings("2026-03-01", "2026-03-31").await;
        let derby: CouncilCode = "derby".parse().unwrap();
        let councils = councils();
        let as_of = "2026-03-02".parse().unwrap();
        let policy = councils.get("derby").unwrap().policy().on(as_of).unwrap();
        let store = database.store().await;
        for (reference, is_known_to_be_in_care) in [("STAYED", true), ("LOST", false)] {
            let page = day.get(Role::HeadOfService, &format!("/cases?reference={reference}")).await.expect(200).json();
            let case = id(&page["items"][0]);
            let booked = book(&day, &booking(&case, &sittings[0].1, "permanent_fostering_match")).await;
            let (case, booked): (Uuid, Uuid) = (case.parse().unwrap(), id(&booked).parse().unwrap());
            let (child, item) = store
                .read(async |conn: &mut Conn| {
                    let scope = CaseScope::all();
                    let child = child_load(conn, &derby, &scope, case.into()).await?;
                    let item = item_load(conn, &derby, &scope, BookingId::from(booked)).await?;
                    Ok::<_, StoreError>((child.unwrap(), item.unwrap()))
                })
                .await
                .unwrap();
            let of_drift = child.facts(policy.dictionary(), as_of).unwrap();
            let of_panel = item.facts(policy, as_of).unwrap().into_facts();
            for (name, value) in of_drift.iter() {
                assert_eq!(of_panel.get(name.as_str()), Some(value), "{reference}: {name}");
            }
            // Later returns leave the second child out: that the child is in care is not known, to neither of them.
            for facts in [&of_drift, &of_panel] {
                assert_eq!(!facts.is_absent("looked_after"), is_known_to_be_in_care, "{reference}: {facts:?}");
            }
        }
    }
}
