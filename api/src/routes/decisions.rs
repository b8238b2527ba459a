//! Decisions. Who may: recording is for those who decide, reading for whoever reads the panel.

use chrono::{DateTime, NaiveDate, Utc};
use permanence_api_macros::{dto, op};
use permanence_core::{CouncilCode, Finding};
use serde_json::{Map, Value};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::bookings::BookingPath;
use super::follow_ups::FollowUpView;
use super::outcome::{admits, created, once};
use super::panel::{code, desk, optional_code};
use crate::app::State;
use crate::auth::{Authz, scope};
use crate::http::{Created, Idempotency, IfMatch, Json, Path, Reply, Tagged};
use crate::service::decisions::{self, Decided, NewAction, NewDecision};
use crate::service::urgent_decisions::{self, NewUrgentDecision};
use crate::store::decisions as stored;
use crate::store::decisions::Decision;

/// Registers these routes.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(record_decision)
        .service(record_urgent_decision)
        .service(get_decision);
}

/// A decision.
#[dto(path)]
pub struct DecisionPath {
    /// The decision's id.
    pub decision_id: Uuid,
}

/// How a decision came about.
#[dto(code)]
pub enum DecisionKind {
    /// The panel decided.
    Panel,
    /// The chair decided, after the members' views.
    Chair,
    /// An authorised officer decided outside panel.
    Urgent,
}

/// Whether the members agreed.
#[dto(code)]
pub enum Consensus {
    /// They did.
    Reached,
    /// They did not.
    NotReached,
    /// It was not recorded.
    NotRecorded,
}

/// A member's view of an item.
#[dto(both)]
pub struct MemberViewRecord {
    /// The member's role.
    #[rule(len(1, 80), pattern = "^[a-z0-9_]+$")]
    #[schema(example = "iro_manager")]
    pub role: String,
    /// What they said.
    #[rule(len(1, 4000))]
    #[schema(example = "Contact with the siblings is not settled.")]
    pub view: Option<String>,
    /// Whether they dissent.
    pub dissents: bool,
}

/// An action that a decision sets.
#[dto(both)]
pub struct ActionSet {
    /// What is to be done, a code.
    #[rule(len(1, 80), pattern = "^[a-z0-9_]+$")]
    #[schema(example = "update_care_plan")]
    pub action: String,
    /// The same in words.
    #[rule(len(1, 2000))]
    #[schema(example = "Bring the care plan in line with the decision.")]
    pub description: Option<String>,
    /// Who answers for it; as the council's policy says unless said.
    #[rule(len(1, 80), pattern = "^[a-z0-9_]+$")]
    #[schema(example = "team_manager")]
    pub responsible_role: Option<String>,
    /// Who does it, where that is somebody else.
    #[rule(len(1, 80), pattern = "^[a-z0-9_]+$")]
    #[schema(example = "social_worker")]
    pub assigned_to: Option<String>,
    /// The last day in time.
    #[schema(example = "2026-04-10")]
    pub due_on: Option<NaiveDate>,
}

/// What a panel decided on an item.
#[dto(input)]
pub struct DecisionRecord {
    /// The outcome, a code of the list `outcomes` that the council has for this kind of request.
    #[rule(len(1, 80), pattern = "^[a-z0-9_]+$")]
    #[schema(example = "approved")]
    pub outcome: String,
    /// The reasons.
    #[rule(len(1, 20000))]
    #[schema(example = "The carers meet the child's needs, and the child wants to stay.")]
    pub rationale: String,
    /// Conditions set with it.
    #[serde(default)]
    #[rule(items(0, 50))]
    #[schema(example = json!(["Contact is reviewed in six months."]))]
    pub conditions: Vec<String>,
    /// By when, in words.
    #[rule(len(1, 500))]
    #[schema(example = "Before the summer.")]
    pub timescale: Option<String>,
    /// Whether the members agreed. A dissenting member means that they did not.
    pub consensus: Option<Consensus>,
    /// Views of members.
    #[serde(default)]
    #[rule(items(0, 100), nested)]
    pub member_views: Vec<MemberViewRecord>,
    /// What the chair decided, where the members did not agree.
    #[rule(len(1, 80), pattern = "^[a-z0-9_]+$")]
    #[schema(example = "approved")]
    pub chair_decision: Option<String>,
    /// The role that decided; as the council's policy says unless said.
    #[rule(len(1, 80), pattern = "^[a-z0-9_]+$")]
    #[schema(example = "panel_chair")]
    pub decided_by: Option<String>,
    /// The day; the sitting's unless said. It cannot lie ahead.
    #[schema(example = "2026-02-25")]
    pub decided_on: Option<NaiveDate>,
    /// Actions that the decision itself sets, beside those that the policy makes of it.
    #[serde(default)]
    #[rule(items(0, 50), nested)]
    pub actions: Vec<ActionSet>,
    /// Further facts, by the names of the council's fact dictionary.
    #[serde(default)]
    #[schema(value_type = Object, example = json!({"rebookNeeded": true}))]
    pub facts: Map<String, Value>,
}

