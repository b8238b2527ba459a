//! Moving and cancelling a sitting, and what becomes of its items.

use chrono::{NaiveDate, NaiveTime};
use permanence_core::Code;

use super::ServiceError;
use super::codes::known_code;
use super::policy::PanelDesk;
use super::sitting_deadlines::{Draft, is_off_pattern, judge};
use super::sittings::{Admits, get, in_order, subject};
use crate::store::audit::audit_record_in_txn;
use crate::store::bookings::{
    Booking, BookingStatus, booking_list_of_sitting, booking_update_in_txn,
};
use crate::store::ids::SittingId;
use crate::store::sittings::{Sitting, SittingStatus, sitting_lock_in_txn, sitting_update_in_txn};
use crate::store::{StoreError, Tx};

/// What is to change in a sitting: `None` keeps, `Some(None)` clears.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SittingChanges {
    /// The day.
    pub held_on: Option<NaiveDate>,
    /// When it starts.
    pub starts_at: Option<Option<NaiveTime>>,
    /// When it ends.
    pub ends_at: Option<Option<NaiveTime>>,
    /// Who chairs.
    pub chair_role: Option<Option<Code>>,
    /// Where it sits.
    pub location: Option<Option<String>>,
    /// It does not take place.
    pub cancelled: bool,
    /// Why.
    pub reason: Option<String>,
}

/// Moves or cancels a sitting, or changes its hours, chair or place.
///
/// Items of a cancelled sitting are put off, each with its own event.
///
/// # Errors
/// [`ServiceError::NotFound`], [`ServiceError::Stale`], [`ServiceError::Conflict`] when it is over or cancelled already.
pub async fn update(
    desk: &PanelDesk,
    id: SittingId,
    admits: Admits,
    changes: SittingChanges,
) -> Result<Sitting, ServiceError> {
    let before = get(desk, id).await?;
    if !admits(before.version) {
        return Err(ServiceError::Stale);
    }
    if before.status != SittingStatus::Scheduled {
        return Err(ServiceError::Conflict(
            "The sitting is over or cancelled, and cannot be changed.".into(),
        ));
    }
    let now = desk.desk.now();
    let mut after = before.clone();
    changes.clone().apply(&mut after);
    if changes.starts_at.is_some() || changes.ends_at.is_some() {
        in_order(after.starts_at, after.ends_at)?;
    }
    let policy = desk.policy(after.held_on)?;
    if let Some(Some(role)) = &changes.chair_role {
        known_code(policy, "roles", "/chairRole", role)?;
    }
    if let Some(panel) = policy.panel(Some(after.panel.as_str())) {
        let draft = Draft {
            held_on: after.held_on,
            starts_at: after.starts_at,
            anchor: None,
        };
        after.off_pattern = is_off_pattern(panel, &draft);
        let said = judge(desk, panel, std::slice::from_ref(&draft))
            .await?
            .pop()
            .unwrap_or_default();
        after.deadlines = serde_json::to_value(said).map_err(StoreError::from)?;
    }
    after.updated_at = now;
    let by = desk.by.clone();
    let why = changes.reason.clone();
    let work = async move |tx: &mut Tx| {
        sitting_lock_in_txn(tx, &by.council, id).await?;
        let bookings = booking_list_of_sitting(tx, &by.council, id).await?;
        let changed = sitting_update_in_txn(tx, &by.council, after)
            .await?
            .ok_or(ServiceError::Stale)?;
        let mut events = vec![by.event(
            now,
            "updateSitting",
            subject(&changed),
            &changed,
            why.clone(),
        )?];
        if changed.status == SittingStatus::Cancelled {
            for mut booking in bookings.into_iter().filter(is_standing) {
                booking.status = BookingStatus::Deferred;
                booking.status_reason = Some("sitting_cancelled".into());
                booking.updated_at = now;
                let booking = booking_update_in_txn(tx, &by.council, booking)
                    .await?
                    .ok_or(ServiceError::Stale)?;
                events.push(by.event(
                    now,
                    "updateSitting",
                    super::bookings::subject(&booking),
                    &booking,
                    why.clone(),
                )?);
            }
        }
        for event in events {
            audit_record_in_txn(tx, event);
        }
        Ok(changed)
    };
    desk.desk.store.write(work).await
}

fn is_standing(booking: &Booking) -> bool {
    matches!(
        booking.status,
        BookingStatus::Listed | BookingStatus::RemovedFromList
    )
}

impl SittingChanges {
    fn apply(self, sitting: &mut Sitting) {
        if let Some(day) = self.held_on.filter(|day| *day != sitting.held_on) {
            sitting.moved_from = Some(sitting.held_on);
            sitting.held_on = day;
        }
        if let Some(starts_at) = self.starts_at {
            sitting.starts_at = starts_at;
        }
        if let Some(ends_at) = self.ends_at {
            sitting.ends_at = ends_at;
        }
        if let Some(role) = self.chair_role {
            sitting.chair_role = role;
        }
        if let Some(location) = self.location {
            sitting.location = location;
        }
        if self.cancelled {
            sitting.status = SittingStatus::Cancelled;
        }
        if self.reason.is_some() {
            sitting.off_pattern_reason = self.reason;
        }
    }
}
