//! Decisions as they are answered.

use chrono::{DateTime, NaiveDate, Utc};
use permanence_api_macros::dto;
use permanence_core::{CouncilCode, Finding};
use serde_json::Value;
use uuid::Uuid;

use super::follow_ups::FollowUpView;
use super::panel::texts;
use crate::http::Created;
use crate::service::decisions::Decided;
use crate::service::ratification::{Ratification, RatificationState};
use crate::store::decisions as stored;
use crate::store::decisions::Decision;
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

/// Where the ratification of a decision made outside panel stands.
#[dto(code)]
pub enum RatificationStatus {
    /// It waits for the panel.
    Awaited,
    /// The panel ratified it.
    Ratified,
    /// The panel decided otherwise.
    Refused,
}

/// The way back to the panel of a decision made outside it.
#[dto]
pub struct RatificationView {
    /// Where it stands.
    pub status: RatificationStatus,
    /// The sitting to which the policy sends it; null where it names none.
    #[schema(example = "2026-03-25")]
    pub due_on: Option<NaiveDate>,
    /// The clauses that send it there.
    #[rule(items(0, 50))]
    #[schema(example = json!(["ANY-RETROSPECTIVE-01"]))]
    pub clauses: Vec<String>,
    /// The panel's decision that ratified or refused it.
    pub decision_id: Option<Uuid>,
    /// The day it was ratified.
    #[schema(example = "2026-03-25")]
    pub ratified_on: Option<NaiveDate>,
    /// Who ratified it: a role, or `panel`.
    #[rule(len(1, 80))]
    #[schema(example = "panel")]
    pub ratified_by: Option<String>,
}

impl RatificationView {
    fn of(decision: &Decision) -> Option<Self> {
        let ratification = Ratification::of(decision)?;
        Some(Self {
            status: ratification.state.into(),
            due_on: ratification.due_on,
            clauses: texts(&ratification.clauses),
            decision_id: ratification.decision_id.map(Uuid::from),
            ratified_on: decision.ratified_on,
            ratified_by: decision.ratified_by.clone(),
        })
    }
}

/// A decision as lists show it.
#[dto]
pub struct DecisionSummary {
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
    /// The role that decided, or `panel`.
    #[rule(len(1, 80))]
    #[schema(example = "panel")]
    pub decided_by: String,
    /// The day.
    #[schema(example = "2026-02-25")]
    pub decided_on: NaiveDate,
    /// Where the ratification of a decision made outside panel stands; null where the policy asks for none.
    pub ratification_status: Option<RatificationStatus>,
    /// When it was recorded.
    pub created_at: DateTime<Utc>,
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
    /// The way back to the panel of a decision made outside it; null where the policy asks for none.
    pub ratification: Option<RatificationView>,
    /// The urgent decision that this one ratifies or refuses; null for any other.
    pub ratifies: Option<Uuid>,
    /// Everything that follows: actions, letters, records, distribution.
    #[rule(items(0, 200))]
    pub follow_ups: Vec<FollowUpView>,
    /// When it was recorded.
    pub created_at: DateTime<Utc>,
}

impl From<stored::DecisionKind> for DecisionKind {
    fn from(kind: stored::DecisionKind) -> Self {
        match kind {
            stored::DecisionKind::Panel => Self::Panel,
            stored::DecisionKind::Chair => Self::Chair,
            stored::DecisionKind::Urgent => Self::Urgent,
        }
    }
}

impl From<DecisionKind> for stored::DecisionKind {
    fn from(kind: DecisionKind) -> Self {
        match kind {
            DecisionKind::Panel => Self::Panel,
            DecisionKind::Chair => Self::Chair,
            DecisionKind::Urgent => Self::Urgent,
        }
    }
}

impl From<RatificationState> for RatificationStatus {
    fn from(state: RatificationState) -> Self {
        match state {
            RatificationState::Awaited => Self::Awaited,
            RatificationState::Ratified => Self::Ratified,
            RatificationState::Refused => Self::Refused,
        }
    }
}

impl From<&Decision> for DecisionSummary {
    fn from(decision: &Decision) -> Self {
        Self {
            id: decision.id.into(),
            case_id: decision.case_id.into(),
            booking_id: decision.booking_id.map(Uuid::from),
            sitting_id: decision.sitting_id.map(Uuid::from),
            kind: decision.kind.into(),
            outcome: decision.outcome.to_string(),
            decided_by: decision.decided_by.clone(),
            decided_on: decision.decided_on,
            ratification_status: Ratification::of(decision).map(|it| it.state.into()),
            created_at: decision.created_at,
        }
    }
}

impl DecisionView {
    pub(super) fn new(decided: &Decided, today: NaiveDate) -> Self {
        let Decision { dissent, .. } = &decided.decision;
        let decision = &decided.decision;
        Self {
            id: decision.id.into(),
            case_id: decision.case_id.into(),
            booking_id: decision.booking_id.map(Uuid::from),
            sitting_id: decision.sitting_id.map(Uuid::from),
            kind: decision.kind.into(),
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
            ratification: RatificationView::of(decision),
            ratifies: decision
                .details
                .get("ratifies")
                .and_then(Value::as_str)
                .and_then(|id| id.parse().ok()),
            follow_ups: decided
                .follow_ups
                .iter()
                .map(|one| FollowUpView::new(one, today))
                .collect(),
            created_at: decision.created_at,
        }
    }

    pub(super) fn created(
        council: &CouncilCode,
        decided: &Decided,
        today: NaiveDate,
    ) -> Created<Self> {
        let location = format!("/v1/councils/{council}/decisions/{}", decided.decision.id);
        Created::new(
            Self::new(decided, today),
            location,
            decided.decision.version,
        )
    }
}
