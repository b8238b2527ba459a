//! Promise: a transaction is kept whole or not at all, whatever becomes of its caller.

use std::sync::Arc;
use std::time::Duration;

use permanence_api::store::cases::{CaseScope, case_create_in_txn, case_get};
use permanence_api::store::ids::CaseId;
use permanence_api::store::{Conn, Store, StoreError, Tx};
use tokio::sync::Notify;

use super::cases::{case, council, create};
use crate::on_both_databases;

async fn is_there(store: &Store, id: CaseId) -> bool {
    let found = store
        .read(async |conn: &mut Conn| case_get(conn, &council(), &CaseScope::all(), id).await)
        .await;
    found.unwrap().is_some()
}

on_both_databases! {
    async fn a_caller_who_goes_away_leaves_all_or_nothing(database: &TestDatabase) {
        let store = database.store().await;
        let (first, second) = (case("A-1", "Finch"), case("A-2", "Heron"));
        let (first_id, second_id) = (first.id, second.id);
        let (midway, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (said, heard) = (Arc::clone(&midway), Arc::clone(&go_on));
        let work = store.write(async move |tx: &mut Tx| {
            case_create_in_txn(tx, &council(), &first).await?;
            said.notify_one();
            heard.notified().await;
            case_create_in_txn(tx, &council(), &second).await
        });
        tokio::select! {
            _ = work => panic!("it waits to be told"),
            () = midway.notified() => {}
        }
        // The future is gone; where the work has a thread of its own, it ends there.
        go_on.notify_one();
        let again = create(&store, case("A-3", "Avocet"));
        tokio::time::timeout(Duration::from_secs(20), again).await.expect("the store works on").unwrap();
        let kept = (is_there(&store, first_id).await, is_there(&store, second_id).await);
        assert_eq!(kept.0, kept.1, "half a transaction was kept");
        assert_eq!(kept.0, !database.is_postgres());
    }

    async fn a_panic_keeps_nothing_and_the_store_works_on(database: &TestDatabase) {
        let store = database.store().await;
        let first = case("A-1", "Finch");
        let id = first.id;
        let writing = store.clone();
        let outcome = tokio::task::LocalSet::new()
            .run_until(async move {
                tokio::task::spawn_local(async move {
                    writing
                        .write(async move |tx: &mut Tx| {
                            case_create_in_txn(tx, &council(), &first).await?;
                            assert!(id.as_uuid().is_nil(), "a fault of ours");
                            Ok::<_, StoreError>(())
                        })
                        .await
                })
                .await
            })
            .await;
        assert!(!matches!(outcome, Ok(Ok(()))));
        assert!(!is_there(&store, id).await);
        create(&store, case("A-1", "Finch")).await.unwrap();
    }

    async fn a_refused_statement_ends_the_transaction(database: &TestDatabase) {
        let store = database.store().await;
        create(&store, case("A-1", "Finch")).await.unwrap();
        let (before, again) = (case("A-2", "Heron"), case("A-1", "Heron"));
        let id = before.id;
        let outcome = store
            .write(async move |tx: &mut Tx| {
                case_create_in_txn(tx, &council(), &before).await?;
                case_create_in_txn(tx, &council(), &again).await
            })
            .await;
        assert!(matches!(outcome, Err(StoreError::Duplicate(_))));
        assert!(!is_there(&store, id).await);
    }

    async fn many_writers_all_come_through(database: &TestDatabase) {
        let store = database.store().await;
        let many = (0..32).map(|at| create(&store, case(&format!("A-{at}"), "Finch")));
        let made = futures_util::future::join_all(many).await;
        assert!(made.iter().all(Result::is_ok));
    }
}

#[tokio::test]
async fn a_database_that_comes_back_is_used_again() {
    let database = crate::databases::TestDatabase::postgres();
    let store = database.store().await;
    let kept = create(&store, case("A-1", "Finch")).await.unwrap();
    assert!(is_there(&store, kept.id).await);
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    database.run(end).await;
    // The drivers learn of it when their sockets close.
    for _ in 0..200 {
        let asked = store
            .read(async |conn: &mut Conn| {
                case_get(conn, &council(), &CaseScope::all(), kept.id).await
            })
            .await;
        if asked.is_ok() {
            break;
        }
        tokio::task::yield_now().await;
    }
    assert!(is_there(&store, kept.id).await);
    create(&store, case("A-2", "Heron")).await.unwrap();
}
