//! Decisions outside panel, and their way back to it. Who may: those who decide.

use chrono::NaiveDate;
use permanence_api_macros::{dto, op};
use serde_json::{Map, Value};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::decision_views::DecisionView;
use super::decisions::{DecisionPath, DecisionRecord};
use super::outcome::{admits, created, once};
use super::panel::{code, desk};
use crate::app::State;
use crate::auth::{Authz, scope};
use crate::http::{Created, Idempotency, IfMatch, Json, Path, Reply};
use crate::service::decisions::{Decided, NewDecision};
use crate::service::ratification;
use crate::service::urgent_decisions::{self, NewUrgentDecision};

/// Registers these routes.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(record_urgent_decision)
        .service(ratify_urgent_decision);
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

/// What the panel decided on an item that brings an urgent decision back to it.
#[dto(input)]
pub struct RatificationRecord {
    /// The booking of the item: of the same case, for the same kind of request.
    pub booking_id: Uuid,
    /// What the panel decided on it.
    #[rule(nested)]
    pub decision: DecisionRecord,
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

/// Ratify a decision outside panel
///
/// For an urgent decision that the council's policy sends back to the panel; its action `ratify_urgent_decision` says when it
/// is due. The panel's decision on the item is recorded as any other, by the same rules. A favourable outcome ratifies the
/// urgent decision, one that postpones leaves it waiting, and any other refuses it.
#[op(post "/v1/councils/{council}/decisions/{decisionId}/ratification", tag = "Panel", also(409, 503))]
async fn ratify_urgent_decision(
    who: Authz<scope::PanelDecide>,
    path: Path<DecisionPath>,
    version: IfMatch,
    key: Idempotency,
    body: Json<RatificationRecord>,
    state: State,
) -> Reply<Created<DecisionView>> {
    let desk = desk(&who, &state)?;
    let (council, today) = (desk.by.council.clone(), desk.desk.today());
    let answer = move |decided: &Decided| Ok(DecisionView::created(&council, decided, today));
    let once = once(&key, &desk.by, answer.clone());
    let (id, booking_id) = (path.decision_id.into(), body.0.booking_id.into());
    let new = body.0.decision.read()?;
    let made = ratification::ratify(&desk, id, admits(version), booking_id, new, once).await?;
    created(made, answer)
}
