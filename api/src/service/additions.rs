//! What is added to an item: a paper, legal advice. The booking's version moves on with each, so that whoever read the item
//! before reads it again.

use chrono::{DateTime, Utc};

use super::bookings::subject;
use super::{Acting, ServiceError};
use crate::store::Tx;
use crate::store::audit::{Event, audit_record_in_txn};
use crate::store::bookings::{Booking, booking_get, booking_update_in_txn};
use crate::store::ids::BookingId;

/// The booking as it is now: since it was judged, somebody else may have been faster.
pub(super) async fn current_in_txn(
    tx: &mut Tx,
    by: &Acting,
    id: BookingId,
) -> Result<Booking, ServiceError> {
    let found = booking_get(tx, &by.council, id).await?;
    found.ok_or(ServiceError::NotFound)
}

/// Moves the booking on after something was added to it, and appends both to the audit: what was added, and the booking.
pub(super) async fn added_in_txn(
    tx: &mut Tx,
    by: &Acting,
    mut booking: Booking,
    added: Event,
    now: DateTime<Utc>,
) -> Result<Booking, ServiceError> {
    booking.updated_at = now;
    let booking = booking_update_in_txn(tx, &by.council, booking)
        .await?
        .ok_or(ServiceError::Stale)?;
    let touched = by.event(now, &added.operation, subject(&booking), &booking, None)?;
    for event in [added, touched] {
        audit_record_in_txn(tx, event);
    }
    Ok(booking)
}
