//! The reports that a policy asks for. Who may: whoever may read the policy.

use permanence_api_macros::{dto, op};
use permanence_core::rulebook::{Clause, Policy, Report};
use serde_json::{Map, Value};
use utoipa_actix_web::service_config::ServiceConfig;

use super::clauses::ClauseKind;
use super::filters::edition;
use crate::app::State;
use crate::auth::{Authz, scope};
use crate::http::{Listing, Page, Query, Reply};
use crate::service::questions;
use crate::service::reports::{Defined, definitions};

/// Registers these routes.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config.service(list_reports);
}

/// Which reports.
#[dto(query, paged)]
pub struct ListReports {
    /// The edition's id; the one of today where it is absent.
    #[rule(len(1, 80))]
    #[schema(example = "1")]
    pub edition: Option<String>,
}

/// A report that a policy asks for.
#[dto]
pub struct ReportDefinition {
    /// Its code; the id of the clause in small letters where the policy gives the report no name of its own.
    #[rule(len(1, 80))]
    #[schema(example = "annual_permanence_report")]
    pub code: String,
    /// What it is called, or what the clause says of it.
    #[rule(len(1, 8000))]
    #[schema(example = "Annual permanence report")]
    pub title: String,
    /// How often it is made; null where the policy gives no period, or gives it in the values of a clause only.
    #[rule(len(1, 40))]
    #[schema(example = "12 calendar_months")]
    pub every: Option<String>,
    /// What it counts.
    #[rule(items(0, 100))]
    pub indicators: Vec<IndicatorView>,
    /// The roles that write it.
    #[rule(items(0, 20))]
    #[schema(example = json!(["head_of_service"]))]
    pub written_by: Vec<String>,
    /// The roles and meetings that receive it.
    #[rule(items(0, 50))]
    #[schema(example = json!(["service_manager"]))]
    pub recipients: Vec<String>,
    /// The clauses that ask for it.
    #[rule(items(1, 50))]
    pub clauses: Vec<ReportClause>,
}

/// Something that a report counts.
#[dto]
pub struct IndicatorView {
    /// Its code.
    #[rule(len(1, 80))]
    #[schema(example = "children_without_decision")]
    pub code: String,
    /// What is counted.
    #[rule(len(1, 2000))]
    #[schema(
        example = "Children in long-term care for whom no decision on permanence has been made"
    )]
    pub means: String,
}

/// A clause that asks for a report.
#[dto]
pub struct ReportClause {
    /// Its id; `getClause` says more, and `evaluateClause` answers for one of kind `rule`.
    #[rule(len(1, 80))]
    #[schema(example = "ANY-REPORT-01")]
    pub id: String,
    /// How the service meets it.
    pub kind: ClauseKind,
    /// What it says, in the service's own words.
    #[rule(len(1, 8000))]
    #[schema(example = "Once a year a report counts the plans that the panel agreed.")]
    pub says: String,
    /// The numbers, names and codes that it holds, names in camel case.
    #[schema(value_type = Object, example = json!({"frequency": "annual"}))]
    pub values: Map<String, Value>,
}

/// List the reports that a policy asks for
///
/// Every periodic report and indicator of the policy: how often it is made, by whom, for whom, what it counts, and the clauses
/// that ask for it. A clause on reports for which the rulebook defines none stands as an entry of its own, so that none is lost.
/// `evaluateReports` says which are due.
#[op(get "/v1/councils/{council}/reports", tag = "Councils")]
async fn list_reports(
    who: Authz<scope::PolicyRead>,
    query: Query<ListReports>,
    listing: Listing,
    state: State,
) -> Reply<Page<ReportDefinition>> {
    let after: Option<String> = listing.after(&query.0)?;
    let council = questions::council(&state.councils, who.council())?;
    let policy = edition(council, query.edition.as_deref(), state.clock.today())?;
    let mut reports: Vec<ReportDefinition> = definitions(&policy.rulebook)
        .into_iter()
        .map(|defined| ReportDefinition::of(policy, defined))
        .collect();
    reports.sort_by(|one, other| one.code.cmp(&other.code));
    let rest = reports
        .into_iter()
        .filter(|report| after.as_ref().is_none_or(|after| report.code > *after));
    listing.keyed(rest, query.limit, |report| report.code.clone())
}

impl ReportDefinition {
    fn of(policy: &Policy, defined: Defined<'_>) -> Self {
        match defined {
            Defined::Report(report) => Self::named(policy, report),
            Defined::Clause(clause) => Self {
                code: clause.id.as_str().to_lowercase().replace('-', "_"),
                title: clause.says.clone(),
                every: None,
                indicators: Vec::new(),
                written_by: Vec::new(),
                recipients: Vec::new(),
                clauses: vec![clause.into()],
            },
        }
    }

    fn named(policy: &Policy, report: &Report) -> Self {
        let texts =
            |codes: &[permanence_core::Code]| codes.iter().map(ToString::to_string).collect();
        let indicators = report.indicators.iter();
        let clauses = report.clauses.iter();
        Self {
            code: report.code.to_string(),
            title: report.title.clone(),
            every: report.every.map(|every| every.to_string()),
            indicators: indicators
                .map(|(code, means)| IndicatorView {
                    code: code.to_string(),
                    means: means.clone(),
                })
                .collect(),
            written_by: texts(&report.written_by),
            recipients: texts(&report.recipients),
            clauses: clauses
                .filter_map(|id| policy.clause(id))
                .map(ReportClause::from)
                .collect(),
        }
    }
}

impl From<&Clause> for ReportClause {
    fn from(clause: &Clause) -> Self {
        let values = clause.values.iter();
        Self {
            id: clause.id.to_string(),
            kind: clause.kind.into(),
            says: clause.says.clone(),
            values: values
                .map(|(name, value)| (name.camel(), value.clone()))
                .collect(),
        }
    }
}
