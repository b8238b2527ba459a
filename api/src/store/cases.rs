//! Cases: one for each child that a council brings before its panels.
//!
//! Table `cases`; the reference is the council's own and unique in it.
//! Names are kept twice: as written, and folded for searching and sorting.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{BoolExpressionMethods as _, ExpressionMethods as _, OptionalExtension as _};
use diesel::{JoinOnDsl as _, QueryDsl as _, SelectableHelper as _};
use permanence_core::CouncilCode;
use serde::{Deserialize, Serialize};

use super::conn::on;
use super::ids::CaseId;
use super::keyset::{after, before};
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

/// Which cases to list; what is empty does not narrow.
#[derive(Debug, Clone, Default)]
pub struct CaseFilter {
    /// Any of these.
    pub status: Vec<CaseStatus>,
    /// Any of these.
    pub social_worker: Vec<String>,
    /// Any of these.
    pub team: Vec<String>,
    /// Any of these.
    pub service: Vec<String>,
    /// Exactly this one.
    pub reference: Option<String>,
    /// Family names that begin so, in any letter case.
    pub family_name: Option<String>,
    /// Given names that begin so, in any letter case.
    pub given_name: Option<String>,
    /// Born on this day.
    pub date_of_birth: Option<NaiveDate>,
    /// Changed at or after this moment.
    pub updated_from: Option<DateTime<Utc>>,
}

/// The orders in which cases can be listed; the id decides between equals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CaseSort {
    /// By creation.
    #[default]
    Created,
    /// By the council's reference.
    Reference,
    /// By family name.
    FamilyName,
    /// By last change.
    Updated,
}

/// The last case of a page, as far as the order of the list needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum CaseCursor {
    /// In the order of creation.
    Created(CaseId),
    /// In the order of references.
    Reference(String, CaseId),
    /// In the order of folded family names.
    FamilyName(String, CaseId),
    /// In the order of last changes.
    Updated(DateTime<Utc>, CaseId),
}

impl CaseCursor {
    /// The place of a case in an order.
    #[must_use]
    pub fn at(case: &Case, sort: CaseSort) -> Self {
        match sort {
            CaseSort::Created => Self::Created(case.id),
            CaseSort::Reference => Self::Reference(case.reference.clone(), case.id),
            CaseSort::FamilyName => Self::FamilyName(folded(case.family_name.as_deref()), case.id),
            CaseSort::Updated => Self::Updated(case.updated_at, case.id),
        }
    }
}

/// One page of a list.
#[derive(Debug, Clone, Copy)]
pub struct CasePage<'a> {
    /// The order; a cursor of another order is not used.
    pub sort: CaseSort,
    /// The other way round.
    pub descending: bool,
    /// The last case of the page before.
    pub after: Option<&'a CaseCursor>,
    /// How many at most.
    pub limit: i64,
}

