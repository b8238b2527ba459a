//! Promise: nothing is changed without a trace, and the trace cannot be changed unseen.

use chrono::TimeDelta;
use permanence_api::store::audit::{
    Actor, AuditFilter, AuditHead, Event, audit_check, audit_head, audit_list, audit_record_in_txn,
    audit_state_as_of,
};
use permanence_api::store::ids::AnyId;
use permanence_api::store::{Conn, Store, StoreError, Tx};

use super::cases::{council, moment};
use crate::on_both_databases;

fn event(subject: AnyId, document: Option<serde_json::Value>) -> Event {
    Event {
        council: council(),
        occurred_at: moment(),
        actor: Actor {
            id: "u-1".to_owned(),
            role: Some("panel_administrator".to_owned()),
        },
        operation: "updateCase".to_owned(),
        subject_kind: "case",
        subject_id: Some(subject),
        subject_version: Some(1),
        case_id: None,
        after_document: document,
        why: Some("a new team".to_owned()),
        request_id: Some("r-1".to_owned()),
    }
}

async fn append(store: &Store, event: Event) {
    append_all(store, vec![event]).await;
}

async fn append_all(store: &Store, events: Vec<Event>) {
    store
        .write(async move |tx: &mut Tx| {
            for event in events {
                audit_record_in_txn(tx, event);
            }
            Ok::<_, StoreError>(())
        })
        .await
        .unwrap();
}

async fn head(store: &Store) -> Option<AuditHead> {
    store
        .read(async |conn: &mut Conn| audit_head(conn, &council()).await)
        .await
        .unwrap()
}

async fn broken_at(store: &Store) -> Option<i64> {
    store
        .list(async move |conn: &mut Conn| {
            let checked = audit_check(conn, &council(), None, 1_000).await?;
            let head = audit_head(conn, &council()).await?;
            if checked.broken_at.is_none() && head.as_ref() != Some(&checked.good_until) {
                return Ok::<_, StoreError>(Some(checked.good_until.seq + 1));
            }
            Ok(checked.broken_at)
        })
        .await
        .unwrap()
}

