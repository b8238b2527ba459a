//! The audit as an auditor reads it: its events, and whether its chain holds.

use super::pages::{one_more, page};
use super::{Acting, Desk, ServiceError};
use crate::store::Conn;
use crate::store::audit::{
    AuditEvent, AuditFilter, AuditHead, audit_check, audit_head, audit_list,
};

/// How many events are checked between two looks at anything else.
const STRIDE: i64 = 2_000;

/// What came of checking a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainCheck {
    /// How many events are good, from the first one on.
    pub good: i64,
    /// The place of the first event that is not as it was written, or is missing.
    pub broken_at: Option<i64>,
    /// The end of the chain as far as it is good: to be kept elsewhere and compared.
    pub head: Option<AuditHead>,
}

/// Lists events; the second part is where the next page begins, if there is one.
///
/// Reads that were recorded up to now are moved to the audit first.
///
/// # Errors
/// Those of the store.
pub async fn list(
    desk: &Desk,
    by: &Acting,
    filter: AuditFilter,
    after: Option<i64>,
    newest_first: bool,
    limit: u16,
) -> Result<(Vec<AuditEvent>, Option<i64>), ServiceError> {
    desk.reads.drain(&desk.store).await?;
    let council = by.council.clone();
    let events = desk
        .store
        .list(async move |conn: &mut Conn| {
            let rows = one_more(limit);
            audit_list(conn, &council, &filter, after, newest_first, rows).await
        })
        .await?;
    Ok(page(events, limit, |event| event.seq))
}

/// Checks the chain of the caller's council from its first event to its end.
///
/// # Errors
/// Those of the store.
pub async fn verify(desk: &Desk, by: &Acting) -> Result<ChainCheck, ServiceError> {
    // The head is read first: events that come meanwhile are beyond it and may be there or not.
    let council = by.council.clone();
    let head = desk
        .store
        .read(async |conn: &mut Conn| audit_head(conn, &council).await)
        .await?;
    let Some(head) = head else {
        return Ok(ChainCheck {
            good: 0,
            broken_at: None,
            head: None,
        });
    };
    let mut good: Option<AuditHead> = None;
    let mut at_head: Option<Vec<u8>> = None;
    loop {
        let (council, from) = (by.council.clone(), good.clone());
        let left = head.seq - from.as_ref().map_or(0, |good| good.seq);
        if left <= 0 {
            break;
        }
        let stretch = desk
            .store
            .list(async move |conn: &mut Conn| {
                audit_check(conn, &council, from, left.min(STRIDE)).await
            })
            .await?;
        let reached = stretch.good_until.clone();
        if reached.seq == head.seq {
            at_head = Some(reached.hash.clone());
        }
        let stopped = stretch.broken_at.is_some() || stretch.reached_end;
        good = Some(reached);
        if stopped {
            break;
        }
    }
    let good = good.filter(|good| good.seq > 0);
    let count = good.as_ref().map_or(0, |good| good.seq);
    let broken_at = match at_head {
        Some(hash) if hash == head.hash => None,
        // The last event is there, but it is not the one that the head was made of.
        Some(_) => Some(head.seq),
        None => Some(count + 1),
    };
    Ok(ChainCheck {
        good: count,
        broken_at,
        head: good,
    })
}
