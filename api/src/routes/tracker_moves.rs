//! Moving a child on a tracker, and reporting on one. Who may: whoever keeps trackers, for the cases that are theirs to see.

use chrono::NaiveDate;
use permanence_api_macros::{dto, op};
use serde_json::{Map, Value};
use utoipa_actix_web::service_config::ServiceConfig;

use super::outcome::admits;
use super::panel::{code, desk, optional_code};
use super::tracker_views::TrackerEntryView;
use super::trackers::{TrackerEntryPath, tagged};
use crate::app::State;
use crate::auth::{Authz, scope};
use crate::http::{IfMatch, Json, Path, Reply, Tagged};
use crate::problem::{FieldError, Problem};
use crate::service::tracker_moves::{self, Destination, Transfer};
use crate::service::trackers;
use crate::store::tracker_entries::Feedback;

/// Registers these routes.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(transfer_tracker_entry)
        .service(record_tracker_feedback);
}

/// Where a child goes.
#[dto(input)]
pub struct TrackerTransfer {
    /// The section; the one that the child is in unless said.
    #[rule(len(1, 80), pattern = "^[a-z0-9_]+$")]
    #[schema(example = "matched")]
    pub to_section: Option<String>,
    /// The lead; the section's own unless said.
    #[rule(len(1, 80), pattern = "^[a-z0-9_]+$")]
    #[schema(example = json!(null))]
    pub to_lead: Option<String>,
    /// The child leaves the tracker; then there is no section and no lead.
    #[schema(example = false)]
    pub leaves_tracker: Option<bool>,
    /// The day; that of the meeting, or today, unless said.
    #[schema(example = "2026-03-02")]
    pub moved_on: Option<NaiveDate>,
    /// The day of the meeting that decided it.
    #[schema(example = "2026-03-02")]
    pub meeting_on: Option<NaiveDate>,
    /// That meeting, as the council names it.
    #[rule(len(1, 200))]
    #[schema(example = "TM-2026-03")]
    pub meeting_ref: Option<String>,
    /// Why.
    #[rule(len(1, 2000))]
    #[schema(example = "The match was approved.")]
    pub reason: Option<String>,
    /// What else the policy asks about, by the names of its dictionary.
    #[serde(default)]
    #[schema(value_type = Object, example = json!({}))]
    pub facts: Map<String, Value>,
}

/// A report on a child in a section.
#[dto(input)]
pub struct TrackerFeedback {
    /// Its day.
    #[schema(example = "2026-03-02")]
    pub given_on: NaiveDate,
    /// The role that gives it.
    #[rule(len(1, 80), pattern = "^[a-z0-9_]+$")]
    #[schema(example = "team_manager")]
    pub given_by: String,
    /// What it says.
    #[rule(len(1, 20000))]
    #[schema(example = "Two families were seen; a match is likely in May.")]
    pub text: String,
}

/// Move a child on a tracker
///
/// To another section, to another lead, or off the tracker. The council's rules on trackers are asked: what they refuse is a
/// 422 `rule_refused` with the clause. A move into a section that they do not propose for the child is made and flagged:
/// the move's `findings` say `transfer_not_due`.
#[op(post "/v1/councils/{council}/tracker-entries/{entryId}/transfers", tag = "Drift", also(409, 503))]
async fn transfer_tracker_entry(
    who: Authz<scope::TrackersWrite>,
    path: Path<TrackerEntryPath>,
    version: IfMatch,
    body: Json<TrackerTransfer>,
    state: State,
) -> Reply<Tagged<TrackerEntryView>> {
    let to = destination(&body)?;
    let body = body.0;
    let transfer = Transfer {
        to,
        moved_on: body.moved_on,
        meeting_on: body.meeting_on,
        meeting_ref: body.meeting_ref,
        reason: body.reason,
        facts: body.facts,
    };
    let (desk, id) = (desk(&who, &state)?, path.entry_id.into());
    let entry = tracker_moves::transfer(&desk, id, admits(version), transfer).await?;
    Ok(tagged(&entry))
}

/// Report on a child on a tracker
///
/// A dated report of whoever leads the section; it stays with the entry.
#[op(post "/v1/councils/{council}/tracker-entries/{entryId}/feedback", tag = "Drift", also(409))]
async fn record_tracker_feedback(
    who: Authz<scope::TrackersWrite>,
    path: Path<TrackerEntryPath>,
    version: IfMatch,
    body: Json<TrackerFeedback>,
    state: State,
) -> Reply<Tagged<TrackerEntryView>> {
    let feedback = Feedback {
        given_on: body.given_on,
        given_by: code("/givenBy", &body.given_by)?,
        text: body.0.text,
    };
    let (desk, id) = (desk(&who, &state)?, path.entry_id.into());
    let entry = trackers::feed_back(&desk, id, admits(version), feedback).await?;
    Ok(tagged(&entry))
}

fn destination(body: &TrackerTransfer) -> Reply<Destination> {
    let section = optional_code("/toSection", body.to_section.as_ref())?;
    let lead = optional_code("/toLead", body.to_lead.as_ref())?;
    if !body.leaves_tracker.unwrap_or_default() {
        return Ok(Destination::Section { section, lead });
    }
    if section.is_some() || lead.is_some() {
        let message = "Who leaves the tracker goes to no section and no lead.";
        let fault = FieldError::body("/leavesTracker", "contradiction", message);
        return Err(Problem::invalid(vec![fault]));
    }
    Ok(Destination::Off)
}
