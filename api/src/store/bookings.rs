//! Bookings: cases brought to a sitting, each for one kind of request.
//!
//! Table `bookings`. Two bookings cannot hold one slot: the database refuses the second.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, JoinOnDsl as _, OptionalExtension as _,
    QueryDsl as _, SelectableHelper as _,
};
use permanence_core::{Code, CouncilCode};
use serde::{Deserialize, Serialize};

use super::cases::CaseScope;
use super::columns::{code, time, time_text};
use super::conn::on;
use super::ids::{BookingId, CaseId, SittingId};
use super::keyed::{keep_changed, page_by_id, row_by_id};
use super::prepared::Prepared;
use super::reach::{own_cases, own_seats};
use super::schema::{attendance, bookings, cases};
use super::{Conn, Document, Moment, StoreError, Tx};

/// Where a booking stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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

impl BookingStatus {
    /// The code as it is written everywhere.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Listed => "listed",
            Self::RemovedFromList => "removed_from_list",
            Self::Deferred => "deferred",
            Self::Withdrawn => "withdrawn",
            Self::Decided => "decided",
        }
    }

    fn parse(text: &str) -> Result<Self, StoreError> {
        match text {
            "listed" => Ok(Self::Listed),
            "removed_from_list" => Ok(Self::RemovedFromList),
            "deferred" => Ok(Self::Deferred),
            "withdrawn" => Ok(Self::Withdrawn),
            "decided" => Ok(Self::Decided),
            _ => Err(StoreError::Corrupt("a booking's status")),
        }
    }
}

/// Which bookings to list; what is empty does not narrow.
#[derive(Debug, Clone, Default)]
pub struct BookingFilter {
    /// Of this case.
    pub case_id: Option<CaseId>,
    /// On this sitting.
    pub sitting_id: Option<SittingId>,
    /// Any of these.
    pub status: Vec<BookingStatus>,
    /// Any of these.
    pub request_type: Vec<Code>,
}

/// A case brought to a sitting. Its JSON form is what the audit keeps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Booking {
    /// Its id.
    pub id: BookingId,
    /// The case.
    pub case_id: CaseId,
    /// The sitting.
    pub sitting_id: SittingId,
    /// The part of the sitting.
    pub session: Option<Code>,
    /// Start of its slot.
    pub slot_starts_at: Option<NaiveTime>,
    /// End of its slot.
    pub slot_ends_at: Option<NaiveTime>,
    /// What is asked of the panel.
    pub request_type: Code,
    /// Where it stands.
    pub status: BookingStatus,
    /// Why it stands there.
    pub status_reason: Option<String>,
    /// Whether the chair kept it on the list.
    pub maintained_by_chair: bool,
    /// The role that asked for it.
    pub booked_by: String,
    /// The day it was booked.
    pub booked_on: NaiveDate,
    /// The sitting it was moved from.
    pub moved_from: Option<SittingId>,
    /// Facts given with it, by their names on the wire.
    pub facts: serde_json::Map<String, serde_json::Value>,
    /// What else is recorded of it.
    pub details: serde_json::Value,
    /// Counts its changes, from 1.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

#[derive(diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = bookings, treat_none_as_null = true, primary_key(council, id))]
struct BookingRow {
    council: String,
    id: BookingId,
    case_id: CaseId,
    sitting_id: SittingId,
    session: Option<String>,
    slot_starts_at: Option<String>,
    slot_ends_at: Option<String>,
    request_type: String,
    status: String,
    status_reason: Option<String>,
    maintained_by_chair: bool,
    booked_by: String,
    booked_on: NaiveDate,
    moved_from: Option<SittingId>,
    facts: Document,
    details: Document,
    version: i64,
    created_at: Moment,
    updated_at: Moment,
}

/// Keeps a new booking.
///
/// # Errors
/// [`StoreError::Duplicate`] when the slot is taken, or whatever the database says.
pub async fn booking_create_in_txn(
    tx: &mut Tx,
    council: &CouncilCode,
    booking: &Booking,
) -> Result<(), StoreError> {
    let row = BookingRow::of(council, booking)?;
    on!(
        tx,
        execute(Prepared(diesel::insert_into(bookings::table).values(&row)))
    )?;
    Ok(())
}

/// The booking with this id.
///
/// # Errors
/// Whatever the database says.
pub async fn booking_get(
    conn: &mut Conn,
    council: &CouncilCode,
    id: BookingId,
) -> Result<Option<Booking>, StoreError> {
    let row = row_by_id!(conn, bookings, BookingRow, council, id);
    row.map(Booking::try_from).transpose()
}

/// Keeps a changed booking whose `version` is still the stored one; gives it with its next version, or none if somebody
/// else was faster.
///
/// # Errors
/// Whatever the database says.
pub async fn booking_update_in_txn(
    tx: &mut Tx,
    council: &CouncilCode,
    booking: Booking,
) -> Result<Option<Booking>, StoreError> {
    let kept = keep_changed!(tx, bookings, council, booking => BookingRow::of(council, &booking)?);
    Ok(kept)
}

