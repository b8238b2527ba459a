//! Cases. Who may: whoever may read or write cases, each for the cases that are theirs to see.

use actix_web::http::header::{HeaderValue, LOCATION};
use chrono::{DateTime, NaiveDate, Utc};
use permanence_api_macros::{dto, op};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::case_views::{CaseStatus, CaseView};
use super::outcome::{admits, created, once};
use crate::app::State;
use crate::auth::{Authz, scope};
use crate::http::{
    Created, Idempotency, IfMatch, Json, Listing, MergePatch, Page, Patch, Path, Query, Reply,
    Tagged,
};
use crate::problem::Problem;
use crate::service::cases::{self, CaseChanges, CaseQuestion, NewCase};
use crate::service::{Acting, ServiceError};
use crate::store::cases::{Case, CaseCursor, CaseFilter, CaseSort};

/// Registers these routes.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(list_cases)
        .service(create_case)
        .service(get_case)
        .service(update_case)
        .service(close_case);
}

/// A case.
#[dto(path)]
pub struct CasePath {
    /// The case's id.
    pub case_id: Uuid,
}

/// Which cases.
#[dto(query, paged)]
pub struct ListCases {
    /// Only cases that stand so; repeat it for several.
    #[rule(items(0, 2))]
    pub status: Vec<CaseStatus>,
    /// Only cases of this social worker; repeat it for several.
    #[rule(items(0, 50))]
    #[schema(example = json!(["sw-104"]))]
    pub social_worker: Vec<String>,
    /// Only cases of this team; repeat it for several.
    #[rule(items(0, 50))]
    #[schema(example = json!(["north"]))]
    pub team: Vec<String>,
    /// Only cases of this service; repeat it for several.
    #[rule(items(0, 50))]
    #[schema(example = json!(["children_in_care"]))]
    pub service: Vec<String>,
    /// Only the case with this reference of the council's.
    #[rule(len(1, 100))]
    #[schema(example = "CH-20417")]
    pub reference: Option<String>,
    /// Only cases changed at or after this moment.
    pub updated_from_at: Option<DateTime<Utc>>,
    /// In which order; a minus before it turns it round. By creation unless said.
    #[rule(len(1, 20), pattern = "^-?(createdAt|reference|familyName|updatedAt)$")]
    #[schema(example = "familyName")]
    pub sort: Option<String>,
}

/// A case to be opened.
#[dto(input)]
pub struct CaseCreate {
    /// The council's own reference for it: unique, and the key by which imports find it.
    #[rule(len(1, 100))]
    #[schema(example = "CH-20417")]
    pub reference: String,
    /// Given names.
    #[rule(len(1, 200))]
    #[schema(example = "Wren")]
    pub given_name: Option<String>,
    /// Family name.
    #[rule(len(1, 200))]
    #[schema(example = "Finch")]
    pub family_name: Option<String>,
    /// Date of birth.
    #[schema(example = "2017-05-04")]
    pub date_of_birth: Option<NaiveDate>,
    /// Sex as the council records it.
    #[rule(len(1, 50))]
    #[schema(example = "female")]
    pub sex: Option<String>,
    /// The social worker, by the id that tokens carry as `sub`.
    #[rule(len(1, 200))]
    #[schema(example = "sw-104")]
    pub social_worker: Option<String>,
    /// The team, as tokens name it.
    #[rule(len(1, 200))]
    #[schema(example = "north")]
    pub team: Option<String>,
    /// The service.
    #[rule(len(1, 200))]
    #[schema(example = "children_in_care")]
    pub service: Option<String>,
}

/// What is to change in a case.
#[dto(input)]
pub struct CaseUpdate {
    /// The council's own reference for it.
    #[rule(len(1, 100))]
    #[serde(default, deserialize_with = "crate::http::given")]
    #[schema(example = "CH-20417", value_type = String, required = false)]
    pub reference: Option<String>,
    /// Given names.
    #[rule(len(1, 200))]
    #[schema(example = "Wren")]
    pub given_name: Patch<String>,
    /// Family name.
    #[rule(len(1, 200))]
    #[schema(example = "Finch")]
    pub family_name: Patch<String>,
    /// Date of birth.
    #[schema(example = "2017-05-04")]
    pub date_of_birth: Patch<NaiveDate>,
    /// Sex as the council records it.
    #[rule(len(1, 50))]
    #[schema(example = "female")]
    pub sex: Patch<String>,
    /// The social worker.
    #[rule(len(1, 200))]
    #[schema(example = "sw-104")]
    pub social_worker: Patch<String>,
    /// The team.
    #[rule(len(1, 200))]
    #[schema(example = "north")]
    pub team: Patch<String>,
    /// The service.
    #[rule(len(1, 200))]
    #[schema(example = "children_in_care")]
    pub service: Patch<String>,
    /// Why it changes, for the history; it is no member of the case.
    #[rule(len(1, 2000))]
    #[schema(example = "The family moved.")]
    pub why: Option<String>,
}

/// How a case is closed.
#[dto(input)]
pub struct CaseClose {
    /// The day; today unless said.
    #[schema(example = "2026-03-02")]
    pub closed_on: Option<NaiveDate>,
    /// Why.
    #[rule(len(1, 2000))]
    #[schema(example = "Adopted.")]
    pub reason: String,
}

