//! Sittings: the days on which a panel sits, with their sessions, chairs and deadlines.
//!
//! Table `sittings`. A moved sitting keeps its id; a cancelled one stays.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use diesel::{
    ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, SelectableHelper as _,
};
use permanence_core::{Code, CouncilCode};
use serde::{Deserialize, Serialize};

use super::columns::{code, time, time_text};
use super::conn::on;
use super::ids::SittingId;
use super::keyed::{keep_changed, row_by_id};
use super::keyset::{after, before};
use super::prepared::Prepared;
use super::schema::sittings;
use super::{Conn, Document, Moment, StoreError, Tx};

/// Whether a sitting takes place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SittingStatus {
    /// It is to come.
    Scheduled,
    /// It does not take place.
    Cancelled,
    /// It took place.
    Held,
    /// The pattern has it, and a bank holiday takes it out.
    Skipped,
}

impl SittingStatus {
    /// The code as it is written everywhere.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Cancelled => "cancelled",
            Self::Held => "held",
            Self::Skipped => "skipped",
        }
    }

    fn parse(text: &str) -> Result<Self, StoreError> {
        match text {
            "scheduled" => Ok(Self::Scheduled),
            "cancelled" => Ok(Self::Cancelled),
            "held" => Ok(Self::Held),
            "skipped" => Ok(Self::Skipped),
            _ => Err(StoreError::Corrupt("a sitting's status")),
        }
    }
}

/// A part of a sitting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SittingSession {
    /// Its code.
    pub session: Code,
    /// Kinds of request heard in it.
    pub request_types: Vec<Code>,
    /// Services whose cases it hears; all where empty.
    pub services: Vec<Code>,
    /// Who chairs it.
    pub chair_role: Option<Code>,
    /// Whether the policy leaves the chair open and this one is assumed.
    pub chair_assumed: bool,
    /// Length of a slot in minutes.
    pub slot_minutes: Option<u16>,
    /// When it starts.
    pub starts_at: Option<NaiveTime>,
    /// How many cases it takes, where the council has set a number.
    pub capacity: Option<u16>,
}

/// Which sittings to list; what is empty does not narrow.
#[derive(Debug, Clone, Default)]
pub struct SittingFilter {
    /// Not before this day.
    pub from: Option<NaiveDate>,
    /// Not after this day.
    pub to: Option<NaiveDate>,
    /// Of this panel.
    pub panel: Option<Code>,
    /// Any of these.
    pub status: Vec<SittingStatus>,
}

/// A sitting of a panel. Its JSON form is what the audit keeps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sitting {
    /// Its id.
    pub id: SittingId,
    /// The panel that sits.
    pub panel: Code,
    /// The day.
    pub held_on: NaiveDate,
    /// When it starts, in local time.
    pub starts_at: Option<NaiveTime>,
    /// When it ends.
    pub ends_at: Option<NaiveTime>,
    /// Its parts; none where the panel has none.
    pub sessions: Vec<SittingSession>,
    /// Who chairs, where its sessions do not say.
    pub chair_role: Option<Code>,
    /// Where it sits.
    pub location: Option<String>,
    /// Whether it takes place.
    pub status: SittingStatus,
    /// Whether it lies outside the policy's pattern.
    pub off_pattern: bool,
    /// Why it was moved, cancelled or put there.
    pub off_pattern_reason: Option<String>,
    /// The day it was moved from.
    pub moved_from: Option<NaiveDate>,
    /// Its own deadlines and what the policy says of it, as it was judged when it was made or moved.
    pub deadlines: serde_json::Value,
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
#[diesel(table_name = sittings, treat_none_as_null = true, primary_key(council, id))]
struct SittingRow {
    council: String,
    id: SittingId,
    panel: String,
    held_on: NaiveDate,
    starts_at: Option<String>,
    ends_at: Option<String>,
    sessions: Document,
    chair_role: Option<String>,
    location: Option<String>,
    status: String,
    off_pattern: bool,
    off_pattern_reason: Option<String>,
    moved_from: Option<NaiveDate>,
    deadlines: Document,
    details: Document,
    version: i64,
    created_at: Moment,
    updated_at: Moment,
}

/// Keeps a new sitting.
///
/// # Errors
/// Whatever the database says.
pub async fn sitting_create_in_txn(
    tx: &mut Tx,
    council: &CouncilCode,
    sitting: &Sitting,
) -> Result<(), StoreError> {
    let row = SittingRow::of(council, sitting)?;
    on!(
        tx,
        execute(Prepared(diesel::insert_into(sittings::table).values(&row)))
    )?;
    Ok(())
}

/// The sitting with this id.
///
/// # Errors
/// Whatever the database says.
pub async fn sitting_get(
    conn: &mut Conn,
    council: &CouncilCode,
    id: SittingId,
) -> Result<Option<Sitting>, StoreError> {
    let row = row_by_id!(conn, sittings, SittingRow, council, id);
    row.map(Sitting::try_from).transpose()
}

