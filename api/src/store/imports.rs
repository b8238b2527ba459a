//! Imports: what was sent, how far it is, and what came of it.
//!
//! Table `imports`. The content of the files lies with the import only until it is finished: after that it is in the
//! cases, or it was of no use. How a worker gets hold of one is in `import_work`, what was not taken as it stood in
//! `import_issues`.

use chrono::{DateTime, Utc};
use diesel::{
    ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, SelectableHelper as _,
};
use permanence_core::CouncilCode;
use permanence_core::care::Coverage;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::conn::on;
use super::ids::ImportId;
use super::keyed::{keep_changed, row_by_id};
use super::prepared::Prepared;
use super::schema::imports;
use super::{Conn, Document, Moment, StoreError, Tx};

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportStatus {
    /// It waits.
    Queued,
    /// It is being worked on.
    Running,
    /// It is in.
    Succeeded,
    /// It is not, or not all of it.
    Failed,
}

impl ImportStatus {
    /// The status as it is written everywhere.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }

    fn parse(text: &str) -> Result<Self, StoreError> {
        [Self::Queued, Self::Running, Self::Succeeded, Self::Failed]
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or(StoreError::Corrupt(
                "an import has a status that there is not",
            ))
    }
}

/// A file of an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportFile {
    /// Its name.
    pub name: String,
    /// How many bytes it has.
    pub bytes: u64,
    /// The collection year that the sender gave, by its first calendar year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collection_year: Option<i32>,
    /// Its bytes in base64, until the import is finished.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
}

/// An import. Its JSON form is what the audit keeps, without the content of files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Import {
    /// Its id.
    pub id: ImportId,
    /// What was sent: `ssda903`.
    pub kind: String,
    /// How far it is.
    pub status: ImportStatus,
    /// Whether nothing is to be kept but the report.
    pub dry_run: bool,
    /// The hash over everything that was sent.
    pub content_hash: String,
    /// The files.
    pub files: Vec<ImportFile>,
    /// How far it is, in detail.
    pub progress: Value,
    /// What came of it; an empty object before the end.
    pub result: Value,
    /// Why it failed.
    pub problem: Option<String>,
    /// Who sent it.
    pub created_by: String,
    /// Counts its changes, from 1.
    pub version: i64,
    /// When it was sent.
    pub created_at: DateTime<Utc>,
    /// When somebody last worked on it.
    pub updated_at: DateTime<Utc>,
    /// When it was finished.
    pub finished_at: Option<DateTime<Utc>>,
}

#[derive(diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = imports, treat_none_as_null = true, primary_key(council, id))]
struct ImportRow {
    council: String,
    id: ImportId,
    kind: String,
    status: String,
    dry_run: bool,
    content_hash: String,
    files: Document,
    progress: Document,
    result: Document,
    problem: Option<String>,
    created_by: String,
    version: i64,
    created_at: Moment,
    updated_at: Moment,
    finished_at: Option<Moment>,
}

/// Keeps a new import.
///
/// # Errors
/// Whatever the database says.
pub async fn import_create_in_txn(
    tx: &mut Tx,
    council: &CouncilCode,
    import: &Import,
) -> Result<(), StoreError> {
    let row = ImportRow::of(council, import)?;
    on!(
        tx,
        execute(Prepared(diesel::insert_into(imports::table).values(&row)))
    )?;
    Ok(())
}

/// The import with this id.
///
/// # Errors
/// Whatever the database says.
pub async fn import_get(
    conn: &mut Conn,
    council: &CouncilCode,
    id: ImportId,
) -> Result<Option<Import>, StoreError> {
    let row = row_by_id!(conn, imports, ImportRow, council, id);
    row.map(Import::try_from).transpose()
}

