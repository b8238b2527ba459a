//! Lists of decisions by their day, and which decision a booking led to.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::{BoolExpressionMethods as _, ExpressionMethods as _};
use diesel::{JoinOnDsl as _, QueryDsl as _, SelectableHelper as _};
use permanence_core::{Code, CouncilCode};

use super::cases::CaseScope;
use super::conn::on;
use super::decisions::{Decision, DecisionKind, DecisionRow};
use super::ids::{BookingId, CaseId, DecisionId, SittingId};
use super::keyset::{after, before};
use super::reach::within_reach;
use super::schema::decisions;
use super::{Conn, StoreError};

/// Which decisions to list; what is empty does not narrow.
#[derive(Debug, Clone, Default)]
pub struct DecisionFilter {
    /// On this case.
    pub case_id: Option<CaseId>,
    /// Of this sitting.
    pub sitting_id: Option<SittingId>,
    /// Not before this day.
    pub from: Option<NaiveDate>,
    /// Not after this day.
    pub to: Option<NaiveDate>,
    /// Any of these.
    pub outcome: Vec<Code>,
    /// Any of these.
    pub kind: Vec<DecisionKind>,
}

/// The place of a decision in the list: its day, then the order of recording.
pub type DecisionCursor = (NaiveDate, DecisionId);

/// One page of decisions.
#[derive(Debug, Clone, Copy)]
pub struct DecisionPage<'a> {
    /// The latest first.
    pub descending: bool,
    /// The last decision of the page before.
    pub after: Option<&'a DecisionCursor>,
    /// How many at most.
    pub limit: i64,
}

/// Lists decisions on cases that the caller may see, by their day.
///
/// # Errors
/// Whatever the database says.
pub async fn decision_list(
    conn: &mut Conn,
    council: &CouncilCode,
    scope: &CaseScope,
    filter: &DecisionFilter,
    page: DecisionPage<'_>,
) -> Result<Vec<Decision>, StoreError> {
    use decisions::dsl;
    let outcome: Vec<&str> = filter.outcome.iter().map(Code::as_str).collect();
    let kind: Vec<&str> = filter.kind.iter().map(|kind| kind.as_str()).collect();
    let rows: Vec<DecisionRow> = on!(
        conn,
        load({
            let mut query = dsl::decisions
                .filter(dsl::council.eq(council.as_str()))
                .select(DecisionRow::as_select())
                .limit(page.limit)
                .into_boxed::<Db>();
            within_reach!(query, dsl::case_id, council, scope);
            if let Some(case_id) = filter.case_id {
                query = query.filter(dsl::case_id.eq(case_id));
            }
            if let Some(sitting_id) = filter.sitting_id {
                query = query.filter(dsl::sitting_id.eq(sitting_id));
            }
            if let Some(from) = filter.from {
                query = query.filter(dsl::decided_on.ge(from));
            }
            if let Some(to) = filter.to {
                query = query.filter(dsl::decided_on.le(to));
            }
            if !outcome.is_empty() {
                query = query.filter(dsl::outcome.eq_any(&outcome));
            }
            if !kind.is_empty() {
                query = query.filter(dsl::kind.eq_any(&kind));
            }
            if page.descending {
                if let Some((day, id)) = page.after {
                    query = query.filter(before((dsl::decided_on, dsl::id), (day, id)));
                }
                query.order((dsl::decided_on.desc(), dsl::id.desc()))
            } else {
                if let Some((day, id)) = page.after {
                    query = query.filter(after((dsl::decided_on, dsl::id), (day, id)));
                }
                query.order((dsl::decided_on.asc(), dsl::id.asc()))
            }
        })
    )?;
    rows.into_iter().map(Decision::try_from).collect()
}

/// The decisions that these bookings led to; a booking without one is left out.
///
/// # Errors
/// Whatever the database says.
pub async fn decision_ids_of_bookings(
    conn: &mut Conn,
    council: &CouncilCode,
    bookings: &[BookingId],
) -> Result<BTreeMap<BookingId, DecisionId>, StoreError> {
    if bookings.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows: Vec<(Option<BookingId>, DecisionId)> = on!(
        conn,
        load(
            decisions::table
                .filter(decisions::council.eq(council.as_str()))
                .filter(decisions::booking_id.eq_any(bookings))
                .select((decisions::booking_id, decisions::id))
        )
    )?;
    let of_booking = |(booking, decision): (Option<BookingId>, _)| Some((booking?, decision));
    Ok(rows.into_iter().filter_map(of_booking).collect())
}
