//! Cases. Who may: whoever may read or write cases, each for the cases that are theirs to see.

use actix_web::http::header::{HeaderValue, LOCATION};
use chrono::{DateTime, NaiveDate, Utc};
use permanence_api_macros::{dto, op};
use sha2::{Digest as _, Sha256};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::outcome::{admits, created, once};
use crate::app::State;
use crate::auth::{Authz, scope};
use crate::http::{
    Created, Idempotency, IfMatch, Json, Listing, MergePatch, Page, Patch, Path, Query, Reply,
    Tagged,
};
use crate::problem::{Problem, ProblemCode};
use crate::service::cases::{self, CaseChanges, CaseQuestion, NewCase};
use crate::service::{Acting, ServiceError};
use crate::store::cases as stored;
use crate::store::cases::{Case, CaseCursor, CaseFilter, CaseSort};

/// Registers these routes.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(list_cases)
        .service(create_case)
        .service(search_cases)
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

/// Whether a case is being worked on.
#[dto(code)]
pub enum CaseStatus {
    /// It is being worked on.
    Open,
    /// It is not worked on any more.
    Closed,
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

/// Where a search goes on.
#[dto(query, paged)]
pub struct SearchPage {}

/// Whom to look for. What is given narrows; names match from their beginning, in any letter case.
#[dto(input)]
pub struct CaseSearch {
    /// How the family name begins.
    #[rule(len(1, 200))]
    #[schema(example = "Finch")]
    pub family_name: Option<String>,
    /// How the given names begin.
    #[rule(len(1, 200))]
    #[schema(example = "Wren")]
    pub given_name: Option<String>,
    /// Born on this day.
    #[schema(example = "2017-05-04")]
    pub date_of_birth: Option<NaiveDate>,
    /// The council's reference, whole.
    #[rule(len(1, 100))]
    #[schema(example = "CH-20417")]
    pub reference: Option<String>,
    /// Only cases that stand so.
    pub status: Option<CaseStatus>,
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

/// A child's case.
#[dto]
pub struct CaseView {
    /// Its id.
    pub id: Uuid,
    /// The council's own reference for it.
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
    /// The social worker.
    #[rule(len(1, 200))]
    #[schema(example = "sw-104")]
    pub social_worker: Option<String>,
    /// The team.
    #[rule(len(1, 200))]
    #[schema(example = "north")]
    pub team: Option<String>,
    /// The service.
    #[rule(len(1, 200))]
    #[schema(example = "children_in_care")]
    pub service: Option<String>,
    /// Whether it is being worked on.
    pub status: CaseStatus,
    /// The day it was closed.
    pub closed_on: Option<NaiveDate>,
    /// Why it was closed.
    #[rule(len(1, 2000))]
    #[schema(example = "Adopted.")]
    pub closed_reason: Option<String>,
    /// Where it was first recorded: `api`, or the kind of import.
    #[rule(len(1, 50))]
    #[schema(example = "api")]
    pub source: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl From<&Case> for CaseView {
    fn from(case: &Case) -> Self {
        Self {
            id: case.id.into(),
            reference: case.reference.clone(),
            given_name: case.given_name.clone(),
            family_name: case.family_name.clone(),
            date_of_birth: case.date_of_birth,
            sex: case.sex.clone(),
            social_worker: case.social_worker.clone(),
            team: case.team.clone(),
            service: case.service.clone(),
            status: match case.status {
                stored::CaseStatus::Open => CaseStatus::Open,
                stored::CaseStatus::Closed => CaseStatus::Closed,
            },
            closed_on: case.closed_on,
            closed_reason: case.closed_reason.clone(),
            source: case.source.clone(),
            created_at: case.created_at,
            updated_at: case.updated_at,
        }
    }
}

impl From<CaseStatus> for stored::CaseStatus {
    fn from(status: CaseStatus) -> Self {
        match status {
            CaseStatus::Open => Self::Open,
            CaseStatus::Closed => Self::Closed,
        }
    }
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

/// Search for cases
///
/// Names and dates of birth travel in the body and stay out of addresses and logs. The order is that of family names.
/// A page's cursor fits only the same search.
#[op(post "/v1/councils/{council}/cases/searches", tag = "Cases")]
async fn search_cases(
    who: Authz<scope::CasesRead>,
    query: Query<SearchPage>,
    listing: Listing,
    body: Json<CaseSearch>,
    state: State,
) -> Reply<Page<CaseView>> {
    let search = fingerprint(&body);
    let after = match listing.after::<(String, CaseCursor)>(&query.0)? {
        Some((of, after)) if of == search => Some(after),
        Some(_) => {
            return Err(Problem::new(
                ProblemCode::BadCursor,
                "This cursor was given for another search. Begin again without a cursor.",
            ));
        }
        None => None,
    };
    let question = CaseQuestion {
        after,
        filter: CaseFilter {
            status: body.status.into_iter().map(Into::into).collect(),
            reference: body.reference.clone(),
            family_name: body.family_name.clone(),
            given_name: body.given_name.clone(),
            date_of_birth: body.date_of_birth,
            ..CaseFilter::default()
        },
        sort: CaseSort::FamilyName,
        descending: false,
        limit: query.limit,
    };
    let (cases, next) = cases::list(&state.desk, &who.acting(), question, "searchCases").await?;
    listing.page(
        cases.iter().map(CaseView::from),
        next.map(|next| (search, next)),
    )
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

/// What tells one search from another; no name can be read from it.
fn fingerprint(search: &CaseSearch) -> String {
    let mut hash = Sha256::new();
    let born = search.date_of_birth.map(|day| day.to_string());
    let status = search.status.map(|status| status.as_str().to_owned());
    for part in [
        &search.family_name,
        &search.given_name,
        &born,
        &search.reference,
        &status,
    ] {
        hash.update(part.as_deref().unwrap_or("\u{0}"));
        hash.update([0xFF]);
    }
    hash.finalize()
        .iter()
        .take(12)
        .map(|byte| format!("{byte:02x}"))
        .collect()
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
