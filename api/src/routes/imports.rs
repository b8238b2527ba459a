//! Imports of what a council's systems export. Who may: those who may send imports, and those who may follow them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use permanence_api_macros::{dto, op};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::app::State;
use crate::auth::{Authz, scope};
use crate::http::{
    Accepted, Idempotency, Listing, Page, Path, Query, Reply, StoredAnswer, Tagged, Upload,
};
use crate::integrations::ssda903::report::Section;
use crate::problem::{FieldError, Problem};
use crate::service::imports::{self, ImportResult, NewFile, NewImport, Progress};
use crate::service::{Acting, Made, Once, ServiceError};
use crate::store::idempotency::{Claim, FirstAnswer};
use crate::store::ids::ImportId;
use crate::store::imports::{Import, ImportIssue, IssueFilter};
use crate::store::{StoreError, imports as stored};

/// Registers these routes.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(create_import)
        .service(get_import)
        .service(list_import_issues);
}

/// An import.
#[dto(path)]
pub struct ImportPath {
    /// The import's id.
    pub import_id: Uuid,
}

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

/// How the content of a file is written.
#[dto(code)]
pub enum ContentEncoding {
    /// As it is: text in UTF-8.
    Utf8,
    /// In base64 with padding: for any bytes.
    Base64,
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

/// Files to be imported together.
#[dto(input)]
pub struct ImportCreate {
    /// What they are.
    pub kind: ImportKind,
    /// Only make the report, and keep nothing else.
    #[serde(default)]
    #[schema(example = false)]
    pub dry_run: bool,
    /// The files: all tables, of as many collection years as there are, in any order.
    #[rule(items(1, 500), nested)]
    pub files: Vec<ImportFileCreate>,
}

/// A file to be imported.
#[dto(both)]
pub struct ImportFileCreate {
    /// Its name, for the report; what it holds is known by its columns.
    #[rule(len(1, 200))]
    #[schema(example = "2024-25-reviews.csv")]
    pub name: String,
    /// What is in it.
    #[rule(len(1, 67108864))]
    #[schema(example = "CHILD,DOB,REVIEW,REVIEW_CODE\r\n0031415,04/05/2017,12/11/2024,PN1\r\n")]
    pub content: String,
    /// How `content` is written; `utf8` unless said.
    pub encoding: Option<ContentEncoding>,
    /// Its collection year, where the files do not show it: `2024-25` runs from 1 April 2024 to 31 March 2025.
    #[rule(len(7, 7), pattern = "^20[0-9]{2}-[0-9]{2}$")]
    #[schema(example = "2024-25")]
    pub collection_year: Option<String>,
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

/// Which lines of the report.
#[dto(query, paged)]
pub struct ListImportIssues {
    /// Only lines that matter so much; repeat it for several.
    #[rule(items(0, 3))]
    pub severity: Vec<IssueSeverity>,
    /// Only lines of this rule; repeat it for several.
    #[rule(items(0, 50))]
    #[schema(example = json!(["141"]))]
    pub rule: Vec<String>,
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

/// Import a return
///
/// Files are told apart by their columns, and several collection years become one history for each child.
/// The answer comes at once; follow its `Location` until `status` is `succeeded` or `failed`.
/// No row is refused for another: the report has a line for whatever was not taken as it stood.
/// Sending the same files again while they are the latest gives the same import.
#[op(post "/v1/councils/{council}/imports", tag = "Integration")]
async fn create_import(
    who: Authz<scope::ImportsWrite>,
    key: Idempotency,
    body: Upload<ImportCreate>,
    state: State,
) -> Reply<Accepted<ImportView>> {
    let by = who.acting();
    let new = new_import(body.0)?;
    let made = imports::create(&state.desk, &by, new, once(&key, &by)).await?;
    let answer = match made {
        Made::New(import) => {
            Accepted::new(ImportView::try_from(&import)?, location(&by, &import), 1)
        }
        Made::Again(first) => Accepted::replay(
            StoredAnswer {
                location: first.location.unwrap_or_default(),
                etag: None,
                body: serde_json::from_str(&first.body).map_err(Problem::internal)?,
            },
            1,
        ),
    };
    let desk = state.desk.clone();
    actix_web::rt::spawn(async move { imports::work_through(&desk).await });
    Ok(answer)
}

/// Follow an import
///
/// While it runs, `progress` tells how many children are in; then `result` tells what came of it.
#[op(get "/v1/councils/{council}/imports/{importId}", tag = "Integration")]
async fn get_import(
    who: Authz<scope::ImportsRead>,
    path: Path<ImportPath>,
    state: State,
) -> Reply<Tagged<ImportView>> {
    let import = imports::get(&state.desk, &who.acting(), path.import_id.into()).await?;
    Ok(Tagged::new(ImportView::try_from(&import)?, import.version))
}

/// List the lines of an import's report
///
/// In the order of files and rows, once the import is in.
#[op(get "/v1/councils/{council}/imports/{importId}/issues", tag = "Integration")]
async fn list_import_issues(
    who: Authz<scope::ImportsRead>,
    path: Path<ImportPath>,
    query: Query<ListImportIssues>,
    listing: Listing,
    state: State,
) -> Reply<Page<ImportIssueView>> {
    let filter = IssueFilter {
        severity: query
            .severity
            .iter()
            .map(|severity| severity.as_str().to_owned())
            .collect(),
        rule: query.rule.clone(),
    };
    let after = listing.after::<i64>(&query.0)?;
    let id: ImportId = path.import_id.into();
    let (issues, next) =
        imports::list_issues(&state.desk, &who.acting(), id, filter, after, query.limit).await?;
    listing.page(issues.into_iter().map(ImportIssueView::from), next)
}

fn location(by: &Acting, import: &Import) -> String {
    format!("/v1/councils/{}/imports/{}", by.council, import.id)
}

/// The caller's key, and the first answer to keep under it.
fn once(key: &Idempotency, by: &Acting) -> Once<Import> {
    let Some(claim) = key.claim() else {
        return Once::unkeyed();
    };
    let claim = Claim {
        council: by.council.clone(),
        caller: claim.caller,
        operation: claim.operation,
        key: claim.key,
        request_hash: claim.digest.to_vec(),
    };
    let by = by.clone();
    Once::keyed(claim, move |import| {
        let unwritable =
            |_| ServiceError::Internal(StoreError::Corrupt("an answer cannot be written as JSON"));
        let view = ImportView::try_from(import).map_err(|_| {
            ServiceError::Internal(StoreError::Corrupt("an import does not have its shape"))
        })?;
        Ok(FirstAnswer {
            status: 202,
            body: serde_json::to_string(&view).map_err(unwritable)?,
            location: Some(location(&by, import)),
            etag: None,
        })
    })
}

fn new_import(body: ImportCreate) -> Result<NewImport, Problem> {
    // The only kind so far: another one will not compile until it is told apart here.
    let ImportKind::Ssda903 = body.kind;
    let mut faults = Vec::new();
    let mut files = Vec::new();
    for (place, file) in body.files.into_iter().enumerate() {
        let content = match file.encoding {
            Some(ContentEncoding::Base64) => STANDARD.decode(&file.content).ok(),
            Some(ContentEncoding::Utf8) | None => Some(file.content.into_bytes()),
        };
        if content.is_none() {
            let pointer = format!("/files/{place}/content");
            faults.push(FieldError::body(
                pointer,
                "not_base64",
                "Expected base64 with padding.",
            ));
        }
        let year = file.collection_year.as_deref().map(year_of);
        if year == Some(None) {
            let pointer = format!("/files/{place}/collectionYear");
            let message = "Expected two years that follow each other, such as 2024-25.";
            faults.push(FieldError::body(pointer, "invalid_value", message));
        }
        files.push(NewFile {
            name: file.name,
            content: content.unwrap_or_default(),
            collection_year: year.flatten(),
        });
    }
    if faults.is_empty() {
        Ok(NewImport {
            dry_run: body.dry_run,
            files,
        })
    } else {
        Err(Problem::invalid(faults))
    }
}

/// The first calendar year of a collection year, if the second one follows it.
fn year_of(text: &str) -> Option<i32> {
    let (first, second) = text.split_once('-')?;
    let (first, second): (i32, i32) = (first.parse().ok()?, second.parse().ok()?);
    ((first + 1) % 100 == second).then_some(first)
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
            status: match import.status {
                stored::ImportStatus::Queued => ImportStatus::Queued,
                stored::ImportStatus::Running => ImportStatus::Running,
                stored::ImportStatus::Succeeded => ImportStatus::Succeeded,
                stored::ImportStatus::Failed => ImportStatus::Failed,
            },
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

impl From<ImportResult> for ImportResultView {
    fn from(result: ImportResult) -> Self {
        Self {
            rows_read: result.rows_read,
            rows_used: result.rows_used,
            rows_not_used: result.rows_not_used,
            children: result.children,
            cases_created: result.cases_created,
            cases_updated: result.cases_updated,
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
