//! Booking a case on a sitting, and reading what is booked.

use chrono::NaiveDate;
use permanence_core::rulebook::Panel;
use permanence_core::{Answer, Code};
use serde_json::{Map, Value, json};

use super::arising::asked_for;
use super::children::Child;
use super::codes::known_code;
use super::fact_sheet::read_sent;
use super::follow_ups::{Origin, subject as follow_up_subject};
use super::item_judgement::Judgement;
use super::items::{Item, item_load};
use super::places::{Place, check_place_in_txn, place, places, taken};
use super::policy::{PanelDesk, refuse_blocked};
use super::{Fault, Made, Once, ServiceError, Subject};
use crate::store::audit::audit_record_in_txn;
use crate::store::bookings::{Booking, BookingStatus, booking_create_in_txn};
use crate::store::follow_ups::{FollowUp, follow_up_create_in_txn};
use crate::store::ids::{BookingId, CaseId};
use crate::store::sittings::Sitting;
use crate::store::{Conn, Tx};

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
    let planned = plan(desk, new).await.and_then(|judged| {
        let asked = &judged.judgement.booking;
        let drafts = asked_for(desk, judged.judgement.as_of, asked)?;
        Ok((judged, drafts))
    });
    let by = desk.by.clone();
    let work = async move |tx: &mut Tx| {
        once.run_in_txn(tx, now, async |tx| {
            let (judged, drafts) = planned?;
            let booking = &judged.item.booking;
            check_place_in_txn(tx, &by.council, booking, &judged.item.sitting).await?;
            booking_create_in_txn(tx, &by.council, booking)
                .await
                .map_err(taken)?;
            audit_record_in_txn(
                tx,
                by.event(now, "createBooking", subject(booking), booking, None)?,
            );
            let origin = Origin {
                case_id: Some(booking.case_id),
                booking_id: Some(booking.id),
                sitting_id: Some(booking.sitting_id),
                decision_id: None,
            };
            let arisen: Vec<FollowUp> = drafts
                .into_iter()
                .map(|draft| draft.into_follow_up(origin, now))
                .collect();
            follow_up_create_in_txn(tx, &by.council, &arisen).await?;
            for one in &arisen {
                let event = by.event(now, "createBooking", follow_up_subject(one), one, None)?;
                audit_record_in_txn(tx, event);
            }
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

/// Asks the policy whether the item may go there.
pub(super) async fn admit(
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
        decision_id: None,
        sitting,
        child,
        papers: Vec::new(),
        advice: Vec::new(),
        attendance: Vec::new(),
        others,
        notices: Vec::new(),
    };
    let (judgement, routing) = item.judge_with_route(desk, today).await?;
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
