//! Bookings: cases brought to a sitting. Who may: whoever reads or books, each for the cases that are theirs to see;
//! putting off is for those who decide, moving for those who manage the panel.

use chrono::{DateTime, NaiveDate, Utc};
use permanence_api_macros::{dto, op};
use permanence_core::{CouncilCode, Finding};
use serde_json::{Map, Value};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::follow_ups::FollowUpView;
use super::outcome::{admits, created, once};
use super::panel::{NamedDayView, code, desk, optional_code, texts, time, time_text};
use crate::app::State;
use crate::auth::{Authz, scope};
use crate::http::{Created, Idempotency, IfMatch, Json, Listing, Page, Path, Query, Reply, Tagged};
use crate::service::bookings::{self, Judged, NewBooking, Place};
use crate::service::items::ChecklistEntry;
use crate::store::bookings as stored;
use crate::store::bookings::{Booking, BookingFilter};
use crate::store::ids::BookingId;

/// Registers these routes.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(list_bookings)
        .service(create_booking)
        .service(get_booking)
        .service(withdraw_booking)
        .service(defer_booking)
        .service(move_booking);
}

/// A booking.
#[dto(path)]
pub struct BookingPath {
    /// The booking's id.
    pub booking_id: Uuid,
}

/// Where a booking stands.
#[dto(code)]
pub enum BookingStatus {
    /// It is on the list.
    Listed,
    /// It came off the list because of its papers.
    RemovedFromList,
    /// It was put off to another sitting.
    Deferred,
    /// It was taken back.
    Withdrawn,
    /// It was decided.
    Decided,
}

/// Which bookings.
#[dto(query, paged)]
pub struct ListBookings {
    /// Only those of this case.
    pub case_id: Option<Uuid>,
    /// Only those on this sitting.
    pub sitting_id: Option<Uuid>,
    /// Only those that stand so; repeat it for several.
    #[rule(items(0, 5))]
    pub status: Vec<BookingStatus>,
    /// Only these kinds of request; repeat it for several.
    #[rule(items(0, 50))]
    #[schema(example = json!(["permanent_fostering_match"]))]
    pub request_type: Vec<String>,
}

/// As of which day an item is judged.
#[dto(query)]
pub struct AsOf {
    /// The day; today unless said.
    #[schema(example = "2026-03-19")]
    pub as_of: Option<NaiveDate>,
}

/// A case to be brought to a sitting.
#[dto(input)]
pub struct BookingCreate {
    /// The case.
    pub case_id: Uuid,
    /// The sitting.
    pub sitting_id: Uuid,
    /// The part of the sitting; the one that hears this kind of request unless said.
    #[rule(len(1, 80), pattern = "^[a-z0-9_]+$")]
    #[schema(example = "permanent_fostering")]
    pub session: Option<String>,
    /// Start of the slot, in local time; the first free one unless said.
    #[rule(len(5, 5), pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    #[schema(example = "10:00")]
    pub slot_start_time: Option<String>,
    /// End of the slot; by the length of a slot unless said.
    #[rule(len(5, 5), pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    #[schema(example = "10:30")]
    pub slot_end_time: Option<String>,
    /// What is asked of the panel, a code of the list `request_types`.
    #[rule(len(1, 80), pattern = "^[a-z0-9_]+$")]
    #[schema(example = "permanent_fostering_match")]
    pub request_type: String,
    /// The role that asks, a code of the list `roles`.
    #[rule(len(1, 80), pattern = "^[a-z0-9_]+$")]
    #[schema(example = "social_worker")]
    pub requested_by: String,
    /// Facts of this item, by the names of the council's fact dictionary.
    #[serde(default)]
    #[schema(value_type = Object, example = json!({"providerType": "in_house"}))]
    pub facts: Map<String, Value>,
}

/// Why something is done.
#[dto(input)]
pub struct Reason {
    /// Why, for the history.
    #[rule(len(1, 2000))]
    #[schema(example = "The carers asked for more time.")]
    pub reason: String,
}

/// Where an item moves to.
#[dto(input)]
pub struct Relocation {
    /// The sitting; its own for another slot.
    pub sitting_id: Uuid,
    /// The part of the sitting; the one that hears this kind of request unless said.
    #[rule(len(1, 80), pattern = "^[a-z0-9_]+$")]
    #[schema(example = "permanent_fostering")]
    pub session: Option<String>,
    /// Start of the slot, in local time; the first free one unless said.
    #[rule(len(5, 5), pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    #[schema(example = "10:00")]
    pub slot_start_time: Option<String>,
    /// End of the slot; by the length of a slot unless said.
    #[rule(len(5, 5), pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    #[schema(example = "10:30")]
    pub slot_end_time: Option<String>,
    /// Why, for the history.
    #[rule(len(1, 2000))]
    #[schema(example = "The carers asked for more time.")]
    pub reason: String,
}

