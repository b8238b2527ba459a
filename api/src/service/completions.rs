//! Doing what follows from a decision: an action is completed, a record made, something handed round, a letter sent.
//!
//! Each is done once, by somebody, on a day; done after its due day it counts as late, and is taken all the same.

use chrono::NaiveDate;
use permanence_core::Code;
use serde_json::{Map, Value, json};

use super::ServiceError;
use super::codes::known_code;
use super::follow_ups::{subject, visible};
use super::policy::PanelDesk;
use super::sittings::Admits;
use crate::store::Tx;
use crate::store::audit::audit_record_in_txn;
use crate::store::follow_up_codes::{FollowUpKind, FollowUpStatus};
use crate::store::follow_ups::{FollowUp, follow_up_get, follow_up_update_in_txn};
use crate::store::ids::FollowUpId;

/// That something is done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Completion {
    /// The day; today where it is not said.
    pub on: Option<NaiveDate>,
    /// Anything to note.
    pub note: Option<String>,
    /// What else is kept of it, by its names on the wire.
    pub details: Map<String, Value>,
}

impl Completion {
    /// Notes to whom something went.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] for a role that the council does not have.
    pub(crate) fn sent_to(&mut self, desk: &PanelDesk, roles: &[Code]) -> Result<(), ServiceError> {
        let policy = desk.policy(desk.desk.today())?;
        for (index, role) in roles.iter().enumerate() {
            known_code(policy, "roles", &format!("/sentTo/{index}"), role)?;
        }
        self.details.insert("sentTo".into(), json!(roles));
        Ok(())
    }
}

/// Completes an action.
///
/// # Errors
/// Those of [`complete`].
pub async fn complete_action(
    desk: &PanelDesk,
    id: FollowUpId,
    admits: Admits,
    done: Completion,
) -> Result<FollowUp, ServiceError> {
    complete(
        desk,
        (FollowUpKind::Action, id),
        admits,
        done,
        "completeAction",
    )
    .await
}

/// Marks a record as made in the case system, with where it lies there.
///
/// # Errors
/// Those of [`complete`].
pub async fn complete_record(
    desk: &PanelDesk,
    id: FollowUpId,
    admits: Admits,
    mut done: Completion,
    reference: Option<String>,
) -> Result<FollowUp, ServiceError> {
    if let Some(reference) = reference {
        done.details.insert("reference".into(), reference.into());
    }
    complete(
        desk,
        (FollowUpKind::Record, id),
        admits,
        done,
        "completeRecord",
    )
    .await
}

/// Marks something as handed round, with whom it went to. Whom the policy names and it did not go to is kept with it.
///
/// # Errors
/// Those of [`complete`]; [`ServiceError::Invalid`] for a role that the council does not have.
pub async fn complete_distribution(
    desk: &PanelDesk,
    id: FollowUpId,
    admits: Admits,
    mut done: Completion,
    sent_to: Vec<Code>,
) -> Result<FollowUp, ServiceError> {
    done.sent_to(desk, &sent_to)?;
    complete(
        desk,
        (FollowUpKind::Distribution, id),
        admits,
        done,
        "completeDistribution",
    )
    .await
}

/// Completes a follow-up of one kind.
///
/// # Errors
/// [`ServiceError::NotFound`], [`ServiceError::Stale`], [`ServiceError::Conflict`] when it is not open,
/// [`ServiceError::Invalid`] for a day to come.
pub(crate) async fn complete(
    desk: &PanelDesk,
    (kind, id): (FollowUpKind, FollowUpId),
    admits: Admits,
    done: Completion,
    operation: &'static str,
) -> Result<FollowUp, ServiceError> {
    let today = desk.desk.today();
    change(desk, (kind, id), admits, operation, move |follow_up, by| {
        let on = done.on.unwrap_or(today);
        if on > today {
            return Err(ServiceError::invalid(
                "/completedOn",
                "in_the_future",
                "It cannot have been done in the future.",
            ));
        }
        follow_up.status = FollowUpStatus::Completed;
        follow_up.completed_on = Some(on);
        follow_up.completed_by = Some(by.to_owned());
        follow_up.note = done.note;
        add_details(follow_up, done.details);
        Ok(())
    })
    .await
}

/// Keeps further details of a follow-up.
pub(crate) fn add_details(follow_up: &mut FollowUp, more: Map<String, Value>) {
    if !more.is_empty() {
        let mut details = match std::mem::take(&mut follow_up.details) {
            Value::Object(members) => members,
            _ => Map::new(),
        };
        details.extend(more);
        follow_up.details = Value::Object(details);
    }
}

/// Changes an open follow-up of one kind that the caller may see, and keeps the event.
pub(crate) async fn change(
    desk: &PanelDesk,
    (kind, id): (FollowUpKind, FollowUpId),
    admits: Admits,
    operation: &'static str,
    edit: impl FnOnce(&mut FollowUp, &str) -> Result<(), ServiceError> + Send + 'static,
) -> Result<FollowUp, ServiceError> {
    let now = desk.desk.now();
    let by = desk.by.clone();
    let work = async move |tx: &mut Tx| {
        let found = follow_up_get(tx, &by.council, id)
            .await?
            .filter(|found| found.kind == kind);
        let mut follow_up = found.ok_or(ServiceError::NotFound)?;
        visible(tx, &by.council, &by.scope, &follow_up).await?;
        if !admits(follow_up.version) {
            return Err(ServiceError::Stale);
        }
        if follow_up.status != FollowUpStatus::Open {
            return Err(ServiceError::Conflict("It is not open any more.".into()));
        }
        edit(&mut follow_up, &by.actor.id)?;
        follow_up.updated_at = now;
        let follow_up = follow_up_update_in_txn(tx, &by.council, follow_up)
            .await?
            .ok_or(ServiceError::Stale)?;
        let event = by.event(now, operation, subject(&follow_up), &follow_up, None)?;
        audit_record_in_txn(tx, event);
        Ok(follow_up)
    };
    desk.desk.store.write(work).await
}
