//! Recording what a panel decided: checked by the council's policy, stored with the policy that judged it, and with all
//! that follows from it in the same transaction.

use chrono::NaiveDate;
use permanence_core::Code;
use serde_json::{Map, Value};

use super::bookings::{load, subject as booking_subject};
use super::follow_ups::{Draft, Origin, subject as follow_up_subject};
use super::judging::{Planned, decided, judge_item};
use super::pages::page_of_cases;
use super::policy::PanelDesk;
use super::sittings::{Admits, subject as sitting_subject};
use super::{Acting, Made, Once, ServiceError, Subject};
use crate::store::attendance::{Attendance, attendance_list_of_sitting};
use crate::store::audit::{Event, audit_record_in_txn};
use crate::store::bookings::{BookingStatus, booking_get, booking_update_in_txn};
use crate::store::cases::case_get;
use crate::store::decision_list::{DecisionCursor, DecisionFilter, DecisionPage, decision_list};
use crate::store::decisions::{Decision, MemberView, decision_create_in_txn, decision_get};
use crate::store::follow_ups::{FollowUp, follow_up_create_in_txn, follow_up_list_of_decision};
use crate::store::ids::{BookingId, DecisionId};
use crate::store::sittings::{
    SittingStatus, sitting_get, sitting_lock_in_txn, sitting_update_in_txn,
};
use crate::store::{Conn, StoreError, Tx};

/// A decision to be recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct NewDecision {
    /// What was decided.
    pub outcome: Code,
    /// The reasons.
    pub rationale: String,
    /// Conditions set with it.
    pub conditions: Vec<String>,
    /// By when, in words.
    pub timescale: Option<String>,
    /// Whether the members agreed.
    pub consensus: Option<bool>,
    /// Views of members.
    pub member_views: Vec<MemberView>,
    /// What the chair decided where the members did not agree.
    pub chair_decision: Option<Code>,
    /// The role that decided; as the policy says where it is not named.
    pub decided_by: Option<Code>,
    /// The day; the sitting's where it is not said.
    pub decided_on: Option<NaiveDate>,
    /// Actions that the decision itself sets.
    pub actions: Vec<NewAction>,
    /// Further facts, by their names on the wire.
    pub facts: Map<String, Value>,
}

/// An action that a decision sets, beside those that the policy makes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAction {
    /// What is to be done.
    pub action: Code,
    /// The same in words.
    pub description: Option<String>,
    /// Who answers for it; as the policy says where it is not named.
    pub responsible_role: Option<Code>,
    /// Who does it, where that is somebody else.
    pub assigned_to: Option<Code>,
    /// The last day in time.
    pub due_on: Option<NaiveDate>,
}

/// A decision with what follows from it.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided {
    /// The decision.
    pub decision: Decision,
    /// Everything that follows.
    pub follow_ups: Vec<FollowUp>,
}

/// Records the decision on an item.
///
/// A council that has a quorum and finds none refuses every decision; one without a quorum records and flags.
///
/// # Errors
/// [`ServiceError::Refused`] with the clauses, [`ServiceError::NotFound`], [`ServiceError::Stale`],
/// [`ServiceError::Conflict`] when the item is not on the list, [`ServiceError::Invalid`].
pub async fn record_decision(
    desk: &PanelDesk,
    id: BookingId,
    admits: Admits,
    new: NewDecision,
    once: Once<Decided>,
) -> Result<Made<Decided>, ServiceError> {
    let now = desk.desk.now();
    // A repeated request must get as far as its key, although the item is decided by then.
    let planned = plan(desk, id, &admits, &new).await;
    let by = desk.by.clone();
    let work = async move |tx: &mut Tx| {
        once.run_in_txn(tx, now, async |tx| {
            write_in_txn(tx, &by, planned?, Vec::new(), "recordDecision").await
        })
        .await
    };
    desk.desk.store.write(work).await
}

/// Writes a decision on an item that is still as it was judged, with all that follows; `events` are of the same change.
pub(crate) async fn write_in_txn(
    tx: &mut Tx,
    by: &Acting,
    (item, decision, drafts): Planned,
    mut events: Vec<Event>,
    operation: &'static str,
) -> Result<Decided, ServiceError> {
    let (id, now) = (item.booking.id, decision.created_at);
    let sitting_id = item.sitting.id;
    sitting_lock_in_txn(tx, &by.council, sitting_id).await?;
    let mut booking = booking_get(tx, &by.council, id)
        .await?
        .ok_or(ServiceError::NotFound)?;
    if booking.version != item.booking.version {
        return Err(ServiceError::Stale);
    }
    same_people(
        &item.attendance,
        &attendance_list_of_sitting(tx, &by.council, sitting_id).await?,
    )?;
    decision_create_in_txn(tx, &by.council, &decision)
        .await
        .map_err(decided_already)?;
    booking.status = BookingStatus::Decided;
    booking.status_reason = Some(decision.outcome.to_string());
    booking.updated_at = now;
    let booking = booking_update_in_txn(tx, &by.council, booking)
        .await?
        .ok_or(ServiceError::Stale)?;
    events.push(by.event(now, operation, subject(&decision), &decision, None)?);
    events.push(by.event(now, operation, booking_subject(&booking), &booking, None)?);
    let mut sitting = sitting_get(tx, &by.council, sitting_id)
        .await?
        .ok_or(ServiceError::NotFound)?;
    if sitting.status == SittingStatus::Scheduled {
        sitting.status = SittingStatus::Held;
        sitting.updated_at = now;
        let sitting = sitting_update_in_txn(tx, &by.council, sitting)
            .await?
            .ok_or(ServiceError::Stale)?;
        events.push(by.event(now, operation, sitting_subject(&sitting), &sitting, None)?);
    }
    let origin = Origin {
        case_id: Some(decision.case_id),
        booking_id: Some(id),
        sitting_id: Some(sitting_id),
        decision_id: Some(decision.id),
    };
    keep(tx, by, origin, decision, drafts, events, operation).await
}

