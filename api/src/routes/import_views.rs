//! Imports and their reports as they are answered.

use chrono::{DateTime, Utc};
use permanence_api_macros::dto;
use uuid::Uuid;

use crate::integrations::ssda903::report::Section;
use crate::problem::Problem;
use crate::service::imports::{ImportResult, Progress};
use crate::store::import_issues::ImportIssue;
use crate::store::imports as stored;
use crate::store::imports::Import;

/// What is imported.
#[dto(code)]
pub enum ImportKind {
    /// The statutory return of looked after children, as CSV tables or as the department's XML.
    Ssda903,
}

/// How far an import is.
#[dto(code)]
pub enum ImportStatus {
    /// It waits.
    Queued,
    /// It is being worked on.
    Running,
    /// It is in.
    Succeeded,
    /// It broke off.
    Failed,
}

/// How much a line of a report matters.
#[dto(code)]
pub enum IssueSeverity {
    /// Something could not be used.
    Error,
    /// The data contradicts itself or the return's rules, and was used all the same.
    Warning,
    /// For information.
    Notice,
}

/// An import and what came of it.
#[dto]
pub struct ImportView {
    /// Its id.
    pub id: Uuid,
    /// What was sent.
    pub kind: ImportKind,
    /// How far it is.
    pub status: ImportStatus,
    /// Whether only the report was wanted.
    pub dry_run: bool,
    /// The files.
    #[rule(items(1, 500))]
    pub files: Vec<ImportFileView>,
    /// How far it is, in children.
    pub progress: ImportProgressView,
    /// What came of it, once it is in.
    pub result: Option<ImportResultView>,
    /// Why it broke off.
    #[rule(len(1, 2000))]
    #[schema(example = "The import broke off. Send the same files again to finish it.")]
    pub problem: Option<String>,
    /// When it was sent.
    pub created_at: DateTime<Utc>,
    /// When it was finished.
    pub finished_at: Option<DateTime<Utc>>,
}

/// A file of an import.
#[dto]
pub struct ImportFileView {
    /// Its name.
    #[rule(len(1, 200))]
    #[schema(example = "2024-25-reviews.csv")]
    pub name: String,
    /// How many bytes it has.
    #[rule(range(0, 100000000))]
    #[schema(example = 64)]
    pub bytes: u64,
    /// The collection year that was sent with it.
    #[rule(len(7, 7))]
    #[schema(example = "2024-25")]
    pub collection_year: Option<String>,
}

/// How far an import is.
#[dto]
pub struct ImportProgressView {
    /// Children found in the files; 0 until they are read.
    #[rule(range(0, 10000000))]
    #[schema(example = 1)]
    pub children: u32,
    /// Children that are in.
    #[rule(range(0, 10000000))]
    #[schema(example = 1)]
    pub children_done: u32,
}

/// What came of an import. `rowsRead` is always `rowsUsed` plus `rowsNotUsed`, and whatever was not used is in the report.
#[dto]
pub struct ImportResultView {
    /// Rows in all files.
    #[rule(range(0, 100000000))]
    #[schema(example = 1)]
    pub rows_read: u32,
    /// Rows that went into a history.
    #[rule(range(0, 100000000))]
    #[schema(example = 1)]
    pub rows_used: u32,
    /// Rows that did not.
    #[rule(range(0, 100000000))]
    #[schema(example = 0)]
    pub rows_not_used: u32,
    /// Children in the files.
    #[rule(range(0, 10000000))]
    #[schema(example = 1)]
    pub children: u32,
    /// Cases that were opened.
    #[rule(range(0, 10000000))]
    #[schema(example = 1)]
    pub cases_created: u32,
    /// Cases of which a particular changed.
    #[rule(range(0, 10000000))]
    #[schema(example = 0)]
    pub cases_updated: u32,
    /// Cases that were closed because the time in care ended.
    #[rule(range(0, 10000000))]
    #[schema(example = 0)]
    pub cases_closed: u32,
    /// Cases that were opened again because a new time in care began.
    #[rule(range(0, 10000000))]
    #[schema(example = 0)]
    pub cases_reopened: u32,
    /// Care events that are new.
    #[rule(range(0, 100000000))]
    #[schema(example = 1)]
    pub events_created: u32,
    /// Care events that changed.
    #[rule(range(0, 100000000))]
    #[schema(example = 0)]
    pub events_changed: u32,
    /// Care events that the returns do not hold any more.
    #[rule(range(0, 100000000))]
    #[schema(example = 0)]
    pub events_withdrawn: u32,
    /// Lines of the report about what could not be used.
    #[rule(range(0, 100000000))]
    #[schema(example = 0)]
    pub errors: u32,
    /// Lines of the report about contradictions in what was used.
    #[rule(range(0, 100000000))]
    #[schema(example = 0)]
    pub warnings: u32,
    /// Lines of the report for information.
    #[rule(range(0, 100000000))]
    #[schema(example = 1)]
    pub notices: u32,
    /// The collection years whose episodes were read.
    #[rule(items(0, 100))]
    #[schema(example = json!(["2024-25"]))]
    pub collection_years: Vec<String>,
    /// File by file and table by table.
    #[rule(items(0, 10000))]
    pub sections: Vec<ImportSectionView>,
}

