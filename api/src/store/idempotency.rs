//! Idempotency keys: a request that is sent again gets the answer of the first time.
//!
//! Table `idempotency_keys`. A key is claimed and answered in the transaction of the effect: when the effect is rolled
//! back, so is the key, and the caller may try again. A second request with the same key waits at the claim for the
//! first one's end, for as long as the database lets it wait for a lock.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{ExpressionMethods as _, QueryDsl as _};
use permanence_core::CouncilCode;

use super::conn::on;
use super::prepared::Prepared;
use super::schema::idempotency_keys;
use super::{Moment, StoreError, Tx};

/// How long a key is kept at least.
pub const KEPT_FOR: TimeDelta = TimeDelta::hours(24);

/// Who claims which key, for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The council in the path.
    pub council: CouncilCode,
    /// The caller's id.
    pub caller: String,
    /// The operation, as the API names it.
    pub operation: String,
    /// The key that the caller chose.
    pub key: String,
    /// The hash of the path and the body.
    pub request_hash: Vec<u8>,
}

/// The answer of the first time, to be given again byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstAnswer {
    /// HTTP status.
    pub status: u16,
    /// JSON body.
    pub body: String,
    /// `Location`, where there was one.
    pub location: Option<String>,
    /// `ETag`, where there was one.
    pub etag: Option<String>,
}

/// What became of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed {
    /// The key is new: do the work, then [`idempotency_answer_in_txn`].
    New,
    /// The key was used for the same request: give its answer again.
    Again(FirstAnswer),
    /// The key was used for another request.
    Reused,
}

/// Claims a key; keys of this council that are past their time are forgotten meanwhile.
///
/// # Errors
/// [`StoreError::Busy`] when the first request with this key is still running, or whatever the database says.
pub async fn idempotency_claim_in_txn(
    tx: &mut Tx,
    claim: &Claim,
    now: DateTime<Utc>,
) -> Result<Claimed, StoreError> {
    use idempotency_keys::dsl;
    let council = claim.council.as_str();
    let expired = dsl::idempotency_keys
        .filter(dsl::council.eq(council))
        .filter(dsl::caller.eq(&claim.caller))
        .filter(dsl::operation.eq(&claim.operation))
        .filter(dsl::key.eq(&claim.key))
        .filter(dsl::expires_at.le(Moment::new(now)));
    on!(tx, execute(diesel::delete(expired)))?;
    let row = (
        dsl::council.eq(council),
        dsl::caller.eq(&claim.caller),
        dsl::operation.eq(&claim.operation),
        dsl::key.eq(&claim.key),
        dsl::request_hash.eq(&claim.request_hash),
        dsl::created_at.eq(Moment::new(now)),
        dsl::expires_at.eq(Moment::new(now + KEPT_FOR)),
    );
    let made = on!(
        tx,
        execute(Prepared(
            diesel::insert_into(dsl::idempotency_keys)
                .values(row)
                .on_conflict_do_nothing()
        ))
    )?;
    if made == 1 {
        return Ok(Claimed::New);
    }
    type First = (
        Vec<u8>,
        Option<i32>,
        Option<String>,
        Option<String>,
        Option<String>,
    );
    let first: First = on!(
        tx,
        get_result(
            dsl::idempotency_keys
                .find((council, &claim.caller, &claim.operation, &claim.key))
                .select((
                    dsl::request_hash,
                    dsl::status,
                    dsl::body,
                    dsl::location,
                    dsl::etag
                ))
        )
    )?;
    let (request_hash, status, body, location, etag) = first;
    if request_hash != claim.request_hash {
        return Ok(Claimed::Reused);
    }
    let (Some(status), Some(body)) = (status, body) else {
        return Err(StoreError::Corrupt(
            "an idempotency key was kept without its answer",
        ));
    };
    let status = u16::try_from(status)
        .map_err(|_| StoreError::Corrupt("an answer's status is no HTTP status"))?;
    Ok(Claimed::Again(FirstAnswer {
        status,
        body,
        location,
        etag,
    }))
}

/// Keeps the answer of a claimed key.
///
/// # Errors
/// Whatever the database says.
pub async fn idempotency_answer_in_txn(
    tx: &mut Tx,
    claim: &Claim,
    answer: &FirstAnswer,
) -> Result<(), StoreError> {
    use idempotency_keys::dsl;
    let row = dsl::idempotency_keys.find((
        claim.council.as_str(),
        &claim.caller,
        &claim.operation,
        &claim.key,
    ));
    let kept = (
        dsl::status.eq(i32::from(answer.status)),
        dsl::body.eq(&answer.body),
        dsl::location.eq(answer.location.as_ref()),
        dsl::etag.eq(answer.etag.as_ref()),
    );
    on!(tx, execute(Prepared(diesel::update(row).set(kept))))?;
    Ok(())
}

/// Forgets the keys of a council that are past their time, and says how many they were.
///
/// # Errors
/// Whatever the database says.
pub async fn idempotency_forget_in_txn(
    tx: &mut Tx,
    council: &CouncilCode,
    now: DateTime<Utc>,
) -> Result<usize, StoreError> {
    use idempotency_keys::dsl;
    let expired = dsl::idempotency_keys
        .filter(dsl::council.eq(council.as_str()))
        .filter(dsl::expires_at.le(Moment::new(now)));
    Ok(on!(tx, execute(diesel::delete(expired)))?)
}