/// Keeps a changed sitting whose `version` is still the stored one; gives it with its next version, or none if somebody
/// else was faster.
///
/// # Errors
/// Whatever the database says.
pub async fn sitting_update_in_txn(
    tx: &mut Tx,
    council: &CouncilCode,
    sitting: Sitting,
) -> Result<Option<Sitting>, StoreError> {
    let kept = keep_changed!(tx, sittings, council, sitting => SittingRow::of(council, &sitting)?);
    Ok(kept)
}

/// Locks a sitting until the transaction ends: bookings, attendance and decisions of one sitting take turns.
///
/// An update that changes nothing locks the row on PostgreSQL; SQLite has one writer anyway.
///
/// # Errors
/// Whatever the database says.
pub async fn sitting_lock_in_txn(
    tx: &mut Tx,
    council: &CouncilCode,
    id: SittingId,
) -> Result<(), StoreError> {
    let row = sittings::table.find((council.as_str(), id));
    on!(
        tx,
        execute(Prepared(
            diesel::update(row).set(sittings::version.eq(sittings::version))
        ))
    )?;
    Ok(())
}

/// Lists sittings by day.
///
/// # Errors
/// Whatever the database says.
pub async fn sitting_list(
    conn: &mut Conn,
    council: &CouncilCode,
    filter: &SittingFilter,
    page: SittingPage<'_>,
) -> Result<Vec<Sitting>, StoreError> {
    use sittings::dsl;
    let status: Vec<&str> = filter.status.iter().map(|status| status.as_str()).collect();
    let rows: Vec<SittingRow> = on!(
        conn,
        load({
            let mut query = dsl::sittings
                .filter(dsl::council.eq(council.as_str()))
                .select(SittingRow::as_select())
                .limit(page.limit)
                .into_boxed::<Db>();
            if let Some(from) = filter.from {
                query = query.filter(dsl::held_on.ge(from));
            }
            if let Some(to) = filter.to {
                query = query.filter(dsl::held_on.le(to));
            }
            if let Some(panel) = &filter.panel {
                query = query.filter(dsl::panel.eq(panel.as_str()));
            }
            if !status.is_empty() {
                query = query.filter(dsl::status.eq_any(&status));
            }
            if page.descending {
                if let Some((day, id)) = page.after {
                    query = query.filter(before((dsl::held_on, dsl::id), (day, id)));
                }
                query.order((dsl::held_on.desc(), dsl::id.desc()))
            } else {
                if let Some((day, id)) = page.after {
                    query = query.filter(after((dsl::held_on, dsl::id), (day, id)));
                }
                query.order((dsl::held_on.asc(), dsl::id.asc()))
            }
        })
    )?;
    rows.into_iter().map(Sitting::try_from).collect()
}

/// One page of sittings.
#[derive(Debug, Clone, Copy)]
pub struct SittingPage<'a> {
    /// The latest first.
    pub descending: bool,
    /// The last sitting of the page before.
    pub after: Option<&'a (NaiveDate, SittingId)>,
    /// How many at most.
    pub limit: i64,
}

impl SittingRow {
    fn of(council: &CouncilCode, sitting: &Sitting) -> Result<Self, StoreError> {
        Ok(Self {
            council: council.to_string(),
            id: sitting.id,
            panel: sitting.panel.to_string(),
            held_on: sitting.held_on,
            starts_at: sitting.starts_at.map(time_text),
            ends_at: sitting.ends_at.map(time_text),
            sessions: Document::of(&sitting.sessions)?,
            chair_role: sitting.chair_role.as_ref().map(Code::to_string),
            location: sitting.location.clone(),
            status: sitting.status.as_str().to_owned(),
            off_pattern: sitting.off_pattern,
            off_pattern_reason: sitting.off_pattern_reason.clone(),
            moved_from: sitting.moved_from,
            deadlines: Document::of(&sitting.deadlines)?,
            details: Document::of(&sitting.details)?,
            version: sitting.version,
            created_at: Moment::new(sitting.created_at),
            updated_at: Moment::new(sitting.updated_at),
        })
    }
}

impl TryFrom<SittingRow> for Sitting {
    type Error = StoreError;

    fn try_from(row: SittingRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            panel: code(row.panel)?,
            held_on: row.held_on,
            starts_at: row.starts_at.map(|text| time(&text)).transpose()?,
            ends_at: row.ends_at.map(|text| time(&text)).transpose()?,
            sessions: row.sessions.read()?,
            chair_role: row.chair_role.map(code).transpose()?,
            location: row.location,
            status: SittingStatus::parse(&row.status)?,
            off_pattern: row.off_pattern,
            off_pattern_reason: row.off_pattern_reason,
            moved_from: row.moved_from,
            deadlines: row.deadlines.read()?,
            details: row.details.read()?,
            version: row.version,
            created_at: row.created_at.utc(),
            updated_at: row.updated_at.utc(),
        })
    }
}
