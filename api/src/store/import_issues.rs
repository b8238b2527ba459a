//! The report of an import: what was not taken as it stood.
//!
//! Table `import_issues`. A report is written as a whole, in place of the one before.

use diesel::{ExpressionMethods as _, QueryDsl as _, SelectableHelper as _};
use permanence_core::CouncilCode;

use super::conn::on;
use super::ids::{CaseId, ImportId};
use super::schema::import_issues;
use super::{Conn, StoreError, Tx};

/// A line of an import's report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportIssue {
    /// Its place in the report, from 1.
    pub seq: i64,
    /// The file.
    pub file: Option<String>,
    /// The row; the heading is row 1.
    pub line: Option<i64>,
    /// The column.
    pub field: Option<String>,
    /// The rule that was broken.
    pub rule: String,
    /// How much it matters.
    pub severity: String,
    /// What was done.
    pub action: String,
    /// What is wrong, in a sentence.
    pub message: String,
    /// The case that it is about.
    pub case_id: Option<CaseId>,
}

/// Which lines of a report to list; what is empty does not narrow.
#[derive(Debug, Clone, Default)]
pub struct IssueFilter {
    /// Any of these severities.
    pub severity: Vec<String>,
    /// Any of these rules.
    pub rule: Vec<String>,
}

#[derive(diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = import_issues)]
struct IssueRow {
    council: String,
    import_id: ImportId,
    seq: i64,
    file: Option<String>,
    line: Option<i64>,
    field: Option<String>,
    rule: String,
    severity: String,
    action: String,
    message: String,
    case_id: Option<CaseId>,
}

/// Replaces the lines of an import's report.
///
/// # Errors
/// Whatever the database says.
pub async fn import_issues_replace_in_txn(
    tx: &mut Tx,
    council: &CouncilCode,
    import_id: ImportId,
    issues: &[ImportIssue],
) -> Result<(), StoreError> {
    let old = import_issues::table
        .filter(import_issues::council.eq(council.as_str()))
        .filter(import_issues::import_id.eq(import_id));
    on!(tx, execute(diesel::delete(old)))?;
    for chunk in issues.chunks(2_000) {
        let rows: Vec<IssueRow> = chunk
            .iter()
            .map(|issue| IssueRow::of(council, import_id, issue))
            .collect();
        on!(
            tx,
            execute(diesel::insert_into(import_issues::table).values(&rows))
        )?;
    }
    Ok(())
}

/// Lists the lines of an import's report in their order.
///
/// # Errors
/// Whatever the database says.
pub async fn import_issue_list(
    conn: &mut Conn,
    council: &CouncilCode,
    import_id: ImportId,
    filter: &IssueFilter,
    after: Option<i64>,
    limit: i64,
) -> Result<Vec<ImportIssue>, StoreError> {
    let rows: Vec<IssueRow> = on!(
        conn,
        load({
            let mut query = import_issues::table
                .filter(import_issues::council.eq(council.as_str()))
                .filter(import_issues::import_id.eq(import_id))
                .order(import_issues::seq.asc())
                .limit(limit)
                .select(IssueRow::as_select())
                .into_boxed::<Db>();
            if !filter.severity.is_empty() {
                query = query.filter(import_issues::severity.eq_any(&filter.severity));
            }
            if !filter.rule.is_empty() {
                query = query.filter(import_issues::rule.eq_any(&filter.rule));
            }
            if let Some(after) = after {
                query = query.filter(import_issues::seq.gt(after));
            }
            query
        })
    )?;
    Ok(rows.into_iter().map(ImportIssue::from).collect())
}

impl IssueRow {
    fn of(council: &CouncilCode, import_id: ImportId, issue: &ImportIssue) -> Self {
        let issue = issue.clone();
        Self {
            council: council.to_string(),
            import_id,
            seq: issue.seq,
            file: issue.file,
            line: issue.line,
            field: issue.field,
            rule: issue.rule,
            severity: issue.severity,
            action: issue.action,
            message: issue.message,
            case_id: issue.case_id,
        }
    }
}

impl From<IssueRow> for ImportIssue {
    fn from(row: IssueRow) -> Self {
        Self {
            seq: row.seq,
            file: row.file,
            line: row.line,
            field: row.field,
            rule: row.rule,
            severity: row.severity,
            action: row.action,
            message: row.message,
            case_id: row.case_id,
        }
    }
}
