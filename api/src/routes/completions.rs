//! Doing what follows from decisions: actions, letters, records, distribution. Who may: those who write actions, each for the
//! cases that are theirs to see.

use chrono::NaiveDate;
use permanence_api_macros::{dto, op};
use serde_json::{Map, Value};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::follow_ups::FollowUpView;
use super::outcome::admits;
use super::panel::{codes, desk};
use crate::app::State;
use crate::auth::{Authz, scope};
use crate::http::{IfMatch, Json, Path, Reply, Tagged};
use crate::service::completions::{
    self, Completion, complete_action as complete_one, complete_distribution as hand_round,
};
use crate::service::letters::{self, LetterDraft as Draft};
use crate::service::policy::PanelDesk;
use crate::store::follow_ups::FollowUp;

/// Registers these routes.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(complete_action)
        .service(draft_letter)
        .service(issue_letter)
        .service(complete_record)
        .service(complete_distribution);
}

/// An action.
#[dto(path)]
pub struct ActionPath {
    /// The action's id.
    pub action_id: Uuid,
}

/// A letter.
#[dto(path)]
pub struct LetterPath {
    /// The letter's id.
    pub letter_id: Uuid,
}

/// A record.
#[dto(path)]
pub struct RecordPath {
    /// The record's id.
    pub record_id: Uuid,
}

/// Something to hand round.
#[dto(path)]
pub struct DistributionPath {
    /// Its id.
    pub distribution_id: Uuid,
}

/// That an action is done.
#[dto(input)]
pub struct ActionCompletion {
    /// The day; today unless said. It cannot lie ahead.
    #[schema(example = "2026-02-27")]
    pub completed_on: Option<NaiveDate>,
    /// Anything to note.
    #[rule(len(1, 2000))]
    #[schema(example = "Told the child at home.")]
    pub note: Option<String>,
}

/// What a letter says so far.
#[dto(input)]
pub struct LetterDraft {
    /// Facts that the letter states, by the names of the council's fact dictionary.
    #[serde(default)]
    #[schema(value_type = Object, example = json!({}))]
    pub facts: Map<String, Value>,
    /// The text.
    #[rule(len(1, 20000))]
    #[schema(example = "The panel met on 25 March and agreed to the match.")]
    pub text: Option<String>,
}

/// That something was sent.
#[dto(input)]
pub struct Sending {
    /// The day; today unless said. It cannot lie ahead.
    #[schema(example = "2026-02-27")]
    pub completed_on: Option<NaiveDate>,
    /// To whom it went, by role.
    #[rule(items(1, 50))]
    #[schema(example = json!(["social_worker"]))]
    pub sent_to: Vec<String>,
    /// Anything to note.
    #[rule(len(1, 2000))]
    #[schema(example = "By secure mail.")]
    pub note: Option<String>,
}

/// That a record is made.
#[dto(input)]
pub struct RecordCompletion {
    /// The day; today unless said. It cannot lie ahead.
    #[schema(example = "2026-02-27")]
    pub completed_on: Option<NaiveDate>,
    /// Where it lies in the council's own system.
    #[rule(len(1, 200))]
    #[schema(example = "DOC-20931")]
    pub reference: Option<String>,
    /// Anything to note.
    #[rule(len(1, 2000))]
    #[schema(example = "Under the forms of the child's file.")]
    pub note: Option<String>,
}

fn shown(desk: &PanelDesk, done: &FollowUp) -> Reply<Tagged<FollowUpView>> {
    let view = FollowUpView::new(done, desk.desk.today());
    Ok(Tagged::computed(view, done.version))
}

impl Sending {
    fn read(self) -> Reply<(Completion, Vec<permanence_core::Code>)> {
        let sent_to = codes("/sentTo", &self.sent_to)?;
        let done = Completion {
            on: self.completed_on,
            note: self.note,
            details: Map::new(),
        };
        Ok((done, sent_to))
    }
}

