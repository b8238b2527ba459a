//! Opening, reading, changing and closing cases.

use chrono::NaiveDate;

use super::pages::{one_more, page};
use super::{Acting, Desk, Made, Once, ServiceError, Subject};
use crate::store::audit::audit_record_in_txn;
use crate::store::cases::{
    Case, CaseCursor, CaseFilter, CasePage, CaseSort, CaseStatus, case_create_in_txn,
    case_find_by_reference, case_get, case_is_visible, case_list, case_update_in_txn,
};
use crate::store::ids::CaseId;
use crate::store::{Conn, StoreError, Tx};

/// Whether the caller means this version of a thing.
pub type Admits = Box<dyn Fn(i64) -> bool + Send>;

/// A case to be opened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewCase {
    /// The council's own reference for it.
    pub reference: String,
    /// Given names.
    pub given_name: Option<String>,
    /// Family name.
    pub family_name: Option<String>,
    /// Date of birth.
    pub date_of_birth: Option<NaiveDate>,
    /// Sex as recorded, a code.
    pub sex: Option<String>,
    /// The social worker; the caller, if the caller's own cases are all that there are for them.
    pub social_worker: Option<String>,
    /// The team.
    pub team: Option<String>,
    /// The service.
    pub service: Option<String>,
}

/// What is to change in a case: `None` keeps, `Some(None)` clears.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CaseChanges {
    /// The council's own reference for it.
    pub reference: Option<String>,
    /// Given names.
    pub given_name: Option<Option<String>>,
    /// Family name.
    pub family_name: Option<Option<String>>,
    /// Date of birth.
    pub date_of_birth: Option<Option<NaiveDate>>,
    /// Sex as recorded.
    pub sex: Option<Option<String>>,
    /// The social worker.
    pub social_worker: Option<Option<String>>,
    /// The team.
    pub team: Option<Option<String>>,
    /// The service.
    pub service: Option<Option<String>>,
}

/// A page of cases to be listed.
#[derive(Debug, Clone)]
pub struct CaseQuestion {
    /// Which.
    pub filter: CaseFilter,
    /// In which order.
    pub sort: CaseSort,
    /// The other way round.
    pub descending: bool,
    /// After which case.
    pub after: Option<CaseCursor>,
    /// How many at most.
    pub limit: u16,
}

/// Opens a case.
///
/// # Errors
/// [`ServiceError::AlreadyExists`] when the council has a case with this reference; [`ServiceError::Invalid`] when it
/// would be none of the caller's.
pub async fn create(
    desk: &Desk,
    by: &Acting,
    new: NewCase,
    once: Once<Case>,
) -> Result<Made<Case>, ServiceError> {
    let now = desk.now();
    let case = Case {
        id: CaseId::generate(),
        reference: new.reference,
        given_name: new.given_name,
        family_name: new.family_name,
        date_of_birth: new.date_of_birth,
        sex: new.sex,
        social_worker: if by.scope.all {
            new.social_worker
        } else {
            new.social_worker.or(by.scope.worker.clone())
        },
        team: new.team,
        service: new.service,
        status: CaseStatus::Open,
        closed_on: None,
        closed_reason: None,
        source: "api".to_owned(),
        details: serde_json::json!({}),
        version: 1,
        created_at: now,
        updated_at: now,
    };
    let reference = case.reference.clone();
    let own = by.clone();
    let made = desk
        .store
        .write(async move |tx: &mut Tx| {
            once.run_in_txn(tx, now, async |tx| {
                if !case_is_visible(tx, &own.council, &own.scope, &case).await? {
                    return Err(not_the_callers());
                }
                case_create_in_txn(tx, &own.council, &case).await?;
                audit_record_in_txn(
                    tx,
                    own.event(now, "createCase", subject(&case), &case, None)?,
                );
                Ok(case)
            })
            .await
        })
        .await;
    match made {
        Err(ServiceError::AlreadyExists(_)) => Err(already_exists(desk, by, &reference).await?),
        other => other,
    }
}

/// Reads a case.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is none for the caller.
pub async fn get(
    desk: &Desk,
    by: &Acting,
    id: CaseId,
    operation: &str,
) -> Result<Case, ServiceError> {
    let found = desk
        .store
        .read(async |conn: &mut Conn| case_get(conn, &by.council, &by.scope, id).await)
        .await?;
    let case = found.ok_or(ServiceError::NotFound)?;
    desk.record_read(by, operation, [case.id])?;
    Ok(case)
}

/// Lists cases; the second part is where the next page begins, if there is one.
///
/// # Errors
/// Those of the store.
pub async fn list(
    desk: &Desk,
    by: &Acting,
    question: CaseQuestion,
    operation: &str,
) -> Result<(Vec<Case>, Option<CaseCursor>), ServiceError> {
    let (council, scope) = (by.council.clone(), by.scope.clone());
    let (sort, limit) = (question.sort, question.limit);
    let cases = desk
        .store
        .list(async move |conn: &mut Conn| {
            let page = CasePage {
                sort,
                descending: question.descending,
                after: question.after.as_ref(),
                limit: one_more(limit),
            };
            case_list(conn, &council, &scope, &question.filter, page).await
        })
        .await?;
    let (cases, next) = page(cases, limit, |last| CaseCursor::at(last, sort));
    desk.record_read(by, operation, cases.iter().map(|case| case.id))?;
    Ok((cases, next))
}

