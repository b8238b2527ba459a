//! Promise: a request that is sent twice has one effect and one answer, also when both run at once.

use permanence_api::store::idempotency::{
    Claim, Claimed, FirstAnswer, KEPT_FOR, idempotency_answer_in_txn, idempotency_claim_in_txn,
    idempotency_forget_in_txn,
};
use permanence_api::store::{Store, StoreError, Tx};

use super::cases::{council, moment};
use crate::on_both_databases;

fn claim(body: &str) -> Claim {
    Claim {
        council: council(),
        caller: "u-1".to_owned(),
        operation: "createCase".to_owned(),
        key: "k-1".to_owned(),
        request_hash: body.as_bytes().to_vec(),
    }
}

fn answer() -> FirstAnswer {
    FirstAnswer {
        status: 201,
        body: "{\"b\":1,  \"a\":2}".to_owned(),
        location: Some("/v1/councils/anytown/cases/1".to_owned()),
        etag: Some("\"1\"".to_owned()),
    }
}

async fn ask(
    store: &Store,
    body: &str,
    at: chrono::DateTime<chrono::Utc>,
) -> Result<Claimed, StoreError> {
    let claim = claim(body);
    store
        .write(async move |tx: &mut Tx| {
            let claimed = idempotency_claim_in_txn(tx, &claim, at).await?;
            if claimed == Claimed::New {
                idempotency_answer_in_txn(tx, &claim, &answer()).await?;
            }
            Ok(claimed)
        })
        .await
}

on_both_databases! {
    async fn the_first_answer_is_given_again_byte_for_byte(database: &TestDatabase) {
        let store = database.store().await;
        assert_eq!(ask(&store, "one", moment()).await.unwrap(), Claimed::New);
        assert_eq!(ask(&store, "one", moment()).await.unwrap(), Claimed::Again(answer()));
        assert_eq!(ask(&store, "two", moment()).await.unwrap(), Claimed::Reused);
    }

    async fn of_many_at_once_one_is_the_first(database: &TestDatabase) {
        let store = database.store().await;
        let many: Vec<_> = (0..10).map(|_| ask(&store, "one", moment())).collect();
        let claimed = futures_util::future::join_all(many).await;
        let news = claimed.iter().filter(|claimed| matches!(claimed, Ok(Claimed::New))).count();
        let repeats = claimed.iter().filter(|claimed| matches!(claimed, Ok(Claimed::Again(_)))).count();
        assert_eq!((news, repeats), (1, 9), "{claimed:?}");
    }

    async fn a_failed_effect_leaves_the_key_free(database: &TestDatabase) {
        let store = database.store().await;
        let failed = store
            .write(async move |tx: &mut Tx| {
                idempotency_claim_in_txn(tx, &claim("one"), moment()).await?;
                Err::<(), _>(StoreError::Abandoned)
            })
            .await;
        assert!(failed.is_err());
        assert_eq!(ask(&store, "two", moment()).await.unwrap(), Claimed::New);
    }

    async fn a_key_is_kept_for_its_time_and_then_forgotten(database: &TestDatabase) {
        let store = database.store().await;
        let late = moment() + KEPT_FOR;
        assert_eq!(ask(&store, "one", moment()).await.unwrap(), Claimed::New);
        let just_before = late - chrono::TimeDelta::microseconds(1);
        assert!(matches!(ask(&store, "one", just_before).await.unwrap(), Claimed::Again(_)));
        assert_eq!(ask(&store, "two", late).await.unwrap(), Claimed::New);
        let forgotten = store
            .write(async move |tx: &mut Tx| idempotency_forget_in_txn(tx, &council(), late + KEPT_FOR).await)
            .await
            .unwrap();
        assert_eq!(forgotten, 1);
    }
}