/// List cases
///
/// Those that are yours to see: a social worker's own and their teams', a panel member's sittings', or all of the council's.
/// To find a child by name or date of birth, search: such facts stay out of addresses.
#[op(get "/v1/councils/{council}/cases", tag = "Cases")]
async fn list_cases(
    who: Authz<scope::CasesRead>,
    query: Query<ListCases>,
    listing: Listing,
    state: State,
) -> Reply<Page<CaseView>> {
    let (sort, descending) = order(query.sort.as_deref());
    let question = CaseQuestion {
        after: listing.after::<CaseCursor>(&query.0)?,
        filter: CaseFilter {
            status: query.status.iter().map(|status| (*status).into()).collect(),
            social_worker: query.social_worker.clone(),
            team: query.team.clone(),
            service: query.service.clone(),
            reference: query.reference.clone(),
            updated_from: query.updated_from_at,
            ..CaseFilter::default()
        },
        sort,
        descending,
        limit: query.limit,
    };
    let (cases, next) = cases::list(&state.desk, &who.acting(), question, "listCases").await?;
    listing.page(cases.iter().map(CaseView::from), next)
}

/// Open a case
///
/// The reference is the council's own and given once: a second case with it is a conflict.
/// For callers who see only their own cases, the case is theirs unless it names another social worker of one of their teams.
#[op(post "/v1/councils/{council}/cases", tag = "Cases", also(409))]
async fn create_case(
    who: Authz<scope::CasesWrite>,
    key: Idempotency,
    body: Json<CaseCreate>,
    state: State,
) -> Reply<Created<CaseView>> {
    let by = who.acting();
    let council = by.council.clone();
    let answer = move |case: &Case| {
        let location = format!("/v1/councils/{council}/cases/{}", case.id);
        Ok(Created::new(CaseView::from(case), location, case.version))
    };
    let new = NewCase::from(body.0);
    let once = once(&key, &by, answer.clone());
    let made = cases::create(&state.desk, &by, new, once).await;
    created(made.map_err(|error| with_the_first(error, &by))?, answer)
}

/// Get a case
///
/// The case as it stands now, with its version as `ETag`.
#[op(get "/v1/councils/{council}/cases/{caseId}", tag = "Cases")]
async fn get_case(
    who: Authz<scope::CasesRead>,
    path: Path<CasePath>,
    state: State,
) -> Reply<Tagged<CaseView>> {
    let case = cases::get(&state.desk, &who.acting(), path.case_id.into(), "getCase").await?;
    Ok(Tagged::new(CaseView::from(&case), case.version))
}

/// Change a case
///
/// A merge patch: what is absent stays, what is null is cleared. Callers who see only their own cases cannot give one away
/// to where they would not see it any more.
#[op(patch "/v1/councils/{council}/cases/{caseId}", tag = "Cases", also(409))]
async fn update_case(
    who: Authz<scope::CasesWrite>,
    path: Path<CasePath>,
    version: IfMatch,
    body: MergePatch<CaseUpdate>,
    state: State,
) -> Reply<Tagged<CaseView>> {
    let (changes, why) = (CaseChanges::from(&body.0), body.0.why.clone());
    let admits = admits(version);
    let id = path.case_id.into();
    let by = who.acting();
    let case = cases::update(&state.desk, &by, id, admits, changes, why).await;
    let case = case.map_err(|error| with_the_first(error, &by))?;
    Ok(Tagged::new(CaseView::from(&case), case.version))
}

/// Close a case
///
/// The case stays, with its history; it is not worked on any more. Closing it again is a conflict.
#[op(put "/v1/councils/{council}/cases/{caseId}/closure", tag = "Cases", also(409))]
async fn close_case(
    who: Authz<scope::CasesWrite>,
    path: Path<CasePath>,
    version: IfMatch,
    body: Json<CaseClose>,
    state: State,
) -> Reply<Tagged<CaseView>> {
    let (closed_on, reason) = (body.closed_on, body.0.reason.clone());
    let admits = admits(version);
    let id = path.case_id.into();
    let case = cases::close(&state.desk, &who.acting(), id, admits, closed_on, reason).await?;
    Ok(Tagged::new(CaseView::from(&case), case.version))
}

/// The problem of an error; where another case has the reference, with that one's address.
fn with_the_first(error: ServiceError, by: &Acting) -> Problem {
    let place = match &error {
        ServiceError::AlreadyExists(Some(id)) => {
            HeaderValue::from_str(&format!("/v1/councils/{}/cases/{id}", by.council)).ok()
        }
        _ => None,
    };
    let problem = Problem::from(error);
    match place {
        Some(place) => problem.header(LOCATION, place),
        None => problem,
    }
}

fn order(sort: Option<&str>) -> (CaseSort, bool) {
    let text = sort.unwrap_or("createdAt");
    let sort = match text.trim_start_matches('-') {
        "reference" => CaseSort::Reference,
        "familyName" => CaseSort::FamilyName,
        "updatedAt" => CaseSort::Updated,
        _ => CaseSort::Created,
    };
    (sort, text.starts_with('-'))
}

impl From<CaseCreate> for NewCase {
    fn from(body: CaseCreate) -> Self {
        Self {
            reference: body.reference,
            given_name: body.given_name,
            family_name: body.family_name,
            date_of_birth: body.date_of_birth,
            sex: body.sex,
            social_worker: body.social_worker,
            team: body.team,
            service: body.service,
        }
    }
}

impl From<&CaseUpdate> for CaseChanges {
    fn from(body: &CaseUpdate) -> Self {
        Self {
            reference: body.reference.clone(),
            given_name: body.given_name.clone().into_change(),
            family_name: body.family_name.clone().into_change(),
            date_of_birth: body.date_of_birth.into_change(),
            sex: body.sex.clone().into_change(),
            social_worker: body.social_worker.clone().into_change(),
            team: body.team.clone().into_change(),
            service: body.service.clone().into_change(),
        }
    }
}
