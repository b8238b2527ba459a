//! Lists of cases: filters, orders and pages by key.
//!
//! Every order ends in the id or is unique, so a page begins where the one before it ended, whatever came meanwhile.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{BoolExpressionMethods as _, ExpressionMethods as _};
use diesel::{JoinOnDsl as _, QueryDsl as _, SelectableHelper as _};
use permanence_core::CouncilCode;
use serde::{Deserialize, Serialize};

use super::cases::{Case, CaseRow, CaseScope, CaseStatus, folded};
use super::conn::on;
use super::ids::CaseId;
use super::keyset::{after, before};
use super::schema::{attendance, bookings, cases};
use super::{Conn, Moment, StoreError};

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

/// The range of folded names that begin with `name`: both databases answer it from the index.
fn prefix(name: &str) -> (String, String) {
    let from = folded(Some(name));
    let below = format!("{from}\u{10FFFF}");
    (from, below)
}
