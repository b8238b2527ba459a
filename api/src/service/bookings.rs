//! Booking a case on a sitting, and taking it back, putting it off or moving it.

use chrono::{NaiveDate, NaiveTime, TimeDelta};
use permanence_core::facts::FactValue;
use permanence_core::rulebook::Panel;
use permanence_core::{Answer, Capability, Code};
use serde_json::{Map, Value, json};

use super::items::{Child, Item, Judgement, child_load, item_load};
use super::policy::{PanelDesk, known_code, read_sent, refuse_blocked};
use super::sittings::{Admits, next_after};
use super::{Fault, Made, Once, ServiceError, Subject};
use crate::store::audit::audit_append_in_txn;
use crate::store::bookings::{
    Booking, BookingFilter, BookingStatus, booking_create_in_txn, booking_get, booking_list,
    booking_list_of_sitting, booking_update_in_txn,
};
use crate::store::cases::case_get;
use crate::store::ids::{BookingId, CaseId, SittingId};
use crate::store::sittings::{
    Sitting, SittingSession, SittingStatus, sitting_get, sitting_lock_in_txn,
};
use crate::store::{Conn, StoreError, Tx};

/// A booking to be made.
#[derive(Debug, Clone, PartialEq)]
pub struct NewBooking {
    /// The case.
    pub case_id: CaseId,
    /// Where on which sitting.
    pub place: Place,
    /// What is asked of the panel.
    pub request_type: Code,
    /// The role that asks.
    pub requested_by: Code,
    /// Facts of the item, by their names on the wire.
    pub facts: Map<String, Value>,
}

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

/// An item with what the policy says of it.
#[derive(Debug, Clone)]
pub struct Judged {
    /// The item.
    pub item: Item,
    /// What the policy says.
    pub judgement: Judgement,
}

impl Judged {
    /// The same with the booking as it was stored last.
    #[must_use]
    pub fn with(mut self, booking: Booking) -> Self {
        self.item.booking = booking;
        self
    }
}

/// Where an item that was put off should go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The day.
    pub on: NaiveDate,
    /// The sitting of that day, where it is in the calendar already.
    pub sitting_id: Option<SittingId>,
}

/// Books a case on a sitting. What the policy only flags is taken and shown; what it forbids is refused with the clause.
///
/// # Errors
/// [`ServiceError::Refused`] by the policy, [`ServiceError::Conflict`] when the slot is taken or the sitting does not take
/// place, [`ServiceError::Invalid`] for a case or sitting that is not there for the caller.
pub async fn create(
    desk: &PanelDesk,
    new: NewBooking,
    once: Once<Judged>,
) -> Result<Made<Judged>, ServiceError> {
    let now = desk.desk.now();
    // A repeated request must get as far as its key, whatever has become of the place since.
    let planned = plan(desk, new).await;
    let by = desk.by.clone();
    let work = async move |tx: &mut Tx| {
        once.run_in_txn(tx, now, async |tx| {
            let judged = planned?;
            let booking = &judged.item.booking;
            check_place_in_txn(tx, &by.council, booking, &judged.item.sitting).await?;
            booking_create_in_txn(tx, &by.council, booking)
                .await
                .map_err(taken)?;
            audit_append_in_txn(
                tx,
                by.event(now, "createBooking", subject(booking), booking, None)?,
            )
            .await?;
            Ok(judged)
        })
        .await
    };
    desk.desk.store.write(work).await
}

