//! Children on a council's trackers: in which section, since when, what is held of them there, and what was reported.
//!
//! Table `tracker_entries`. A child stands in one section of a tracker at a time; who has left stays in the table.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, JoinOnDsl as _, OptionalExtension as _,
    QueryDsl as _, SelectableHelper as _,
};
use permanence_core::{Code, CouncilCode};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::cases::CaseScope;
use super::columns::code;
use super::conn::on;
use super::ids::{CaseId, TrackerEntryId};
use super::judged_by::JudgedBy;
use super::keyed::{keep_changed, page_by_id, row_by_id};
use super::prepared::Prepared;
use super::reach::within_reach;
use super::schema::tracker_entries;
use super::{Conn, Document, Moment, StoreError, Tx};

/// A child's entry on a tracker. Its JSON form is what the audit keeps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TrackerEntry {
    /// Its id.
    pub id: TrackerEntryId,
    /// The tracker.
    pub tracker: Code,
    /// The section; none on a tracker without sections.
    pub section: Option<Code>,
    /// Who leads it for this child.
    pub lead: Option<Code>,
    /// The case.
    pub case_id: CaseId,
    /// The day the child joined the section.
    pub joined_on: NaiveDate,
    /// The role that added the child.
    pub added_by: Option<Code>,
    /// The day the child left the tracker.
    pub left_on: Option<NaiveDate>,
    /// What is held there, under the names of the tracker's schema.
    pub content: Map<String, Value>,
    /// What was reported, in the order of its days.
    pub feedback: Vec<Feedback>,
    /// How the child moved, the first move first.
    pub moves: Vec<Move>,
    /// By which rules it was taken.
    #[serde(flatten)]
    pub judged_by: JudgedBy,
    /// Counts its changes, from 1.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// A report on a child in a section.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Feedback {
    /// Its day.
    pub given_on: NaiveDate,
    /// The role that gave it.
    pub given_by: Code,
    /// What it says.
    pub text: String,
}

/// A move to another section, to another lead, or off the tracker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Move {
    /// Its day.
    pub moved_on: NaiveDate,
    /// The section before.
    pub from_section: Option<Code>,
    /// The section after; none off the tracker.
    pub to_section: Option<Code>,
    /// The lead before.
    pub from_lead: Option<Code>,
    /// The lead after.
    pub to_lead: Option<Code>,
    /// The day of the meeting that decided it.
    pub meeting_on: Option<NaiveDate>,
    /// Why.
    pub reason: Option<String>,
    /// What the policy said of it.
    pub findings: Vec<permanence_core::Finding>,
    /// The edition that judged.
    pub edition: String,
}

/// Which entries; what is empty does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntryFilter {
    /// Of this tracker.
    pub tracker: Option<Code>,
    /// In any of these sections.
    pub sections: Vec<Code>,
    /// Of this case.
    pub case_id: Option<CaseId>,
    /// Those who have left the tracker, too.
    pub left: bool,
}

#[derive(diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = tracker_entries, treat_none_as_null = true, primary_key(council, id))]
struct TrackerEntryRow {
    council: String,
    id: TrackerEntryId,
    tracker: String,
    section: Option<String>,
    lead: Option<String>,
    case_id: CaseId,
    joined_on: NaiveDate,
    added_by: Option<String>,
    left_on: Option<NaiveDate>,
    content: Document,
    feedback: Document,
    moves: Document,
    edition: String,
    plugin_id: String,
    plugin_version: String,
    plugin_digest: String,
    version: i64,
    created_at: Moment,
    updated_at: Moment,
}

/// Keeps a new entry.
///
/// # Errors
/// [`StoreError::Duplicate`] when the child stands on the tracker already, or whatever the database says.
pub async fn tracker_entry_create_in_txn(
    tx: &mut Tx,
    council: &CouncilCode,
    entry: &TrackerEntry,
) -> Result<(), StoreError> {
    let row = TrackerEntryRow::of(council, entry)?;
    on!(
        tx,
        execute(Prepared(
            diesel::insert_into(tracker_entries::table).values(&row)
        ))
    )?;
    Ok(())
}

/// The entry with this id.
///
/// # Errors
/// Whatever the database says.
pub async fn tracker_entry_get(
    conn: &mut Conn,
    council: &CouncilCode,
    id: TrackerEntryId,
) -> Result<Option<TrackerEntry>, StoreError> {
    let row = row_by_id!(conn, tracker_entries, TrackerEntryRow, council, id);
    row.map(TrackerEntry::try_from).transpose()
}

