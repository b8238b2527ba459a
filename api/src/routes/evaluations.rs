//! Questions to a council's rules. Nothing is stored and no case is needed. Who may: whoever may read the policy.

use chrono::NaiveDate;
use permanence_api_macros::{dto, op};
use permanence_core::{Answer, Capability, ClauseId, Request};
use serde_json::{Map, Value};
use utoipa_actix_web::service_config::ServiceConfig;

use super::clauses::ClausePath;
use crate::app::State;
use crate::auth::{Authz, scope};
use crate::http::{Json, Path, Reply};
use crate::problem::Problem;
use crate::service::questions;

/// Registers these routes.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(evaluate_clause)
        .service(evaluate_sittings)
        .service(evaluate_quorum)
        .service(evaluate_booking)
        .service(evaluate_paperwork)
        .service(evaluate_decision)
        .service(evaluate_follow_up)
        .service(evaluate_urgent_decision)
        .service(evaluate_checkpoints)
        .service(evaluate_exceptions)
        .service(evaluate_routing)
        .service(evaluate_tracking)
        .service(evaluate_plan)
        .service(evaluate_reports);
}

/// What is known, and the day that the question is about.
#[dto(input)]
#[schema(example = json!({"asOf": "2026-03-02", "facts": {"becameLookedAfterOn": "2025-09-01"}}))]
pub struct EvaluationRequest {
    /// The day that the question is about; today where it is absent.
    #[schema(example = "2026-03-02")]
    pub as_of: Option<NaiveDate>,
    /// The edition of the policy to judge by; the one of the day where it is absent.
    #[rule(len(1, 80))]
    #[schema(example = json!(null))]
    pub edition: Option<String>,
    /// What is known, by the names of the council's fact dictionary (`getClause` gives those that a clause reads, with their types).
    /// A fact that is absent is not known; null is known to be none.
    /// A period (`from` and `to`; an end that is not told is the day asked about) ends at most 14610 days, forty years, after its
    /// first day.
    #[schema(value_type = Object)]
    pub facts: Map<String, Value>,
}

impl From<EvaluationRequest> for Request {
    fn from(request: EvaluationRequest) -> Self {
        Self {
            as_of: request.as_of,
            edition: request.edition,
            facts: request.facts,
        }
    }
}

type Asking = Authz<scope::PolicyRead>;

async fn evaluate(
    state: &State,
    who: &Asking,
    capability: Capability,
    body: Json<EvaluationRequest>,
) -> Reply<Json<Answer>> {
    let council = questions::council(&state.councils, who.council())?;
    let today = state.clock.today();
    Ok(Json(
        questions::evaluate(council, capability, &body.0.into(), today).await?,
    ))
}

/// Ask one clause
///
/// Answers with the results and findings that this clause alone produces.
/// A clause that computes nothing (its kind is `data` or `text`) is a 409.
/// A fact that the council's dictionary does not know, or a value of another type or outside its code list, is a 422 with its pointer.
#[op(post "/v1/councils/{council}/clauses/{clauseId}/evaluations", tag = "Policy", also(409))]
async fn evaluate_clause(
    who: Authz<scope::PolicyRead>,
    path: Path<ClausePath>,
    body: Json<EvaluationRequest>,
    state: State,
) -> Reply<Json<Answer>> {
    let council = questions::council(&state.councils, who.council())?;
    let clause = ClauseId::new(path.0.clause_id).map_err(|_| Problem::not_found())?;
    let today = state.clock.today();
    Ok(Json(
        questions::evaluate_clause(council, &clause, &body.0.into(), today).await?,
    ))
}

/// Ask for sittings
///
/// Which sittings, sessions, chairs and slots there are between two days, and each sitting's own deadlines.
#[op(post "/v1/councils/{council}/evaluations/sittings", tag = "Policy")]
async fn evaluate_sittings(
    who: Authz<scope::PolicyRead>,
    body: Json<EvaluationRequest>,
    state: State,
) -> Reply<Json<Answer>> {
    evaluate(&state, &who, Capability::Sittings, body).await
}

/// Ask whether a meeting is quorate
///
/// Whether this attendance is a quorum, who may take the chair, and who is missing.
#[op(post "/v1/councils/{council}/evaluations/quorum", tag = "Policy")]
async fn evaluate_quorum(
    who: Authz<scope::PolicyRead>,
    body: Json<EvaluationRequest>,
    state: State,
) -> Reply<Json<Answer>> {
    evaluate(&state, &who, Capability::Quorum, body).await
}

/// Ask whether a request may be booked
///
/// Whether this request may go on that sitting, who has to attend, and whether legal advice is needed.
#[op(post "/v1/councils/{council}/evaluations/booking", tag = "Policy")]
async fn evaluate_booking(
    who: Authz<scope::PolicyRead>,
    body: Json<EvaluationRequest>,
    state: State,
) -> Reply<Json<Answer>> {
    evaluate(&state, &who, Capability::Booking, body).await
}

/// Ask for the paperwork
///
/// The papers that this request needs, when they are due, what happens when they are late, and who may override that.
#[op(post "/v1/councils/{council}/evaluations/paperwork", tag = "Policy")]
async fn evaluate_paperwork(
    who: Authz<scope::PolicyRead>,
    body: Json<EvaluationRequest>,
    state: State,
) -> Reply<Json<Answer>> {
    evaluate(&state, &who, Capability::Paperwork, body).await
}