/// Lists imports, the latest first; those of any of these states, or all where none is named.
///
/// # Errors
/// Whatever the database says.
pub async fn import_list(
    conn: &mut Conn,
    council: &CouncilCode,
    status: &[ImportStatus],
    before: Option<ImportId>,
    limit: i64,
) -> Result<Vec<Import>, StoreError> {
    let status: Vec<&str> = status.iter().map(|status| status.as_str()).collect();
    let rows: Vec<ImportRow> = on!(
        conn,
        load({
            let mut query = imports::table
                .filter(imports::council.eq(council.as_str()))
                .order(imports::id.desc())
                .limit(limit)
                .select(ImportRow::as_select())
                .into_boxed::<Db>();
            if !status.is_empty() {
                query = query.filter(imports::status.eq_any(&status));
            }
            if let Some(before) = before {
                query = query.filter(imports::id.lt(before));
            }
            query
        })
    )?;
    rows.into_iter().map(Import::try_from).collect()
}

/// The latest import of a council that was not a trial and did not fail.
///
/// # Errors
/// Whatever the database says.
pub async fn import_latest(
    conn: &mut Conn,
    council: &CouncilCode,
) -> Result<Option<Import>, StoreError> {
    let row: Option<ImportRow> = on!(
        conn,
        get_result(
            imports::table
                .filter(imports::council.eq(council.as_str()))
                .filter(imports::dry_run.eq(false))
                .filter(imports::status.ne(ImportStatus::Failed.as_str()))
                .order(imports::id.desc())
                .limit(1)
                .select(ImportRow::as_select())
        )
    )
    .optional()?;
    row.map(Import::try_from).transpose()
}

/// What the council's imports cover together, up to now.
///
/// # Errors
/// Whatever the database says.
pub async fn import_coverage(
    conn: &mut Conn,
    council: &CouncilCode,
) -> Result<Coverage, StoreError> {
    let result: Option<Document> = on!(
        conn,
        get_result(
            imports::table
                .filter(imports::council.eq(council.as_str()))
                .filter(imports::dry_run.eq(false))
                .filter(imports::status.eq(ImportStatus::Succeeded.as_str()))
                .order(imports::id.desc())
                .limit(1)
                .select(imports::result)
        )
    )
    .optional()?;
    let Some(Document(mut result)) = result else {
        return Ok(Coverage::default());
    };
    match result.get_mut("coverage").map(Value::take) {
        Some(coverage) => Ok(serde_json::from_value(coverage)?),
        None => Ok(Coverage::default()),
    }
}

/// Keeps a changed import whose `version` is still the stored one; gives it with its next version, or none if somebody
/// else was faster.
///
/// # Errors
/// Whatever the database says.
pub async fn import_update_in_txn(
    tx: &mut Tx,
    council: &CouncilCode,
    import: Import,
) -> Result<Option<Import>, StoreError> {
    let kept = keep_changed!(tx, imports, council, import => ImportRow::of(council, &import)?);
    Ok(kept)
}

impl ImportRow {
    fn of(council: &CouncilCode, import: &Import) -> Result<Self, StoreError> {
        Ok(Self {
            council: council.to_string(),
            id: import.id,
            kind: import.kind.clone(),
            status: import.status.as_str().to_owned(),
            dry_run: import.dry_run,
            content_hash: import.content_hash.clone(),
            files: Document(serde_json::to_value(&import.files)?),
            progress: Document(import.progress.clone()),
            result: Document(import.result.clone()),
            problem: import.problem.clone(),
            created_by: import.created_by.clone(),
            version: import.version,
            created_at: Moment::new(import.created_at),
            updated_at: Moment::new(import.updated_at),
            finished_at: import.finished_at.map(Moment::new),
        })
    }
}

impl TryFrom<ImportRow> for Import {
    type Error = StoreError;

    fn try_from(row: ImportRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            kind: row.kind,
            status: ImportStatus::parse(&row.status)?,
            dry_run: row.dry_run,
            content_hash: row.content_hash,
            files: serde_json::from_value(row.files.0)?,
            progress: row.progress.0,
            result: row.result.0,
            problem: row.problem,
            created_by: row.created_by,
            version: row.version,
            created_at: row.created_at.utc(),
            updated_at: row.updated_at.utc(),
            finished_at: row.finished_at.map(Moment::utc),
        })
    }
}
