//! Care events: recording what happened in a child's care, changing and withdrawing it.

use chrono::NaiveDate;
use serde_json::{Map, Value};

use super::care_records::{CareEventKind, faults};
use super::cases::Admits;
use super::pages::{one_more, page};
use super::{Acting, Desk, Made, Once, ServiceError, Subject};
use crate::store::audit::audit_record_in_txn;
use crate::store::care_events::{
    CareEvent, care_event_create_in_txn, care_event_get, care_event_list, care_event_update_in_txn,
};
use crate::store::cases::{Case, case_get};
use crate::store::ids::{CareEventId, CaseId};
use crate::store::{Conn, StoreError, Tx};

/// An event to be recorded by hand; its details have the shape of its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCareEvent {
    /// Its kind.
    pub kind: CareEventKind,
    /// The day it happened, or its first day.
    pub started_on: Option<NaiveDate>,
    /// Its last day.
    pub ended_on: Option<NaiveDate>,
    /// The record.
    pub details: Map<String, Value>,
    /// Who says so.
    pub source: Option<String>,
}

/// Makes the new state of an event of the old one.
pub type Edit = Box<dyn FnOnce(&mut CareEvent) -> Result<(), ServiceError> + Send>;

/// What is to change in an event.
pub struct CareEventChange {
    /// What makes the new state of the old one.
    pub edit: Edit,
    /// Why.
    pub why: Option<String>,
}

/// Records an event.
///
/// # Errors
/// [`ServiceError::NotFound`] when the case is not there for the caller.
pub async fn add_event(
    desk: &Desk,
    by: &Acting,
    case_id: CaseId,
    new: NewCareEvent,
    once: Once<CareEvent>,
) -> Result<Made<CareEvent>, ServiceError> {
    let faults = faults(new.kind, new.started_on, new.ended_on, &new.details);
    if !faults.is_empty() {
        return Err(ServiceError::Invalid(faults));
    }
    let (now, by) = (desk.now(), by.clone());
    let event = CareEvent {
        id: CareEventId::generate(),
        case_id,
        kind: new.kind.as_str().to_owned(),
        started_on: new.started_on,
        ended_on: new.ended_on,
        details: Value::Object(new.details),
        source: new.source.unwrap_or_else(|| "api".to_owned()),
        source_key: None,
        withdrawn_on: None,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    desk.store
        .write(async move |tx: &mut Tx| {
            once.run_in_txn(tx, now, async |tx| {
                case_of(tx, &by, case_id).await?;
                care_event_create_in_txn(tx, &by.council, std::slice::from_ref(&event)).await?;
                audit_record_in_txn(
                    tx,
                    by.event(now, "createCareEvent", event_subject(&event), &event, None)?,
                );
                Ok(event)
            })
            .await
        })
        .await
}

/// Reads an event.
///
/// # Errors
/// [`ServiceError::NotFound`] when it, or its case, is not there for the caller.
pub async fn get_event(
    desk: &Desk,
    by: &Acting,
    case_id: CaseId,
    id: CareEventId,
) -> Result<CareEvent, ServiceError> {
    let event = desk
        .store
        .read(async |conn: &mut Conn| {
            case_of(conn, by, case_id).await?;
            Ok::<_, ServiceError>(care_event_get(conn, &by.council, case_id, id).await?)
        })
        .await?
        .ok_or(ServiceError::NotFound)?;
    desk.record_read(by, "getCareEvent", [case_id])?;
    Ok(event)
}

/// Lists the events of a case; the second part is where the next page begins, if there is one.
///
/// # Errors
/// [`ServiceError::NotFound`] when the case is not there for the caller.
pub async fn list_events(
    desk: &Desk,
    by: &Acting,
    case_id: CaseId,
    kinds: Vec<CareEventKind>,
    after: Option<CareEventId>,
    limit: u16,
) -> Result<(Vec<CareEvent>, Option<CareEventId>), ServiceError> {
    let asking = by.clone();
    let events = desk
        .store
        .list(async move |conn: &mut Conn| {
            case_of(conn, &asking, case_id).await?;
            let kinds: Vec<String> = kinds.iter().map(|kind| kind.as_str().to_owned()).collect();
            let (council, rows) = (&asking.council, one_more(limit));
            let found = care_event_list(conn, council, case_id, &kinds, after, rows).await?;
            Ok::<_, ServiceError>(found)
        })
        .await?;
    desk.record_read(by, "listCareEvents", [case_id])?;
    Ok(page(events, limit, |event| event.id))
}

/// Changes or withdraws an event.
///
/// # Errors
/// [`ServiceError::NotFound`], [`ServiceError::Stale`], and those of the change.
pub async fn update_event(
    desk: &Desk,
    by: &Acting,
    case_id: CaseId,
    id: CareEventId,
    admits: Admits,
    change: CareEventChange,
) -> Result<CareEvent, ServiceError> {
    let (now, by) = (desk.now(), by.clone());
    desk.store
        .write(async move |tx: &mut Tx| {
            case_of(tx, &by, case_id).await?;
            let before = care_event_get(tx, &by.council, case_id, id)
                .await?
                .ok_or(ServiceError::NotFound)?;
            if !admits(before.version) {
                return Err(ServiceError::Stale);
            }
            let mut event = before.clone();
            (change.edit)(&mut event)?;
            if event == before {
                return Ok(before);
            }
            let kind = CareEventKind::parse(&event.kind)
                .ok_or(StoreError::Corrupt("a care event's kind"))?;
            let details = event.details.as_object().cloned().unwrap_or_default();
            let faults = faults(kind, event.started_on, event.ended_on, &details);
            if !faults.is_empty() {
                return Err(ServiceError::Invalid(faults));
            }
            event.updated_at = now;
            let event = care_event_update_in_txn(tx, &by.council, event)
                .await?
                .ok_or(ServiceError::Stale)?;
            let subject = event_subject(&event);
            audit_record_in_txn(
                tx,
                by.event(now, "updateCareEvent", subject, &event, change.why)?,
            );
            Ok(event)
        })
        .await
}

pub(super) async fn case_of(
    conn: &mut Conn,
    by: &Acting,
    case_id: CaseId,
) -> Result<Case, ServiceError> {
    case_get(conn, &by.council, &by.scope, case_id)
        .await?
        .ok_or(ServiceError::NotFound)
}

fn event_subject(event: &CareEvent) -> Subject {
    Subject {
        kind: "care_event",
        id: event.id.untyped(),
        version: event.version,
        case_id: Some(event.case_id),
    }
}
