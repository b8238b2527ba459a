//! What follows from decisions: actions, letters, records, distribution. Who may: whoever reads the panel, each for the cases
//! that are theirs to see.

use chrono::{DateTime, NaiveDate, Utc};
use permanence_api_macros::{dto, op};
use serde_json::Value;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::filters::Filters;
use super::panel::{desk, texts};
use crate::app::State;
use crate::auth::{Authz, scope};
use crate::http::{ETag, Listing, Page, Query, Reply};
use crate::service::follow_ups::{self, standing};
use crate::store::follow_up_codes as stored;
use crate::store::follow_ups::{FollowUp, FollowUpFilter};
use crate::store::ids::FollowUpId;

/// Registers these routes.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(list_actions)
        .service(list_letters)
        .service(list_records)
        .service(list_distribution);
}

/// Whether it is done.
#[dto(code)]
pub enum FollowUpState {
    /// It is not.
    Open,
    /// It is.
    Completed,
    /// It fell away.
    Cancelled,
}

/// Where it stands as of a day. The due day itself is in time.
#[dto(code)]
pub enum FollowUpStatus {
    /// Not done, and its due day has not passed.
    Open,
    /// Not done, and its due day has passed.
    Overdue,
    /// Done in time, or without a due day.
    CompletedOnTime,
    /// Done after its due day.
    CompletedLate,
    /// It fell away.
    Cancelled,
}

/// What kind of thing is to be done.
#[dto(code)]
pub enum FollowUpKind {
    /// Something to do.
    Action,
    /// A letter to send.
    Letter,
    /// A record to make in the case system.
    Record,
    /// Something to hand round.
    Distribution,
    /// Something that somebody is told.
    Notice,
}

/// Which follow-ups.
#[dto(query, paged)]
pub struct ListFollowUps {
    /// Only those of this case.
    pub case_id: Option<Uuid>,
    /// Only those of this booking.
    pub booking_id: Option<Uuid>,
    /// Only those of this sitting.
    pub sitting_id: Option<Uuid>,
    /// Only those of this decision.
    pub decision_id: Option<Uuid>,
    /// Only those that are so; repeat it for several.
    #[rule(items(0, 3))]
    pub status: Vec<FollowUpState>,
    /// Only what these roles are to do; repeat it for several.
    #[rule(items(0, 50))]
    #[schema(example = json!(["social_worker"]))]
    pub role: Vec<String>,
    /// Only what is to be done under these codes; repeat it for several.
    #[rule(items(0, 50))]
    #[schema(example = json!(["visit_child"]))]
    pub code: Vec<String>,
    /// Only what is open and past its due day.
    #[serde(default)]
    #[schema(default = false, example = false)]
    pub overdue: bool,
}

