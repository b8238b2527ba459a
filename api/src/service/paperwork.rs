//! Papers of an item: handing them in, and keeping an item on the list whose papers were missing.

use chrono::{DateTime, Utc};
use permanence_core::{Capability, Code};
use serde_json::json;

use super::additions::{added_in_txn, current_in_txn};
use super::bookings::{Judged, judged, load};
use super::codes::known_code;
use super::policy::{PanelDesk, refuse_blocked};
use super::sittings::Admits;
use super::{Made, Once, ServiceError, Subject};
use crate::store::bookings::{Booking, BookingStatus};
use crate::store::ids::{BookingId, PaperworkId};
use crate::store::paperwork::{Paper, paper_create_in_txn};
use crate::store::{StoreError, Tx};

/// A paper that is handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPaper {
    /// What it is.
    pub document: Code,
    /// When it came in; now where it is not said.
    pub received_at: Option<DateTime<Utc>>,
    /// The role that hands it in.
    pub submitted_by: Option<Code>,
    /// Roles that approved it.
    pub approvals: Vec<Code>,
    /// What it contains, as far as the policy asks.
    pub contents: Vec<Code>,
    /// Where it is kept in the council's own system.
    pub reference: Option<String>,
}

/// Who asks the chair to keep an item on the list, and who agrees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keeping {
    /// The role that asks.
    pub requested_by: Code,
    /// The role that decides.
    pub decided_by: Code,
    /// Why.
    pub reason: String,
}

/// Takes a paper. One that is late is taken and marked; an item that came off its list stays off.
///
/// # Errors
/// [`ServiceError::NotFound`], [`ServiceError::Conflict`] when the item is decided or withdrawn, [`ServiceError::Invalid`].
pub async fn submit(
    desk: &PanelDesk,
    id: BookingId,
    new: NewPaper,
    once: Once<Judged>,
) -> Result<Made<Judged>, ServiceError> {
    let now = desk.desk.now();
    let planned = plan(desk, id, new).await;
    let by = desk.by.clone();
    let work = async move |tx: &mut Tx| {
        once.run_in_txn(tx, now, async |tx| {
            let (paper, judged) = planned?;
            let current = current_in_txn(tx, &by, id).await?;
            open(&current)?;
            paper_create_in_txn(tx, &by.council, &paper).await?;
            let added = by.event(now, "submitPaperwork", subject(&paper), &paper, None)?;
            Ok(judged.with(added_in_txn(tx, &by, current, added, now).await?))
        })
        .await
    };
    desk.desk.store.write(work).await
}

async fn plan(
    desk: &PanelDesk,
    id: BookingId,
    new: NewPaper,
) -> Result<(Paper, Judged), ServiceError> {
    let mut item = load(desk, id).await?;
    let (now, today) = (desk.desk.now(), desk.desk.today());
    open(&item.booking)?;
    check(desk, &new)?;
    let received_at = new.received_at.unwrap_or(now);
    if received_at > now {
        return Err(ServiceError::invalid(
            "/receivedAt",
            "in_the_future",
            "A paper cannot have come in the future.",
        ));
    }
    let paper = Paper {
        id: PaperworkId::generate(),
        booking_id: id,
        case_id: item.booking.case_id,
        document: new.document,
        received_at,
        submitted_by: new.submitted_by.map(String::from),
        approvals: new.approvals,
        contents: new.contents,
        details: json!({ "reference": new.reference }),
        version: 1,
        created_at: now,
        updated_at: now,
    };
    item.papers.push(paper.clone());
    let judgement = item.judge(desk, today).await?;
    Ok((paper, Judged { item, judgement }))
}

fn open(booking: &Booking) -> Result<(), ServiceError> {
    match booking.status {
        BookingStatus::Listed | BookingStatus::RemovedFromList | BookingStatus::Deferred => Ok(()),
        _ => Err(ServiceError::Conflict(
            "The item is decided or withdrawn.".into(),
        )),
    }
}

fn check(desk: &PanelDesk, new: &NewPaper) -> Result<(), ServiceError> {
    let policy = desk.policy(desk.desk.today())?;
    known_code(policy, "documents", "/document", &new.document)?;
    if let Some(role) = &new.submitted_by {
        known_code(policy, "roles", "/submittedBy", role)?;
    }
    for (index, role) in new.approvals.iter().enumerate() {
        known_code(policy, "roles", &format!("/approvals/{index}"), role)?;
    }
    Ok(())
}

/// Puts an item back on the list from which its missing papers took it, if the policy lets these two roles do so.
///
/// # Errors
/// [`ServiceError::Refused`] with the clause, [`ServiceError::NotFound`], [`ServiceError::Stale`],
/// [`ServiceError::Conflict`] when it did not come off the list.
pub async fn keep_on_list(
    desk: &PanelDesk,
    id: BookingId,
    admits: Admits,
    keeping: Keeping,
) -> Result<Judged, ServiceError> {
    let item = load(desk, id).await?;
    if !admits(item.booking.version) {
        return Err(ServiceError::Stale);
    }
    if item.booking.status != BookingStatus::RemovedFromList {
        return Err(ServiceError::Conflict(
            "The item did not come off the list because of its papers.".into(),
        ));
    }
    let today = desk.desk.today();
    let policy = desk.policy(today)?;
    known_code(policy, "roles", "/requestedBy", &keeping.requested_by)?;
    known_code(policy, "roles", "/decidedBy", &keeping.decided_by)?;
    let mut facts = item.facts(policy, today)?;
    facts
        .code("requested_by", Some(&keeping.requested_by))
        .code("decided_by", Some(&keeping.decided_by))
        .answer("agreed", Some(true))
        .code("chair", item.chair_role())
        .text("reason", Some(&keeping.reason));
    let answer = desk
        .ask(Capability::Paperwork, today, facts.into_facts())
        .await?;
    refuse_blocked([&answer], "/decidedBy")?;
    let details = serde_json::to_value(json!({
        "maintained": {
            "requestedBy": keeping.requested_by,
            "decidedBy": keeping.decided_by,
            "on": today,
            "edition": answer.edition,
        }
    }))
    .map_err(StoreError::from)?;
    let item = super::moves::change(
        desk,
        item,
        admits,
        "overridePaperworkRemoval",
        keeping.reason,
        move |booking| {
            if booking.status != BookingStatus::RemovedFromList {
                return Err(ServiceError::Stale);
            }
            booking.status = BookingStatus::Listed;
            booking.maintained_by_chair = true;
            booking.details = details;
            Ok(())
        },
    )
    .await?;
    judged(desk, item, None).await
}

/// A paper in the audit.
#[must_use]
pub fn subject(paper: &Paper) -> Subject {
    Subject {
        kind: "paperwork",
        id: paper.id.untyped(),
        version: paper.version,
        case_id: Some(paper.case_id),
    }
}
