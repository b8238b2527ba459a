//! Promise: a case is kept once under its reference, its changes are not lost, and its lists are stable.

use chrono::{DateTime, NaiveDate, Utc};
use permanence_api::store::cases::{
    Case, CaseCursor, CaseFilter, CasePage, CaseScope, CaseSort, CaseStatus, case_create_in_txn,
    case_get, case_list, case_update_in_txn,
};
use permanence_api::store::ids::CaseId;
use permanence_api::store::{Conn, Store, StoreError, Tx};
use permanence_core::CouncilCode;

use crate::on_both_databases;

pub fn council() -> CouncilCode {
    CouncilCode::new("anytown").unwrap()
}

pub fn moment() -> DateTime<Utc> {
    "2026-03-02T09:30:00.123456Z".parse().unwrap()
}

/// An invented child's case.
pub fn case(reference: &str, family_name: &str) -> Case {
    Case {
        id: CaseId::generate(),
        reference: reference.to_owned(),
        given_name: Some("Wren".to_owned()),
        family_name: Some(family_name.to_owned()),
        date_of_birth: NaiveDate::from_ymd_opt(2017, 5, 4),
        sex: None,
        social_worker: Some("sw-1".to_owned()),
        team: Some("north".to_owned()),
        service: None,
        status: CaseStatus::Open,
        closed_on: None,
        closed_reason: None,
        source: "api".to_owned(),
        details: serde_json::json!({ "b": 1, "a": [true, null] }),
        version: 1,
        created_at: moment(),
        updated_at: moment(),
    }
}

pub async fn create(store: &Store, case: Case) -> Result<Case, StoreError> {
    store
        .write(async move |tx: &mut Tx| {
            case_create_in_txn(tx, &council(), &case).await?;
            Ok(case)
        })
        .await
}

async fn page(
    store: &Store,
    scope: CaseScope,
    filter: CaseFilter,
    sort: CaseSort,
    descending: bool,
    after: Option<CaseCursor>,
) -> Vec<Case> {
    store
        .list(async move |conn: &mut Conn| {
            let page = CasePage {
                sort,
                descending,
                after: after.as_ref(),
                limit: 3,
            };
            case_list(conn, &council(), &scope, &filter, page).await
        })
        .await
        .unwrap()
}