async fn plan(desk: &PanelDesk, new: NewBooking) -> Result<Judged, ServiceError> {
    let (today, now) = (desk.desk.today(), desk.desk.now());
    let (child, sitting, others) = places(desk, new.case_id, new.place.sitting_id).await?;
    let policy = desk.policy(today)?;
    known_code(policy, "request_types", "/requestType", &new.request_type)?;
    known_code(policy, "roles", "/requestedBy", &new.requested_by)?;
    read_sent("/facts", &new.facts, policy.dictionary())?;
    let mut booking = Booking {
        id: BookingId::generate(),
        case_id: new.case_id,
        sitting_id: sitting.id,
        session: None,
        slot_starts_at: None,
        slot_ends_at: None,
        request_type: new.request_type,
        status: BookingStatus::Listed,
        status_reason: None,
        maintained_by_chair: false,
        booked_by: new.requested_by.to_string(),
        booked_on: today,
        moved_from: None,
        facts: new.facts,
        details: json!({}),
        version: 1,
        created_at: now,
        updated_at: now,
    };
    place(&mut booking, &new.place, &child, &sitting, &others)?;
    admit(desk, booking, child, sitting, others).await
}

/// The child and the sitting, as far as the caller may see them, and who else is on that sitting.
async fn places(
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
fn place(
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
            "/slotEndsAt",
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

fn holds_place(booking: &Booking) -> bool {
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

fn taken(fault: StoreError) -> ServiceError {
    match fault {
        StoreError::Duplicate(_) => slot_taken(),
        other => other.into(),
    }
}

/// Asks the policy whether the item may go there.
async fn admit(
    desk: &PanelDesk,
    booking: Booking,
    child: Child,
    sitting: Sitting,
    others: Vec<Booking>,
) -> Result<Judged, ServiceError> {
    let today = desk.desk.today();
    let policy = desk.policy(today)?;
    let item = Item {
        booking,
        sitting,
        child,
        papers: Vec::new(),
        advice: Vec::new(),
        attendance: Vec::new(),
        others,
        notices: Vec::new(),
    };
    let routing = desk
        .ask(
            Capability::Routing,
            today,
            item.facts(policy, today).into_facts(),
        )
        .await?;
    let judgement = item.judge(desk, today).await?;
    refuse_blocked([&routing, &judgement.booking], "/requestType")?;
    if let Some(panel) = policy.panel(Some(item.sitting.panel.as_str())) {
        panel_takes(panel, &item.booking.request_type, &routing)?;
    }
    Ok(Judged { item, judgement })
}

/// The kinds of request that a panel takes are a closed list of its rulebook.
fn panel_takes(panel: &Panel, kind: &Code, routing: &Answer) -> Result<(), ServiceError> {
    if panel.request_types.is_empty() || panel.request_types.contains(kind) {
        return Ok(());
    }
    let clauses = routing
        .because
        .get("inRemit")
        .unwrap_or(&panel.clauses)
        .clone();
    let message = "The panel does not take this kind of request.";
    let fault =
        Fault::new("/requestType", "request_type_not_panel_business", message).citing(clauses);
    Err(ServiceError::Refused(vec![fault]))
}

/// Checks again, with the sitting locked, that the place is still there.
async fn check_place_in_txn(
    tx: &mut Tx,
    council: &permanence_core::CouncilCode,
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

/// An item with what the policy says of it today, or as of a day.
///
/// # Errors
/// [`ServiceError::NotFound`], or when the policy gives no answer.
pub async fn get(
    desk: &PanelDesk,
    id: BookingId,
    as_of: Option<NaiveDate>,
    operation: &str,
) -> Result<Judged, ServiceError> {
    let item = load(desk, id).await?;
    desk.desk
        .record_read(&desk.by, operation, [item.booking.case_id])?;
    judged(desk, item, as_of).await
}

/// An item that the caller may see.
pub(crate) async fn load(desk: &PanelDesk, id: BookingId) -> Result<Item, ServiceError> {
    let (council, scope) = (&desk.by.council, &desk.by.scope);
    let found = desk
        .desk
        .store
        .read(async |conn: &mut Conn| item_load(conn, council, scope, id).await)
        .await?;
    found.ok_or(ServiceError::NotFound)
}

/// An item with its judgement.
pub(crate) async fn judged(
    desk: &PanelDesk,
    item: Item,
    as_of: Option<NaiveDate>,
) -> Result<Judged, ServiceError> {
    let judgement = item
        .judge(desk, as_of.unwrap_or_else(|| desk.desk.today()))
        .await?;
    Ok(Judged { item, judgement })
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
) -> Result<(Vec<Booking>, Option<BookingId>), ServiceError> {
    let (council, scope) = (desk.by.council.clone(), desk.by.scope.clone());
    let mut bookings = desk
        .desk
        .store
        .list(async move |conn: &mut Conn| {
            booking_list(conn, &council, &scope, &filter, after, i64::from(limit) + 1).await
        })
        .await?;
    let more = bookings.len() > usize::from(limit);
    bookings.truncate(usize::from(limit));
    let mut cases: Vec<CaseId> = bookings.iter().map(|booking| booking.case_id).collect();
    cases.dedup();
    desk.desk.record_read(&desk.by, operation, cases)?;
    let next = bookings.last().filter(|_| more).map(|last| last.id);
    Ok((bookings, next))
}

/// The list of a sitting in the order of its slots, each item with its case's reference: those of cases that the caller may see.
///
/// # Errors
/// [`ServiceError::NotFound`] for the sitting.
pub async fn agenda(
    desk: &PanelDesk,
    id: SittingId,
) -> Result<(Sitting, Vec<(Booking, String)>), ServiceError> {
    let (council, scope) = (desk.by.council.clone(), desk.by.scope.clone());
    let (sitting, mut entries) = desk
        .desk
        .store
        .list(async move |conn: &mut Conn| {
            let sitting = sitting_get(conn, &council, id)
                .await?
                .ok_or(ServiceError::NotFound)?;
            let mut entries = Vec::new();
            for booking in booking_list_of_sitting(conn, &council, id).await? {
                if let Some(case) = case_get(conn, &council, &scope, booking.case_id).await? {
                    entries.push((booking, case.reference));
                }
            }
            Ok::<_, ServiceError>((sitting, entries))
        })
        .await?;
    entries.retain(|(booking, _)| holds_place(booking));
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
    entries.sort_by_key(|(booking, _)| place(booking));
    let cases: Vec<CaseId> = entries.iter().map(|(booking, _)| booking.case_id).collect();
    desk.desk.record_read(&desk.by, "getAgenda", cases)?;
    Ok((sitting, entries))
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
    let mut facts = item.facts(policy, today);
    facts
        .code("outcome", Code::new("deferred").ok().as_ref())
        .set(
            "decided_on",
            Some(FactValue::Date(item.sitting.held_on.min(today))),
        )
        .day("deferred_on", Some(item.sitting.held_on));
    let answer = desk
        .ask(Capability::Booking, today, facts.into_facts())
        .await?;
    let said = answer
        .results
        .get("targetPanelOn")
        .and_then(Value::as_str)
        .and_then(|day| day.parse().ok());
    let said = said.filter(|day| *day > item.sitting.held_on);
    let from = said
        .and_then(|day: NaiveDate| day.pred_opt())
        .unwrap_or(item.sitting.held_on.max(today));
    let stored = next_after(desk, &item.sitting.panel, from, &Default::default()).await?;
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

/// Moves an item to another sitting, or to another place on its own.
///
/// # Errors
/// As [`create`]; [`ServiceError::Stale`], [`ServiceError::Conflict`] when it is decided or withdrawn.
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
        audit_append_in_txn(
            tx,
            by.event(now, "moveBooking", subject(&changed), &changed, Some(why))?,
        )
        .await?;
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
        audit_append_in_txn(
            tx,
            by.event(now, operation, subject(&changed), &changed, Some(why))?,
        )
        .await?;
        Ok(changed)
    };
    let booking = desk.desk.store.write(work).await?;
    Ok(Item { booking, ..item })
}

/// A booking in the audit.
#[must_use]
pub fn subject(booking: &Booking) -> Subject {
    Subject {
        kind: "booking",
        id: booking.id.untyped(),
        version: booking.version,
        case_id: Some(booking.case_id),
    }
}