/// A booking as lists show it.
#[dto]
pub struct BookingSummary {
    /// Its id.
    pub id: Uuid,
    /// The case.
    pub case_id: Uuid,
    /// The sitting.
    pub sitting_id: Uuid,
    /// The part of the sitting.
    #[rule(len(1, 80))]
    #[schema(example = "permanent_fostering")]
    pub session: Option<String>,
    /// Start of its slot.
    #[rule(len(5, 5))]
    #[schema(example = "10:00")]
    pub slot_start_time: Option<String>,
    /// End of its slot.
    #[rule(len(5, 5))]
    #[schema(example = "10:30")]
    pub slot_end_time: Option<String>,
    /// What is asked of the panel.
    #[rule(len(1, 80))]
    #[schema(example = "permanent_fostering_match")]
    pub request_type: String,
    /// Where it stands.
    pub status: BookingStatus,
    /// Why it stands there.
    #[rule(len(1, 2000))]
    #[schema(example = "The carers asked for more time.")]
    pub status_reason: Option<String>,
    /// Whether the chair kept it on the list although papers were missing.
    pub maintained_by_chair: bool,
    /// The role that asked.
    #[rule(len(1, 80))]
    #[schema(example = "social_worker")]
    pub requested_by: String,
    /// The day it was booked.
    #[schema(example = "2026-03-02")]
    pub booked_on: NaiveDate,
    /// The sitting it was moved from.
    pub moved_from_id: Option<Uuid>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// A paper on the checklist.
#[dto]
pub struct ChecklistEntryView {
    /// What it is; alternatives are joined by `|`.
    #[rule(len(1, 200))]
    #[schema(example = "child_chronology")]
    pub document: String,
    /// Where it stands.
    pub status: PaperStatus,
    /// Whether it must be there.
    pub required: bool,
    /// When it came in.
    pub received_at: Option<DateTime<Utc>>,
    /// Whether it came later than papers are due.
    pub late: bool,
    /// Roles that approved it.
    #[rule(items(0, 50))]
    #[schema(example = json!(["team_manager"]))]
    pub approvals: Vec<String>,
}

/// Where a paper stands.
#[dto(code)]
pub enum PaperStatus {
    /// It is there.
    Received,
    /// It is not.
    Missing,
}

/// Where an item that was put off should go.
#[dto]
pub struct TargetSitting {
    /// The day.
    #[schema(example = "2026-04-29")]
    pub on: NaiveDate,
    /// The sitting of that day, where it is in the calendar already.
    pub sitting_id: Option<Uuid>,
}

/// A booking with its checklist, its dates and what the council's policy says of it as of a day.
#[dto]
pub struct BookingView {
    /// The booking.
    pub booking: BookingSummary,
    /// The day of its sitting.
    #[schema(example = "2026-03-25")]
    pub held_on: NaiveDate,
    /// Facts given with it.
    #[schema(value_type = Object, example = json!({"providerType": "in_house"}))]
    pub facts: Value,
    /// The day as of which it is judged.
    #[schema(example = "2026-03-02")]
    pub as_of: NaiveDate,
    /// The edition of the policy that judged.
    #[rule(len(1, 80))]
    #[schema(example = "2025")]
    pub edition: String,
    /// Each paper with where it stands, in the order of the policy.
    #[rule(items(0, 200))]
    pub checklist: Vec<ChecklistEntryView>,
    /// Whether every required paper is there.
    pub papers_complete: bool,
    /// Every date of the item, in their order.
    #[rule(items(0, 200))]
    pub dates: Vec<NamedDayView>,
    /// Where the policy puts it on the list as of that day; null where the policy does not say.
    #[rule(len(1, 80))]
    #[schema(example = "listed")]
    pub policy_status: Option<String>,
    /// What the policy says of it.
    #[rule(items(0, 500))]
    pub findings: Vec<Finding>,
    /// Topics on which the policy is silent.
    #[rule(items(0, 100))]
    #[schema(example = json!([]))]
    pub silent: Vec<String>,
    /// Where it should go, once it was put off.
    pub target: Option<TargetSitting>,
    /// What somebody was told of it, such as a reminder.
    #[rule(items(0, 500))]
    pub notices: Vec<FollowUpView>,
}

impl From<stored::BookingStatus> for BookingStatus {
    fn from(status: stored::BookingStatus) -> Self {
        match status {
            stored::BookingStatus::Listed => Self::Listed,
            stored::BookingStatus::RemovedFromList => Self::RemovedFromList,
            stored::BookingStatus::Deferred => Self::Deferred,
            stored::BookingStatus::Withdrawn => Self::Withdrawn,
            stored::BookingStatus::Decided => Self::Decided,
        }
    }
}

impl From<BookingStatus> for stored::BookingStatus {
    fn from(status: BookingStatus) -> Self {
        match status {
            BookingStatus::Listed => Self::Listed,
            BookingStatus::RemovedFromList => Self::RemovedFromList,
            BookingStatus::Deferred => Self::Deferred,
            BookingStatus::Withdrawn => Self::Withdrawn,
            BookingStatus::Decided => Self::Decided,
        }
    }
}

impl From<&Booking> for BookingSummary {
    fn from(booking: &Booking) -> Self {
        Self {
            id: booking.id.into(),
            case_id: booking.case_id.into(),
            sitting_id: booking.sitting_id.into(),
            session: booking.session.as_ref().map(ToString::to_string),
            slot_start_time: time_text(booking.slot_starts_at),
            slot_end_time: time_text(booking.slot_ends_at),
            request_type: booking.request_type.to_string(),
            status: booking.status.into(),
            status_reason: booking.status_reason.clone(),
            maintained_by_chair: booking.maintained_by_chair,
            requested_by: booking.booked_by.clone(),
            booked_on: booking.booked_on,
            moved_from_id: booking.moved_from.map(Uuid::from),
            created_at: booking.created_at,
            updated_at: booking.updated_at,
        }
    }
}

impl From<&ChecklistEntry> for ChecklistEntryView {
    fn from(entry: &ChecklistEntry) -> Self {
        Self {
            document: entry.document.to_string(),
            status: if entry.received_at.is_some() {
                PaperStatus::Received
            } else {
                PaperStatus::Missing
            },
            required: entry.required,
            received_at: entry.received_at,
            late: entry.late,
            approvals: texts(&entry.approvals),
        }
    }
}

impl From<&Judged> for BookingView {
    fn from(judged: &Judged) -> Self {
        let (item, judgement) = (&judged.item, &judged.judgement);
        let target = item.booking.details.get("target");
        let target = target.and_then(|target| {
            Some(TargetSitting {
                on: target.get("on")?.as_str()?.parse().ok()?,
                sitting_id: target
                    .get("sittingId")
                    .and_then(Value::as_str)
                    .and_then(|id| id.parse().ok()),
            })
        });
        let today = judgement.as_of;
        Self {
            booking: BookingSummary::from(&item.booking),
            held_on: item.sitting.held_on,
            facts: Value::Object(item.booking.facts.clone()),
            as_of: judgement.as_of,
            edition: judgement.edition.clone(),
            checklist: judgement
                .checklist
                .iter()
                .map(ChecklistEntryView::from)
                .collect(),
            papers_complete: judgement.papers_complete,
            dates: judgement.dates.iter().map(NamedDayView::from).collect(),
            policy_status: judgement.item_status.as_ref().map(ToString::to_string),
            findings: judgement.findings.clone(),
            silent: judgement.silent.clone(),
            target,
            notices: item
                .notices
                .iter()
                .map(|notice| FollowUpView::new(notice, today))
                .collect(),
        }
    }
}

impl BookingView {
    /// The answer to something that was made for a booking.
    pub fn created(council: &CouncilCode, judged: &Judged) -> Created<Self> {
        let location = format!("/v1/councils/{council}/bookings/{}", judged.item.booking.id);
        Created::new(Self::from(judged), location, judged.item.booking.version)
    }

