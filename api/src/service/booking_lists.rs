//! Bookings in lists and on agendas, each with the decision that it led to.

use std::collections::BTreeMap;

use permanence_core::CouncilCode;

use super::ServiceError;
use super::pages::{cases_of, one_more, page};
use super::places::holds_place;
use super::policy::PanelDesk;
use crate::store::bookings::{
    Booking, BookingFilter, BookingStatus, booking_list, booking_list_of_sitting,
};
use crate::store::cases::case_get;
use crate::store::decision_list::decision_ids_of_bookings;
use crate::store::ids::{BookingId, DecisionId, SittingId};
use crate::store::sittings::{Sitting, sitting_get};
use crate::store::{Conn, StoreError};

/// A booking as lists have it.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// The booking.
    pub booking: Booking,
    /// The decision on it.
    pub decision_id: Option<DecisionId>,
}

/// Lists bookings in the order of their making; the second part is where the next page begins.
///
/// # Errors
/// Those of the store.
pub async fn list(
    desk: &PanelDesk,
    filter: BookingFilter,
    after: Option<BookingId>,
    limit: u16,
    operation: &str,
) -> Result<(Vec<Listed>, Option<BookingId>), ServiceError> {
    let (council, scope) = (desk.by.council.clone(), desk.by.scope.clone());
    let (bookings, next) = desk
        .desk
        .store
        .list(async move |conn: &mut Conn| {
            let rows = one_more(limit);
            let bookings = booking_list(conn, &council, &scope, &filter, after, rows).await?;
            let (bookings, next) = page(bookings, limit, |booking| booking.id);
            let listed = listed(conn, &council, bookings).await?;
            Ok::<_, StoreError>((listed, next))
        })
        .await?;
    let cases = cases_of(bookings.iter().map(|listed| listed.booking.case_id));
    desk.desk.record_read(&desk.by, operation, cases)?;
    Ok((bookings, next))
}

/// Bookings with the decisions on them.
async fn listed(
    conn: &mut Conn,
    council: &CouncilCode,
    bookings: Vec<Booking>,
) -> Result<Vec<Listed>, StoreError> {
    let mut decisions = decisions_of(conn, council, &bookings).await?;
    let with_decision = |booking: Booking| Listed {
        decision_id: decisions.remove(&booking.id),
        booking,
    };
    Ok(bookings.into_iter().map(with_decision).collect())
}

/// The list of a sitting in the order of its slots, each item with its case's reference: those of cases that the caller may see.
///
/// # Errors
/// [`ServiceError::NotFound`] for the sitting.
pub async fn agenda(
    desk: &PanelDesk,
    id: SittingId,
) -> Result<(Sitting, Vec<(Listed, String)>), ServiceError> {
    let (council, scope) = (desk.by.council.clone(), desk.by.scope.clone());
    let (sitting, mut entries) = desk
        .desk
        .store
        .list(async move |conn: &mut Conn| {
            let sitting = sitting_get(conn, &council, id)
                .await?
                .ok_or(ServiceError::NotFound)?;
            let mut entries = Vec::new();
            let bookings = booking_list_of_sitting(conn, &council, id).await?;
            for listed in listed(conn, &council, bookings).await? {
                let case_id = listed.booking.case_id;
                if let Some(case) = case_get(conn, &council, &scope, case_id).await? {
                    entries.push((listed, case.reference));
                }
            }
            Ok::<_, ServiceError>((sitting, entries))
        })
        .await?;
    entries.retain(|(listed, _)| holds_place(&listed.booking));
    let place = |booking: &Booking| {
        let session = sitting
            .sessions
            .iter()
            .position(|session| Some(&session.session) == booking.session.as_ref());
        (
            session,
            booking.slot_starts_at.is_none(),
            booking.slot_starts_at,
            booking.id,
        )
    };
    entries.sort_by_key(|(listed, _)| place(&listed.booking));
    let cases = cases_of(entries.iter().map(|(listed, _)| listed.booking.case_id));
    desk.desk.record_read(&desk.by, "getAgenda", cases)?;
    Ok((sitting, entries))
}

/// Which decision each of these bookings led to. Only those that stand as decided are asked for, so that where a booking stands
/// and what it led to are told alike.
///
/// # Errors
/// Whatever the database says.
pub async fn decisions_of(
    conn: &mut Conn,
    council: &CouncilCode,
    bookings: impl IntoIterator<Item = &Booking>,
) -> Result<BTreeMap<BookingId, DecisionId>, StoreError> {
    let decided: Vec<BookingId> = bookings
        .into_iter()
        .filter(|booking| booking.status == BookingStatus::Decided)
        .map(|booking| booking.id)
        .collect();
    decision_ids_of_bookings(conn, council, &decided).await
}
