//! Bookings: cases brought to a sitting. Who may: whoever reads or books, each for the cases that are theirs to see;
//! putting off is for those who decide, moving for those who manage the panel.

use chrono::NaiveDate;
use permanence_api_macros::{dto, op};
use serde_json::{Map, Value};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::booking_views::{BookingStatus, BookingSummary, BookingView};
use super::filters::Filters;
use super::outcome::{admits, created, once};
use super::panel::{code, desk, optional_code, time};
use crate::app::State;
use crate::auth::{Authz, scope};
use crate::http::{Created, Idempotency, IfMatch, Json, Listing, Page, Path, Query, Reply, Tagged};
use crate::service::booking_lists;
use crate::service::bookings::{self, Judged, NewBooking};
use crate::service::moves;
use crate::service::places::Place;
use crate::store::bookings::BookingFilter;
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
    let desk = desk(&who, &state)?;
    let mut named = Filters::of_records(&desk.council);
    let filter = BookingFilter {
        case_id: query.case_id.map(Into::into),
        sitting_id: query.sitting_id.map(Into::into),
        status: query.status.iter().map(|status| (*status).into()).collect(),
        request_type: named.codes("requestType", &query.request_type, "request_types"),
    };
    named.check()?;
    let (found, next) =
        booking_lists::list(&desk, filter, after, query.limit, "listBookings").await?;
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
    let judged = moves::withdraw(
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
    let (judged, _) = moves::defer(
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
    let judged = moves::move_to(&desk, id, admits(version), to, body.0.reason).await?;
    Ok(BookingView::tagged(&judged))
}
