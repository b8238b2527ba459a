//! What becomes of a booking before it is heard: it is taken back, put off, or moved to another place.

use chrono::NaiveDate;
use permanence_core::{Answer, Capability};
use serde_json::{Map, Value, json};

use super::ServiceError;
use super::arising::results_by_clause;
use super::bookings::{Judged, admit, judged, load, subject};
use super::items::Item;
use super::places::{Place, check_place_in_txn, place, places, taken};
use super::policy::PanelDesk;
use super::sittings::{Admits, next_after};
use crate::store::Tx;
use crate::store::audit::audit_record_in_txn;
use crate::store::bookings::{Booking, BookingStatus, booking_get, booking_update_in_txn};
use crate::store::ids::{BookingId, SittingId};
use crate::store::sittings::sitting_lock_in_txn;

/// Where an item that was put off should go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The day.
    pub on: NaiveDate,
    /// The sitting of that day, where it is in the calendar already.
    pub sitting_id: Option<SittingId>,
}

/// Takes a booking back.
///
/// # Errors
/// [`ServiceError::NotFound`], [`ServiceError::Stale`], [`ServiceError::Conflict`] when it is decided or gone already.
pub async fn withdraw(
    desk: &PanelDesk,
    id: BookingId,
    admits: Admits,
    reason: String,
) -> Result<Judged, ServiceError> {
    let item = load(desk, id).await?;
    let item = change(desk, item, admits, "withdrawBooking", reason, |booking| {
        standing(booking)?;
        booking.status = BookingStatus::Withdrawn;
        Ok(())
    })
    .await?;
    judged(desk, item, None).await
}

/// Puts an item off. It stays off every list until it is moved to a sitting; the answer says to which.
///
/// # Errors
/// [`ServiceError::NotFound`], [`ServiceError::Stale`], [`ServiceError::Conflict`] when it is decided or gone already.
pub async fn defer(
    desk: &PanelDesk,
    id: BookingId,
    admits: Admits,
    reason: String,
) -> Result<(Judged, Option<Target>), ServiceError> {
    let item = load(desk, id).await?;
    let target = target(desk, &item).await?;
    let noted = target
        .as_ref()
        .map(|target| json!({ "on": target.on, "sittingId": target.sitting_id }));
    let item = change(desk, item, admits, "deferBooking", reason, move |booking| {
        standing(booking)?;
        booking.status = BookingStatus::Deferred;
        booking.details = json!({ "target": noted });
        Ok(())
    })
    .await?;
    Ok((judged(desk, item, None).await?, target))
}

/// The sitting that an item which is put off should go to: what the policy says, else the panel's next one.
async fn target(desk: &PanelDesk, item: &Item) -> Result<Option<Target>, ServiceError> {
    let today = desk.desk.today();
    let policy = desk.policy(today)?;
    let without = item.facts(policy, today)?;
    let mut with = without.clone();
    with.day("deferred_on", Some(item.sitting.held_on));
    let facts = vec![without.into_facts(), with.into_facts()];
    let answers = desk.ask_each(Capability::Booking, today, facts).await?;
    let said = said_of_deferral(&answers).filter(|day| *day > item.sitting.held_on);
    let from = said
        .and_then(|day: NaiveDate| day.pred_opt())
        .unwrap_or(item.sitting.held_on.max(today));
    let stored = next_after(desk, &item.sitting.panel, from).await?;
    let fits = stored.filter(|sitting| said.is_none_or(|day| sitting.held_on == day));
    Ok(match (fits, said) {
        (Some(sitting), _) => Some(Target {
            on: sitting.held_on,
            sitting_id: Some(sitting.id),
        }),
        (None, Some(on)) => Some(Target {
            on,
            sitting_id: None,
        }),
        (None, None) => None,
    })
}

/// The sitting that the policy names because an item was put off: what it says of the item itself is another matter.
fn said_of_deferral(answers: &[Answer]) -> Option<NaiveDate> {
    let [without, with] = answers else {
        return None;
    };
    let before = results_by_clause(without);
    let target = |results: &Map<String, Value>| results.get("targetPanelOn").cloned();
    let mut changed = results_by_clause(with)
        .into_iter()
        .filter_map(|(clause, results)| {
            let now = target(&results)?;
            (before.get(&clause).and_then(target).as_ref() != Some(&now)).then_some(now)
        });
    changed.find_map(|day| day.as_str()?.parse().ok())
}

