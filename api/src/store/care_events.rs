//! Care events: what happened in a child's care, as dated records of several kinds.
//!
//! Table `care_events`; `source_key` is what an importer recognises its own record by when it comes again.
//! A record that was wrong is withdrawn and stays; nothing is deleted.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, SelectableHelper as _,
};
use permanence_core::CouncilCode;
use serde::{Deserialize, Serialize};

use super::conn::on;
use super::ids::{CareEventId, CaseId};
use super::prepared::Prepared;
use super::schema::care_events;
use super::{Conn, Document, Moment, StoreError, Tx};

/// Something that happened in a child's care. Its JSON form is what the audit keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CareEvent {
    /// Its id.
    pub id: CareEventId,
    /// The case it belongs to.
    pub case_id: CaseId,
    /// What kind of record it is, a code.
    pub kind: String,
    /// The day it happened, or its first day.
    pub started_on: Option<NaiveDate>,
    /// Its last day.
    pub ended_on: Option<NaiveDate>,
    /// The record itself, in the shape of its kind.
    pub details: serde_json::Value,
    /// Where it comes from: `api`, or the import's kind.
    pub source: String,
    /// What its source knows it by.
    pub source_key: Option<String>,
    /// The day it was withdrawn as wrong.
    pub withdrawn_on: Option<NaiveDate>,
    /// Counts its changes, from 1.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

#[derive(diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = care_events, treat_none_as_null = true, primary_key(council, id))]
struct CareEventRow {
    council: String,
    id: CareEventId,
    case_id: CaseId,
    kind: String,
    started_on: Option<NaiveDate>,
    ended_on: Option<NaiveDate>,
    details: Document,
    source: String,
    source_key: Option<String>,
    withdrawn_on: Option<NaiveDate>,
    version: i64,
    created_at: Moment,
    updated_at: Moment,
}

/// Keeps new events, of one case or of several.
///
/// # Errors
/// [`StoreError::MissingReference`] when a case is not there, [`StoreError::Duplicate`] when a case has an event with
/// the same source key, or whatever the database says.
pub async fn care_event_create_in_txn(
    tx: &mut Tx,
    council: &CouncilCode,
    events: &[CareEvent],
) -> Result<(), StoreError> {
    let rows: Vec<CareEventRow> = events
        .iter()
        .map(|event| CareEventRow::of(council, event))
        .collect();
    for chunk in rows.chunks(2_000) {
        on!(
            tx,
            execute(diesel::insert_into(care_events::table).values(chunk))
        )?;
    }
    Ok(())
}

/// The event with this id, if the case has it.
///
/// # Errors
/// Whatever the database says.
pub async fn care_event_get(
    conn: &mut Conn,
    council: &CouncilCode,
    case_id: CaseId,
    id: CareEventId,
) -> Result<Option<CareEvent>, StoreError> {
    let row: Option<CareEventRow> = on!(
        conn,
        get_result(
            care_events::table
                .find((council.as_str(), id))
                .filter(care_events::case_id.eq(case_id))
                .select(CareEventRow::as_select())
        )
    )
    .optional()?;
    Ok(row.map(CareEvent::from))
}

/// Lists the events of a case in the order in which they were recorded.
///
/// # Errors
/// Whatever the database says.
pub async fn care_event_list(
    conn: &mut Conn,
    council: &CouncilCode,
    case_id: CaseId,
    kinds: &[String],
    after: Option<CareEventId>,
    limit: i64,
) -> Result<Vec<CareEvent>, StoreError> {
    let rows: Vec<CareEventRow> = on!(
        conn,
        load({
            let mut query = care_events::table
                .filter(care_events::council.eq(council.as_str()))
                .filter(care_events::case_id.eq(case_id))
                .order(care_events::id.asc())
                .limit(limit)
                .select(CareEventRow::as_select())
                .into_boxed::<Db>();
            if !kinds.is_empty() {
                query = query.filter(care_events::kind.eq_any(kinds));
            }
            if let Some(after) = after {
                query = query.filter(care_events::id.gt(after));
            }
            query
        })
    )?;
    Ok(rows.into_iter().map(CareEvent::from).collect())
}

/// All events that stand, of some cases, each case's together.
///
/// # Errors
/// Whatever the database says.
pub async fn care_event_list_for_cases(
    conn: &mut Conn,
    council: &CouncilCode,
    cases: &[CaseId],
) -> Result<Vec<CareEvent>, StoreError> {
    let mut events = Vec::new();
    for chunk in cases.chunks(1_000) {
        let rows: Vec<CareEventRow> = on!(
            conn,
            load(
                care_events::table
                    .filter(care_events::council.eq(council.as_str()))
                    .filter(care_events::case_id.eq_any(chunk))
                    .filter(care_events::withdrawn_on.is_null())
                    .order((care_events::case_id.asc(), care_events::id.asc()))
                    .select(CareEventRow::as_select())
            )
        )?;
        events.extend(rows.into_iter().map(CareEvent::from));
    }
    Ok(events)
}

/// All events of some cases that came from one source, withdrawn ones too: what an importer compares with.
///
/// # Errors
/// Whatever the database says.
pub async fn care_event_list_of_source(
    conn: &mut Conn,
    council: &CouncilCode,
    cases: &[CaseId],
    source: &str,
) -> Result<Vec<CareEvent>, StoreError> {
    let rows: Vec<CareEventRow> = on!(
        conn,
        load(
            care_events::table
                .filter(care_events::council.eq(council.as_str()))
                .filter(care_events::case_id.eq_any(cases))
                .filter(care_events::source.eq(source))
                .order((care_events::case_id.asc(), care_events::id.asc()))
                .select(CareEventRow::as_select())
        )
    )?;
    Ok(rows.into_iter().map(CareEvent::from).collect())
}

/// Keeps a changed event whose `version` is still the stored one; gives it with its next version, or none if somebody
/// else was faster.
///
/// # Errors
/// Whatever the database says.
pub async fn care_event_update_in_txn(
    tx: &mut Tx,
    council: &CouncilCode,
    event: CareEvent,
) -> Result<Option<CareEvent>, StoreError> {
    let stored = care_events::table
        .find((council.as_str(), event.id))
        .filter(care_events::case_id.eq(event.case_id))
        .filter(care_events::version.eq(event.version));
    let changed = CareEvent {
        version: event.version + 1,
        ..event
    };
    let row = CareEventRow::of(council, &changed);
    let count = on!(tx, execute(Prepared(diesel::update(stored).set(&row))))?;
    Ok((count == 1).then_some(changed))
}

impl CareEventRow {
    fn of(council: &CouncilCode, event: &CareEvent) -> Self {
        Self {
            council: council.to_string(),
            id: event.id,
            case_id: event.case_id,
            kind: event.kind.clone(),
            started_on: event.started_on,
            ended_on: event.ended_on,
            details: Document(event.details.clone()),
            source: event.source.clone(),
            source_key: event.source_key.clone(),
            withdrawn_on: event.withdrawn_on,
            version: event.version,
            created_at: Moment::new(event.created_at),
            updated_at: Moment::new(event.updated_at),
        }
    }
}

impl From<CareEventRow> for CareEvent {
    fn from(row: CareEventRow) -> Self {
        Self {
            id: row.id,
            case_id: row.case_id,
            kind: row.kind,
            started_on: row.started_on,
            ended_on: row.ended_on,
            details: row.details.0,
            source: row.source,
            source_key: row.source_key,
            withdrawn_on: row.withdrawn_on,
            version: row.version,
            created_at: row.created_at.utc(),
            updated_at: row.updated_at.utc(),
        }
    }
}
