//! Care history: what happened in a child's care. Who may: whoever may read or write the case.

use chrono::{DateTime, NaiveDate, Utc};
use permanence_api_macros::{dto, op};
use serde::Deserialize as _;
use serde_json::{Map, Value};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use validator::Validate as _;

use super::cases::CasePath;
use super::outcome::{admits, created, once};
use crate::app::State;
use crate::auth::{Authz, scope};
use crate::http::{
    Created, Idempotency, IfMatch, Json, Listing, MergePatch, Page, Patch, Path, Query, Reply,
    Tagged, field_errors,
};
use crate::problem::{Place, Problem};
use crate::service::care_events::{self, CareEventChange, NewCareEvent};
use crate::service::care_records;
use crate::service::{Fault, ServiceError};
use crate::store::care_events::CareEvent;

/// Registers these routes.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(list_care_events)
        .service(create_care_event)
        .service(get_care_event)
        .service(update_care_event);
}

/// A care event of a case.
#[dto(path)]
pub struct CareEventPath {
    /// The case's id.
    pub case_id: Uuid,
    /// The event's id.
    pub care_event_id: Uuid,
}

/// What kind of event it is.
#[dto(code)]
pub enum CareEventKind {
    /// An unbroken stretch of care with one legal status and one placement.
    Episode,
    /// A statutory review that was held.
    Review,
    /// The decision that the child should be placed for adoption.
    PlacedForAdoption,
    /// An adoption.
    Adoption,
    /// Permanence before this time in care.
    PreviousPermanence,
    /// A time missing from care or away without authority.
    Missing,
    /// An allocated social worker's time with the child.
    SocialWorker,
    /// A deprivation of liberty order.
    LibertyOrder,
    /// Time as an unaccompanied child seeking asylum.
    AsylumStatus,
    /// A permanence plan as it was agreed.
    PermanencePlan,
    /// A permanence planning meeting that was held.
    PlanningMeeting,
    /// An assessment.
    Assessment,
    /// Somebody connected to the child.
    ConnectedPerson,
    /// A brother or sister.
    Sibling,
}

/// Which events.
#[dto(query, paged)]
pub struct ListCareEvents {
    /// Only events of this kind; repeat it for several.
    #[rule(items(0, 14))]
    pub kind: Vec<CareEventKind>,
}

/// A date of which the day, or day and month, may be unknown.
#[dto(both)]
pub struct PartialDate {
    /// The year.
    #[rule(range(1900, 2200))]
    #[schema(example = 2019)]
    pub year: i32,
    /// The month, if known.
    #[rule(range(1, 12))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 3)]
    pub month: Option<u32>,
    /// The day, if known; never without a month.
    #[rule(range(1, 31))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 14)]
    pub day: Option<u32>,
}

/// What an event says besides its days. Which members there are depends on its kind; a member of another kind is refused.
#[dto(both)]
#[derive(Default)]
pub struct CareEventDetails {
    /// Episode: what changed when it began, a code of the statutory return (RNE).
    #[rule(len(1, 10))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "S")]
    pub start: Option<String>,
    /// Episode: the legal status, a code of the statutory return (LS).
    #[rule(len(1, 10))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "C2")]
    pub legal_status: Option<String>,
    /// Episode: the placement, a code of the statutory return (PLACE).
    #[rule(len(1, 10))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "U6")]
    pub placement: Option<String>,
    /// Episode: whose provision the placement is, a code of the statutory return (PLACE_PROVIDER).
    #[rule(len(1, 10))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "PR1")]
    pub provider: Option<String>,
    /// Episode: why it ended, a code of the statutory return (REC).
    #[rule(len(1, 10))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "X1")]
    pub end: Option<String>,
    /// Episode: why the placement ended with it, as coded in the statutory return (REASON_PLACE_CHANGE).
    #[rule(len(1, 10))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "CARPL")]
    pub placement_change: Option<String>,
    /// Episode: category of need, as coded in the statutory return (CIN).
    #[rule(len(1, 10))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "N1")]
    pub need: Option<String>,
    /// Episode: Ofsted's number of the provision (URN).
    #[rule(len(1, 20))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "SC000001")]
    pub provision: Option<String>,
    /// Review: how the child took part, as coded in the statutory return.
    #[rule(len(1, 10))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "PN1")]
    pub participation: Option<String>,
    /// Placed for adoption: why it was decided otherwise, as coded in the statutory return.
    #[rule(len(1, 10))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "RD1")]
    pub reversal_reason: Option<String>,
    /// Adoption: the day of the match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matched_on: Option<NaiveDate>,
    /// Adoption: whether the adopters had fostered the child before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_former_foster_carer: Option<bool>,
    /// Previous permanence or plan: the option, a code.
    #[rule(len(1, 80))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "long_term_fostering")]
    pub option: Option<String>,
    /// Previous permanence: when the order was made, as far as it is known.
    #[rule(nested)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ordered: Option<PartialDate>,
    /// Missing, social worker, liberty order: what kind of stretch it is, as its source codes it.
    #[rule(len(1, 20))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "M")]
    pub kind: Option<String>,
    /// Plan: contingency options, codes.
    #[rule(items(0, 20))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["special_guardianship"]))]
    pub contingency: Option<Vec<String>>,
    /// Plan: orders sought, codes.
    #[rule(items(0, 20))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["care_order"]))]
    pub orders: Option<Vec<String>>,
    /// Plan: when it is to be reached.
    #[rule(len(1, 500))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "within six months")]
    pub timescale: Option<String>,
    /// Meeting: the roles that attended, codes.
    #[rule(items(0, 50))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["social_worker", "team_manager"]))]
    pub attended: Option<Vec<String>>,
    /// Meeting or assessment: what came of it.
    #[rule(len(1, 200))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "positive")]
    pub outcome: Option<String>,
    /// Assessment: what kind it is, a code.
    #[rule(len(1, 80))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "viability")]
    pub assessment: Option<String>,
    /// Assessment, connected person, sibling: who, as the council names people; not a name.
    #[rule(len(1, 200))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "P-3310")]
    pub person: Option<String>,
    /// Connected person, sibling: what they are to the child.
    #[rule(len(1, 80))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "grandmother")]
    pub relationship: Option<String>,
    /// Connected person, sibling: whether they live where the child lives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lives_with_child: Option<bool>,
    /// Any kind: anything to add.
    #[rule(len(1, 2000))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Agreed by all.")]
    pub note: Option<String>,
}

