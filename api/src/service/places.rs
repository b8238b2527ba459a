//! A place on a sitting: the session that hears an item, and a slot that nobody else has.

use chrono::{NaiveTime, TimeDelta};
use permanence_core::{Code, CouncilCode};

use super::children::{Child, child_load};
use super::policy::PanelDesk;
use super::{Fault, ServiceError};
use crate::store::bookings::{Booking, BookingStatus, booking_list_of_sitting};
use crate::store::ids::{CaseId, SittingId};
use crate::store::sittings::{
    Sitting, SittingSession, SittingStatus, sitting_get, sitting_lock_in_txn,
};
use crate::store::{Conn, StoreError, Tx};

/// A place on a sitting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The sitting.
    pub sitting_id: SittingId,
    /// The part of it; the right one where it is not named.
    pub session: Option<Code>,
    /// Start of the slot; the first free one where it is not named and slots have a length.
    pub slot_starts_at: Option<NaiveTime>,
    /// End of the slot; by the slot's length where it is not named.
    pub slot_ends_at: Option<NaiveTime>,
}

/// The child and the sitting, as far as the caller may see them, and who else is on that sitting.
pub(super) async fn places(
    desk: &PanelDesk,
    case_id: CaseId,
    sitting_id: SittingId,
) -> Result<(Child, Sitting, Vec<Booking>), ServiceError> {
    let (council, scope) = (&desk.by.council, &desk.by.scope);
    let (child, sitting, others) = desk
        .desk
        .store
        .read(async |conn: &mut Conn| {
            let child = child_load(conn, council, scope, case_id).await?;
            let sitting = sitting_get(conn, council, sitting_id).await?;
            let others = booking_list_of_sitting(conn, council, sitting_id).await?;
            Ok::<_, ServiceError>((child, sitting, others))
        })
        .await?;
    let mut faults = Vec::new();
    if child.is_none() {
        faults.push(Fault::new(
            "/caseId",
            "not_found",
            "There is no such case, or it is not yours to see.",
        ));
    }
    if sitting.is_none() {
        faults.push(Fault::new(
            "/sittingId",
            "not_found",
            "There is no such sitting.",
        ));
    }
    match (child, sitting) {
        (Some(child), Some(sitting)) => {
            takes_place(&sitting)?;
            Ok((child, sitting, others))
        }
        _ => Err(ServiceError::Invalid(faults)),
    }
}

fn takes_place(sitting: &Sitting) -> Result<(), ServiceError> {
    match sitting.status {
        SittingStatus::Scheduled => Ok(()),
        _ => Err(ServiceError::Conflict(
            "The sitting is over or cancelled: book on another one.".into(),
        )),
    }
}

/// Finds the session and the slot of a booking.
pub(super) fn place(
    booking: &mut Booking,
    place: &Place,
    child: &Child,
    sitting: &Sitting,
    others: &[Booking],
) -> Result<(), ServiceError> {
    let session = match &place.session {
        Some(code) => Some(
            sitting
                .sessions
                .iter()
                .find(|session| session.session == *code)
                .ok_or_else(|| {
                    ServiceError::invalid(
                        "/session",
                        "unknown_code",
                        "The sitting has no session of this code.",
                    )
                })?,
        ),
        None => right_session(
            sitting,
            &booking.request_type,
            child.case.service.as_deref(),
        ),
    };
    booking.session = session.map(|session| session.session.clone());
    let minutes = session
        .and_then(|session| session.slot_minutes)
        .map(|minutes| TimeDelta::minutes(minutes.into()));
    let end_of = |start: NaiveTime| {
        place
            .slot_ends_at
            .or(minutes.map(|minutes| start + minutes))
    };
    let start = session
        .and_then(|session| session.starts_at)
        .or(sitting.starts_at);
    let (starts_at, ends_at) = match (place.slot_starts_at, minutes, start) {
        (Some(start), ..) => (Some(start), end_of(start)),
        (None, Some(minutes), Some(first)) => first_free(first, minutes, booking, others),
        _ => (None, None),
    };
    if starts_at
        .zip(ends_at)
        .is_some_and(|(start, end)| end <= start)
    {
        return Err(ServiceError::invalid(
            "/slotEndTime",
            "out_of_order",
            "A slot ends after it starts.",
        ));
    }
    booking.slot_starts_at = starts_at;
    booking.slot_ends_at = ends_at;
    if others.iter().any(|other| overlaps(booking, other)) {
        return Err(slot_taken());
    }
    let heard = others
        .iter()
        .filter(|other| holds_place(other) && other.session == booking.session)
        .count();
    let full = session
        .and_then(|session| session.capacity)
        .is_some_and(|most| heard >= usize::from(most));
    if full {
        return Err(ServiceError::Conflict("The session is full.".into()));
    }
    Ok(())
}