on_both_databases! {
    async fn what_is_kept_comes_back_as_it_was(database: &TestDatabase) {
        let store = database.store().await;
        let case = create(&store, case("A-1", "Finch")).await.unwrap();
        let id = case.id;
        let read = async move |scope: CaseScope| {
            store.read(async |conn: &mut Conn| case_get(conn, &council(), &scope, id).await).await.unwrap()
        };
        assert_eq!(read(CaseScope::all()).await, Some(case.clone()));
        assert_eq!(read(CaseScope::default()).await, None);
        let worker = |worker: &str, team: &str| CaseScope {
            worker: Some(worker.to_owned()),
            teams: vec![team.to_owned()],
            ..CaseScope::default()
        };
        assert_eq!(read(worker("sw-1", "south")).await, Some(case.clone()));
        assert_eq!(read(worker("sw-2", "north")).await, Some(case));
        assert_eq!(read(worker("sw-2", "south")).await, None);
        assert_eq!(read(CaseScope { person: Some("p-1".to_owned()), ..CaseScope::default() }).await, None);
    }

    async fn a_reference_is_given_once(database: &TestDatabase) {
        let store = database.store().await;
        create(&store, case("A-1", "Finch")).await.unwrap();
        let again = create(&store, case("A-1", "Heron")).await;
        assert!(matches!(again, Err(StoreError::Duplicate(_))), "{again:?}");
    }

    async fn a_change_of_an_old_version_is_refused(database: &TestDatabase) {
        let store = database.store().await;
        let first = create(&store, case("A-1", "Finch")).await.unwrap();
        let change = async |team: &str| {
            let changed = Case { team: Some(team.to_owned()), ..first.clone() };
            store
                .write(async move |tx: &mut Tx| case_update_in_txn(tx, &council(), changed).await)
                .await
                .unwrap()
        };
        let (east, west) = tokio::join!(change("east"), change("west"));
        assert_eq!(usize::from(east.is_some()) + usize::from(west.is_some()), 1, "one change was lost");
        let winner = east.or(west).unwrap();
        assert_eq!(winner.version, 2);
        let id = first.id;
        let read = store
            .read(async |conn: &mut Conn| case_get(conn, &council(), &CaseScope::all(), id).await)
            .await
            .unwrap();
        assert_eq!(read, Some(winner));
    }

    async fn nothing_of_a_failed_transaction_is_kept(database: &TestDatabase) {
        let store = database.store().await;
        let case = case("A-1", "Finch");
        let id = case.id;
        let failed: Result<(), StoreError> = store
            .write(async move |tx: &mut Tx| {
                case_create_in_txn(tx, &council(), &case).await?;
                Err(StoreError::Abandoned)
            })
            .await;
        assert!(matches!(failed, Err(StoreError::Abandoned)));
        let read = async || {
            store.read(async |conn: &mut Conn| case_get(conn, &council(), &CaseScope::all(), id).await).await.unwrap()
        };
        assert_eq!(read().await, None);
        create(&store, super::case("A-1", "Finch")).await.unwrap();
    }

    async fn pages_are_stable_while_cases_come(database: &TestDatabase) {
        let store = database.store().await;
        for (reference, name) in [("C", "Finch"), ("A", "finch"), ("D", "Heron"), ("B", "Finch"), ("E", "Avocet")] {
            create(&store, case(reference, name)).await.unwrap();
        }
        for sort in [CaseSort::Created, CaseSort::Reference, CaseSort::FamilyName, CaseSort::Updated] {
            for descending in [false, true] {
                let first = page(&store, CaseScope::all(), CaseFilter::default(), sort, descending, None).await;
                let cursor = CaseCursor::at(&first[2], sort);
                // One that belongs before the cursor must not move what comes after it.
                let early = Case {
                    updated_at: if descending { moment() + chrono::TimeDelta::days(1) } else { moment() - chrono::TimeDelta::days(1) },
                    ..case(if descending { "ZZ" } else { "AA" }, if descending { "Zitting" } else { "Aardvark" })
                };
                let early = create(&store, early).await.unwrap();
                let rest =
                    page(&store, CaseScope::all(), CaseFilter::default(), sort, descending, Some(cursor)).await;
                let mut seen: Vec<_> = first.iter().chain(&rest).map(|case| case.reference.clone()).collect();
                // In the order of creation, the new one is the last of all.
                seen.retain(|reference| *reference != early.reference);
                assert_eq!(seen.len(), 5, "{sort:?} {descending}: {seen:?}");
                let mut sorted = seen.clone();
                sorted.sort();
                assert_eq!(sorted, ["A", "B", "C", "D", "E"], "{sort:?} {descending}");
                if sort == CaseSort::Reference {
                    assert_eq!(seen.is_sorted(), !descending);
                }
                delete(&store, database, &early).await;
            }
        }
    }

    async fn filters_narrow_and_names_match_in_any_letter_case(database: &TestDatabase) {
        let store = database.store().await;
        create(&store, case("A", "O'Finch")).await.unwrap();
        create(&store, Case { status: CaseStatus::Closed, team: None, ..case("B", "Ó Finch") }).await.unwrap();
        let found = async |filter: CaseFilter| {
            let cases = page(&store, CaseScope::all(), filter, CaseSort::Reference, false, None).await;
            cases.into_iter().map(|case| case.reference).collect::<Vec<_>>()
        };
        assert_eq!(found(CaseFilter { family_name: Some("o'f".to_owned()), ..CaseFilter::default() }).await, ["A"]);
        assert_eq!(found(CaseFilter { family_name: Some("ó".to_owned()), ..CaseFilter::default() }).await, ["B"]);
        assert_eq!(found(CaseFilter { status: vec![CaseStatus::Open], ..CaseFilter::default() }).await, ["A"]);
        assert_eq!(found(CaseFilter { team: vec!["north".to_owned()], ..CaseFilter::default() }).await, ["A"]);
        let born = CaseFilter { date_of_birth: NaiveDate::from_ymd_opt(2017, 5, 4), ..CaseFilter::default() };
        assert_eq!(found(born).await, ["A", "B"]);
        let worker = CaseScope { worker: Some("sw-9".to_owned()), teams: vec!["north".to_owned()], ..CaseScope::default() };
        assert_eq!(page(&store, worker, CaseFilter::default(), CaseSort::Created, false, None).await.len(), 1);
        let nobody = CaseScope { worker: Some("sw-9".to_owned()), ..CaseScope::default() };
        assert_eq!(page(&store, nobody, CaseFilter::default(), CaseSort::Created, false, None).await.len(), 0);
        let sittings = CaseScope { person: Some("p-1".to_owned()), ..CaseScope::default() };
        assert_eq!(page(&store, sittings, CaseFilter::default(), CaseSort::Created, false, None).await.len(), 0);
    }
}

/// Takes a case away behind the service's back, so that the next round begins as the first one.
async fn delete(_store: &Store, database: &crate::databases::TestDatabase, case: &Case) {
    let reference = &case.reference;
    database
        .run(&format!(
            "DELETE FROM cases WHERE reference = '{reference}'"
        ))
        .await;
}