/// A decision outside panel.
#[dto(input)]
pub struct UrgentDecisionRecord {
    /// The case.
    pub case_id: Uuid,
    /// What was asked, a code of the list `request_types`.
    #[rule(len(1, 80), pattern = "^[a-z0-9_]+$")]
    #[schema(example = "special_guardianship_support")]
    pub request_type: String,
    /// The role that decided.
    #[rule(len(1, 80), pattern = "^[a-z0-9_]+$")]
    #[schema(example = "head_of_service")]
    pub decided_by: String,
    /// Why it could not wait for the panel.
    #[rule(len(1, 2000))]
    #[schema(example = "The court decides before the next panel.")]
    pub reason: Option<String>,
    /// The outcome.
    #[rule(len(1, 80), pattern = "^[a-z0-9_]+$")]
    #[schema(example = "approved")]
    pub outcome: String,
    /// The reasons.
    #[rule(len(1, 20000))]
    #[schema(example = "The support plan meets the assessed needs.")]
    pub rationale: String,
    /// Conditions set with it.
    #[serde(default)]
    #[rule(items(0, 50))]
    #[schema(example = json!([]))]
    pub conditions: Vec<String>,
    /// By when, in words.
    #[rule(len(1, 500))]
    #[schema(example = "Before the hearing.")]
    pub timescale: Option<String>,
    /// The day; today unless said. It cannot lie ahead.
    #[schema(example = "2026-02-27")]
    pub decided_on: Option<NaiveDate>,
    /// Further facts, by the names of the council's fact dictionary.
    #[serde(default)]
    #[schema(value_type = Object, example = json!({}))]
    pub facts: Map<String, Value>,
}

/// What judged a decision.
#[dto]
pub struct JudgedBy {
    /// The edition of the policy.
    #[rule(len(1, 80))]
    #[schema(example = "2025")]
    pub edition: String,
    /// The council's library.
    #[rule(len(1, 200))]
    #[schema(example = "anytown")]
    pub plugin: String,
    /// Its version.
    #[rule(len(1, 80))]
    #[schema(example = "0.1.0")]
    pub plugin_version: String,
    /// The SHA-256 of the library.
    #[rule(len(64, 64))]
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub plugin_digest: String,
    /// What was asked of it.
    #[rule(len(1, 80))]
    #[schema(example = "decision")]
    pub operation: String,
    /// The SHA-256 of the question.
    #[rule(len(64, 64))]
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub request_hash: String,
}

