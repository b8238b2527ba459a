//! What happened in a case, from all tables that know of it, each entry with its day.
//!
//! One case has hundreds of entries at most: they are read whole and put in order here, and pages are cut from that.

use chrono::NaiveDate;
use diesel::{BoolExpressionMethods as _, ExpressionMethods as _, JoinOnDsl as _, QueryDsl as _};
use permanence_core::CouncilCode;

use super::conn::on;
use super::ids::{AnyId, BookingId, CareEventId, CaseId, DecisionId, FollowUpId};
use super::schema::{audit_events, bookings, care_events, decisions, follow_ups, sittings};
use super::{Conn, Moment, StoreError};

/// Something that happened in a case, or is to happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineEntry {
    /// The day.
    pub on: NaiveDate,
    /// What kind of entry it is.
    pub kind: TimelineKind,
    /// The thing that it is about.
    pub subject_id: AnyId,
    /// What it is, a code: the kind of care event, the request type, the outcome, the action.
    pub code: String,
    /// The last day, or the day by which it was due.
    pub until: Option<NaiveDate>,
    /// How it stands, a code.
    pub status: Option<String>,
}

/// The kinds of entries; on one day they are in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimelineKind {
    /// Something in the child's care.
    CareEvent,
    /// The case was or is on a sitting.
    Booking,
    /// A decision was made.
    Decision,
    /// Something that follows from a decision is due, or was done.
    FollowUp,
    /// A return brought news of the case.
    Import,
}

/// Everything that happened in a case, in the order of days.
///
/// # Errors
/// Whatever the database says.
pub async fn case_timeline(
    conn: &mut Conn,
    council: &CouncilCode,
    case_id: CaseId,
) -> Result<Vec<TimelineEntry>, StoreError> {
    let mut entries = care(conn, council, case_id).await?;
    entries.extend(booked(conn, council, case_id).await?);
    entries.extend(decided(conn, council, case_id).await?);
    entries.extend(following(conn, council, case_id).await?);
    entries.extend(imported(conn, council, case_id).await?);
    entries.sort_by_key(|entry| (entry.on, entry.kind, entry.subject_id));
    Ok(entries)
}

async fn care(
    conn: &mut Conn,
    council: &CouncilCode,
    case_id: CaseId,
) -> Result<Vec<TimelineEntry>, StoreError> {
    use care_events::dsl;
    type Row = (CareEventId, Option<NaiveDate>, Option<NaiveDate>, String);
    let rows: Vec<Row> = on!(
        conn,
        load(
            dsl::care_events
                .filter(dsl::council.eq(council.as_str()))
                .filter(dsl::case_id.eq(case_id))
                .filter(dsl::withdrawn_on.is_null())
                .select((dsl::id, dsl::started_on, dsl::ended_on, dsl::kind))
        )
    )?;
    let entry = |(id, started_on, ended_on, kind): Row| {
        Some(TimelineEntry {
            on: started_on.or(ended_on)?,
            kind: TimelineKind::CareEvent,
            subject_id: id.untyped(),
            code: kind,
            until: ended_on,
            status: None,
        })
    };
    Ok(rows.into_iter().filter_map(entry).collect())
}

async fn booked(
    conn: &mut Conn,
    council: &CouncilCode,
    case_id: CaseId,
) -> Result<Vec<TimelineEntry>, StoreError> {
    let rows: Vec<(BookingId, NaiveDate, String, String)> = on!(
        conn,
        load(
            bookings::table
                .inner_join(
                    sittings::table.on(sittings::council
                        .eq(bookings::council)
                        .and(sittings::id.eq(bookings::sitting_id)))
                )
                .filter(bookings::council.eq(council.as_str()))
                .filter(bookings::case_id.eq(case_id))
                .select((
                    bookings::id,
                    sittings::held_on,
                    bookings::request_type,
                    bookings::status
                ))
        )
    )?;
    let entry = |(id, on, code, status): (BookingId, NaiveDate, String, String)| TimelineEntry {
        on,
        kind: TimelineKind::Booking,
        subject_id: id.untyped(),
        code,
        until: None,
        status: Some(status),
    };
    Ok(rows.into_iter().map(entry).collect())
}

async fn decided(
    conn: &mut Conn,
    council: &CouncilCode,
    case_id: CaseId,
) -> Result<Vec<TimelineEntry>, StoreError> {
    use decisions::dsl;
    let rows: Vec<(DecisionId, NaiveDate, String, String)> = on!(
        conn,
        load(
            dsl::decisions
                .filter(dsl::council.eq(council.as_str()))
                .filter(dsl::case_id.eq(case_id))
                .select((dsl::id, dsl::decided_on, dsl::outcome, dsl::kind))
        )
    )?;
    let entry = |(id, on, code, kind): (DecisionId, NaiveDate, String, String)| TimelineEntry {
        on,
        kind: TimelineKind::Decision,
        subject_id: id.untyped(),
        code,
        until: None,
        status: Some(kind),
    };
    Ok(rows.into_iter().map(entry).collect())
}

async fn following(
    conn: &mut Conn,
    council: &CouncilCode,
    case_id: CaseId,
) -> Result<Vec<TimelineEntry>, StoreError> {
    use follow_ups::dsl;
    type Row = (
        FollowUpId,
        Option<NaiveDate>,
        Option<NaiveDate>,
        String,
        String,
    );
    let rows: Vec<Row> = on!(
        conn,
        load(
            dsl::follow_ups
                .filter(dsl::council.eq(council.as_str()))
                .filter(dsl::case_id.eq(case_id))
                .select((
                    dsl::id,
                    dsl::completed_on,
                    dsl::due_on,
                    dsl::code,
                    dsl::status
                ))
        )
    )?;
    let entry = |(id, completed_on, due_on, code, status): Row| {
        Some(TimelineEntry {
            on: completed_on.or(due_on)?,
            kind: TimelineKind::FollowUp,
            subject_id: id.untyped(),
            code,
            until: due_on,
            status: Some(status),
        })
    };
    Ok(rows.into_iter().filter_map(entry).collect())
}

/// One entry for each request that imported something of the case.
async fn imported(
    conn: &mut Conn,
    council: &CouncilCode,
    case_id: CaseId,
) -> Result<Vec<TimelineEntry>, StoreError> {
    use audit_events::dsl;
    type Row = (Option<AnyId>, Moment, Option<String>, String);
    let rows: Vec<Row> = on!(
        conn,
        load(
            dsl::audit_events
                .filter(dsl::council.eq(council.as_str()))
                .filter(dsl::case_id.eq(case_id))
                .filter(dsl::operation.eq("createImport"))
                .order(dsl::seq.asc())
                .select((
                    dsl::subject_id,
                    dsl::occurred_at,
                    dsl::request_id,
                    dsl::operation
                ))
        )
    )?;
    let mut entries: Vec<TimelineEntry> = Vec::new();
    let mut last: Option<(Moment, Option<String>)> = None;
    for (subject_id, at, request_id, operation) in rows {
        let one = Some((at, request_id));
        if one == last {
            continue;
        }
        last = one;
        entries.push(TimelineEntry {
            on: at
                .utc()
                .with_timezone(&chrono_tz::Europe::London)
                .date_naive(),
            kind: TimelineKind::Import,
            subject_id: subject_id.unwrap_or_else(|| case_id.untyped()),
            code: operation,
            until: None,
            status: None,
        });
    }
    Ok(entries)
}
