//! Drift: which children wait too long, and the dates that a case's facts imply.
//! Who may: whoever may read exceptions, for the cases that are theirs to see; counts that name no child need less.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use permanence_api_macros::{dto, op};
use permanence_core::{Answer, Certainty, Finding};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::filters::Filters;
use crate::app::State;
use crate::auth::{Authz, scope};
use crate::http::{Json, Listing, Page, Path, Query, Reply};
use crate::service::drift::{
    self, DriftException, ExceptionCounts, ExceptionFilter, ExceptionQuestion,
};

/// Registers these routes.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(list_exceptions)
        .service(get_exception_summary)
        .service(list_checkpoints);
}

/// A case.
#[dto(path)]
pub struct CheckpointPath {
    /// The case's id.
    pub case_id: Uuid,
}

/// How sure a finding is.
#[dto(code)]
pub enum CertaintyCode {
    /// The facts settle it.
    Certain,
    /// The clock may have started earlier than the data shows.
    AtLeast,
    /// Facts are missing that would settle it.
    CannotBeKnown,
}

/// How grave a finding is.
#[dto(code)]
pub enum SeverityCode {
    /// Shown, asks for nothing.
    Information,
    /// Should be looked at.
    Warning,
    /// Should have been dealt with already.
    Escalated,
}

/// Which findings.
#[dto(query, paged)]
pub struct ListExceptions {
    /// The day asked about; today unless said.
    pub as_of: Option<NaiveDate>,
    /// Only this case.
    pub case_id: Option<Uuid>,
    /// Only findings with this code; repeat it for several.
    #[rule(items(0, 50))]
    #[schema(example = json!(["permanence_plan_missing"]))]
    pub code: Vec<String>,
    /// Only findings of this clause, of the policy's edition of that day or of the law; repeat it for several.
    #[rule(items(0, 50))]
    pub clause: Vec<String>,
    /// Only findings this sure; repeat it for several.
    #[rule(items(0, 3))]
    pub certainty: Vec<CertaintyCode>,
    /// Only findings this grave; repeat it for several.
    #[rule(items(0, 3))]
    pub severity: Vec<SeverityCode>,
    /// Only findings on which this role is to act; repeat it for several.
    #[rule(items(0, 50))]
    #[schema(example = json!(["social_worker"]))]
    pub responsible_role: Vec<String>,
}

/// The day asked about.
#[dto(query)]
pub struct OnDay {
    /// The day asked about; today unless said.
    pub as_of: Option<NaiveDate>,
}

/// A child who waits too long, and why.
#[dto]
pub struct ExceptionView {
    /// The case.
    pub case_id: Uuid,
    /// The council's own reference for it.
    #[rule(len(1, 100))]
    #[schema(example = "CH-20417")]
    pub reference: String,
    /// The edition of the rulebook that judged.
    #[rule(len(1, 40))]
    #[schema(example = "2025")]
    pub edition: String,
    /// The day asked about.
    pub as_of: NaiveDate,
    /// What the policy finds: clauses, since when, run out on which day, who is to act, and how sure that is.
    pub finding: Finding,
}

/// How many children each clause finds waiting; it names no child.
#[dto]
pub struct ExceptionSummary {
    /// The day asked about.
    pub as_of: NaiveDate,
    /// Open cases looked at.
    #[schema(example = 545)]
    pub cases: u32,
    /// Cases with at least one finding that is certain or a lower bound.
    #[schema(example = 31)]
    pub cases_with_findings: u32,
    /// For each clause and code.
    #[rule(items(0, 1000))]
    pub by_clause: Vec<ClauseCount>,
}

/// The findings of one clause.
#[dto]
pub struct ClauseCount {
    /// The clause.
    #[rule(len(1, 80))]
    #[schema(example = "ANY-EXCEPTION-01")]
    pub clause: String,
    /// The code.
    #[rule(len(1, 80))]
    #[schema(example = "permanence_plan_missing")]
    pub code: String,
    /// How many are certain.
    #[schema(example = 12)]
    pub certain: u32,
    /// How many have a clock that may have started earlier.
    #[schema(example = 3)]
    pub at_least: u32,
    /// How many cannot be known from the records.
    #[schema(example = 4)]
    pub cannot_be_known: u32,
}

