//! Papers of an item. Who may: whoever books hands papers in; keeping an item on the list is for those who decide.

use chrono::{DateTime, Utc};
use permanence_api_macros::{dto, op};
use utoipa_actix_web::service_config::ServiceConfig;

use super::booking_views::BookingView;
use super::bookings::BookingPath;
use super::outcome::{admits, created, once};
use super::panel::{code, codes, desk, optional_code};
use crate::app::State;
use crate::auth::{Authz, scope};
use crate::http::{Created, Idempotency, IfMatch, Json, Path, Reply, Tagged};
use crate::service::bookings::Judged;
use crate::service::paperwork::{self, Keeping, NewPaper};

/// Registers these routes.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(submit_paperwork)
        .service(override_paperwork_removal);
}

/// A paper that is handed in. The paper itself stays in the council's own system.
#[dto(input)]
pub struct PaperSubmission {
    /// What it is, a code of the list `documents`.
    #[rule(len(1, 80), pattern = "^[a-z0-9_]+$")]
    #[schema(example = "child_chronology")]
    pub document: String,
    /// When it came in; now unless said. It cannot lie ahead.
    #[schema(example = "2026-02-27T15:10:00Z")]
    pub received_at: Option<DateTime<Utc>>,
    /// The role that hands it in.
    #[rule(len(1, 80), pattern = "^[a-z0-9_]+$")]
    #[schema(example = "social_worker")]
    pub submitted_by: Option<String>,
    /// Roles that approved it.
    #[serde(default)]
    #[rule(items(0, 20))]
    #[schema(example = json!(["team_manager"]))]
    pub approvals: Vec<String>,
    /// What it contains, as far as the council's policy asks for contents.
    #[serde(default)]
    #[rule(items(0, 50))]
    #[schema(example = json!(["child_involvement"]))]
    pub contents: Vec<String>,
    /// Where it is kept, by the council's own system.
    #[rule(len(1, 200))]
    #[schema(example = "doc-88121")]
    pub reference: Option<String>,
}

/// Who asks to keep an item on the list, and who agrees.
#[dto(input)]
pub struct RemovalOverride {
    /// The role that asks.
    #[rule(len(1, 80), pattern = "^[a-z0-9_]+$")]
    #[schema(example = "team_manager")]
    pub requested_by: String,
    /// The role that agrees.
    #[rule(len(1, 80), pattern = "^[a-z0-9_]+$")]
    #[schema(example = "head_of_service")]
    pub decided_by: String,
    /// Why, for the history.
    #[rule(len(1, 2000))]
    #[schema(example = "The chronology is promised for Friday, and the match cannot wait.")]
    pub reason: String,
}

/// Hand in a paper
///
/// A late paper is taken and marked. An item that came off the list because of its papers stays off: see
/// `overridePaperworkRemoval`. The answer is the item with its checklist as it is now.
#[op(post "/v1/councils/{council}/bookings/{bookingId}/papers", tag = "Panel", also(409, 503))]
async fn submit_paperwork(
    who: Authz<scope::PanelBook>,
    path: Path<BookingPath>,
    key: Idempotency,
    body: Json<PaperSubmission>,
    state: State,
) -> Reply<Created<BookingView>> {
    let desk = desk(&who, &state)?;
    let council = desk.by.council.clone();
    let answer = move |judged: &Judged| Ok(BookingView::created(&council, judged));
    let new = NewPaper {
        document: code("/document", &body.document)?,
        received_at: body.received_at,
        submitted_by: optional_code("/submittedBy", body.submitted_by.as_ref())?,
        approvals: codes("/approvals", &body.approvals)?,
        contents: codes("/contents", &body.contents)?,
        reference: body.reference.clone(),
    };
    let made = paperwork::submit(
        &desk,
        path.booking_id.into(),
        new,
        once(&key, &desk.by, answer.clone()),
    )
    .await?;
    created(made, answer)
}

/// Keep an item on the list
///
/// For an item that came off the list because papers were missing. The council's policy says who may ask and who may agree;
/// anybody else is refused with the clause.
#[op(post "/v1/councils/{council}/bookings/{bookingId}/removal-override", tag = "Panel", also(409, 503))]
async fn override_paperwork_removal(
    who: Authz<scope::PanelDecide>,
    path: Path<BookingPath>,
    version: IfMatch,
    body: Json<RemovalOverride>,
    state: State,
) -> Reply<Tagged<BookingView>> {
    let keeping = Keeping {
        requested_by: code("/requestedBy", &body.requested_by)?,
        decided_by: code("/decidedBy", &body.decided_by)?,
        reason: body.0.reason.clone(),
    };
    let (desk, id) = (desk(&who, &state)?, path.booking_id.into());
    let judged = paperwork::keep_on_list(&desk, id, admits(version), keeping).await?;
    Ok(BookingView::tagged(&judged))
}
