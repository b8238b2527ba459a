//! Care history: what happened in a child's care. Who may: whoever may read or write the case.

use chrono::NaiveDate;
use permanence_api_macros::{dto, op};
use serde_json::{Map, Value};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::care_event_details::{CareEventDetails, members, merge};
use super::care_event_views::{CareEventKind, CareEventView};
use super::cases::CasePath;
use super::outcome::{admits, created, once};
use crate::app::State;
use crate::auth::{Authz, scope};
use crate::http::{
    Created, Idempotency, IfMatch, Json, Listing, MergePatch, Page, Patch, Path, Query, Reply,
    Tagged,
};
use crate::service::care_events::{self, CareEventChange, NewCareEvent};
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

/// Which events.
#[dto(query, paged)]
pub struct ListCareEvents {
    /// Only events of this kind; repeat it for several.
    #[rule(items(0, 14))]
    pub kind: Vec<CareEventKind>,
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
