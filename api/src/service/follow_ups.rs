//! Follow-ups: what is to be done, sent, recorded or handed round, by whom and by when, and what somebody was told.

use chrono::NaiveDate;
use permanence_core::{ClauseId, Code};
use serde_json::{Map, Value, json};

use super::pages::{cases_of, one_more, page};
use super::policy::PanelDesk;
use super::{ServiceError, Subject};
use crate::store::Conn;
use crate::store::cases::{CaseScope, case_get};
use crate::store::follow_up_codes::{FollowUpKind, FollowUpStatus};
use crate::store::follow_ups::{FollowUp, FollowUpFilter, NO_DAY, follow_up_list};
use crate::store::ids::{BookingId, CaseId, DecisionId, FollowUpId, SittingId};

/// What a follow-up belongs to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Origin {
    /// The case.
    pub case_id: Option<CaseId>,
    /// The item.
    pub booking_id: Option<BookingId>,
    /// The sitting.
    pub sitting_id: Option<SittingId>,
    /// The decision.
    pub decision_id: Option<DecisionId>,
}

/// Something that is to be done, before it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// What kind of thing it is.
    pub kind: FollowUpKind,
    /// What is to be done.
    pub code: Code,
    /// Who is to do it.
    pub responsible_role: Option<Code>,
    /// The last day in time.
    pub due_on: Option<NaiveDate>,
    /// The clauses that it comes from.
    pub clauses: Vec<ClauseId>,
    /// What else the policy says of it.
    pub details: Map<String, Value>,
}

impl Draft {
    /// The follow-up as it is stored.
    #[must_use]
    pub fn into_follow_up(self, origin: Origin, now: chrono::DateTime<chrono::Utc>) -> FollowUp {
        FollowUp {
            id: FollowUpId::generate(),
            kind: self.kind,
            code: self.code,
            case_id: origin.case_id,
            booking_id: origin.booking_id,
            sitting_id: origin.sitting_id,
            decision_id: origin.decision_id,
            responsible_role: self.responsible_role,
            due_on: self.due_on,
            due_key: self.due_on.unwrap_or(NO_DAY),
            completed_on: None,
            completed_by: None,
            // A notice asks for nothing: it is there to be read.
            status: match self.kind {
                FollowUpKind::Notice => FollowUpStatus::Completed,
                _ => FollowUpStatus::Open,
            },
            clauses: self.clauses,
            details: Value::Object(self.details),
            note: None,
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }
}

/// Lists follow-ups of one kind by due day; the second part is where the next page begins.
///
/// # Errors
/// Those of the store.
pub async fn list(
    desk: &PanelDesk,
    kind: FollowUpKind,
    filter: FollowUpFilter,
    after: Option<(NaiveDate, FollowUpId)>,
    limit: u16,
    operation: &str,
) -> Result<(Vec<FollowUp>, Option<(NaiveDate, FollowUpId)>), ServiceError> {
    let (council, scope) = (desk.by.council.clone(), desk.by.scope.clone());
    let follow_ups = desk
        .desk
        .store
        .list(async move |conn: &mut Conn| {
            let page = (after.as_ref(), one_more(limit));
            follow_up_list(conn, &council, &scope, kind, &filter, page).await
        })
        .await?;
    let (follow_ups, next) = page(follow_ups, limit, |last| (last.due_key, last.id));
    let cases = cases_of(follow_ups.iter().filter_map(|follow_up| follow_up.case_id));
    desk.desk.record_read(&desk.by, operation, cases)?;
    Ok((follow_ups, next))
}

/// Refuses a follow-up of a case that the caller may not see, as if it were not there.
pub(crate) async fn visible(
    conn: &mut Conn,
    council: &permanence_core::CouncilCode,
    scope: &CaseScope,
    follow_up: &FollowUp,
) -> Result<(), ServiceError> {
    let seen = match follow_up.case_id {
        Some(case_id) => case_get(conn, council, scope, case_id).await?.is_some(),
        None => scope.all,
    };
    if seen {
        Ok(())
    } else {
        Err(ServiceError::NotFound)
    }
}

/// Where a follow-up stands as of a day, by the rule that all councils share: the due day itself is in time.
#[must_use]
pub fn standing(follow_up: &FollowUp, as_of: NaiveDate) -> &'static str {
    match (follow_up.status, follow_up.due_on, follow_up.completed_on) {
        (FollowUpStatus::Cancelled, ..) => "cancelled",
        (FollowUpStatus::Completed, Some(due), Some(done)) if done > due => "completed_late",
        (FollowUpStatus::Completed, ..) => "completed_on_time",
        (FollowUpStatus::Open, Some(due), _) if as_of > due => "overdue",
        (FollowUpStatus::Open, ..) => "open",
    }
}

/// A follow-up in the audit.
#[must_use]
pub fn subject(follow_up: &FollowUp) -> Subject {
    Subject {
        kind: follow_up.kind.as_str(),
        id: follow_up.id.untyped(),
        version: follow_up.version,
        case_id: follow_up.case_id,
    }
}

/// A notice that somebody is told of something about an item.
#[must_use]
pub fn notice(
    code: Code,
    to: Option<Code>,
    due_on: Option<NaiveDate>,
    clauses: Vec<ClauseId>,
    about: Value,
) -> Draft {
    let details = match about {
        Value::Object(members) => members,
        other => Map::from_iter([("about".to_owned(), json!(other))]),
    };
    Draft {
        kind: FollowUpKind::Notice,
        code,
        responsible_role: to,
        due_on,
        clauses,
        details,
    }
}