/// What was read of one table in one file.
#[dto]
pub struct ImportSectionView {
    /// The file.
    #[rule(len(1, 200))]
    #[schema(example = "2024-25-reviews.csv")]
    pub file: String,
    /// The table that its columns make it; null where they make none.
    #[rule(len(1, 50))]
    #[schema(example = "reviews")]
    pub table: Option<String>,
    /// The collection year that it counts for.
    #[rule(len(7, 7))]
    #[schema(example = "2024-25")]
    pub collection_year: Option<String>,
    /// Rows read.
    #[rule(range(0, 100000000))]
    #[schema(example = 1)]
    pub rows_read: u32,
    /// Rows used.
    #[rule(range(0, 100000000))]
    #[schema(example = 1)]
    pub rows_used: u32,
    /// Rows not used.
    #[rule(range(0, 100000000))]
    #[schema(example = 0)]
    pub rows_not_used: u32,
    /// Columns of the table that this service keeps nothing of.
    #[rule(items(0, 100))]
    #[schema(example = json!(["DOB"]))]
    pub columns_not_kept: Vec<String>,
}

/// A line of the report: what was not taken as it stood, and what was done. It repeats no value.
#[dto]
pub struct ImportIssueView {
    /// The file; null where it is about none.
    #[rule(len(1, 200))]
    #[schema(example = "2024-25-episodes.csv")]
    pub file: Option<String>,
    /// The row, the heading being row 1; in XML the how-manieth record of its table. Null for a whole file.
    #[rule(range(1, 100000000))]
    #[schema(example = 17)]
    pub row: Option<i64>,
    /// The column.
    #[rule(len(1, 200))]
    #[schema(example = "DECOM")]
    pub column: Option<String>,
    /// The rule: the department's number, or a name of this service's.
    #[rule(len(1, 50))]
    #[schema(example = "141")]
    pub rule: String,
    /// How much it matters.
    pub severity: IssueSeverity,
    /// What was done, such as `row_not_used` or `kept_as_it_stands`.
    #[rule(len(1, 50))]
    #[schema(example = "row_not_used")]
    pub action: String,
    /// What is wrong.
    #[rule(len(1, 500))]
    #[schema(example = "The day on which the episode began is not a date.")]
    pub message: String,
    /// The case that it is about.
    pub case_id: Option<Uuid>,
}

fn year_text(first: i32) -> String {
    permanence_core::care::CollectionYear::starting(first).to_string()
}

impl TryFrom<&Import> for ImportView {
    type Error = Problem;

    fn try_from(import: &Import) -> Result<Self, Problem> {
        let progress: Progress =
            serde_json::from_value(import.progress.clone()).map_err(Problem::internal)?;
        let result = match import.status {
            stored::ImportStatus::Succeeded => {
                let result: ImportResult =
                    serde_json::from_value(import.result.clone()).map_err(Problem::internal)?;
                Some(result.into())
            }
            _ => None,
        };
        Ok(Self {
            id: import.id.into(),
            kind: ImportKind::Ssda903,
            status: import.status.into(),
            dry_run: import.dry_run,
            files: import
                .files
                .iter()
                .map(|file| ImportFileView {
                    name: file.name.clone(),
                    bytes: file.bytes,
                    collection_year: file.collection_year.map(year_text),
                })
                .collect(),
            progress: ImportProgressView {
                children: progress.children,
                children_done: progress.children_done,
            },
            result,
            problem: import.problem.clone(),
            created_at: import.created_at,
            finished_at: import.finished_at,
        })
    }
}

impl From<stored::ImportStatus> for ImportStatus {
    fn from(status: stored::ImportStatus) -> Self {
        match status {
            stored::ImportStatus::Queued => Self::Queued,
            stored::ImportStatus::Running => Self::Running,
            stored::ImportStatus::Succeeded => Self::Succeeded,
            stored::ImportStatus::Failed => Self::Failed,
        }
    }
}

impl From<ImportStatus> for stored::ImportStatus {
    fn from(status: ImportStatus) -> Self {
        match status {
            ImportStatus::Queued => Self::Queued,
            ImportStatus::Running => Self::Running,
            ImportStatus::Succeeded => Self::Succeeded,
            ImportStatus::Failed => Self::Failed,
        }
    }
}

impl From<ImportResult> for ImportResultView {
    fn from(result: ImportResult) -> Self {
        Self {
            rows_read: result.rows_read,
            rows_used: result.rows_used,
            rows_not_used: result.rows_not_used,
            children: result.children,
            cases_created: result.cases_created,
            cases_updated: result.cases_updated,
            cases_closed: result.cases_closed,
            cases_reopened: result.cases_reopened,
            events_created: result.events_created,
            events_changed: result.events_changed,
            events_withdrawn: result.events_withdrawn,
            errors: result.errors,
            warnings: result.warnings,
            notices: result.notices,
            collection_years: result.collection_years,
            sections: result
                .sections
                .into_iter()
                .map(ImportSectionView::from)
                .collect(),
        }
    }
}

impl From<Section> for ImportSectionView {
    fn from(section: Section) -> Self {
        Self {
            file: section.file,
            table: section.table.map(|table| table.name().to_owned()),
            collection_year: section.year.map(|year| year.to_string()),
            rows_read: section.read,
            rows_used: section.used,
            rows_not_used: section.not_used,
            columns_not_kept: section.columns_not_kept,
        }
    }
}

impl From<ImportIssue> for ImportIssueView {
    fn from(issue: ImportIssue) -> Self {
        Self {
            file: issue.file,
            row: issue.line,
            column: issue.field,
            rule: issue.rule,
            severity: match issue.severity.as_str() {
                "error" => IssueSeverity::Error,
                "warning" => IssueSeverity::Warning,
                _ => IssueSeverity::Notice,
            },
            action: issue.action,
            message: issue.message,
            case_id: issue.case_id.map(Uuid::from),
        }
    }
}