/// An event to be recorded.
#[dto(input)]
#[schema(example = json!({
    "kind": "episode", "startedOn": "2025-09-01",
    "details": { "start": "S", "legalStatus": "C2", "placement": "U6", "provider": "PR1", "need": "N1" }
}))]
pub struct CareEventCreate {
    /// What kind of event it is.
    pub kind: CareEventKind,
    /// The day it happened, or its first day.
    pub started_on: Option<NaiveDate>,
    /// Its last day; absent while it goes on.
    pub ended_on: Option<NaiveDate>,
    /// What it says besides.
    #[rule(nested)]
    #[serde(default)]
    pub details: CareEventDetails,
    /// Who says so; `api` unless said.
    #[rule(len(1, 50))]
    #[schema(example = "case system")]
    pub source: Option<String>,
}

/// What is to change in an event.
#[dto(input)]
pub struct CareEventUpdate {
    /// The day it happened, or its first day.
    pub started_on: Patch<NaiveDate>,
    /// Its last day.
    pub ended_on: Patch<NaiveDate>,
    /// The day on which it was found to be wrong: it stays in the history and counts no more. Null takes that back.
    pub withdrawn_on: Patch<NaiveDate>,
    /// What it says besides: members that are absent stay, members that are null are cleared.
    #[schema(value_type = Option<CareEventDetails>, required = false)]
    pub details: Option<Map<String, Value>>,
    /// Why it changes, for the history.
    #[rule(len(1, 2000))]
    #[schema(example = "Entered for the wrong child.")]
    pub why: Option<String>,
}

/// Something that happened in a child's care.
#[dto]
pub struct CareEventView {
    /// Its id.
    pub id: Uuid,
    /// The case it belongs to.
    pub case_id: Uuid,
    /// What kind of event it is.
    pub kind: CareEventKind,
    /// The day it happened, or its first day.
    pub started_on: Option<NaiveDate>,
    /// Its last day.
    pub ended_on: Option<NaiveDate>,
    /// What it says besides.
    pub details: CareEventDetails,
    /// Where it comes from: `api`, a person's word, or the kind of import.
    #[rule(len(1, 50))]
    #[schema(example = "ssda903")]
    pub source: String,
    /// The day on which it was found to be wrong; it counts no more.
    pub withdrawn_on: Option<NaiveDate>,
    /// When it was recorded.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl CareEventView {
    /// The event on the wire; where it was read (`source` in the details of an import) is left out.
    fn of(event: &CareEvent) -> Result<Self, Problem> {
        let mut details = event.details.clone();
        if let Some(members) = details.as_object_mut() {
            members.remove("source");
        }
        Ok(Self {
            id: event.id.into(),
            case_id: event.case_id.into(),
            kind: CareEventKind::deserialize(&Value::from(event.kind.as_str()))
                .map_err(Problem::internal)?,
            started_on: event.started_on,
            ended_on: event.ended_on,
            details: CareEventDetails::deserialize(&details).map_err(Problem::internal)?,
            source: event.source.clone(),
            withdrawn_on: event.withdrawn_on,
            created_at: event.created_at,
            updated_at: event.updated_at,
        })
    }
}

impl CareEventKind {
    fn known(self) -> Result<care_records::CareEventKind, Problem> {
        care_records::CareEventKind::parse(self.as_str())
            .ok_or_else(|| Problem::internal("a kind of event is unknown"))
    }
}

