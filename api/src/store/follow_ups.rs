//! Follow-ups: actions, letters, records, distribution and notices, each with who is to do it and by when.
//!
//! Table `follow_ups`. Lists are in the order of due days; what has none comes last.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, NullableExpressionMethods as _,
    OptionalExtension as _, QueryDsl as _, SelectableHelper as _,
};
use permanence_core::{ClauseId, Code, CouncilCode};
use serde::{Deserialize, Serialize};

use super::cases::CaseScope;
use super::columns::code;
use super::conn::on;
use super::follow_up_codes::{FollowUpKind, FollowUpStatus};
use super::ids::{BookingId, CaseId, DecisionId, FollowUpId, SittingId};
use super::keyed::{keep_changed, row_by_id};
use super::keyset::after;
use super::reach::{own_cases, own_seats};
use super::schema::{attendance, cases, follow_ups};
use super::{Conn, Document, Moment, StoreError, Tx};

/// Which follow-ups to list; what is empty does not narrow.
#[derive(Debug, Clone, Default)]
pub struct FollowUpFilter {
    /// Of this case.
    pub case_id: Option<CaseId>,
    /// Of this booking.
    pub booking_id: Option<BookingId>,
    /// Of this sitting.
    pub sitting_id: Option<SittingId>,
    /// Of this decision.
    pub decision_id: Option<DecisionId>,
    /// Any of these.
    pub status: Vec<FollowUpStatus>,
    /// Any of these.
    pub role: Vec<Code>,
    /// Any of these codes.
    pub code: Vec<Code>,
    /// Open, and due before this day.
    pub overdue_on: Option<NaiveDate>,
}

/// The day that stands for none in the order of due days.
pub const NO_DAY: NaiveDate = match NaiveDate::from_ymd_opt(9999, 12, 31) {
    Some(day) => day,
    None => NaiveDate::MAX,
};

/// Something to be done. Its JSON form is what the audit keeps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FollowUp {
    /// Its id.
    pub id: FollowUpId,
    /// What kind of thing it is.
    pub kind: FollowUpKind,
    /// What is to be done.
    pub code: Code,
    /// The case.
    pub case_id: Option<CaseId>,
    /// The item.
    pub booking_id: Option<BookingId>,
    /// The sitting.
    pub sitting_id: Option<SittingId>,
    /// The decision that it follows from.
    pub decision_id: Option<DecisionId>,
    /// Who is to do it.
    pub responsible_role: Option<Code>,
    /// The last day in time.
    pub due_on: Option<NaiveDate>,
    /// The due day, or the last day there is.
    pub due_key: NaiveDate,
    /// The day it was done.
    pub completed_on: Option<NaiveDate>,
    /// Who did it.
    pub completed_by: Option<String>,
    /// Whether it is done.
    pub status: FollowUpStatus,
    /// The clauses it comes from.
    pub clauses: Vec<ClauseId>,
    /// What else the policy says of it.
    pub details: serde_json::Value,
    /// What was noted when it was done.
    pub note: Option<String>,
    /// Counts its changes, from 1.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

#[derive(diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = follow_ups, treat_none_as_null = true, primary_key(council, id))]
struct FollowUpRow {
    council: String,
    id: FollowUpId,
    kind: String,
    code: String,
    case_id: Option<CaseId>,
    booking_id: Option<BookingId>,
    sitting_id: Option<SittingId>,
    decision_id: Option<DecisionId>,
    responsible_role: Option<String>,
    due_on: Option<NaiveDate>,
    due_key: NaiveDate,
    completed_on: Option<NaiveDate>,
    completed_by: Option<String>,
    status: String,
    clauses: Document,
    details: Document,
    note: Option<String>,
    version: i64,
    created_at: Moment,
    updated_at: Moment,
}

/// Keeps new follow-ups.
///
/// # Errors
/// Whatever the database says.
pub async fn follow_up_create_in_txn(
    tx: &mut Tx,
    council: &CouncilCode,
    follow_ups: &[FollowUp],
) -> Result<(), StoreError> {
    let rows: Vec<FollowUpRow> = follow_ups
        .iter()
        .map(|follow_up| FollowUpRow::of(council, follow_up))
        .collect::<Result<_, _>>()?;
    if !rows.is_empty() {
        on!(
            tx,
            execute(diesel::insert_into(follow_ups::table).values(&rows))
        )?;
    }
    Ok(())
}

/// The follow-up with this id.
///
/// # Errors
/// Whatever the database says.
pub async fn follow_up_get(
    conn: &mut Conn,
    council: &CouncilCode,
    id: FollowUpId,
) -> Result<Option<FollowUp>, StoreError> {
    let row = row_by_id!(conn, follow_ups, FollowUpRow, council, id);
    row.map(FollowUp::try_from).transpose()
}

/// Keeps a changed follow-up whose `version` is still the stored one; gives it with its next version, or none if somebody
/// else was faster.
///
/// # Errors
/// Whatever the database says.
pub async fn follow_up_update_in_txn(
    tx: &mut Tx,
    council: &CouncilCode,
    follow_up: FollowUp,
) -> Result<Option<FollowUp>, StoreError> {
    let kept =
        keep_changed!(tx, follow_ups, council, follow_up => FollowUpRow::of(council, &follow_up)?);
    Ok(kept)
}