#[derive(diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = cases, treat_none_as_null = true, primary_key(council, id))]
struct CaseRow {
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
    on!(tx, execute(diesel::insert_into(cases::table).values(&row)))?;
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
    let row: Option<CaseRow> = on!(
        conn,
        get_result(
            cases::table
                .find((council.as_str(), id))
                .select(CaseRow::as_select())
        )
    )
    .optional()?;
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

/// Lists the cases that the caller may see.
///
/// # Errors
/// Whatever the database says.
pub async fn case_list(
    conn: &mut Conn,
    council: &CouncilCode,
    scope: &CaseScope,
    filter: &CaseFilter,
    page: CasePage<'_>,
) -> Result<Vec<Case>, StoreError> {
    use cases::dsl;
    let status: Vec<&str> = filter.status.iter().map(|status| status.as_str()).collect();
    let rows: Vec<CaseRow> = on!(
        conn,
        load({
            let mut query = dsl::cases
                .filter(dsl::council.eq(council.as_str()))
                .select(CaseRow::as_select())
                .limit(page.limit)
                .into_boxed::<Db>();
            if !scope.all {
                let on_sittings = bookings::table
                    .inner_join(
                        attendance::table.on(attendance::council
                            .eq(bookings::council)
                            .and(attendance::sitting_id.eq(bookings::sitting_id))),
                    )
                    .filter(bookings::council.eq(council.as_str()))
                    .filter(attendance::person_ref.eq(&scope.person))
                    .select(bookings::case_id);
                // A null never equals: what the scope does not name adds nothing.
                query = query.filter(
                    dsl::social_worker
                        .eq(&scope.worker)
                        .or(dsl::team.eq_any(&scope.teams))
                        .or(dsl::id.eq_any(on_sittings)),
                );
            }
            if !status.is_empty() {
                query = query.filter(dsl::status.eq_any(&status));
            }
            if !filter.social_worker.is_empty() {
                query = query.filter(dsl::social_worker.eq_any(&filter.social_worker));
            }
            if !filter.team.is_empty() {
                query = query.filter(dsl::team.eq_any(&filter.team));
            }
            if !filter.service.is_empty() {
                query = query.filter(dsl::service.eq_any(&filter.service));
            }
            if let Some(reference) = &filter.reference {
                query = query.filter(dsl::reference.eq(reference));
            }
            if let Some(name) = &filter.family_name {
                let (from, below) = prefix(name);
                query = query
                    .filter(dsl::family_name_key.ge(from))
                    .filter(dsl::family_name_key.lt(below));
            }
            if let Some(name) = &filter.given_name {
                let (from, below) = prefix(name);
                query = query
                    .filter(dsl::given_name_key.ge(from))
                    .filter(dsl::given_name_key.lt(below));
            }
            if let Some(day) = filter.date_of_birth {
                query = query.filter(dsl::date_of_birth.eq(day));
            }
            if let Some(from) = filter.updated_from {
                query = query.filter(dsl::updated_at.ge(Moment::new(from)));
            }
            match (page.sort, page.descending) {
                (CaseSort::Created, false) => {
                    if let Some(CaseCursor::Created(id)) = page.after {
                        query = query.filter(dsl::id.gt(id));
                    }
                    query.order(dsl::id.asc())
                }
                (CaseSort::Created, true) => {
                    if let Some(CaseCursor::Created(id)) = page.after {
                        query = query.filter(dsl::id.lt(id));
                    }
                    query.order(dsl::id.desc())
                }
                (CaseSort::Reference, false) => {
                    if let Some(CaseCursor::Reference(reference, _)) = page.after {
                        query = query.filter(dsl::reference.gt(reference));
                    }
                    query.order(dsl::reference.asc())
                }
                (CaseSort::Reference, true) => {
                    if let Some(CaseCursor::Reference(reference, _)) = page.after {
                        query = query.filter(dsl::reference.lt(reference));
                    }
                    query.order(dsl::reference.desc())
                }
                (CaseSort::FamilyName, false) => {
                    if let Some(CaseCursor::FamilyName(name, id)) = page.after {
                        query = query.filter(after((dsl::family_name_key, dsl::id), (name, id)));
                    }
                    query.order((dsl::family_name_key.asc(), dsl::id.asc()))
                }
                (CaseSort::FamilyName, true) => {
                    if let Some(CaseCursor::FamilyName(name, id)) = page.after {
                        query = query.filter(before((dsl::family_name_key, dsl::id), (name, id)));
                    }
                    query.order((dsl::family_name_key.desc(), dsl::id.desc()))
                }
                (CaseSort::Updated, false) => {
                    if let Some(CaseCursor::Updated(at, id)) = page.after {
                        query =
                            query.filter(after((dsl::updated_at, dsl::id), (Moment::new(*at), id)));
                    }
                    query.order((dsl::updated_at.asc(), dsl::id.asc()))
                }
                (CaseSort::Updated, true) => {
                    if let Some(CaseCursor::Updated(at, id)) = page.after {
                        query = query
                            .filter(before((dsl::updated_at, dsl::id), (Moment::new(*at), id)));
                    }
                    query.order((dsl::updated_at.desc(), dsl::id.desc()))
                }
            }
        })
    )?;
    rows.into_iter().map(Case::try_from).collect()
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
    let stored = cases::table
        .find((council.as_str(), case.id))
        .filter(cases::version.eq(case.version));
    let changed = Case {
        version: case.version + 1,
        ..case
    };
    let row = CaseRow::of(council, &changed);
    let count = on!(tx, execute(diesel::update(stored).set(&row)))?;
    Ok((count == 1).then_some(changed))
}

/// A name as it is searched and sorted.
fn folded(name: Option<&str>) -> String {
    name.map(|name| name.trim().to_lowercase())
        .unwrap_or_default()
}

/// The range of folded names that begin with `name`: both databases answer it from the index.
fn prefix(name: &str) -> (String, String) {
    let from = folded(Some(name));
    let below = format!("{from}\u{10FFFF}");
    (from, below)
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
