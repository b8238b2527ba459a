//! Ratifying a decision that was made outside panel: the council's policy says whether it comes back, and to which sitting.
//!
//! What comes back is brought to a sitting like any other item. The panel's decision on that item ratifies the urgent one
//! or refuses it, and is judged by the same rules as all its decisions; one that only postpones leaves it waiting.

use chrono::NaiveDate;
use permanence_core::rulebook::Policy;
use permanence_core::{Answer, ClauseId, Code};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::arising::{responsible_role, results_by_clause};
use super::bookings::load;
use super::codes::{group_of, postpones};
use super::decisions::{Decided, NewDecision, subject, write_in_txn};
use super::follow_ups::{Draft, subject as follow_up_subject};
use super::judging::{Planned, judge_item};
use super::policy::PanelDesk;
use super::sittings::Admits;
use super::{Made, Once, ServiceError};
use crate::store::audit::Event;
use crate::store::cases::case_get;
use crate::store::decisions::{Decision, DecisionKind, decision_get, decision_update_in_txn};
use crate::store::follow_up_codes::{FollowUpKind, FollowUpStatus};
use crate::store::follow_ups::{follow_up_list_of_decision, follow_up_update_in_txn};
use crate::store::ids::{BookingId, DecisionId};
use crate::store::{Conn, Tx};

/// What is to be done about a decision that comes back.
pub const RATIFY: &str = "ratify_urgent_decision";

/// Where a decision's way back lies in its details.
const PLACE: &str = "ratification";

/// Where the ratification of a decision stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RatificationState {
    /// It waits for the panel.
    Awaited,
    /// The panel ratified it.
    Ratified,
    /// The panel decided otherwise.
    Refused,
}

/// The way back to panel of a decision made outside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ratification {
    /// Where it stands.
    pub state: RatificationState,
    /// The sitting to which the policy sends it; none where it does not say, or knows of none.
    pub due_on: Option<NaiveDate>,
    /// The clauses that send it there.
    pub clauses: Vec<ClauseId>,
    /// The panel's decision that ratified or refused it.
    pub decision_id: Option<DecisionId>,
}

impl Ratification {
    /// What the policy says of the way back, told by its clauses on retrospective items; none where it asks for none.
    pub(crate) fn asked_for<'a>(
        policy: &Policy,
        answers: impl IntoIterator<Item = &'a Answer>,
    ) -> Option<Self> {
        let mut found: Option<Self> = None;
        for (id, results) in answers.into_iter().flat_map(results_by_clause) {
            let topic = policy.clause(&id).map(|clause| clause.topic.as_str());
            if topic != Some("retrospective") || !sends_back(&results) {
                continue;
            }
            let one = found.get_or_insert_with(|| Self {
                state: RatificationState::Awaited,
                due_on: None,
                clauses: Vec::new(),
                decision_id: None,
            });
            one.due_on = one.due_on.or_else(|| due_on(&results));
            if !one.clauses.contains(&id) {
                one.clauses.push(id);
            }
        }
        found
    }

    /// That of a decision; none where it does not come back.
    #[must_use]
    pub fn of(decision: &Decision) -> Option<Self> {
        serde_json::from_value(decision.details.get(PLACE)?.clone()).ok()
    }

    /// Notes it on a decision.
    pub(crate) fn note_on(&self, decision: &mut Decision) {
        if let Value::Object(details) = &mut decision.details {
            details.insert(PLACE.to_owned(), json!(self));
        }
    }

    /// What is to be done about it, with the other actions of the decision.
    pub(crate) fn draft(&self, policy: &Policy) -> Option<Draft> {
        let mut roles = self
            .clauses
            .iter()
            .filter_map(|id| responsible_role(policy, id));
        Some(Draft {
            kind: FollowUpKind::Action,
            code: Code::new(RATIFY).ok()?,
            responsible_role: roles.next(),
            due_on: self.due_on,
            clauses: self.clauses.clone(),
            details: Map::new(),
        })
    }
}

fn sends_back(results: &Map<String, Value>) -> bool {
    results.contains_key("targetPanelOn")
        || results.get("ratificationRequired") == Some(&Value::Bool(true))
}

fn due_on(results: &Map<String, Value>) -> Option<NaiveDate> {
    results.get("targetPanelOn")?.as_str()?.parse().ok()
}

/// Records what the panel decided on an item that brings an urgent decision back, and settles the urgent decision by it.
///
/// # Errors
/// Those of recording a decision; [`ServiceError::Conflict`] when the decision waits for no ratification,
/// [`ServiceError::Invalid`] for an item of another case or request.
pub async fn ratify(
    desk: &PanelDesk,
    id: DecisionId,
    admits: Admits,
    booking_id: BookingId,
    new: NewDecision,
    once: Once<Decided>,
) -> Result<Made<Decided>, ServiceError> {
    let now = desk.desk.now();
    // A repeated request must get as far as its key, although the decision is settled by then.
    let planned = plan(desk, id, &admits, booking_id, &new).await;
    let by = desk.by.clone();
    let work = async move |tx: &mut Tx| {
        once.run_in_txn(tx, now, async |tx| {
            let (urgent, planned) = planned?;
            let events = settle_in_txn(tx, &by, urgent, &planned.1).await?;
            write_in_txn(tx, &by, planned, events, OPERATION).await
        })
        .await
    };
    desk.desk.store.write(work).await
}

