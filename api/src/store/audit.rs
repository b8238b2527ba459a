//! The audit: what was changed or read, by whom and why, in one chain of hashes for each council.
//!
//! Table `audit_events`, which both databases refuse to change or shorten; `audit_heads` holds each chain's end.
//! An event is written in the transaction of the change, and holds the whole state after it: any record can be read
//! as of any moment. Writers of one council take turns at the head of its chain, so a transaction keeps its events until
//! its work is done, and appends them all together just before its commit.
//!
//! What the chain cannot show: a database owner who rewrites every event and the head. Keep a copy of the head elsewhere.

use chrono::{DateTime, Utc};
use permanence_core::CouncilCode;

use super::Tx;
pub use super::audit_read::{
    AuditFilter, CheckedStretch, audit_check, audit_head, audit_list, audit_state_as_of,
    audit_state_before,
};
use super::ids::{AnyId, AuditEventId, CaseId};

/// Who acts: the caller's id at its issuer, and the role in which it acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The caller's id; a job's is `job:` and its name.
    pub id: String,
    /// The role that allowed it.
    pub role: Option<String>,
}

/// Something that happened, to be appended.
#[derive(Debug, Clone)]
pub struct Event {
    /// Whose chain it belongs to.
    pub council: CouncilCode,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// Who did it.
    pub actor: Actor,
    /// The operation, as the API names it: `createCase`.
    pub operation: String,
    /// What kind of thing it happened to: `case`, `booking`.
    pub subject_kind: &'static str,
    /// Which thing.
    pub subject_id: Option<AnyId>,
    /// The version that the thing has after it.
    pub subject_version: Option<i64>,
    /// The case that it belongs to.
    pub case_id: Option<CaseId>,
    /// The thing after it, whole; none for reads.
    pub after_document: Option<serde_json::Value>,
    /// Why, in the caller's words.
    pub why: Option<String>,
    /// The request that did it.
    pub request_id: Option<String>,
}

/// An event in its chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    /// Its place in the chain: 1 is the first.
    pub seq: i64,
    /// Its id.
    pub id: AuditEventId,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// Who did it.
    pub actor: Actor,
    /// The operation, as the API names it.
    pub operation: String,
    /// What kind of thing it happened to.
    pub subject_kind: String,
    /// Which thing.
    pub subject_id: Option<AnyId>,
    /// The version that the thing had after it.
    pub subject_version: Option<i64>,
    /// The case that it belongs to.
    pub case_id: Option<CaseId>,
    /// The thing after it, as JSON text.
    pub document: Option<String>,
    /// Why.
    pub why: Option<String>,
    /// The request that did it.
    pub request_id: Option<String>,
    /// The hash over it and over the hash before it.
    pub hash: Vec<u8>,
}

/// The end of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditHead {
    /// How many events it has.
    pub seq: i64,
    /// The hash of the last one.
    pub hash: Vec<u8>,
}

/// Keeps an event for the chain; it is there when the transaction is.
pub fn audit_record_in_txn(tx: &mut Tx, event: Event) {
    tx.recorded.push(event);
}