    /// The item as it is now.
    pub fn tagged(judged: &Judged) -> Tagged<Self> {
        Tagged::computed(Self::from(judged), judged.item.booking.version)
    }
}

/// List bookings
///
/// In the order of their making: of the cases that are yours to see. A booking by itself shows its checklist and dates.
#[op(get "/v1/councils/{council}/bookings", tag = "Panel")]
async fn list_bookings(
    who: Authz<scope::PanelRead>,
    query: Query<ListBookings>,
    listing: Listing,
    state: State,
) -> Reply<Page<BookingSummary>> {
    let after = listing.after::<BookingId>(&query.0)?;
    let filter = BookingFilter {
        case_id: query.case_id.map(Into::into),
        sitting_id: query.sitting_id.map(Into::into),
        status: query.status.iter().map(|status| (*status).into()).collect(),
        request_type: query.request_type.clone(),
    };
    let desk = desk(&who, &state)?;
    let (found, next) = bookings::list(&desk, filter, after, query.limit, "listBookings").await?;
    listing.page(found.iter().map(BookingSummary::from), next)
}

/// Book a case on a sitting
///
/// The council's policy is asked about session, slot, kind of request and remit. What it forbids is refused with the clause;
/// what it only flags is taken and shown. The answer has the checklist of papers and every date of the item.
#[op(post "/v1/councils/{council}/bookings", tag = "Panel", also(409, 503))]
async fn create_booking(
    who: Authz<scope::PanelBook>,
    key: Idempotency,
    body: Json<BookingCreate>,
    state: State,
) -> Reply<Created<BookingView>> {
    let desk = desk(&who, &state)?;
    let council = desk.by.council.clone();
    let answer = move |judged: &Judged| Ok(BookingView::created(&council, judged));
    let body = body.0;
    let new = NewBooking {
        case_id: body.case_id.into(),
        place: Place {
            sitting_id: body.sitting_id.into(),
            session: optional_code("/session", body.session.as_ref())?,
            slot_starts_at: time("/slotStartTime", body.slot_start_time.as_ref())?,
            slot_ends_at: time("/slotEndTime", body.slot_end_time.as_ref())?,
        },
        request_type: code("/requestType", &body.request_type)?,
        requested_by: code("/requestedBy", &body.requested_by)?,
        facts: body.facts,
    };
    let made = bookings::create(&desk, new, once(&key, &desk.by, answer.clone())).await?;
    created(made, answer)
}

/// Get a booking
///
/// With its checklist, its dates, where the policy puts it on the list and what else the policy says of it: today, or as of a
/// day, past or to come.
#[op(get "/v1/councils/{council}/bookings/{bookingId}", tag = "Panel", also(503))]
async fn get_booking(
    who: Authz<scope::PanelRead>,
    path: Path<BookingPath>,
    query: Query<AsOf>,
    state: State,
) -> Reply<Tagged<BookingView>> {
    let desk = desk(&who, &state)?;
    let judged = bookings::get(&desk, path.booking_id.into(), query.as_of, "getBooking").await?;
    Ok(BookingView::tagged(&judged))
}

/// Withdraw a booking
///
/// The case is taken off its sitting for good; the slot is free again. A new booking may follow.
#[op(post "/v1/councils/{council}/bookings/{bookingId}/withdrawal", tag = "Panel", also(409, 503))]
async fn withdraw_booking(
    who: Authz<scope::PanelBook>,
    path: Path<BookingPath>,
    version: IfMatch,
    body: Json<Reason>,
    state: State,
) -> Reply<Tagged<BookingView>> {
    let desk = desk(&who, &state)?;
    let judged = bookings::withdraw(
        &desk,
        path.booking_id.into(),
        admits(version),
        body.0.reason,
    )
    .await?;
    Ok(BookingView::tagged(&judged))
}

/// Put a booking off
///
/// The item leaves its sitting, and the answer's `target` says where it should go: what the policy names, else the panel's
/// next sitting. Moving it there puts it on the list again.
#[op(post "/v1/councils/{council}/bookings/{bookingId}/deferral", tag = "Panel", also(409, 503))]
async fn defer_booking(
    who: Authz<scope::PanelDecide>,
    path: Path<BookingPath>,
    version: IfMatch,
    body: Json<Reason>,
    state: State,
) -> Reply<Tagged<BookingView>> {
    let desk = desk(&who, &state)?;
    let (judged, _) = bookings::defer(
        &desk,
        path.booking_id.into(),
        admits(version),
        body.0.reason,
    )
    .await?;
    Ok(BookingView::tagged(&judged))
}

/// Move a booking
///
/// To another sitting, or to another slot of its own. The policy is asked as for a new booking, and the item is on the list
/// again with all its papers.
#[op(post "/v1/councils/{council}/bookings/{bookingId}/relocation", tag = "Panel", also(409, 503))]
async fn move_booking(
    who: Authz<scope::PanelManage>,
    path: Path<BookingPath>,
    version: IfMatch,
    body: Json<Relocation>,
    state: State,
) -> Reply<Tagged<BookingView>> {
    let to = Place {
        sitting_id: body.sitting_id.into(),
        session: optional_code("/session", body.session.as_ref())?,
        slot_starts_at: time("/slotStartTime", body.slot_start_time.as_ref())?,
        slot_ends_at: time("/slotEndTime", body.slot_end_time.as_ref())?,
    };
    let (desk, id) = (desk(&who, &state)?, path.booking_id.into());
    let judged = bookings::move_to(&desk, id, admits(version), to, body.0.reason).await?;
    Ok(BookingView::tagged(&judged))
}