const OPERATION: &str = "ratifyUrgentDecision";

/// The urgent decision as it is to become, and the panel's decision.
async fn plan(
    desk: &PanelDesk,
    id: DecisionId,
    admits: &Admits,
    booking_id: BookingId,
    new: &NewDecision,
) -> Result<(Decision, Planned), ServiceError> {
    let mut urgent = load_urgent(desk, id).await?;
    if !admits(urgent.version) {
        return Err(ServiceError::Stale);
    }
    let awaited = Ratification::of(&urgent)
        .filter(|ratification| ratification.state == RatificationState::Awaited);
    let Some(mut ratification) = awaited else {
        return Err(ServiceError::Conflict(
            "The decision does not wait for the panel.".into(),
        ));
    };
    let item = load(desk, booking_id).await.map_err(|error| match error {
        ServiceError::NotFound => other_item("There is no such item, or it is not yours to see."),
        other => other,
    })?;
    let asked = urgent.details.get("requestType").and_then(Value::as_str);
    if item.booking.case_id != urgent.case_id || asked != Some(item.booking.request_type.as_str()) {
        return Err(other_item(
            "The item is of another case, or of another request, than the decision.",
        ));
    }
    let (item, mut decision, drafts) = judge_item(desk, item, new)
        .await
        .map_err(|error| error.below("/decision"))?;
    if decision.decided_on < urgent.decided_on {
        return Err(ServiceError::invalid(
            "/decision/decidedOn",
            "out_of_order",
            "A decision is ratified after it was made.",
        ));
    }
    if let Value::Object(details) = &mut decision.details {
        details.insert("ratifies".into(), json!(urgent.id));
    }
    let policy = desk.policy(decision.decided_on)?;
    if !postpones(policy, &decision.outcome) {
        let is_favourable = group_of(policy, "outcomes", &decision.outcome)
            .is_some_and(|group| *group == *"favourable");
        if is_favourable {
            ratification.state = RatificationState::Ratified;
            urgent.ratified_on = Some(decision.decided_on);
            urgent.ratified_by = Some(decision.decided_by.clone());
        } else {
            ratification.state = RatificationState::Refused;
        }
        ratification.decision_id = Some(decision.id);
        ratification.note_on(&mut urgent);
    }
    Ok((urgent, (item, decision, drafts)))
}

fn other_item(message: &str) -> ServiceError {
    ServiceError::invalid("/bookingId", "not_found", message)
}

/// The urgent decision, if the caller may see its case.
async fn load_urgent(desk: &PanelDesk, id: DecisionId) -> Result<Decision, ServiceError> {
    let (council, scope) = (&desk.by.council, &desk.by.scope);
    let urgent = desk
        .desk
        .store
        .read(async |conn: &mut Conn| {
            let found = decision_get(conn, council, id).await?;
            let decision = found.ok_or(ServiceError::NotFound)?;
            let seen = case_get(conn, council, scope, decision.case_id).await?;
            seen.map(|_| decision).ok_or(ServiceError::NotFound)
        })
        .await?;
    if urgent.kind == DecisionKind::Urgent {
        Ok(urgent)
    } else {
        Err(ServiceError::Conflict(
            "The decision was made by the panel itself.".into(),
        ))
    }
}

/// Keeps what became of the urgent decision, and ends what was to be done about it.
async fn settle_in_txn(
    tx: &mut Tx,
    by: &super::Acting,
    urgent: Decision,
    panels: &Decision,
) -> Result<Vec<Event>, ServiceError> {
    let now = panels.created_at;
    let settled = Ratification::of(&urgent)
        .is_some_and(|ratification| ratification.state != RatificationState::Awaited);
    let urgent = Decision {
        updated_at: now,
        ..urgent
    };
    let kept = decision_update_in_txn(tx, &by.council, urgent)
        .await?
        .ok_or(ServiceError::Stale)?;
    let mut events = vec![by.event(now, OPERATION, subject(&kept), &kept, None)?];
    if !settled {
        return Ok(events);
    }
    let all = follow_up_list_of_decision(tx, &by.council, kept.id).await?;
    let waiting = all
        .into_iter()
        .filter(|one| one.code == *RATIFY && one.status == FollowUpStatus::Open);
    for mut action in waiting {
        action.status = FollowUpStatus::Completed;
        action.completed_on = Some(panels.decided_on);
        action.completed_by = Some(by.actor.id.clone());
        action.updated_at = now;
        let action = follow_up_update_in_txn(tx, &by.council, action)
            .await?
            .ok_or(ServiceError::Stale)?;
        events.push(by.event(now, OPERATION, follow_up_subject(&action), &action, None)?);
    }
    Ok(events)
}
