//! DER-REMOVAL-02: a removed case comes back only if the team manager asks and the chair of its session agrees.
//!
//! Passes: a match, asked by `team_manager`, agreed by `head_of_service_specialist_services`.
//! Fails: asked by `social_worker` (`role_not_authorised`); agreed by somebody who does not chair that session
//! (`decision_maker_not_authorised`).

use permanence_core::Code;
use permanence_core::facts::FactValue;
use permanence_plugin::answering::give;
use permanence_plugin::{ClauseAnswer, Context, Rule};

use crate::refusal::refuse;

/// The one role that may ask.
const ASKS: &str = "team_manager";
/// Words for the chair's consent.
const YES: [&str; 2] = ["agreed", "approved"];
/// Whoever chairs, without naming the post.
const CHAIR: [&str; 2] = ["panel_chair", "chair"];

pub(crate) fn answer(context: &Context<'_>, rule: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let facts = context.facts();
    let asked_by = facts.code("requested_by");
    let decided_by = facts.code("decided_by");
    let back = is_granted(context);
    // A case that never left the list stays on it, whatever becomes of the request.
    let status = match facts.code("item_status") {
        _ if back => "listed",
        Some(status) => status.as_str(),
        None => "removed_from_list",
    };
    give(&mut answer, "item_status", status);
    give(&mut answer, "maintained_by_chair", back);
    give(&mut answer, "accepted", true);
    give(&mut answer, "error", serde_json::Value::Null);
    // Nobody, where that is known, is nobody who may.
    let nobody = |name: &str| facts.get(name) == Some(&FactValue::None);
    if nobody("requested_by") || asked_by.is_some_and(|role| *role != ASKS) {
        refuse(
            &mut answer,
            context,
            rule,
            "role_not_authorised",
            "Only the team manager may ask for a case to stay on the list.",
        );
    } else if nobody("decided_by") || decided_by.is_some_and(|role| !may_decide(context, role)) {
        refuse(
            &mut answer,
            context,
            rule,
            "decision_maker_not_authorised",
            "Only the chair of the session in which the case is heard may keep it on the list.",
        );
    }
    answer
}

/// Whether the team manager asked, and the chair of the session agreed.
pub(crate) fn is_granted(context: &Context<'_>) -> bool {
    let facts = context.facts();
    let denied = ["agreed", "chair_consent"]
        .into_iter()
        .any(|name| facts.get(name) == Some(&FactValue::Boolean(false)))
        || facts
            .code("chair_decision")
            .is_some_and(|decision| !YES.contains(&decision.as_str()));
    !denied
        && facts.code("requested_by").is_some_and(|role| *role == ASKS)
        && facts
            .code("decided_by")
            .is_some_and(|role| may_decide(context, role))
}

/// The recorded chair decides; where none is recorded, whoever the policy, or our reading of it, has in the chair.
fn may_decide(context: &Context<'_>, role: &Code) -> bool {
    if CHAIR.contains(&role.as_str()) {
        return true;
    }
    let facts = context.facts();
    if let Some(chair) = facts.code("chair") {
        return chair == role;
    }
    let Some(panel) = context.panel() else {
        return false;
    };
    let sessions = match facts.code("session") {
        Some(named) => panel
            .sessions
            .iter()
            .filter(|session| session.code == *named)
            .collect(),
        // Nothing tells the session: the chair of any may be its chair.
        None if facts.code("request_type").is_none() => panel.sessions.iter().collect(),
        None => panel.sessions_for(facts.code("request_type"), facts.code("service")),
    };
    sessions
        .into_iter()
        .any(|session| session.chair.contains(role))
}
