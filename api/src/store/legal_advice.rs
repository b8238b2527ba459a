//! Legal advice on a case, given for an item or apart from one.
//!
//! Table `legal_advice`. Its text is privileged: services decide who sees it.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{ExpressionMethods as _, QueryDsl as _, SelectableHelper as _};
use permanence_core::{Code, CouncilCode};
use serde::{Deserialize, Serialize};

use super::columns::code;
use super::conn::on;
use super::ids::{BookingId, CaseId, LegalAdviceId};
use super::keyed::page_by_id;
use super::prepared::Prepared;
use super::schema::legal_advice;
use super::{Conn, Document, Moment, StoreError, Tx};

/// How legal advice was given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LegalAdviceDetails {
    /// At the meeting, from elsewhere, or not needed: a code.
    pub kind: Option<Code>,
    /// Why it was given from elsewhere.
    pub exceptional_reason: Option<String>,
    /// The day on which the lawyer confirmed what was advised.
    pub confirmed_on: Option<NaiveDate>,
}

/// Legal advice on a case. Its JSON form is what the audit keeps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LegalAdvice {
    /// Its id.
    pub id: LegalAdviceId,
    /// The case.
    pub case_id: CaseId,
    /// The item it was given for.
    pub booking_id: Option<BookingId>,
    /// The role that gave it.
    pub given_by: Code,
    /// The day.
    pub given_on: NaiveDate,
    /// What was advised: privileged.
    pub advice: Option<String>,
    /// How it was given.
    pub details: LegalAdviceDetails,
    /// Counts its changes, from 1.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

#[derive(diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = legal_advice, treat_none_as_null = true, primary_key(council, id))]
struct LegalAdviceRow {
    council: String,
    id: LegalAdviceId,
    case_id: CaseId,
    booking_id: Option<BookingId>,
    given_by: String,
    given_on: NaiveDate,
    advice: Option<String>,
    details: Document,
    version: i64,
    created_at: Moment,
    updated_at: Moment,
}

/// Keeps a new piece of advice.
///
/// # Errors
/// Whatever the database says.
pub async fn legal_advice_create_in_txn(
    tx: &mut Tx,
    council: &CouncilCode,
    legal_advice: &LegalAdvice,
) -> Result<(), StoreError> {
    let row = LegalAdviceRow::of(council, legal_advice)?;
    on!(
        tx,
        execute(Prepared(
            diesel::insert_into(legal_advice::table).values(&row)
        ))
    )?;
    Ok(())
}

/// All advice on a booking, in the order of its recording.
///
/// # Errors
/// Whatever the database says.
pub async fn legal_advice_list_of_booking(
    conn: &mut Conn,
    council: &CouncilCode,
    booking_id: BookingId,
) -> Result<Vec<LegalAdvice>, StoreError> {
    let rows: Vec<LegalAdviceRow> = on!(
        conn,
        load(
            legal_advice::table
                .filter(legal_advice::council.eq(council.as_str()))
                .filter(legal_advice::booking_id.eq(booking_id))
                .order(legal_advice::id.asc())
                .select(LegalAdviceRow::as_select())
        )
    )?;
    rows.into_iter().map(LegalAdvice::try_from).collect()
}

/// A page of the advice on a booking, in the order of its recording.
///
/// # Errors
/// Whatever the database says.
pub async fn legal_advice_page_of_booking(
    conn: &mut Conn,
    council: &CouncilCode,
    booking_id: BookingId,
    after: Option<LegalAdviceId>,
    limit: i64,
) -> Result<Vec<LegalAdvice>, StoreError> {
    let rows: Vec<LegalAdviceRow> = on!(
        conn,
        load(
            page_by_id!(legal_advice, LegalAdviceRow, council, after, limit)
                .filter(legal_advice::booking_id.eq(booking_id))
        )
    )?;
    rows.into_iter().map(LegalAdvice::try_from).collect()
}

impl LegalAdviceRow {
    fn of(council: &CouncilCode, legal_advice: &LegalAdvice) -> Result<Self, StoreError> {
        Ok(Self {
            council: council.to_string(),
            id: legal_advice.id,
            case_id: legal_advice.case_id,
            booking_id: legal_advice.booking_id,
            given_by: legal_advice.given_by.to_string(),
            given_on: legal_advice.given_on,
            advice: legal_advice.advice.clone(),
            details: Document::of(&legal_advice.details)?,
            version: legal_advice.version,
            created_at: Moment::new(legal_advice.created_at),
            updated_at: Moment::new(legal_advice.updated_at),
        })
    }
}

impl TryFrom<LegalAdviceRow> for LegalAdvice {
    type Error = StoreError;

    fn try_from(row: LegalAdviceRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            case_id: row.case_id,
            booking_id: row.booking_id,
            given_by: code(row.given_by)?,
            given_on: row.given_on,
            advice: row.advice,
            details: row.details.read()?,
            version: row.version,
            created_at: row.created_at.utc(),
            updated_at: row.updated_at.utc(),
        })
    }
}