/// Changes a case.
///
/// # Errors
/// [`ServiceError::NotFound`], [`ServiceError::Stale`], [`ServiceError::AlreadyExists`] when the new reference is
/// another case's, [`ServiceError::Invalid`] when it would be none of the caller's any more.
pub async fn update(
    desk: &Desk,
    by: &Acting,
    id: CaseId,
    admits: Admits,
    changes: CaseChanges,
    why: Option<String>,
) -> Result<Case, ServiceError> {
    let reference = changes.reference.clone().unwrap_or_default();
    let outcome = change(desk, by, id, admits, "updateCase", why, move |case| {
        changes.apply(case);
        Ok(())
    })
    .await;
    match outcome {
        Err(ServiceError::AlreadyExists(_)) => Err(already_exists(desk, by, &reference).await?),
        other => other,
    }
}

/// Closes a case.
///
/// # Errors
/// [`ServiceError::NotFound`], [`ServiceError::Stale`], [`ServiceError::Conflict`] when it is closed already.
pub async fn close(
    desk: &Desk,
    by: &Acting,
    id: CaseId,
    admits: Admits,
    closed_on: Option<NaiveDate>,
    reason: String,
) -> Result<Case, ServiceError> {
    let today = desk.today();
    let closed_on = closed_on.unwrap_or(today);
    if closed_on > today {
        return Err(ServiceError::invalid(
            "/closedOn",
            "in_the_future",
            "A case is closed today or on a day before.",
        ));
    }
    let why = Some(reason.clone());
    change(desk, by, id, admits, "closeCase", why, move |case| {
        if case.status == CaseStatus::Closed {
            return Err(ServiceError::Conflict(
                "The case is closed already.".to_owned(),
            ));
        }
        case.status = CaseStatus::Closed;
        case.closed_on = Some(closed_on);
        case.closed_reason = Some(reason);
        Ok(())
    })
    .await
}

/// Reads a case for a change, makes the change, and keeps it with its event.
async fn change(
    desk: &Desk,
    by: &Acting,
    id: CaseId,
    admits: Admits,
    operation: &'static str,
    why: Option<String>,
    edit: impl FnOnce(&mut Case) -> Result<(), ServiceError> + Send + 'static,
) -> Result<Case, ServiceError> {
    let (now, by) = (desk.now(), by.clone());
    desk.store
        .write(async move |tx: &mut Tx| {
            let found = case_get(tx, &by.council, &by.scope, id).await?;
            let before = found.ok_or(ServiceError::NotFound)?;
            if !admits(before.version) {
                return Err(ServiceError::Stale);
            }
            let mut case = before.clone();
            edit(&mut case)?;
            if case == before {
                return Ok(before);
            }
            case.updated_at = now;
            if !case_is_visible(tx, &by.council, &by.scope, &case).await? {
                return Err(not_the_callers());
            }
            let kept = case_update_in_txn(tx, &by.council, case).await?;
            let case = kept.ok_or(ServiceError::Stale)?;
            audit_record_in_txn(tx, by.event(now, operation, subject(&case), &case, why)?);
            Ok(case)
        })
        .await
}

impl CaseChanges {
    fn apply(self, case: &mut Case) {
        fn set<T>(member: &mut T, change: Option<T>) {
            if let Some(value) = change {
                *member = value;
            }
        }
        set(&mut case.reference, self.reference);
        set(&mut case.given_name, self.given_name);
        set(&mut case.family_name, self.family_name);
        set(&mut case.date_of_birth, self.date_of_birth);
        set(&mut case.sex, self.sex);
        set(&mut case.social_worker, self.social_worker);
        set(&mut case.team, self.team);
        set(&mut case.service, self.service);
    }
}

/// A case as the subject of an event.
pub(crate) fn subject(case: &Case) -> Subject {
    Subject {
        kind: "case",
        id: case.id.untyped(),
        version: case.version,
        case_id: Some(case.id),
    }
}

fn not_the_callers() -> ServiceError {
    ServiceError::invalid(
        "/socialWorker",
        "out_of_scope",
        "The case must stay yours or one of your teams': you could not see it any more.",
    )
}

/// The fault of a reference that another case has; its id only for those who may see it.
async fn already_exists(
    desk: &Desk,
    by: &Acting,
    reference: &str,
) -> Result<ServiceError, ServiceError> {
    let id = desk
        .store
        .read(async |conn: &mut Conn| {
            let Some(other) = case_find_by_reference(conn, &by.council, reference).await? else {
                return Ok(None);
            };
            let visible = case_is_visible(conn, &by.council, &by.scope, &other).await?;
            Ok::<_, StoreError>(visible.then(|| other.id.untyped()))
        })
        .await?;
    Ok(ServiceError::AlreadyExists(id))
}