/// The first session that hears this kind of request from this service.
fn right_session<'a>(
    sitting: &'a Sitting,
    kind: &Code,
    service: Option<&str>,
) -> Option<&'a SittingSession> {
    let hears = |session: &&SittingSession| session.request_types.contains(kind);
    let of_service = |session: &&SittingSession| {
        session.services.is_empty()
            || service.is_some_and(|service| session.services.iter().any(|own| own == service))
    };
    let mut fitting = sitting.sessions.iter().filter(hears);
    fitting.clone().find(of_service).or_else(|| fitting.next())
}

fn first_free(
    first: NaiveTime,
    minutes: TimeDelta,
    booking: &Booking,
    others: &[Booking],
) -> (Option<NaiveTime>, Option<NaiveTime>) {
    let mut start = first;
    for _ in 0..48 {
        let (end, wrapped) = start.overflowing_add_signed(minutes);
        let candidate = Booking {
            slot_starts_at: Some(start),
            slot_ends_at: Some(end),
            ..booking.clone()
        };
        if wrapped != 0 {
            break;
        }
        if !others.iter().any(|other| overlaps(&candidate, other)) {
            return (Some(start), Some(end));
        }
        start = end;
    }
    (None, None)
}

pub(super) fn holds_place(booking: &Booking) -> bool {
    matches!(
        booking.status,
        BookingStatus::Listed | BookingStatus::Decided
    )
}

fn overlaps(one: &Booking, other: &Booking) -> bool {
    let span = |booking: &Booking| {
        booking
            .slot_starts_at
            .map(|start| (start, booking.slot_ends_at.unwrap_or(start)))
    };
    let (Some((from, to)), Some((start, end))) = (span(one), span(other)) else {
        return false;
    };
    one.id != other.id
        && holds_place(other)
        && one.session == other.session
        && ((from < end && start < to) || from == start)
}

fn slot_taken() -> ServiceError {
    ServiceError::Conflict(
        "The slot is taken, or overlaps another item of the same session.".into(),
    )
}

pub(super) fn taken(fault: StoreError) -> ServiceError {
    match fault {
        StoreError::Duplicate(_) => slot_taken(),
        other => other.into(),
    }
}

/// Checks again, with the sitting locked, that the place is still there.
pub(super) async fn check_place_in_txn(
    tx: &mut Tx,
    council: &CouncilCode,
    booking: &Booking,
    seen: &Sitting,
) -> Result<(), ServiceError> {
    sitting_lock_in_txn(tx, council, booking.sitting_id).await?;
    let sitting = sitting_get(tx, council, booking.sitting_id)
        .await?
        .ok_or(ServiceError::NotFound)?;
    takes_place(&sitting)?;
    if sitting.held_on != seen.held_on {
        return Err(ServiceError::Conflict(
            "The sitting was moved meanwhile: look at it again.".into(),
        ));
    }
    let others = booking_list_of_sitting(tx, council, booking.sitting_id).await?;
    if others.iter().any(|other| overlaps(booking, other)) {
        return Err(slot_taken());
    }
    let twice = others.iter().any(|other| {
        other.id != booking.id
            && other.case_id == booking.case_id
            && other.request_type == booking.request_type
            && matches!(
                other.status,
                BookingStatus::Listed | BookingStatus::RemovedFromList
            )
    });
    if twice {
        return Err(ServiceError::Conflict(
            "The case is booked on this sitting for the same request already.".into(),
        ));
    }
    Ok(())
}