/// A decision with all that follows from it.
#[dto]
pub struct DecisionView {
    /// Its id.
    pub id: Uuid,
    /// The case.
    pub case_id: Uuid,
    /// The booking; null for a decision outside panel.
    pub booking_id: Option<Uuid>,
    /// The sitting; null for a decision outside panel.
    pub sitting_id: Option<Uuid>,
    /// How it came about.
    pub kind: DecisionKind,
    /// What was decided.
    #[rule(len(1, 80))]
    #[schema(example = "approved")]
    pub outcome: String,
    /// The reasons.
    #[rule(len(1, 20000))]
    #[schema(example = "The carers meet the child's needs, and the child wants to stay.")]
    pub rationale: String,
    /// Conditions set with it.
    #[rule(items(0, 50))]
    #[schema(example = json!([]))]
    pub conditions: Vec<String>,
    /// By when, in words.
    #[rule(len(1, 500))]
    #[schema(example = "Before the summer.")]
    pub timescale: Option<String>,
    /// Whether the members agreed.
    pub consensus: Consensus,
    /// Views of members.
    #[rule(items(0, 100))]
    pub member_views: Vec<MemberViewRecord>,
    /// The role that decided, or `panel`.
    #[rule(len(1, 80))]
    #[schema(example = "panel")]
    pub decided_by: String,
    /// The day.
    #[schema(example = "2026-02-25")]
    pub decided_on: NaiveDate,
    /// What the policy found, beside accepting it.
    #[rule(items(0, 500))]
    pub findings: Vec<Finding>,
    /// The policy and the library that judged it.
    pub judged_by: JudgedBy,
    /// Everything that follows: actions, letters, records, distribution.
    #[rule(items(0, 200))]
    pub follow_ups: Vec<FollowUpView>,
    /// When it was recorded.
    pub created_at: DateTime<Utc>,
}

impl DecisionView {
    fn new(decided: &Decided, today: NaiveDate) -> Self {
        let Decision { dissent, .. } = &decided.decision;
        let decision = &decided.decision;
        Self {
            id: decision.id.into(),
            case_id: decision.case_id.into(),
            booking_id: decision.booking_id.map(Uuid::from),
            sitting_id: decision.sitting_id.map(Uuid::from),
            kind: match decision.kind {
                stored::DecisionKind::Panel => DecisionKind::Panel,
                stored::DecisionKind::Chair => DecisionKind::Chair,
                stored::DecisionKind::Urgent => DecisionKind::Urgent,
            },
            outcome: decision.outcome.to_string(),
            rationale: decision.rationale.clone(),
            conditions: decision.conditions.clone(),
            timescale: decision.timescale.clone(),
            consensus: match decision.consensus {
                Some(true) => Consensus::Reached,
                Some(false) => Consensus::NotReached,
                None => Consensus::NotRecorded,
            },
            member_views: dissent
                .iter()
                .map(|view| MemberViewRecord {
                    role: view.role.to_string(),
                    view: view.view.clone(),
                    dissents: view.dissents,
                })
                .collect(),
            decided_by: decision.decided_by.clone(),
            decided_on: decision.decided_on,
            findings: serde_json::from_value(decision.findings.clone()).unwrap_or_default(),
            judged_by: JudgedBy {
                edition: decision.edition.clone(),
                plugin: decision.plugin_id.clone(),
                plugin_version: decision.plugin_version.clone(),
                plugin_digest: decision.plugin_digest.clone(),
                operation: decision.operation.clone(),
                request_hash: decision.request_hash.clone(),
            },
            follow_ups: decided
                .follow_ups
                .iter()
                .map(|one| FollowUpView::new(one, today))
                .collect(),
            created_at: decision.created_at,
        }
    }

    fn created(council: &CouncilCode, decided: &Decided, today: NaiveDate) -> Created<Self> {
        let location = format!("/v1/councils/{council}/decisions/{}", decided.decision.id);
        Created::new(
            Self::new(decided, today),
            location,
            decided.decision.version,
        )
    }
}

impl DecisionRecord {
    fn read(self) -> Reply<NewDecision> {
        let views = self
            .member_views
            .into_iter()
            .enumerate()
            .map(|(index, view)| {
                Ok(stored::MemberView {
                    role: code(&format!("/memberViews/{index}/role"), &view.role)?,
                    view: view.view,
                    dissents: view.dissents,
                })
            });
        let actions = self.actions.into_iter().enumerate().map(|(index, action)| {
            let at = |name: &str| format!("/actions/{index}/{name}");
            Ok(NewAction {
                action: code(&at("action"), &action.action)?,
                description: action.description,
                responsible_role: optional_code(
                    &at("responsibleRole"),
                    action.responsible_role.as_ref(),
                )?,
                assigned_to: optional_code(&at("assignedTo"), action.assigned_to.as_ref())?,
                due_on: action.due_on,
            })
        });
        Ok(NewDecision {
            outcome: code("/outcome", &self.outcome)?,
            rationale: self.rationale,
            conditions: self.conditions,
            timescale: self.timescale,
            consensus: match self.consensus {
                Some(Consensus::Reached) => Some(true),
                Some(Consensus::NotReached) => Some(false),
                Some(Consensus::NotRecorded) | None => None,
            },
            member_views: views.collect::<Reply<_>>()?,
            chair_decision: optional_code("/chairDecision", self.chair_decision.as_ref())?,
            decided_by: optional_code("/decidedBy", self.decided_by.as_ref())?,
            decided_on: self.decided_on,
            actions: actions.collect::<Reply<_>>()?,
            facts: self.facts,
        })
    }
}