/// Ask about a decision
///
/// Which outcomes there are, who decides, when the chair may decide alone, and what has to be recorded with each.
#[op(post "/v1/councils/{council}/evaluations/decision", tag = "Policy")]
async fn evaluate_decision(
    who: Authz<scope::PolicyRead>,
    body: Json<EvaluationRequest>,
    state: State,
) -> Reply<Json<Answer>> {
    evaluate(&state, &who, Capability::Decision, body).await
}

/// Ask what follows from a decision
///
/// Actions with the role that answers for them and the day they are due, letters, records, minutes and who receives what.
#[op(post "/v1/councils/{council}/evaluations/follow-up", tag = "Policy")]
async fn evaluate_follow_up(
    who: Authz<scope::PolicyRead>,
    body: Json<EvaluationRequest>,
    state: State,
) -> Reply<Json<Answer>> {
    evaluate(&state, &who, Capability::FollowUp, body).await
}

/// Ask about a decision outside panel
///
/// Whether this may be decided outside panel, by whom, on what ground, and when it has to come back.
#[op(post "/v1/councils/{council}/evaluations/urgent-decision", tag = "Policy")]
async fn evaluate_urgent_decision(
    who: Authz<scope::PolicyRead>,
    body: Json<EvaluationRequest>,
    state: State,
) -> Reply<Json<Answer>> {
    evaluate(&state, &who, Capability::UrgentDecision, body).await
}

/// Ask for due dates
///
/// Every date that the facts of a case imply (reviews, plans, assessments, meetings), with its status as of the day.
#[op(post "/v1/councils/{council}/evaluations/checkpoints", tag = "Policy")]
async fn evaluate_checkpoints(
    who: Authz<scope::PolicyRead>,
    body: Json<EvaluationRequest>,
    state: State,
) -> Reply<Json<Answer>> {
    evaluate(&state, &who, Capability::Checkpoints, body).await
}

/// Ask for drift
///
/// Every drift flag on the facts of a case as of the day: the clause, when the clock started, when it ran out, and what could not be known.
#[op(post "/v1/councils/{council}/evaluations/exceptions", tag = "Policy")]
async fn evaluate_exceptions(
    who: Authz<scope::PolicyRead>,
    body: Json<EvaluationRequest>,
    state: State,
) -> Reply<Json<Answer>> {
    evaluate(&state, &who, Capability::Exceptions, body).await
}

/// Ask which way a request goes
///
/// Which panel or meeting must or may consider this request, which steps come in which order, and who may ask, lead or sign.
/// A council that says nothing of a way names the subject under `silent`: nothing is forbidden by it.
#[op(
    post "/v1/councils/{council}/evaluations/routing",
    tag = "Policy",
    example({"asOf": "2026-03-02", "facts": {
        "requestType": "special_guardianship_support", "requestedBy": "social_worker", "becameLookedAfterOn": "2025-09-01",
        "proceedingsIssuedOn": "2025-10-06"
    }})
)]
async fn evaluate_routing(
    who: Authz<scope::PolicyRead>,
    body: Json<EvaluationRequest>,
    state: State,
) -> Reply<Json<Answer>> {
    evaluate(&state, &who, Capability::Routing, body).await
}

/// Ask which trackers a case belongs to
///
/// The tracker sections that these facts put a case in, who leads each, which transfer is due, and what a section has still to report.
#[op(
    post "/v1/councils/{council}/evaluations/tracking",
    tag = "Policy",
    example({"asOf": "2026-03-02", "facts": {
        "inPreProceedings": true, "ploLetterSentOn": "2025-09-15", "placementOrderOn": null, "lastFeedbackOn": "2025-12-01"
    }})
)]
async fn evaluate_tracking(
    who: Authz<scope::PolicyRead>,
    body: Json<EvaluationRequest>,
    state: State,
) -> Reply<Json<Answer>> {
    evaluate(&state, &who, Capability::Tracking, body).await
}

/// Ask whether a plan is complete
///
/// Whether this plan, review record or form is complete and in line with policy: options, orders, forms and what each must hold.
/// What is missing is named, entry by entry; a plan is never refused because a council is silent on it.
#[op(
    post "/v1/councils/{council}/evaluations/plan",
    tag = "Policy",
    example({"asOf": "2026-03-02", "facts": {
        "option": "special_guardianship", "permanencePlanOn": "2026-01-12", "becameLookedAfterOn": "2025-09-01",
        "secondStatutoryReviewOn": "2026-01-20", "viewsRecorded": true
    }})
)]
async fn evaluate_plan(
    who: Authz<scope::PolicyRead>,
    body: Json<EvaluationRequest>,
    state: State,
) -> Reply<Json<Answer>> {
    evaluate(&state, &who, Capability::PlanCheck, body).await
}

/// Ask about reports
///
/// Which reports are due for these facts, for which period, what has to be in each, who signs and who receives it.
/// `listReports` names the reports that the policy knows.
#[op(
    post "/v1/councils/{council}/evaluations/reports",
    tag = "Policy",
    example({"asOf": "2026-03-02", "facts": {
        "placementOrderOn": "2025-05-12", "placedForAdoptionOn": null, "lastCompletedOn": "2025-11-20"
    }})
)]
async fn evaluate_reports(
    who: Authz<scope::PolicyRead>,
    body: Json<EvaluationRequest>,
    state: State,
) -> Reply<Json<Answer>> {
    evaluate(&state, &who, Capability::Reports, body).await
}