/// List children who wait too long
///
/// Every drift finding of the council's own policy on its open cases as of a day, in the order of the cases: the clauses,
/// the day the clock started, the day it ran out, who is to act, and how sure it is.
/// Computed from the records as they stand and the rulebook edition of that day; nothing is stored.
/// A page may be shorter than its limit, or empty, and still have a next one.
#[op(get "/v1/councils/{council}/exceptions", tag = "Drift", also(422, 503))]
async fn list_exceptions(
    who: Authz<scope::ExceptionsRead>,
    query: Query<ListExceptions>,
    listing: Listing,
    state: State,
) -> Reply<Page<ExceptionView>> {
    let by = who.acting();
    let council = state.desk.council(&by)?;
    let as_of = query.as_of.unwrap_or_else(|| state.desk.today());
    let question = ExceptionQuestion {
        as_of,
        filter: filter(&query, Filters::as_of(council, as_of))?,
        after: listing.after(&query.0)?,
        limit: usize::from(query.limit),
    };
    let (found, next) = drift::exceptions(&state.desk, council, &by, question).await?;
    listing.page(
        found.into_iter().map(|exception| view(exception, as_of)),
        next,
    )
}

/// Count children who wait too long
///
/// The findings of `listExceptions` counted by clause and certainty, without naming a child.
#[op(get "/v1/councils/{council}/exceptions/summary", tag = "Drift", also(422, 503))]
async fn get_exception_summary(
    who: Authz<scope::ReportsRead>,
    query: Query<OnDay>,
    state: State,
) -> Reply<Json<ExceptionSummary>> {
    let by = who.acting();
    let council = state.desk.council(&by)?;
    let as_of = query.as_of.unwrap_or_else(|| state.desk.today());
    let counts = drift::count_exceptions(&state.desk, council, &by, as_of).await?;
    Ok(Json(summary(counts, as_of)))
}

/// List the dates that a case implies
///
/// What each clause on reviews, plans, assessments and meetings says of this case as of a day: due dates with their status
/// under `results.byClause`, and a finding for each that is overdue.
#[op(get "/v1/councils/{council}/cases/{caseId}/checkpoints", tag = "Drift", also(422, 503))]
async fn list_checkpoints(
    who: Authz<scope::ExceptionsRead>,
    path: Path<CheckpointPath>,
    query: Query<OnDay>,
    state: State,
) -> Reply<Json<Answer>> {
    let by = who.acting();
    let council = state.desk.council(&by)?;
    let as_of = query.as_of.unwrap_or_else(|| state.desk.today());
    Ok(Json(
        drift::checkpoints(&state.desk, council, &by, path.case_id.into(), as_of).await?,
    ))
}

fn filter(query: &ListExceptions, mut named: Filters<'_>) -> Reply<ExceptionFilter> {
    let filter = ExceptionFilter {
        case_id: query.case_id.map(Into::into),
        codes: named.any_codes("code", &query.code),
        clauses: named.clauses("clause", &query.clause),
        certainty: query.certainty.iter().map(|code| (*code).into()).collect(),
        severity: query.severity.iter().map(|code| (*code).into()).collect(),
        responsible: named.responsible("responsibleRole", &query.responsible_role),
    };
    named.check()?;
    Ok(filter)
}

fn view(exception: DriftException, as_of: NaiveDate) -> ExceptionView {
    ExceptionView {
        case_id: *exception.case_id.as_uuid(),
        reference: exception.reference,
        edition: exception.edition,
        as_of,
        finding: exception.finding,
    }
}

/// As the API tells numbers; no council has more children than fit.
fn number(counted: usize) -> u32 {
    u32::try_from(counted).unwrap_or(u32::MAX)
}

fn summary(counts: ExceptionCounts, as_of: NaiveDate) -> ExceptionSummary {
    let of = |counted: &BTreeMap<Certainty, usize>, certainty| {
        number(counted.get(&certainty).copied().unwrap_or_default())
    };
    ExceptionSummary {
        as_of,
        cases: number(counts.cases),
        cases_with_findings: number(counts.cases_with_findings),
        by_clause: counts
            .counts
            .iter()
            .map(|((clause, code), counted)| ClauseCount {
                clause: clause.to_string(),
                code: code.to_string(),
                certain: of(counted, Certainty::Certain),
                at_least: of(counted, Certainty::AtLeast),
                cannot_be_known: of(counted, Certainty::CannotBeKnown),
            })
            .collect(),
    }
}

impl From<CertaintyCode> for Certainty {
    fn from(code: CertaintyCode) -> Self {
        match code {
            CertaintyCode::Certain => Self::Certain,
            CertaintyCode::AtLeast => Self::AtLeast,
            CertaintyCode::CannotBeKnown => Self::CannotBeKnown,
        }
    }
}

impl From<SeverityCode> for permanence_core::evaluation::Severity {
    fn from(code: SeverityCode) -> Self {
        match code {
            SeverityCode::Information => Self::Information,
            SeverityCode::Warning => Self::Warning,
            SeverityCode::Escalated => Self::Escalated,
        }
    }
}
