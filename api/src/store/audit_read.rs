//! Reading the audit: lists, what a thing was at a moment, and whether the chain holds.

use chrono::{DateTime, Utc};
use diesel::{
    ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, SelectableHelper as _,
};
use permanence_core::CouncilCode;

use super::audit::{AuditEvent, AuditHead};
use super::audit_chain::{AuditRow, GENESIS};
use super::conn::on;
use super::ids::{AnyId, CaseId};
use super::schema::{audit_events, audit_heads};
use super::{Conn, Moment, StoreError};

/// Which events to list; what is not set does not narrow.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Those of one thing.
    pub subject: Option<(String, AnyId)>,
    /// Those of one case and of what belongs to it.
    pub case_id: Option<CaseId>,
    /// Those of one caller.
    pub actor: Option<String>,
    /// Those of some operations.
    pub operations: Vec<String>,
    /// Leave out reads: only events that hold a document.
    pub changes_only: bool,
    /// Not before this moment.
    pub from: Option<DateTime<Utc>>,
    /// Before this moment.
    pub until: Option<DateTime<Utc>>,
}

/// The end of a council's chain; none before its first event.
///
/// # Errors
/// Whatever the database says.
pub async fn audit_head(
    conn: &mut Conn,
    council: &CouncilCode,
) -> Result<Option<AuditHead>, StoreError> {
    let head: Option<(i64, Vec<u8>)> = on!(
        conn,
        get_result(
            audit_heads::table
                .find(council.as_str())
                .select((audit_heads::seq, audit_heads::hash))
        )
    )
    .optional()?;
    Ok(head.map(|(seq, hash)| AuditHead { seq, hash }))
}

/// Lists events after a place in the chain, in its order; or, with `newest_first`, before a place and backwards.
///
/// # Errors
/// Whatever the database says.
pub async fn audit_list(
    conn: &mut Conn,
    council: &CouncilCode,
    filter: &AuditFilter,
    cursor: Option<i64>,
    newest_first: bool,
    limit: i64,
) -> Result<Vec<AuditEvent>, StoreError> {
    let rows: Vec<AuditRow> = on!(
        conn,
        load({
            let mut query = audit_events::table
                .filter(audit_events::council.eq(council.as_str()))
                .select(AuditRow::as_select())
                .limit(limit)
                .into_boxed::<Db>();
            if let Some((kind, id)) = &filter.subject {
                query = query
                    .filter(audit_events::subject_kind.eq(kind))
                    .filter(audit_events::subject_id.eq(id));
            }
            if let Some(case_id) = &filter.case_id {
                query = query.filter(audit_events::case_id.eq(case_id));
            }
            if let Some(actor) = &filter.actor {
                query = query.filter(audit_events::actor.eq(actor));
            }
            if !filter.operations.is_empty() {
                query = query.filter(audit_events::operation.eq_any(&filter.operations));
            }
            if filter.changes_only {
                query = query.filter(audit_events::document.is_not_null());
            }
            if let Some(from) = filter.from {
                query = query.filter(audit_events::occurred_at.ge(Moment::new(from)));
            }
            if let Some(until) = filter.until {
                query = query.filter(audit_events::occurred_at.lt(Moment::new(until)));
            }
            match (cursor, newest_first) {
                (Some(seq), false) => query = query.filter(audit_events::seq.gt(seq)),
                (Some(seq), true) => query = query.filter(audit_events::seq.lt(seq)),
                (None, _) => {}
            }
            if newest_first {
                query.order(audit_events::seq.desc())
            } else {
                query.order(audit_events::seq.asc())
            }
        })
    )?;
    Ok(rows.into_iter().map(AuditEvent::from).collect())
}

/// The last event that left a thing in a state at or before a moment: its document is the thing as it was then.
///
/// # Errors
/// Whatever the database says.
pub async fn audit_state_as_of(
    conn: &mut Conn,
    council: &CouncilCode,
    subject_kind: &str,
    subject_id: AnyId,
    at: DateTime<Utc>,
) -> Result<Option<AuditEvent>, StoreError> {
    let row: Option<AuditRow> = on!(
        conn,
        get_result(
            audit_events::table
                .filter(audit_events::council.eq(council.as_str()))
                .filter(audit_events::subject_kind.eq(subject_kind))
                .filter(audit_events::subject_id.eq(subject_id))
                .filter(audit_events::occurred_at.le(Moment::new(at)))
                .filter(audit_events::document.is_not_null())
                .order(audit_events::seq.desc())
                .limit(1)
                .select(AuditRow::as_select())
        )
    )
    .optional()?;
    Ok(row.map(AuditEvent::from))
}

/// The last event before a place in the chain that left a thing in a state.
///
/// # Errors
/// Whatever the database says.
pub async fn audit_state_before(
    conn: &mut Conn,
    council: &CouncilCode,
    subject_kind: &str,
    subject_id: AnyId,
    seq: i64,
) -> Result<Option<AuditEvent>, StoreError> {
    let row: Option<AuditRow> = on!(
        conn,
        get_result(
            audit_events::table
                .filter(audit_events::council.eq(council.as_str()))
                .filter(audit_events::subject_kind.eq(subject_kind))
                .filter(audit_events::subject_id.eq(subject_id))
                .filter(audit_events::seq.lt(seq))
                .filter(audit_events::document.is_not_null())
                .order(audit_events::seq.desc())
                .limit(1)
                .select(AuditRow::as_select())
        )
    )
    .optional()?;
    Ok(row.map(AuditEvent::from))
}

/// A stretch of the chain that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedStretch {
    /// The last place that was good.
    pub good_until: AuditHead,
    /// The first place that is not, if one is not.
    pub broken_at: Option<i64>,
    /// Whether the end of the chain was reached.
    pub reached_end: bool,
}

/// Checks up to `limit` events after a place whose hash is known; begin with `None`.
///
/// # Errors
/// Whatever the database says.
pub async fn audit_check(
    conn: &mut Conn,
    council: &CouncilCode,
    after: Option<AuditHead>,
    limit: i64,
) -> Result<CheckedStretch, StoreError> {
    let mut good = after.unwrap_or(AuditHead {
        seq: 0,
        hash: GENESIS.to_vec(),
    });
    let rows: Vec<AuditRow> = on!(
        conn,
        load(
            audit_events::table
                .filter(audit_events::council.eq(council.as_str()))
                .filter(audit_events::seq.gt(good.seq))
                .order(audit_events::seq.asc())
                .limit(limit)
                .select(AuditRow::as_select())
        )
    )?;
    let reached_end = i64::try_from(rows.len()).unwrap_or(i64::MAX) < limit;
    for row in rows {
        if row.seq != good.seq + 1 || row.prev_hash != good.hash || row.digest() != row.hash {
            return Ok(CheckedStretch {
                broken_at: Some(good.seq + 1),
                good_until: good,
                reached_end: false,
            });
        }
        good = AuditHead {
            seq: row.seq,
            hash: row.hash,
        };
    }
    Ok(CheckedStretch {
        good_until: good,
        broken_at: None,
        reached_end,
    })
}
