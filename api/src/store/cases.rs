//! Cases: one for each child that a council brings before its panels.
//!
//! Table `cases`; the reference is the council's own and unique in it.
//! Names are kept twice: as written, and folded for searching and sorting.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{BoolExpressionMethods as _, ExpressionMethods as _, OptionalExtension as _};
use diesel::{JoinOnDsl as _, QueryDsl as _, SelectableHelper as _};
use permanence_core::CouncilCode;
use serde::{Deserialize, Serialize};

pub use super::case_list::{CaseCursor, CaseFilter, CasePage, CaseSort, case_list};
use super::conn::on;
use super::ids::CaseId;
use super::keyed::{keep_changed, row_by_id};
use super::prepared::Prepared;
use super::schema::{attendance, bookings, cases};
use super::{Conn, Document, Moment, StoreError, Tx};

/// Whether a case is being worked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseStatus {
    /// It is.
    Open,
    /// It is not any more.
    Closed,
}

impl CaseStatus {
    /// The status as it is written everywhere.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
        }
    }
}

/// A child's case. Its JSON form is what the audit keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Case {
    /// Its id.
    pub id: CaseId,
    /// The council's own reference for it.
    pub reference: String,
    /// Given names.
    pub given_name: Option<String>,
    /// Family name.
    pub family_name: Option<String>,
    /// Date of birth.
    pub date_of_birth: Option<NaiveDate>,
    /// Sex as recorded, a code.
    pub sex: Option<String>,
    /// The social worker's id at the council.
    pub social_worker: Option<String>,
    /// The team's code.
    pub team: Option<String>,
    /// The service's code.
    pub service: Option<String>,
    /// Whether it is being worked on.
    pub status: CaseStatus,
    /// The day it was closed.
    pub closed_on: Option<NaiveDate>,
    /// Why it was closed.
    pub closed_reason: Option<String>,
    /// Where it was first recorded: `api` or an import.
    pub source: String,
    /// What else is recorded of it.
    pub details: serde_json::Value,
    /// Counts its changes, from 1.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// Which cases a caller may see at all: every list and look-up starts from it. What is given adds up.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CaseScope {
    /// All of the council.
    pub all: bool,
    /// Those of this social worker.
    pub worker: Option<String>,
    /// Those of any of these teams.
    pub teams: Vec<String>,
    /// Those booked on sittings that this person attends.
    pub person: Option<String>,
}

impl CaseScope {
    /// Every case of the council.
    #[must_use]
    pub fn all() -> Self {
        Self {
            all: true,
            ..Self::default()
        }
    }
}

#[derive(diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = cases, treat_none_as_null = true, primary_key(council, id))]
pub(super) struct CaseRow {
    council: String,
    id: CaseId,
    reference: String,
    given_name: Option<String>,
    family_name: Option<String>,
    given_name_key: String,
    family_name_key: String,
    date_of_birth: Option<NaiveDate>,
    sex: Option<String>,
    social_worker: Option<String>,
    team: Option<String>,
    service: Option<String>,
    status: String,
    closed_on: Option<NaiveDate>,
    closed_reason: Option<String>,
    source: String,
    details: Document,
    version: i64,
    created_at: Moment,
    updated_at: Moment,
}

/// Keeps a new case.
///
/// # Errors
/// [`StoreError::Duplicate`] when the council has a case with this reference, or whatever the database says.
pub async fn case_create_in_txn(
    tx: &mut Tx,
    council: &CouncilCode,
    case: &Case,
) -> Result<(), StoreError> {
    let row = CaseRow::of(council, case);
    on!(
        tx,
        execute(Prepared(diesel::insert_into(cases::table).values(&row)))
    )?;
    Ok(())
}

/// The case with this id, if the caller may see it.
///
/// # Errors
/// Whatever the database says.
pub async fn case_get(
    conn: &mut Conn,
    council: &CouncilCode,
    scope: &CaseScope,
    id: CaseId,
) -> Result<Option<Case>, StoreError> {
    let row = row_by_id!(conn, cases, CaseRow, council, id);
    let Some(case) = row.map(Case::try_from).transpose()? else {
        return Ok(None);
    };
    Ok(case_is_visible(conn, council, scope, &case)
        .await?
        .then_some(case))
}