impl UrgentDecisionRecord {
    fn read(self) -> Reply<NewUrgentDecision> {
        let decided_by = code("/decidedBy", &self.decided_by)?;
        Ok(NewUrgentDecision {
            case_id: self.case_id.into(),
            request_type: code("/requestType", &self.request_type)?,
            reason: self.reason,
            decision: NewDecision {
                outcome: code("/outcome", &self.outcome)?,
                rationale: self.rationale,
                conditions: self.conditions,
                timescale: self.timescale,
                consensus: None,
                member_views: Vec::new(),
                chair_decision: None,
                decided_by: Some(decided_by.clone()),
                decided_on: self.decided_on,
                actions: Vec::new(),
                facts: self.facts,
            },
            decided_by,
        })
    }
}

/// Record a decision
///
/// The council's policy is asked first: for its quorum, where it has one, and for outcome and decision maker. What it forbids
/// is refused with the clause and nothing is stored. What it allows is stored with the policy and the library that judged it,
/// and everything that follows is made with it: actions, letters, records and distribution, with roles and due days.
#[op(post "/v1/councils/{council}/bookings/{bookingId}/decision", tag = "Panel", also(409, 503))]
async fn record_decision(
    who: Authz<scope::PanelDecide>,
    path: Path<BookingPath>,
    version: IfMatch,
    key: Idempotency,
    body: Json<DecisionRecord>,
    state: State,
) -> Reply<Created<DecisionView>> {
    let desk = desk(&who, &state)?;
    let (council, today) = (desk.by.council.clone(), desk.desk.today());
    let answer = move |decided: &Decided| Ok(DecisionView::created(&council, decided, today));
    let once = once(&key, &desk.by, answer.clone());
    let (id, new) = (path.booking_id.into(), body.0.read()?);
    let made = decisions::record_decision(&desk, id, admits(version), new, once).await?;
    created(made, answer)
}

/// Record a decision outside panel
///
/// For what cannot wait for the next sitting. The council's policy says for which requests, by whom and why; anything else is
/// refused with the clause. A council that is silent on it records it, and the silence is kept with it.
#[op(post "/v1/councils/{council}/urgent-decisions", tag = "Panel", also(409, 503))]
async fn record_urgent_decision(
    who: Authz<scope::PanelDecide>,
    key: Idempotency,
    body: Json<UrgentDecisionRecord>,
    state: State,
) -> Reply<Created<DecisionView>> {
    let desk = desk(&who, &state)?;
    let (council, today) = (desk.by.council.clone(), desk.desk.today());
    let answer = move |decided: &Decided| Ok(DecisionView::created(&council, decided, today));
    let once = once(&key, &desk.by, answer.clone());
    let made = urgent_decisions::record(&desk, body.0.read()?, once).await?;
    created(made, answer)
}

/// Get a decision
///
/// With the policy and the library that judged it, and everything that follows from it as it stands today.
#[op(get "/v1/councils/{council}/decisions/{decisionId}", tag = "Panel")]
async fn get_decision(
    who: Authz<scope::PanelRead>,
    path: Path<DecisionPath>,
    state: State,
) -> Reply<Tagged<DecisionView>> {
    let desk = desk(&who, &state)?;
    let decided = decisions::get(&desk, path.decision_id.into(), "getDecision").await?;
    Ok(Tagged::computed(
        DecisionView::new(&decided, desk.desk.today()),
        decided.decision.version,
    ))
}