/// Moves an item to another sitting, or to another place on its own.
///
/// # Errors
/// As [`create`](super::bookings::create); [`ServiceError::Stale`], [`ServiceError::Conflict`] when it is decided or withdrawn.
pub async fn move_to(
    desk: &PanelDesk,
    id: BookingId,
    admits: Admits,
    to: Place,
    reason: String,
) -> Result<Judged, ServiceError> {
    let item = load(desk, id).await?;
    if !admits(item.booking.version) {
        return Err(ServiceError::Stale);
    }
    movable(&item.booking)?;
    let (child, sitting, mut others) = places(desk, item.booking.case_id, to.sitting_id).await?;
    others.retain(|other| other.id != id);
    let mut moved = item.booking.clone();
    moved.moved_from = Some(moved.sitting_id)
        .filter(|from| *from != sitting.id)
        .or(moved.moved_from);
    moved.sitting_id = sitting.id;
    moved.status = BookingStatus::Listed;
    moved.maintained_by_chair = false;
    place(&mut moved, &to, &child, &sitting, &others)?;
    let admitted = admit(desk, moved, child, sitting, others).await?;
    let (goal, seen) = (admitted.item.booking.clone(), admitted.item.sitting.clone());
    let now = desk.desk.now();
    let by = desk.by.clone();
    let why = reason.clone();
    let work = async move |tx: &mut Tx| {
        check_place_in_txn(tx, &by.council, &goal, &seen).await?;
        let mut changed = goal;
        changed.status_reason = Some(reason);
        changed.updated_at = now;
        let changed = booking_update_in_txn(tx, &by.council, changed)
            .await
            .map_err(taken)?;
        let changed = changed.ok_or(ServiceError::Stale)?;
        audit_record_in_txn(
            tx,
            by.event(now, "moveBooking", subject(&changed), &changed, Some(why))?,
        );
        Ok::<_, ServiceError>(())
    };
    desk.desk.store.write(work).await?;
    judged(desk, load(desk, id).await?, None).await
}

fn movable(booking: &Booking) -> Result<(), ServiceError> {
    match booking.status {
        BookingStatus::Listed | BookingStatus::RemovedFromList | BookingStatus::Deferred => Ok(()),
        _ => Err(ServiceError::Conflict(
            "The item is decided or withdrawn: make a new booking.".into(),
        )),
    }
}

fn standing(booking: &Booking) -> Result<(), ServiceError> {
    match booking.status {
        BookingStatus::Listed | BookingStatus::RemovedFromList => Ok(()),
        _ => Err(ServiceError::Conflict(
            "The item is not on its sitting any more.".into(),
        )),
    }
}

/// Changes one booking, keeps the event, and gives the item as it is then.
pub(crate) async fn change(
    desk: &PanelDesk,
    item: Item,
    admits: Admits,
    operation: &'static str,
    why: String,
    change: impl FnOnce(&mut Booking) -> Result<(), ServiceError> + Send + 'static,
) -> Result<Item, ServiceError> {
    if !admits(item.booking.version) {
        return Err(ServiceError::Stale);
    }
    let now = desk.desk.now();
    let by = desk.by.clone();
    let (id, sitting, version) = (
        item.booking.id,
        item.booking.sitting_id,
        item.booking.version,
    );
    let work = async move |tx: &mut Tx| {
        sitting_lock_in_txn(tx, &by.council, sitting).await?;
        let mut booking = booking_get(tx, &by.council, id)
            .await?
            .ok_or(ServiceError::NotFound)?;
        if booking.version != version {
            return Err(ServiceError::Stale);
        }
        change(&mut booking)?;
        booking.status_reason = Some(why.clone());
        booking.updated_at = now;
        let changed = booking_update_in_txn(tx, &by.council, booking)
            .await
            .map_err(taken)?;
        let changed = changed.ok_or(ServiceError::Stale)?;
        audit_record_in_txn(
            tx,
            by.event(now, operation, subject(&changed), &changed, Some(why))?,
        );
        Ok(changed)
    };
    let booking = desk.desk.store.write(work).await?;
    Ok(Item { booking, ..item })
}