/// List a case's care events
///
/// In the order in which they were recorded; those that were withdrawn too.
#[op(get "/v1/councils/{council}/cases/{caseId}/care-events", tag = "Care history")]
async fn list_care_events(
    who: Authz<scope::CasesRead>,
    path: Path<CasePath>,
    query: Query<ListCareEvents>,
    listing: Listing,
    state: State,
) -> Reply<Page<CareEventView>> {
    let after = listing.after(&query.0)?;
    let kinds = query
        .kind
        .iter()
        .map(|kind| kind.known())
        .collect::<Result<_, _>>()?;
    let case_id = path.case_id.into();
    let (events, next) = care_events::list_events(
        &state.desk,
        &who.acting(),
        case_id,
        kinds,
        after,
        query.limit,
    )
    .await?;
    listing.page(
        events
            .iter()
            .map(CareEventView::of)
            .collect::<Result<Vec<_>, _>>()?,
        next,
    )
}

/// Record a care event
///
/// Which members `details` has, and which days there are, depends on the kind; every fault is told at once.
#[op(post "/v1/councils/{council}/cases/{caseId}/care-events", tag = "Care history")]
async fn create_care_event(
    who: Authz<scope::CasesWrite>,
    path: Path<CasePath>,
    key: Idempotency,
    body: Json<CareEventCreate>,
    state: State,
) -> Reply<Created<CareEventView>> {
    let by = who.acting();
    let council = by.council.clone();
    let answer = move |event: &CareEvent| {
        let location = format!(
            "/v1/councils/{council}/cases/{}/care-events/{}",
            event.case_id, event.id
        );
        CareEventView::of(event).map(|view| Created::new(view, location, event.version))
    };
    let new = NewCareEvent {
        kind: body.kind.known()?,
        started_on: body.started_on,
        ended_on: body.ended_on,
        details: members(&body.details)?,
        source: body.source.clone(),
    };
    let once = once(&key, &by, answer.clone());
    created(
        care_events::add_event(&state.desk, &by, path.case_id.into(), new, once).await?,
        answer,
    )
}

/// Get a care event
///
/// The event as it stands now, with its version as `ETag`.
#[op(get "/v1/councils/{council}/cases/{caseId}/care-events/{careEventId}", tag = "Care history")]
async fn get_care_event(
    who: Authz<scope::CasesRead>,
    path: Path<CareEventPath>,
    state: State,
) -> Reply<Tagged<CareEventView>> {
    let (case_id, id) = (path.case_id.into(), path.care_event_id.into());
    let event = care_events::get_event(&state.desk, &who.acting(), case_id, id).await?;
    Ok(Tagged::new(CareEventView::of(&event)?, event.version))
}

/// Change a care event
///
/// A merge patch. An event that was wrong is withdrawn, not deleted.
#[op(patch "/v1/councils/{council}/cases/{caseId}/care-events/{careEventId}", tag = "Care history")]
async fn update_care_event(
    who: Authz<scope::CasesWrite>,
    path: Path<CareEventPath>,
    version: IfMatch,
    body: MergePatch<CareEventUpdate>,
    state: State,
) -> Reply<Tagged<CareEventView>> {
    let (case_id, id) = (path.case_id.into(), path.care_event_id.into());
    let why = body.0.why.clone();
    let change = CareEventChange {
        edit: Box::new(move |event| merge(event, body.0)),
        why,
    };
    let event = care_events::update_event(
        &state.desk,
        &who.acting(),
        case_id,
        id,
        admits(version),
        change,
    )
    .await?;
    Ok(Tagged::new(CareEventView::of(&event)?, event.version))
}

fn members(details: &CareEventDetails) -> Result<Map<String, Value>, Problem> {
    match serde_json::to_value(details).map_err(Problem::internal)? {
        Value::Object(members) => Ok(members),
        _ => Ok(Map::new()),
    }
}

/// Applies a merge patch to an event; the details are read as strictly as those of a new event.
fn merge(event: &mut CareEvent, patch: CareEventUpdate) -> Result<(), ServiceError> {
    event.started_on = patch.started_on.apply(event.started_on);
    event.ended_on = patch.ended_on.apply(event.ended_on);
    event.withdrawn_on = patch.withdrawn_on.apply(event.withdrawn_on);
    let (Some(changes), Value::Object(details)) = (patch.details, &mut event.details) else {
        return Ok(());
    };
    for (name, value) in changes {
        match value {
            Value::Null => details.shift_remove(&name),
            value => details.insert(name, value),
        };
    }
    let mut told = details.clone();
    told.remove("source");
    let read: CareEventDetails =
        serde_path_to_error::deserialize(Value::Object(told)).map_err(|fault| {
            let place = fault.path().to_string().replace('.', "/");
            ServiceError::invalid(
                format!("/details/{place}"),
                "wrong_type",
                "This is not of the type that is expected here.",
            )
        })?;
    let Err(errors) = read.validate() else {
        return Ok(());
    };
    let faults = field_errors(Place::Body, &errors).into_iter().map(|error| {
        Fault::new(
            format!("/details{}", error.pointer),
            error.code,
            error.message,
        )
    });
    Err(ServiceError::Invalid(faults.collect()))
}