/// All bookings of a sitting, in the order of their making.
///
/// # Errors
/// Whatever the database says.
pub async fn booking_list_of_sitting(
    conn: &mut Conn,
    council: &CouncilCode,
    sitting_id: SittingId,
) -> Result<Vec<Booking>, StoreError> {
    let rows: Vec<BookingRow> = on!(
        conn,
        load(
            bookings::table
                .filter(bookings::council.eq(council.as_str()))
                .filter(bookings::sitting_id.eq(sitting_id))
                .order(bookings::id.asc())
                .select(BookingRow::as_select())
        )
    )?;
    rows.into_iter().map(Booking::try_from).collect()
}

/// Lists bookings of cases that the caller may see, in the order of their making.
///
/// # Errors
/// Whatever the database says.
pub async fn booking_list(
    conn: &mut Conn,
    council: &CouncilCode,
    scope: &CaseScope,
    filter: &BookingFilter,
    after: Option<BookingId>,
    limit: i64,
) -> Result<Vec<Booking>, StoreError> {
    use bookings::dsl;
    let status: Vec<&str> = filter.status.iter().map(|status| status.as_str()).collect();
    let request_type: Vec<&str> = filter.request_type.iter().map(Code::as_str).collect();
    let rows: Vec<BookingRow> = on!(
        conn,
        load({
            let mut query = page_by_id!(bookings, BookingRow, council, after, limit);
            if !scope.all {
                let own = own_cases!(council, scope).select(cases::id);
                let seated = own_seats!(council, scope).select(attendance::sitting_id);
                query = query.filter(dsl::case_id.eq_any(own).or(dsl::sitting_id.eq_any(seated)));
            }
            if let Some(case_id) = filter.case_id {
                query = query.filter(dsl::case_id.eq(case_id));
            }
            if let Some(sitting_id) = filter.sitting_id {
                query = query.filter(dsl::sitting_id.eq(sitting_id));
            }
            if !status.is_empty() {
                query = query.filter(dsl::status.eq_any(&status));
            }
            if !request_type.is_empty() {
                query = query.filter(dsl::request_type.eq_any(&request_type));
            }
            query
        })
    )?;
    rows.into_iter().map(Booking::try_from).collect()
}

/// All bookings that stand (listed or taken off the list) on sittings not before a day, for jobs.
///
/// # Errors
/// Whatever the database says.
pub async fn booking_list_due(
    conn: &mut Conn,
    council: &CouncilCode,
    from: NaiveDate,
    after: Option<BookingId>,
    limit: i64,
) -> Result<Vec<Booking>, StoreError> {
    use super::schema::sittings;
    let standing = ["listed", "removed_from_list"];
    let rows: Vec<BookingRow> = on!(
        conn,
        load({
            let mut query = bookings::table
                .inner_join(
                    sittings::table.on(sittings::council
                        .eq(bookings::council)
                        .and(sittings::id.eq(bookings::sitting_id))),
                )
                .filter(bookings::council.eq(council.as_str()))
                .filter(bookings::status.eq_any(standing))
                .filter(sittings::held_on.ge(from))
                .filter(sittings::status.eq("scheduled"))
                .order(bookings::id.asc())
                .select(BookingRow::as_select())
                .limit(limit)
                .into_boxed::<Db>();
            if let Some(after) = after {
                query = query.filter(bookings::id.gt(after));
            }
            query
        })
    )?;
    rows.into_iter().map(Booking::try_from).collect()
}

impl BookingRow {
    fn of(council: &CouncilCode, booking: &Booking) -> Result<Self, StoreError> {
        Ok(Self {
            council: council.to_string(),
            id: booking.id,
            case_id: booking.case_id,
            sitting_id: booking.sitting_id,
            session: booking.session.as_ref().map(Code::to_string),
            slot_starts_at: booking.slot_starts_at.map(time_text),
            slot_ends_at: booking.slot_ends_at.map(time_text),
            request_type: booking.request_type.to_string(),
            status: booking.status.as_str().to_owned(),
            status_reason: booking.status_reason.clone(),
            maintained_by_chair: booking.maintained_by_chair,
            booked_by: booking.booked_by.clone(),
            booked_on: booking.booked_on,
            moved_from: booking.moved_from,
            facts: Document::of(&booking.facts)?,
            details: Document::of(&booking.details)?,
            version: booking.version,
            created_at: Moment::new(booking.created_at),
            updated_at: Moment::new(booking.updated_at),
        })
    }
}

impl TryFrom<BookingRow> for Booking {
    type Error = StoreError;

    fn try_from(row: BookingRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            case_id: row.case_id,
            sitting_id: row.sitting_id,
            session: row.session.map(code).transpose()?,
            slot_starts_at: row.slot_starts_at.map(|text| time(&text)).transpose()?,
            slot_ends_at: row.slot_ends_at.map(|text| time(&text)).transpose()?,
            request_type: code(row.request_type)?,
            status: BookingStatus::parse(&row.status)?,
            status_reason: row.status_reason,
            maintained_by_chair: row.maintained_by_chair,
            booked_by: row.booked_by,
            booked_on: row.booked_on,
            moved_from: row.moved_from,
            facts: row.facts.read()?,
            details: row.details.read()?,
            version: row.version,
            created_at: row.created_at.utc(),
            updated_at: row.updated_at.utc(),
        })
    }
}