/// The cases with these references, in no particular order.
///
/// # Errors
/// Whatever the database says.
pub async fn case_list_by_references(
    conn: &mut Conn,
    council: &CouncilCode,
    references: &[String],
) -> Result<Vec<Case>, StoreError> {
    let mut found = Vec::new();
    for chunk in references.chunks(1_000) {
        let rows: Vec<CaseRow> = on!(
            conn,
            load(
                cases::table
                    .filter(cases::council.eq(council.as_str()))
                    .filter(cases::reference.eq_any(chunk))
                    .select(CaseRow::as_select())
            )
        )?;
        for row in rows {
            found.push(Case::try_from(row)?);
        }
    }
    Ok(found)
}

/// The case with this reference, if there is one.
///
/// # Errors
/// Whatever the database says.
pub async fn case_find_by_reference(
    conn: &mut Conn,
    council: &CouncilCode,
    reference: &str,
) -> Result<Option<Case>, StoreError> {
    let row: Option<CaseRow> = on!(
        conn,
        get_result(
            cases::table
                .filter(cases::council.eq(council.as_str()))
                .filter(cases::reference.eq(reference))
                .select(CaseRow::as_select())
        )
    )
    .optional()?;
    row.map(Case::try_from).transpose()
}

/// Whether a case, as it stands here, is in the scope.
///
/// # Errors
/// Whatever the database says.
pub async fn case_is_visible(
    conn: &mut Conn,
    council: &CouncilCode,
    scope: &CaseScope,
    case: &Case,
) -> Result<bool, StoreError> {
    let own = scope.worker.is_some() && case.social_worker == scope.worker;
    let of_team = case
        .team
        .as_ref()
        .is_some_and(|team| scope.teams.contains(team));
    if scope.all || own || of_team {
        return Ok(true);
    }
    let Some(person) = &scope.person else {
        return Ok(false);
    };
    let booked: bool = on!(
        conn,
        get_result(diesel::select(diesel::dsl::exists(
            bookings::table
                .inner_join(
                    attendance::table.on(attendance::council
                        .eq(bookings::council)
                        .and(attendance::sitting_id.eq(bookings::sitting_id)))
                )
                .filter(bookings::council.eq(council.as_str()))
                .filter(bookings::case_id.eq(case.id))
                .filter(attendance::person_ref.eq(person))
        )))
    )?;
    Ok(booked)
}

/// Keeps a changed case whose `version` is still the stored one; gives it with its next version, or none if somebody
/// else was faster.
///
/// # Errors
/// [`StoreError::Duplicate`] when another case has the new reference, or whatever the database says.
pub async fn case_update_in_txn(
    tx: &mut Tx,
    council: &CouncilCode,
    case: Case,
) -> Result<Option<Case>, StoreError> {
    let kept = keep_changed!(tx, cases, council, case => CaseRow::of(council, &case));
    Ok(kept)
}

/// A name as it is searched and sorted.
pub(super) fn folded(name: Option<&str>) -> String {
    name.map(|name| name.trim().to_lowercase())
        .unwrap_or_default()
}

impl CaseRow {
    fn of(council: &CouncilCode, case: &Case) -> Self {
        Self {
            council: council.to_string(),
            id: case.id,
            reference: case.reference.clone(),
            given_name: case.given_name.clone(),
            family_name: case.family_name.clone(),
            given_name_key: folded(case.given_name.as_deref()),
            family_name_key: folded(case.family_name.as_deref()),
            date_of_birth: case.date_of_birth,
            sex: case.sex.clone(),
            social_worker: case.social_worker.clone(),
            team: case.team.clone(),
            service: case.service.clone(),
            status: case.status.as_str().to_owned(),
            closed_on: case.closed_on,
            closed_reason: case.closed_reason.clone(),
            source: case.source.clone(),
            details: Document(case.details.clone()),
            version: case.version,
            created_at: Moment::new(case.created_at),
            updated_at: Moment::new(case.updated_at),
        }
    }
}

impl TryFrom<CaseRow> for Case {
    type Error = StoreError;

    fn try_from(row: CaseRow) -> Result<Self, StoreError> {
        let status = match row.status.as_str() {
            "open" => CaseStatus::Open,
            "closed" => CaseStatus::Closed,
            _ => return Err(StoreError::Corrupt("a case's status")),
        };
        Ok(Self {
            id: row.id,
            reference: row.reference,
            given_name: row.given_name,
            family_name: row.family_name,
            date_of_birth: row.date_of_birth,
            sex: row.sex,
            social_worker: row.social_worker,
            team: row.team,
            service: row.service,
            status,
            closed_on: row.closed_on,
            closed_reason: row.closed_reason,
            source: row.source,
            details: row.details.0,
            version: row.version,
            created_at: row.created_at.utc(),
            updated_at: row.updated_at.utc(),
        })
    }
}