/// Complete an action
///
/// Done after its due day, it counts as completed late; the due day itself is in time.
#[op(post "/v1/councils/{council}/actions/{actionId}/completion", tag = "Panel", also(409))]
async fn complete_action(
    who: Authz<scope::ActionsWrite>,
    path: Path<ActionPath>,
    version: IfMatch,
    body: Json<ActionCompletion>,
    state: State,
) -> Reply<Tagged<FollowUpView>> {
    let desk = desk(&who, &state)?;
    let done = Completion {
        on: body.completed_on,
        note: body.0.note,
        details: Map::new(),
    };
    let id = path.action_id.into();
    shown(
        &desk,
        &complete_one(&desk, id, admits(version), done).await?,
    )
}

/// Draft a letter
///
/// Keeps what the letter says so far, in place of an earlier draft. `details.draft.missing` of the answer names what the
/// council's policy still wants in it; a letter that lacks something cannot be sent.
#[op(put "/v1/councils/{council}/letters/{letterId}/draft", tag = "Panel", also(409, 503))]
async fn draft_letter(
    who: Authz<scope::ActionsWrite>,
    path: Path<LetterPath>,
    version: IfMatch,
    body: Json<LetterDraft>,
    state: State,
) -> Reply<Tagged<FollowUpView>> {
    let desk = desk(&who, &state)?;
    let LetterDraft { facts, text } = body.0;
    let id = path.letter_id.into();
    let letter = letters::draft(&desk, id, admits(version), Draft { facts, text }).await?;
    shown(&desk, &letter)
}

/// Issue a letter
///
/// Marks it as sent: by whom, when and to whom. The council's policy is asked with the facts of the draft, and a letter that
/// lacks what it must hold is refused with the clause. Sent after its due day, it counts as completed late.
#[op(post "/v1/councils/{council}/letters/{letterId}/issue", tag = "Panel", also(409, 503))]
async fn issue_letter(
    who: Authz<scope::ActionsWrite>,
    path: Path<LetterPath>,
    version: IfMatch,
    body: Json<Sending>,
    state: State,
) -> Reply<Tagged<FollowUpView>> {
    let desk = desk(&who, &state)?;
    let (done, sent_to) = body.0.read()?;
    let id = path.letter_id.into();
    shown(
        &desk,
        &letters::issue(&desk, id, admits(version), done, sent_to).await?,
    )
}

/// Complete a record
///
/// Marks a record as made in the case system, with where it lies there. Made after its due day, it counts as completed late.
#[op(post "/v1/councils/{council}/records/{recordId}/completion", tag = "Panel", also(409))]
async fn complete_record(
    who: Authz<scope::ActionsWrite>,
    path: Path<RecordPath>,
    version: IfMatch,
    body: Json<RecordCompletion>,
    state: State,
) -> Reply<Tagged<FollowUpView>> {
    let desk = desk(&who, &state)?;
    let RecordCompletion {
        completed_on: on,
        reference,
        note,
    } = body.0;
    let done = Completion {
        on,
        note,
        details: Map::new(),
    };
    let id = path.record_id.into();
    let done = completions::complete_record(&desk, id, admits(version), done, reference).await?;
    shown(&desk, &done)
}

/// Complete a distribution
///
/// Marks something as handed round: by whom, when and to whom. Sent after its due day, it counts as completed late.
#[op(post "/v1/councils/{council}/distribution/{distributionId}/completion", tag = "Panel", also(409))]
async fn complete_distribution(
    who: Authz<scope::ActionsWrite>,
    path: Path<DistributionPath>,
    version: IfMatch,
    body: Json<Sending>,
    state: State,
) -> Reply<Tagged<FollowUpView>> {
    let desk = desk(&who, &state)?;
    let (done, sent_to) = body.0.read()?;
    let id = path.distribution_id.into();
    shown(
        &desk,
        &hand_round(&desk, id, admits(version), done, sent_to).await?,
    )
}