/// Something that follows from a decision, or that somebody was told.
#[dto]
pub struct FollowUpView {
    /// Its id.
    pub id: Uuid,
    /// What kind of thing it is.
    pub kind: FollowUpKind,
    /// What is to be done.
    #[rule(len(1, 80))]
    #[schema(example = "send_decision_letter")]
    pub code: String,
    /// The case.
    pub case_id: Option<Uuid>,
    /// The booking.
    pub booking_id: Option<Uuid>,
    /// The sitting.
    pub sitting_id: Option<Uuid>,
    /// The decision that it follows from.
    pub decision_id: Option<Uuid>,
    /// Who is to do it, or is told.
    #[rule(len(1, 80))]
    #[schema(example = "panel_chair")]
    pub responsible_role: Option<String>,
    /// The last day in time.
    #[schema(example = "2026-04-01")]
    pub due_on: Option<NaiveDate>,
    /// Where it stands today.
    pub status: FollowUpStatus,
    /// The day it was done.
    pub completed_on: Option<NaiveDate>,
    /// Who did it, by their lasting name with their issuer.
    #[rule(len(1, 300))]
    #[schema(example = "sw-104")]
    pub completed_by: Option<String>,
    /// The clauses that it comes from.
    #[rule(items(0, 50))]
    #[schema(example = json!(["ANY-ACTION-01"]))]
    pub clauses: Vec<String>,
    /// What else the policy says of it, such as recipients or a form.
    #[schema(value_type = Object, example = json!({"recipients": ["social_worker"]}))]
    pub details: Value,
    /// What was noted when it was done.
    #[rule(len(1, 2000))]
    #[schema(example = "Told the child at home.")]
    pub note: Option<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Its version: send it as `If-Match` to change it.
    #[rule(len(1, 100))]
    #[schema(example = "\"v1\"")]
    pub etag: String,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl FollowUpView {
    /// A follow-up as it stands on a day.
    pub fn new(follow_up: &FollowUp, today: NaiveDate) -> Self {
        Self {
            id: follow_up.id.into(),
            kind: match follow_up.kind {
                stored::FollowUpKind::Action => FollowUpKind::Action,
                stored::FollowUpKind::Letter => FollowUpKind::Letter,
                stored::FollowUpKind::Record => FollowUpKind::Record,
                stored::FollowUpKind::Distribution => FollowUpKind::Distribution,
                stored::FollowUpKind::Notice => FollowUpKind::Notice,
            },
            code: follow_up.code.to_string(),
            case_id: follow_up.case_id.map(Uuid::from),
            booking_id: follow_up.booking_id.map(Uuid::from),
            sitting_id: follow_up.sitting_id.map(Uuid::from),
            decision_id: follow_up.decision_id.map(Uuid::from),
            responsible_role: follow_up.responsible_role.as_ref().map(ToString::to_string),
            due_on: follow_up.due_on,
            status: match standing(follow_up, today) {
                "overdue" => FollowUpStatus::Overdue,
                "completed_on_time" => FollowUpStatus::CompletedOnTime,
                "completed_late" => FollowUpStatus::CompletedLate,
                "cancelled" => FollowUpStatus::Cancelled,
                _ => FollowUpStatus::Open,
            },
            completed_on: follow_up.completed_on,
            completed_by: follow_up.completed_by.clone(),
            clauses: texts(&follow_up.clauses),
            details: follow_up.details.clone(),
            note: follow_up.note.clone(),
            created_at: follow_up.created_at,
            etag: ETag::version(follow_up.version).as_str().to_owned(),
            updated_at: follow_up.updated_at,
        }
    }
}

impl From<FollowUpState> for stored::FollowUpStatus {
    fn from(state: FollowUpState) -> Self {
        match state {
            FollowUpState::Open => Self::Open,
            FollowUpState::Completed => Self::Completed,
            FollowUpState::Cancelled => Self::Cancelled,
        }
    }
}

async fn page(
    who: Authz<scope::PanelRead>,
    query: Query<ListFollowUps>,
    listing: Listing,
    state: State,
    kind: stored::FollowUpKind,
) -> Reply<Page<FollowUpView>> {
    let after = listing.after::<(NaiveDate, FollowUpId)>(&query.0)?;
    let today = state.desk.today();
    let desk = desk(&who, &state)?;
    let mut named = Filters::of_records(&desk.council);
    let filter = FollowUpFilter {
        case_id: query.case_id.map(Into::into),
        booking_id: query.booking_id.map(Into::into),
        sitting_id: query.sitting_id.map(Into::into),
        decision_id: query.decision_id.map(Into::into),
        status: query.status.iter().map(|state| (*state).into()).collect(),
        role: named.responsible("role", &query.role),
        code: named.any_codes("code", &query.code),
        overdue_on: query.overdue.then_some(today),
    };
    named.check()?;
    let operation = match kind {
        stored::FollowUpKind::Action => "listActions",
        stored::FollowUpKind::Letter => "listLetters",
        stored::FollowUpKind::Record => "listRecords",
        stored::FollowUpKind::Distribution => "listDistribution",
        stored::FollowUpKind::Notice => "listNotices",
    };
    let (found, next) =
        follow_ups::list(&desk, kind, filter, after, query.limit, operation).await?;
    listing.page(
        found
            .iter()
            .map(|follow_up| FollowUpView::new(follow_up, today)),
        next,
    )
}

/// List actions
///
/// By due day; those without one come last. Each with the role responsible and the clauses that it comes from.
#[op(get "/v1/councils/{council}/actions", tag = "Panel")]
async fn list_actions(
    who: Authz<scope::PanelRead>,
    query: Query<ListFollowUps>,
    listing: Listing,
    state: State,
) -> Reply<Page<FollowUpView>> {
    page(who, query, listing, state, stored::FollowUpKind::Action).await
}

/// List letters
///
/// Letters that decisions ask for, by due day, each with its recipients and the fields that it still lacks.
#[op(get "/v1/councils/{council}/letters", tag = "Panel")]
async fn list_letters(
    who: Authz<scope::PanelRead>,
    query: Query<ListFollowUps>,
    listing: Listing,
    state: State,
) -> Reply<Page<FollowUpView>> {
    page(who, query, listing, state, stored::FollowUpKind::Letter).await
}

/// List records
///
/// Records to be made in the case system after a decision, such as minutes or a summary, by due day.
#[op(get "/v1/councils/{council}/records", tag = "Panel")]
async fn list_records(
    who: Authz<scope::PanelRead>,
    query: Query<ListFollowUps>,
    listing: Listing,
    state: State,
) -> Reply<Page<FollowUpView>> {
    page(who, query, listing, state, stored::FollowUpKind::Record).await
}

/// List distribution
///
/// What is to be handed round after a decision, to whom and by when.
#[op(get "/v1/councils/{council}/distribution", tag = "Panel")]
async fn list_distribution(
    who: Authz<scope::PanelRead>,
    query: Query<ListFollowUps>,
    listing: Listing,
    state: State,
) -> Reply<Page<FollowUpView>> {
    page(
        who,
        query,
        listing,
        state,
        stored::FollowUpKind::Distribution,
    )
    .await
}