/// All that follows from a decision, in the order of its clauses.
///
/// # Errors
/// Whatever the database says.
pub async fn follow_up_list_of_decision(
    conn: &mut Conn,
    council: &CouncilCode,
    decision_id: DecisionId,
) -> Result<Vec<FollowUp>, StoreError> {
    let rows: Vec<FollowUpRow> = on!(
        conn,
        load(
            follow_ups::table
                .filter(follow_ups::council.eq(council.as_str()))
                .filter(follow_ups::decision_id.eq(decision_id))
                .order(follow_ups::id.asc())
                .select(FollowUpRow::as_select())
        )
    )?;
    rows.into_iter().map(FollowUp::try_from).collect()
}

/// All follow-ups of a booking, notices among them, in the order of their making.
///
/// # Errors
/// Whatever the database says.
pub async fn follow_up_list_of_booking(
    conn: &mut Conn,
    council: &CouncilCode,
    booking_id: BookingId,
) -> Result<Vec<FollowUp>, StoreError> {
    let rows: Vec<FollowUpRow> = on!(
        conn,
        load(
            follow_ups::table
                .filter(follow_ups::council.eq(council.as_str()))
                .filter(follow_ups::booking_id.eq(booking_id))
                .order(follow_ups::id.asc())
                .select(FollowUpRow::as_select())
        )
    )?;
    rows.into_iter().map(FollowUp::try_from).collect()
}

/// Lists follow-ups of one kind by due day; those of no case only for callers who see all cases.
///
/// # Errors
/// Whatever the database says.
pub async fn follow_up_list(
    conn: &mut Conn,
    council: &CouncilCode,
    scope: &CaseScope,
    kind: FollowUpKind,
    filter: &FollowUpFilter,
    page: (Option<&(NaiveDate, FollowUpId)>, i64),
) -> Result<Vec<FollowUp>, StoreError> {
    use follow_ups::dsl;
    let status: Vec<&str> = filter.status.iter().map(|status| status.as_str()).collect();
    let role: Vec<&str> = filter.role.iter().map(Code::as_str).collect();
    let code: Vec<&str> = filter.code.iter().map(Code::as_str).collect();
    let rows: Vec<FollowUpRow> = on!(
        conn,
        load({
            let mut query = dsl::follow_ups
                .filter(dsl::council.eq(council.as_str()))
                .filter(dsl::kind.eq(kind.as_str()))
                .order((dsl::due_key.asc(), dsl::id.asc()))
                .select(FollowUpRow::as_select())
                .limit(page.1)
                .into_boxed::<Db>();
            if !scope.all {
                let own = own_cases!(council, scope).select(cases::id.nullable());
                let seated = own_seats!(council, scope).select(attendance::sitting_id.nullable());
                query = query.filter(dsl::case_id.eq_any(own).or(dsl::sitting_id.eq_any(seated)));
            }
            if let Some(case_id) = filter.case_id {
                query = query.filter(dsl::case_id.eq(case_id));
            }
            if let Some(booking_id) = filter.booking_id {
                query = query.filter(dsl::booking_id.eq(booking_id));
            }
            if let Some(sitting_id) = filter.sitting_id {
                query = query.filter(dsl::sitting_id.eq(sitting_id));
            }
            if let Some(decision_id) = filter.decision_id {
                query = query.filter(dsl::decision_id.eq(decision_id));
            }
            if !status.is_empty() {
                query = query.filter(dsl::status.eq_any(&status));
            }
            if !role.is_empty() {
                query = query.filter(dsl::responsible_role.eq_any(&role));
            }
            if !code.is_empty() {
                query = query.filter(dsl::code.eq_any(&code));
            }
            if let Some(day) = filter.overdue_on {
                query = query
                    .filter(dsl::status.eq("open"))
                    .filter(dsl::due_key.lt(day));
            }
            if let Some((day, id)) = page.0 {
                query = query.filter(after((dsl::due_key, dsl::id), (day, id)));
            }
            query
        })
    )?;
    rows.into_iter().map(FollowUp::try_from).collect()
}

impl FollowUpRow {
    fn of(council: &CouncilCode, follow_up: &FollowUp) -> Result<Self, StoreError> {
        Ok(Self {
            council: council.to_string(),
            id: follow_up.id,
            kind: follow_up.kind.as_str().to_owned(),
            code: follow_up.code.to_string(),
            case_id: follow_up.case_id,
            booking_id: follow_up.booking_id,
            sitting_id: follow_up.sitting_id,
            decision_id: follow_up.decision_id,
            responsible_role: follow_up.responsible_role.as_ref().map(Code::to_string),
            due_on: follow_up.due_on,
            due_key: follow_up.due_key,
            completed_on: follow_up.completed_on,
            completed_by: follow_up.completed_by.clone(),
            status: follow_up.status.as_str().to_owned(),
            clauses: Document::of(&follow_up.clauses)?,
            details: Document::of(&follow_up.details)?,
            note: follow_up.note.clone(),
            version: follow_up.version,
            created_at: Moment::new(follow_up.created_at),
            updated_at: Moment::new(follow_up.updated_at),
        })
    }
}

impl TryFrom<FollowUpRow> for FollowUp {
    type Error = StoreError;

    fn try_from(row: FollowUpRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            kind: FollowUpKind::parse(&row.kind)?,
            code: code(row.code)?,
            case_id: row.case_id,
            booking_id: row.booking_id,
            sitting_id: row.sitting_id,
            decision_id: row.decision_id,
            responsible_role: row.responsible_role.map(code).transpose()?,
            due_on: row.due_on,
            due_key: row.due_key,
            completed_on: row.completed_on,
            completed_by: row.completed_by,
            status: FollowUpStatus::parse(&row.status)?,
            clauses: row.clauses.read()?,
            details: row.details.read()?,
            note: row.note,
            version: row.version,
            created_at: row.created_at.utc(),
            updated_at: row.updated_at.utc(),
        })
    }
}