/// Keeps a changed entry whose `version` is still the stored one; gives it with its next version, or none if somebody else
/// was faster.
///
/// # Errors
/// Whatever the database says.
pub async fn tracker_entry_update_in_txn(
    tx: &mut Tx,
    council: &CouncilCode,
    entry: TrackerEntry,
) -> Result<Option<TrackerEntry>, StoreError> {
    let kept =
        keep_changed!(tx, tracker_entries, council, entry => TrackerEntryRow::of(council, &entry)?);
    Ok(kept)
}

/// Lists entries of cases that the caller may see, in the order of their making.
///
/// # Errors
/// Whatever the database says.
pub async fn tracker_entry_list(
    conn: &mut Conn,
    council: &CouncilCode,
    scope: &CaseScope,
    filter: &EntryFilter,
    after: Option<TrackerEntryId>,
    limit: i64,
) -> Result<Vec<TrackerEntry>, StoreError> {
    use tracker_entries::dsl;
    let sections: Vec<&str> = filter.sections.iter().map(Code::as_str).collect();
    let rows: Vec<TrackerEntryRow> = on!(
        conn,
        load({
            let mut query = page_by_id!(tracker_entries, TrackerEntryRow, council, after, limit);
            within_reach!(query, dsl::case_id, council, scope);
            if let Some(tracker) = &filter.tracker {
                query = query.filter(dsl::tracker.eq(tracker.as_str()));
            }
            if !sections.is_empty() {
                query = query.filter(dsl::section.eq_any(&sections));
            }
            if let Some(case_id) = filter.case_id {
                query = query.filter(dsl::case_id.eq(case_id));
            }
            if !filter.left {
                query = query.filter(dsl::left_on.is_null());
            }
            query
        })
    )?;
    rows.into_iter().map(TrackerEntry::try_from).collect()
}

/// How many children stand in each section of each tracker, among the cases that the caller may see.
///
/// # Errors
/// Whatever the database says.
pub async fn tracker_entry_counts(
    conn: &mut Conn,
    council: &CouncilCode,
    scope: &CaseScope,
    case_id: Option<CaseId>,
) -> Result<Vec<(String, Option<String>, i64)>, StoreError> {
    use tracker_entries::dsl;
    Ok(on!(
        conn,
        load({
            let mut query = dsl::tracker_entries
                .group_by((dsl::tracker, dsl::section))
                .select((dsl::tracker, dsl::section, diesel::dsl::count_star()))
                .filter(dsl::council.eq(council.as_str()))
                .filter(dsl::left_on.is_null())
                .into_boxed::<Db>();
            within_reach!(query, dsl::case_id, council, scope);
            if let Some(case_id) = case_id {
                query = query.filter(dsl::case_id.eq(case_id));
            }
            query
        })
    )?)
}

impl TrackerEntryRow {
    fn of(council: &CouncilCode, entry: &TrackerEntry) -> Result<Self, StoreError> {
        let judged_by = entry.judged_by.clone();
        Ok(Self {
            council: council.to_string(),
            id: entry.id,
            tracker: entry.tracker.to_string(),
            section: entry.section.as_ref().map(Code::to_string),
            lead: entry.lead.as_ref().map(Code::to_string),
            case_id: entry.case_id,
            joined_on: entry.joined_on,
            added_by: entry.added_by.as_ref().map(Code::to_string),
            left_on: entry.left_on,
            content: Document::of(&entry.content)?,
            feedback: Document::of(&entry.feedback)?,
            moves: Document::of(&entry.moves)?,
            edition: judged_by.edition,
            plugin_id: judged_by.plugin_id,
            plugin_version: judged_by.plugin_version,
            plugin_digest: judged_by.plugin_digest,
            version: entry.version,
            created_at: Moment::new(entry.created_at),
            updated_at: Moment::new(entry.updated_at),
        })
    }
}

impl TryFrom<TrackerEntryRow> for TrackerEntry {
    type Error = StoreError;

    fn try_from(row: TrackerEntryRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            tracker: code(row.tracker)?,
            section: row.section.map(code).transpose()?,
            lead: row.lead.map(code).transpose()?,
            case_id: row.case_id,
            joined_on: row.joined_on,
            added_by: row.added_by.map(code).transpose()?,
            left_on: row.left_on,
            content: row.content.read()?,
            feedback: row.feedback.read()?,
            moves: row.moves.read()?,
            judged_by: JudgedBy {
                edition: row.edition,
                plugin_id: row.plugin_id,
                plugin_version: row.plugin_version,
                plugin_digest: row.plugin_digest,
            },
            version: row.version,
            created_at: row.created_at.utc(),
            updated_at: row.updated_at.utc(),
        })
    }
}
