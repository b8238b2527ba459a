//! Paperwork: the papers handed in for a booking.
//!
//! Table `paperwork`: what was received, when, and who approved it. The papers themselves stay in the council's own system.

use chrono::{DateTime, Utc};
use diesel::{ExpressionMethods as _, QueryDsl as _, SelectableHelper as _};
use permanence_core::{Code, CouncilCode};
use serde::{Deserialize, Serialize};

use super::columns::code;
use super::conn::on;
use super::ids::{BookingId, CaseId, PaperworkId};
use super::prepared::Prepared;
use super::schema::paperwork;
use super::{Conn, Document, Moment, StoreError, Tx};

/// A paper handed in for a booking. Its JSON form is what the audit keeps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Paper {
    /// Its id.
    pub id: PaperworkId,
    /// The booking.
    pub booking_id: BookingId,
    /// The case.
    pub case_id: CaseId,
    /// What it is.
    pub document: Code,
    /// When it came in.
    pub received_at: DateTime<Utc>,
    /// The role that handed it in.
    pub submitted_by: Option<String>,
    /// Roles that approved it.
    pub approvals: Vec<Code>,
    /// What it contains, as far as the policy asks.
    pub contents: Vec<Code>,
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
#[diesel(table_name = paperwork, treat_none_as_null = true, primary_key(council, id))]
struct PaperRow {
    council: String,
    id: PaperworkId,
    booking_id: BookingId,
    case_id: CaseId,
    document: String,
    received_at: Moment,
    submitted_by: Option<String>,
    approvals: Document,
    contents: Document,
    details: Document,
    version: i64,
    created_at: Moment,
    updated_at: Moment,
}

/// Keeps a new paper.
///
/// # Errors
/// Whatever the database says.
pub async fn paper_create_in_txn(
    tx: &mut Tx,
    council: &CouncilCode,
    paper: &Paper,
) -> Result<(), StoreError> {
    let row = PaperRow::of(council, paper)?;
    on!(
        tx,
        execute(Prepared(diesel::insert_into(paperwork::table).values(&row)))
    )?;
    Ok(())
}

/// All papers of a booking, in the order of their coming.
///
/// # Errors
/// Whatever the database says.
pub async fn paper_list_of_booking(
    conn: &mut Conn,
    council: &CouncilCode,
    booking_id: BookingId,
) -> Result<Vec<Paper>, StoreError> {
    let rows: Vec<PaperRow> = on!(
        conn,
        load(
            paperwork::table
                .filter(paperwork::council.eq(council.as_str()))
                .filter(paperwork::booking_id.eq(booking_id))
                .order(paperwork::id.asc())
                .select(PaperRow::as_select())
        )
    )?;
    rows.into_iter().map(Paper::try_from).collect()
}

/// All papers of some bookings, each booking's together.
///
/// # Errors
/// Whatever the database says.
pub async fn paper_list_for_bookings(
    conn: &mut Conn,
    council: &CouncilCode,
    bookings: &[BookingId],
) -> Result<Vec<Paper>, StoreError> {
    let mut papers = Vec::new();
    for chunk in bookings.chunks(1_000) {
        let rows: Vec<PaperRow> = on!(
            conn,
            load(
                paperwork::table
                    .filter(paperwork::council.eq(council.as_str()))
                    .filter(paperwork::booking_id.eq_any(chunk))
                    .order((paperwork::booking_id.asc(), paperwork::id.asc()))
                    .select(PaperRow::as_select())
            )
        )?;
        for row in rows {
            papers.push(Paper::try_from(row)?);
        }
    }
    Ok(papers)
}

impl PaperRow {
    fn of(council: &CouncilCode, paper: &Paper) -> Result<Self, StoreError> {
        Ok(Self {
            council: council.to_string(),
            id: paper.id,
            booking_id: paper.booking_id,
            case_id: paper.case_id,
            document: paper.document.to_string(),
            received_at: Moment::new(paper.received_at),
            submitted_by: paper.submitted_by.clone(),
            approvals: Document::of(&paper.approvals)?,
            contents: Document::of(&paper.contents)?,
            details: Document::of(&paper.details)?,
            version: paper.version,
            created_at: Moment::new(paper.created_at),
            updated_at: Moment::new(paper.updated_at),
        })
    }
}

impl TryFrom<PaperRow> for Paper {
    type Error = StoreError;

    fn try_from(row: PaperRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            booking_id: row.booking_id,
            case_id: row.case_id,
            document: code(row.document)?,
            received_at: row.received_at.utc(),
            submitted_by: row.submitted_by,
            approvals: row.approvals.read()?,
            contents: row.contents.read()?,
            details: row.details.read()?,
            version: row.version,
            created_at: row.created_at.utc(),
            updated_at: row.updated_at.utc(),
        })
    }
}