on_both_databases! {
    async fn every_event_has_its_place_also_under_concurrency(database: &TestDatabase) {
        let store = database.store().await;
        let many: Vec<_> = (0..20).map(|_| append(&store, event(AnyId::generate(), None))).collect();
        futures(many).await;
        assert_eq!(head(&store).await.map(|head| head.seq), Some(20));
        assert_eq!(broken_at(&store).await, None);
    }

    async fn many_at_once_are_chained_too(database: &TestDatabase) {
        let store = database.store().await;
        append_all(&store, (0..2_500).map(|_| event(AnyId::generate(), None)).collect()).await;
        assert_eq!(head(&store).await.map(|head| head.seq), Some(2_500));
        let stretch = store
            .list(async move |conn: &mut Conn| audit_check(conn, &council(), None, 2_000).await)
            .await
            .unwrap();
        assert_eq!((stretch.good_until.seq, stretch.reached_end), (2_000, false));
        let rest = store
            .list(async move |conn: &mut Conn| audit_check(conn, &council(), Some(stretch.good_until), 2_000).await)
            .await
            .unwrap();
        assert_eq!((rest.good_until.seq, rest.reached_end, rest.broken_at), (2_500, true, None));
    }

    async fn what_fails_leaves_no_trace(database: &TestDatabase) {
        let store = database.store().await;
        append(&store, event(AnyId::generate(), None)).await;
        let failed = store
            .write(async move |tx: &mut Tx| {
                audit_record_in_txn(tx, event(AnyId::generate(), None));
                Err::<(), _>(StoreError::Corrupt("planned"))
            })
            .await;
        assert!(failed.is_err());
        assert_eq!(head(&store).await.map(|head| head.seq), Some(1));
    }

    async fn events_of_two_councils_go_to_their_own_chains(database: &TestDatabase) {
        let store = database.store().await;
        let elsewhere = || Event { council: "north-anytown".parse().unwrap(), ..event(AnyId::generate(), None) };
        append_all(&store, vec![elsewhere(), event(AnyId::generate(), None), elsewhere()]).await;
        assert_eq!(head(&store).await.map(|head| head.seq), Some(1));
        let other = store
            .read(async |conn: &mut Conn| audit_head(conn, &"north-anytown".parse().unwrap()).await)
            .await
            .unwrap();
        assert_eq!(other.map(|head| head.seq), Some(2));
        assert_eq!(broken_at(&store).await, None);
    }

    async fn the_database_refuses_to_change_or_shorten_it(database: &TestDatabase) {
        let store = database.store().await;
        append(&store, event(AnyId::generate(), None)).await;
        for statement in ["UPDATE audit_events SET why = 'another'", "DELETE FROM audit_events"] {
            let refused = database.try_run(statement).await;
            assert!(refused.clone().is_err_and(|text| text.contains("append-only")), "{statement}: {refused:?}");
        }
        if database.is_postgres() {
            assert!(database.try_run("TRUNCATE audit_events").await.is_err_and(|text| text.contains("append-only")));
        }
    }

    async fn tampering_is_found(database: &TestDatabase) {
        let store = database.store().await;
        for _ in 0..5 {
            append(&store, event(AnyId::generate(), Some(serde_json::json!({ "team": "north" })))).await;
        }
        assert_eq!(broken_at(&store).await, None);
        database.unguard().await;
        database.run("UPDATE audit_events SET document = '{\"team\":\"south\"}' WHERE seq = 3").await;
        assert_eq!(broken_at(&store).await, Some(3));
        database.run("UPDATE audit_events SET document = '{\"team\":\"north\"}' WHERE seq = 3").await;
        assert_eq!(broken_at(&store).await, None);
        database.run("UPDATE audit_events SET actor_role = NULL, operation = 'panel_administratorupdateCase' WHERE seq = 4").await;
        assert_eq!(broken_at(&store).await, Some(4));
        database.run("UPDATE audit_events SET actor_role = 'panel_administrator', operation = 'updateCase' WHERE seq = 4").await;
        database.run("DELETE FROM audit_events WHERE seq = 5").await;
        assert_eq!(broken_at(&store).await, Some(5));
        database.run("DELETE FROM audit_events WHERE seq = 2").await;
        assert_eq!(broken_at(&store).await, Some(2));
    }

    async fn a_thing_is_readable_as_of_any_moment(database: &TestDatabase) {
        let store = database.store().await;
        let thing = AnyId::generate();
        for day in 0..3 {
            let at = moment() + TimeDelta::days(day);
            let state = serde_json::json!({ "day": day });
            append(&store, Event { occurred_at: at, ..event(thing, Some(state)) }).await;
            append(&store, Event { occurred_at: at, ..event(thing, None) }).await;
            append(&store, Event { occurred_at: at, ..event(AnyId::generate(), Some(serde_json::json!({}))) }).await;
        }
        let as_of = async |at| {
            store
                .read(async |conn: &mut Conn| audit_state_as_of(conn, &council(), "case", thing, at).await)
                .await
                .unwrap()
                .and_then(|event| event.document)
        };
        assert_eq!(as_of(moment() - TimeDelta::microseconds(1)).await, None);
        assert_eq!(as_of(moment()).await.as_deref(), Some(r#"{"day":0}"#));
        assert_eq!(as_of(moment() + TimeDelta::hours(47)).await.as_deref(), Some(r#"{"day":1}"#));
        assert_eq!(as_of(moment() + TimeDelta::days(30)).await.as_deref(), Some(r#"{"day":2}"#));
    }

    async fn lists_go_both_ways_and_narrow(database: &TestDatabase) {
        let store = database.store().await;
        let thing = AnyId::generate();
        append(&store, event(thing, Some(serde_json::json!({ "z": 1, "a": 2 })))).await;
        append(&store, event(AnyId::generate(), None)).await;
        append(&store, event(thing, None)).await;
        let list = async |filter: AuditFilter, cursor, newest_first| {
            store
                .list(async move |conn: &mut Conn| {
                    audit_list(conn, &council(), &filter, cursor, newest_first, 2).await
                })
                .await
                .unwrap()
                .into_iter()
                .map(|event| event.seq)
                .collect::<Vec<_>>()
        };
        assert_eq!(list(AuditFilter::default(), None, false).await, [1, 2]);
        assert_eq!(list(AuditFilter::default(), Some(2), false).await, [3]);
        assert_eq!(list(AuditFilter::default(), None, true).await, [3, 2]);
        assert_eq!(list(AuditFilter::default(), Some(2), true).await, [1]);
        let of_thing = AuditFilter { subject: Some(("case".to_owned(), thing)), ..AuditFilter::default() };
        assert_eq!(list(of_thing.clone(), None, false).await, [1, 3]);
        assert_eq!(list(AuditFilter { changes_only: true, ..of_thing }, None, false).await, [1]);
        let later = AuditFilter { from: Some(moment() + TimeDelta::days(1)), ..AuditFilter::default() };
        assert!(list(later, None, false).await.is_empty());
    }
}

async fn futures<T>(many: Vec<impl Future<Output = T>>) -> Vec<T> {
    futures_util::future::join_all(many).await
}
