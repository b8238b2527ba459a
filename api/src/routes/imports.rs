//! Imports of what a council's systems export. Who may: those who may send imports, and those who may follow them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use permanence_api_macros::{dto, op};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::import_views::{ImportIssueView, ImportKind, ImportStatus, ImportView, IssueSeverity};
use crate::app::State;
use crate::auth::{Authz, scope};
use crate::http::{
    Accepted, Idempotency, Listing, Page, Path, Query, Reply, StoredAnswer, Tagged, Upload,
};
use crate::problem::{FieldError, Problem};
use crate::service::imports::{self, NewFile, NewImport};
use crate::service::{Acting, Made, Once, ServiceError};
use crate::store::StoreError;
use crate::store::idempotency::{Claim, FirstAnswer};
use crate::store::ids::ImportId;
use crate::store::import_issues::IssueFilter;
use crate::store::imports::Import;

/// Registers these routes.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(list_imports)
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

/// How the content of a file is written.
#[dto(code)]
pub enum ContentEncoding {
    /// As it is: text in UTF-8.
    Utf8,
    /// In base64 with padding: for any bytes.
    Base64,
}

/// Which imports.
#[dto(query, paged)]
pub struct ListImports {
    /// Only imports that are so far; repeat it for several.
    #[rule(items(0, 4))]
    pub status: Vec<ImportStatus>,
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

/// List imports
///
/// The latest first, each with how far it is and what came of it.
#[op(get "/v1/councils/{council}/imports", tag = "Integration")]
async fn list_imports(
    who: Authz<scope::ImportsRead>,
    query: Query<ListImports>,
    listing: Listing,
    state: State,
) -> Reply<Page<ImportView>> {
    let before = listing.after::<ImportId>(&query.0)?;
    let status = query.status.iter().map(|status| (*status).into()).collect();
    let found = imports::list(&state.desk, &who.acting(), status, before, query.limit).await?;
    let views: Vec<ImportView> = found
        .0
        .iter()
        .map(ImportView::try_from)
        .collect::<Reply<_>>()?;
    listing.page(views, found.1)
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