async fn plan(
    desk: &PanelDesk,
    id: BookingId,
    admits: &Admits,
    new: &NewDecision,
) -> Result<Planned, ServiceError> {
    let item = load(desk, id).await?;
    if !admits(item.booking.version) {
        return Err(ServiceError::Stale);
    }
    judge_item(desk, item, new).await
}

/// Keeps what follows from a decision, and the events of all of it.
pub(crate) async fn keep(
    tx: &mut Tx,
    by: &Acting,
    origin: Origin,
    decision: Decision,
    drafts: Vec<Draft>,
    mut events: Vec<Event>,
    operation: &str,
) -> Result<Decided, ServiceError> {
    let now = decision.created_at;
    let follow_ups: Vec<FollowUp> = drafts
        .into_iter()
        .map(|draft| draft.into_follow_up(origin, now))
        .collect();
    follow_up_create_in_txn(tx, &by.council, &follow_ups).await?;
    for follow_up in &follow_ups {
        events.push(by.event(
            now,
            operation,
            follow_up_subject(follow_up),
            follow_up,
            None,
        )?);
    }
    for event in events {
        audit_record_in_txn(tx, event);
    }
    Ok(Decided {
        decision,
        follow_ups,
    })
}

fn decided_already(fault: StoreError) -> ServiceError {
    match fault {
        StoreError::Duplicate(_) => decided(),
        other => other.into(),
    }
}

/// The decision must rest on the people who were there when it was judged.
fn same_people(judged: &[Attendance], now: &[Attendance]) -> Result<(), ServiceError> {
    let same = judged.len() == now.len()
        && judged
            .iter()
            .zip(now)
            .all(|(one, other)| one.id == other.id);
    if same {
        Ok(())
    } else {
        Err(ServiceError::Conflict(
            "The attendance was changed meanwhile: send the decision again.".into(),
        ))
    }
}

/// Reads a decision with what follows from it.
///
/// # Errors
/// [`ServiceError::NotFound`].
pub async fn get(
    desk: &PanelDesk,
    id: DecisionId,
    operation: &str,
) -> Result<Decided, ServiceError> {
    let (council, scope) = (&desk.by.council, &desk.by.scope);
    let found = desk
        .desk
        .store
        .read(async |conn: &mut Conn| {
            let Some(decision) = decision_get(conn, council, id).await? else {
                return Ok(None);
            };
            let seen = case_get(conn, council, scope, decision.case_id)
                .await?
                .is_some();
            let follow_ups = follow_up_list_of_decision(conn, council, id).await?;
            Ok::<_, ServiceError>(seen.then_some(Decided {
                decision,
                follow_ups,
            }))
        })
        .await?;
    let decided = found.ok_or(ServiceError::NotFound)?;
    desk.desk
        .record_read(&desk.by, operation, [decided.decision.case_id])?;
    Ok(decided)
}

/// Lists decisions by their day; the second part is where the next page begins, if there is one.
///
/// # Errors
/// Those of the store.
pub async fn list(
    desk: &PanelDesk,
    filter: DecisionFilter,
    descending: bool,
    after: Option<DecisionCursor>,
    limit: u16,
) -> Result<(Vec<Decision>, Option<DecisionCursor>), ServiceError> {
    let rows = async move |conn: &mut Conn, by: &Acting, rows: i64| {
        let page = DecisionPage {
            descending,
            after: after.as_ref(),
            limit: rows,
        };
        decision_list(conn, &by.council, &by.scope, &filter, page).await
    };
    let of = |decision: &Decision| (decision.case_id, (decision.decided_on, decision.id));
    page_of_cases(desk, "listDecisions", limit, rows, of).await
}

/// A decision in the audit.
#[must_use]
pub fn subject(decision: &Decision) -> Subject {
    Subject {
        kind: "decision",
        id: decision.id.untyped(),
        version: decision.version,
        case_id: Some(decision.case_id),
    }
}
