//! Case facts: what is known of a case that no return can hold, by the names that rulebooks use.
//!
//! Table `case_facts`: one value a name, the last one said; earlier ones are in the audit.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, SelectableHelper as _,
};
use permanence_core::{CouncilCode, FactName};
use serde::{Deserialize, Serialize};

use super::conn::on;
use super::ids::CaseId;
use super::schema::case_facts;
use super::{Conn, Document, Moment, StoreError, Tx};

/// A fact of a case. Its JSON form is what the audit keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CaseFact {
    /// The case it belongs to.
    pub case_id: CaseId,
    /// Its name, in snake case.
    pub name: FactName,
    /// Its value, in the form of its type; `null` is "known to be none".
    pub value: serde_json::Value,
    /// The day from which it holds; none when that does not matter.
    pub dated_on: Option<NaiveDate>,
    /// Who says so.
    pub source: String,
    /// Anything to add.
    pub note: Option<String>,
    /// When it was said.
    pub recorded_at: DateTime<Utc>,
    /// Counts its changes, from 1.
    pub version: i64,
}

#[derive(diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = case_facts, treat_none_as_null = true, primary_key(council, case_id, name))]
struct CaseFactRow {
    council: String,
    case_id: CaseId,
    name: String,
    value: Document,
    dated_on: Option<NaiveDate>,
    source: String,
    note: Option<String>,
    recorded_at: Moment,
    version: i64,
}

/// The fact of this name, if it was said.
///
/// # Errors
/// Whatever the database says.
pub async fn case_fact_get(
    conn: &mut Conn,
    council: &CouncilCode,
    case_id: CaseId,
    name: &FactName,
) -> Result<Option<CaseFact>, StoreError> {
    let row: Option<CaseFactRow> = on!(
        conn,
        get_result(
            case_facts::table
                .find((council.as_str(), case_id, name.as_str()))
                .select(CaseFactRow::as_select())
        )
    )
    .optional()?;
    row.map(CaseFact::try_from).transpose()
}

/// Lists the facts of a case in the order of their names.
///
/// # Errors
/// Whatever the database says.
pub async fn case_fact_list(
    conn: &mut Conn,
    council: &CouncilCode,
    case_id: CaseId,
    after: Option<&FactName>,
    limit: i64,
) -> Result<Vec<CaseFact>, StoreError> {
    let after = after.map_or("", FactName::as_str);
    let rows: Vec<CaseFactRow> = on!(
        conn,
        load(
            case_facts::table
                .filter(case_facts::council.eq(council.as_str()))
                .filter(case_facts::case_id.eq(case_id))
                .filter(case_facts::name.gt(after))
                .order(case_facts::name.asc())
                .limit(limit)
                .select(CaseFactRow::as_select())
        )
    )?;
    rows.into_iter().map(CaseFact::try_from).collect()
}

/// All facts of some cases, each case's together.
///
/// # Errors
/// Whatever the database says.
pub async fn case_fact_list_for_cases(
    conn: &mut Conn,
    council: &CouncilCode,
    cases: &[CaseId],
) -> Result<Vec<CaseFact>, StoreError> {
    let mut facts = Vec::new();
    for chunk in cases.chunks(1_000) {
        let rows: Vec<CaseFactRow> = on!(
            conn,
            load(
                case_facts::table
                    .filter(case_facts::council.eq(council.as_str()))
                    .filter(case_facts::case_id.eq_any(chunk))
                    .order((case_facts::case_id.asc(), case_facts::name.asc()))
                    .select(CaseFactRow::as_select())
            )
        )?;
        for row in rows {
            facts.push(CaseFact::try_from(row)?);
        }
    }
    Ok(facts)
}

/// Keeps a fact whose `version` is still the stored one (0 when there is none yet); gives it with its next version, or
/// none if somebody else was faster.
///
/// # Errors
/// [`StoreError::MissingReference`] when the case is not there, or whatever the database says.
pub async fn case_fact_put_in_txn(
    tx: &mut Tx,
    council: &CouncilCode,
    fact: CaseFact,
) -> Result<Option<CaseFact>, StoreError> {
    let before = fact.version;
    let said = CaseFact {
        version: before + 1,
        ..fact
    };
    let row = CaseFactRow::of(council, &said);
    let count = if before == 0 {
        on!(
            tx,
            execute(
                diesel::insert_into(case_facts::table)
                    .values(&row)
                    .on_conflict_do_nothing()
            )
        )?
    } else {
        let stored = case_facts::table
            .find((council.as_str(), said.case_id, said.name.as_str()))
            .filter(case_facts::version.eq(before));
        on!(tx, execute(diesel::update(stored).set(&row)))?
    };
    Ok((count == 1).then_some(said))
}

impl CaseFactRow {
    fn of(council: &CouncilCode, fact: &CaseFact) -> Self {
        Self {
            council: council.to_string(),
            case_id: fact.case_id,
            name: fact.name.to_string(),
            value: Document(fact.value.clone()),
            dated_on: fact.dated_on,
            source: fact.source.clone(),
            note: fact.note.clone(),
            recorded_at: Moment::new(fact.recorded_at),
            version: fact.version,
        }
    }
}

impl TryFrom<CaseFactRow> for CaseFact {
    type Error = StoreError;

    fn try_from(row: CaseFactRow) -> Result<Self, StoreError> {
        Ok(Self {
            case_id: row.case_id,
            name: FactName::new(row.name).map_err(|_| StoreError::Corrupt("a fact's name"))?,
            value: row.value.0,
            dated_on: row.dated_on,
            source: row.source,
            note: row.note,
            recorded_at: row.recorded_at.utc(),
            version: row.version,
        })
    }
}
