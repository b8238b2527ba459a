//! Facts of a case by name: what a return cannot hold. Who may: whoever may read or write the case.

use chrono::{DateTime, NaiveDate, Utc};
use permanence_api_macros::{dto, op};
use permanence_core::FactName;
use permanence_core::facts::Dictionary;
use serde_json::Value;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::cases::CasePath;
use super::outcome::admits;
use crate::app::State;
use crate::auth::{Authz, scope};
use crate::http::{Json, Listing, MaybeMatch, Page, Path, Query, Reply, Tagged};
use crate::problem::Problem;
use crate::service::case_facts::{self, NewFact};
use crate::service::{Acting, Desk, ServiceError};
use crate::store::case_facts::CaseFact;

/// Registers these routes.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(list_case_facts)
        .service(get_case_fact)
        .service(put_case_fact);
}

/// A fact of a case.
#[dto(path)]
pub struct CaseFactPath {
    /// The case's id.
    pub case_id: Uuid,
    /// The fact's name, as questions to the council's policy carry it.
    #[rule(len(1, 80))]
    #[schema(example = "finalCourtDate")]
    pub fact: String,
}

/// Which facts: all of the case.
#[dto(query, paged)]
pub struct ListCaseFacts {}

/// A fact to be said.
#[dto(input)]
pub struct CaseFactPut {
    /// Its value, in the form that questions to the council's policy carry it; null is "known to be none".
    #[schema(value_type = Value, example = "2026-03-02")]
    pub value: Value,
    /// The day from which it holds: before that day it is not known. Absent where that does not matter.
    pub dated_on: Option<NaiveDate>,
    /// Who says so; `api` unless said.
    #[rule(len(1, 50))]
    #[schema(example = "case system")]
    pub source: Option<String>,
    /// Anything to add.
    #[rule(len(1, 2000))]
    #[schema(example = "From the court's order.")]
    pub note: Option<String>,
}

/// A fact of a case.
#[dto]
pub struct CaseFactView {
    /// Its name, as questions to the council's policy carry it.
    #[rule(len(1, 80))]
    #[schema(example = "finalCourtDate")]
    pub name: String,
    /// Its value.
    #[schema(value_type = Value, example = "2026-03-02")]
    pub value: Value,
    /// The day from which it holds.
    pub dated_on: Option<NaiveDate>,
    /// Who says so.
    #[rule(len(1, 50))]
    #[schema(example = "case system")]
    pub source: String,
    /// Anything to add.
    #[rule(len(1, 2000))]
    #[schema(example = "From the court's order.")]
    pub note: Option<String>,
    /// When it was said.
    pub recorded_at: DateTime<Utc>,
}

impl From<&CaseFact> for CaseFactView {
    fn from(fact: &CaseFact) -> Self {
        Self {
            name: fact.name.camel(),
            value: fact.value.clone(),
            dated_on: fact.dated_on,
            source: fact.source.clone(),
            note: fact.note.clone(),
            recorded_at: fact.recorded_at,
        }
    }
}

/// List a case's facts
///
/// What was said of the case by name, in the order of names. What its care history tells is not among them.
#[op(get "/v1/councils/{council}/cases/{caseId}/facts", tag = "Care history")]
async fn list_case_facts(
    who: Authz<scope::CasesRead>,
    path: Path<CasePath>,
    query: Query<ListCaseFacts>,
    listing: Listing,
    state: State,
) -> Reply<Page<CaseFactView>> {
    let after = listing.after(&query.0)?;
    let case_id = path.case_id.into();
    let (facts, next) =
        case_facts::list_facts(&state.desk, &who.acting(), case_id, after, query.limit).await?;
    listing.page(facts.iter().map(CaseFactView::from), next)
}

/// Get a fact of a case
///
/// What was said last, with its version as `ETag`; earlier values are in the case's history.
#[op(get "/v1/councils/{council}/cases/{caseId}/facts/{fact}", tag = "Care history")]
async fn get_case_fact(
    who: Authz<scope::CasesRead>,
    path: Path<CaseFactPath>,
    state: State,
) -> Reply<Tagged<CaseFactView>> {
    let by = who.acting();
    let (name, _) = named(&state.desk, &by, &path.fact)?;
    let fact = case_facts::get_fact(&state.desk, &by, path.case_id.into(), &name).await?;
    Ok(Tagged::new(CaseFactView::from(&fact), fact.version))
}

/// Say a fact of a case
///
/// The last value said holds. The council's dictionary says which facts there are and of what type each is.
/// A fact that was said before is changed only with its `ETag` in `If-Match`.
#[op(put "/v1/councils/{council}/cases/{caseId}/facts/{fact}", tag = "Care history")]
async fn put_case_fact(
    who: Authz<scope::CasesWrite>,
    path: Path<CaseFactPath>,
    version: MaybeMatch,
    body: Json<CaseFactPut>,
    state: State,
) -> Reply<Tagged<CaseFactView>> {
    let by = who.acting();
    let (name, dictionary) = named(&state.desk, &by, &path.fact)?;
    let new = NewFact {
        value: body.value.clone(),
        dated_on: body.dated_on,
        source: body.source.clone(),
        note: body.note.clone(),
    };
    let admits = version.0.map(admits);
    let case_id = path.case_id.into();
    let fact =
        case_facts::put_fact(&state.desk, &by, case_id, name, admits, new, &dictionary).await?;
    Ok(Tagged::new(CaseFactView::from(&fact), fact.version))
}

/// The fact of that name in the council's dictionary of today.
fn named(desk: &Desk, by: &Acting, wire: &str) -> Result<(FactName, Dictionary), Problem> {
    let council = desk.council(by)?;
    let policy = council
        .policy()
        .on(desk.today())
        .ok_or(ServiceError::NotFound)?;
    let dictionary = policy.dictionary();
    let (name, _) = dictionary
        .by_wire_name(wire)
        .ok_or(ServiceError::NotFound)?;
    Ok((name.clone(), dictionary.clone()))
}
