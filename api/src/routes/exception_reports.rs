//! Reports on children who wait too long. Who may: whoever may read exceptions reads them, and whoever may write them writes
//! and signs, for the cases that are theirs to see.

use chrono::{DateTime, Utc};
use permanence_api_macros::{dto, op};
use permanence_core::ClauseId;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::cases::CasePath;
use super::exception_report_views::{ExceptionReportStatus, ExceptionReportView};
use super::outcome::{admits, created, once};
use super::panel::{code, desk};
use crate::app::State;
use crate::auth::{Authz, scope};
use crate::http::{Created, Idempotency, IfMatch, Json, Listing, Page, Path, Query, Reply, Tagged};
use crate::problem::{FieldError, Problem};
use crate::service::exception_reports::{self, NewReport};
use crate::service::sign_off::{self, NewSignature};
use crate::store::exception_reports::{ExceptionReport, ReportFilter};

/// Registers these routes.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(list_exception_reports)
        .service(create_exception_report)
        .service(get_exception_report)
        .service(sign_off_exception_report);
}

/// A report on a child who waits too long.
#[dto(path)]
pub struct ExceptionReportPath {
    /// The report's id.
    pub report_id: Uuid,
}

/// Which reports.
#[dto(query, paged)]
pub struct ListExceptionReports {
    /// Only of this case.
    pub case_id: Option<Uuid>,
    /// Only in these states; repeat it for several.
    #[rule(items(0, 3))]
    pub status: Vec<ExceptionReportStatus>,
}

/// A report to be written.
#[dto(input)]
pub struct ExceptionReportCreate {
    /// The code of the finding, as `listExceptions` gives it for the case today.
    #[rule(len(1, 80), pattern = "^[a-z0-9_]+$")]
    #[schema(example = "permanence_plan_missing")]
    pub code: String,
    /// One of its clauses, where several findings have the code.
    #[rule(len(1, 80))]
    #[schema(example = json!(null))]
    pub clause: Option<String>,
    /// What holds the child up.
    #[rule(len(1, 20000))]
    #[schema(example = "Two assessments came late.")]
    pub reasons: String,
    /// How that is to be resolved, and by when.
    #[rule(len(1, 20000))]
    #[schema(example = "Both are due by the end of March; the plan goes to the panel in April.")]
    pub plan: String,
}

/// A signature.
#[dto(input)]
pub struct ExceptionReportSign {
    /// The role that signs, a code of the list `roles`.
    #[rule(len(1, 80), pattern = "^[a-z0-9_]+$")]
    #[schema(example = "social_worker")]
    pub role: String,
    /// The person, by name.
    #[rule(len(1, 200))]
    #[schema(example = "Rowan Ashdown")]
    pub name: Option<String>,
    /// When; now unless said.
    #[schema(example = json!(null))]
    pub signed_at: Option<DateTime<Utc>>,
}

/// List exception reports
///
/// Reports on children who wait too long, in the order in which they were written.
#[op(get "/v1/councils/{council}/exception-reports", tag = "Drift")]
async fn list_exception_reports(
    who: Authz<scope::ExceptionsRead>,
    query: Query<ListExceptionReports>,
    listing: Listing,
    state: State,
) -> Reply<Page<ExceptionReportView>> {
    let after = listing.after(&query.0)?;
    let filter = ReportFilter {
        case_id: query.case_id.map(Into::into),
        status: query.status.iter().map(|status| (*status).into()).collect(),
    };
    let desk = desk(&who, &state)?;
    let (found, next) = exception_reports::list(&desk, filter, after, query.limit).await?;
    listing.page(found.iter().map(ExceptionReportView::from), next)
}

/// Write an exception report
///
/// On a finding of drift that stands on the case today. The finding, its clauses and the edition are kept as they are; the
/// answer says who has to sign under the council's policy.
#[op(post "/v1/councils/{council}/cases/{caseId}/exception-reports", tag = "Drift", also(409, 503))]
async fn create_exception_report(
    who: Authz<scope::ExceptionsWrite>,
    path: Path<CasePath>,
    key: Idempotency,
    body: Json<ExceptionReportCreate>,
    state: State,
) -> Reply<Created<ExceptionReportView>> {
    let desk = desk(&who, &state)?;
    let council = desk.by.council.clone();
    let answer = move |report: &ExceptionReport| {
        let location = format!("/v1/councils/{council}/exception-reports/{}", report.id);
        let view = ExceptionReportView::from(report);
        Ok(Created::new(view, location, report.version))
    };
    let new = NewReport {
        case_id: path.case_id.into(),
        code: code("/code", &body.code)?,
        clause: body.clause.as_deref().map(clause).transpose()?,
        reasons: body.reasons.clone(),
        plan: body.0.plan,
    };
    let once = once(&key, &desk.by, answer.clone());
    created(exception_reports::create(&desk, new, once).await?, answer)
}

/// Get an exception report
///
/// The report with the finding that it is about, who signed, and whose signatures the policy still asks for.
#[op(get "/v1/councils/{council}/exception-reports/{reportId}", tag = "Drift")]
async fn get_exception_report(
    who: Authz<scope::ExceptionsRead>,
    path: Path<ExceptionReportPath>,
    state: State,
) -> Reply<Tagged<ExceptionReportView>> {
    let report = exception_reports::get(&desk(&who, &state)?, path.report_id.into()).await?;
    Ok(tagged(&report))
}

/// Sign an exception report
///
/// Adds the signature of a role. Who has to sign, how many, and in what order is the council's policy: the report is signed
/// off when its rules ask for no further signature, and until then `signOff.missing` names the roles.
#[op(post "/v1/councils/{council}/exception-reports/{reportId}/signatures", tag = "Drift", also(409, 503))]
async fn sign_off_exception_report(
    who: Authz<scope::ExceptionsWrite>,
    path: Path<ExceptionReportPath>,
    version: IfMatch,
    body: Json<ExceptionReportSign>,
    state: State,
) -> Reply<Tagged<ExceptionReportView>> {
    let new = NewSignature {
        role: code("/role", &body.role)?,
        signed_at: body.signed_at,
        name: body.0.name,
    };
    let (desk, id) = (desk(&who, &state)?, path.report_id.into());
    let report = sign_off::sign(&desk, id, admits(version), new).await?;
    Ok(tagged(&report))
}

fn clause(text: &str) -> Reply<ClauseId> {
    ClauseId::new(text).map_err(|fault| {
        let fault = FieldError::body("/clause", "invalid_value", fault.expected);
        Problem::invalid(vec![fault])
    })
}

fn tagged(report: &ExceptionReport) -> Tagged<ExceptionReportView> {
    Tagged::new(ExceptionReportView::from(report), report.version)
}
