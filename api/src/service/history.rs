//! The history of a case: what changed, by whom and why; the case as of any moment; what happened in date order.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;

use super::pages::{one_more, page};
use super::{Acting, Desk, ServiceError};
use crate::store::audit::{AuditEvent, AuditFilter, audit_list, audit_state_before};
use crate::store::cases::case_get;
use crate::store::ids::{AnyId, CaseId};
use crate::store::timeline::{TimelineEntry, TimelineKind, case_timeline};
use crate::store::{Conn, StoreError};

/// Subjects whose content is legally privileged.
const PRIVILEGED: [&str; 1] = ["legal_advice"];

/// How many events are read at a time where all of a case's are needed.
const STRIDE: i64 = 1_000;

/// Something that was changed in a case or in what belongs to it.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseChange {
    /// The event.
    pub event: AuditEvent,
    /// What is different after it; empty where its content is not for the caller.
    pub differences: Vec<Difference>,
}

/// A member that is different.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// Which, as a JSON Pointer.
    pub pointer: String,
    /// What it was; none where it was not there.
    pub before: Option<Value>,
    /// What it is; none where it is not there any more.
    pub after: Option<Value>,
}

/// A thing that belongs to a case, as it stood at a moment.
#[derive(Debug, Clone, PartialEq)]
pub struct StandingRecord {
    /// What kind of thing it is.
    pub kind: String,
    /// Its id.
    pub id: AnyId,
    /// Its version.
    pub version: i64,
    /// Since when it stood so.
    pub since: DateTime<Utc>,
    /// The thing, whole.
    pub document: Value,
}

/// Lists the changes of a case, newest first; the second part is where the next page begins, if there is one.
///
/// # Errors
/// [`ServiceError::NotFound`] when the case is not there for the caller.
pub async fn changes(
    desk: &Desk,
    by: &Acting,
    case_id: CaseId,
    privileged: bool,
    before: Option<i64>,
    limit: u16,
) -> Result<(Vec<CaseChange>, Option<i64>), ServiceError> {
    let asking = by.clone();
    let (changes, next) = desk
        .store
        .list(async move |conn: &mut Conn| {
            require(conn, &asking, case_id).await?;
            let filter = AuditFilter {
                case_id: Some(case_id),
                changes_only: true,
                ..AuditFilter::default()
            };
            let (council, rows) = (&asking.council, one_more(limit));
            let events = audit_list(conn, council, &filter, before, true, rows).await?;
            let (events, next) = page(events, limit, |event| event.seq);
            Ok::<_, ServiceError>((compared(conn, &asking, events, privileged).await?, next))
        })
        .await?;
    desk.record_read(by, "getCaseHistory", [case_id])?;
    Ok((changes, next))
}

/// A case and all that belongs to it, as they stood at a moment: the case first, then kind by kind.
///
/// # Errors
/// [`ServiceError::NotFound`] when the case is not there for the caller, or was not there then.
pub async fn as_of(
    desk: &Desk,
    by: &Acting,
    case_id: CaseId,
    at: DateTime<Utc>,
    privileged: bool,
) -> Result<Vec<StandingRecord>, ServiceError> {
    let asking = by.clone();
    let standing = desk
        .store
        .list(async move |conn: &mut Conn| {
            require(conn, &asking, case_id).await?;
            let filter = AuditFilter {
                case_id: Some(case_id),
                changes_only: true,
                until: Some(at + chrono::TimeDelta::microseconds(1)),
                ..AuditFilter::default()
            };
            let mut standing: HashMap<(String, AnyId), AuditEvent> = HashMap::new();
            let mut after = None;
            loop {
                let events =
                    audit_list(conn, &asking.council, &filter, after, false, STRIDE).await?;
                let Some(last) = events.last() else { break };
                after = Some(last.seq);
                for event in events {
                    if let Some(id) = event.subject_id {
                        standing.insert((event.subject_kind.clone(), id), event);
                    }
                }
            }
            Ok::<_, ServiceError>(standing)
        })
        .await?;
    let mut records = Vec::new();
    for ((kind, id), event) in standing {
        if PRIVILEGED.contains(&kind.as_str()) && !privileged {
            continue;
        }
        let document = parsed(event.document.as_deref())?.unwrap_or_default();
        let (version, since) = (event.subject_version.unwrap_or_default(), event.occurred_at);
        records.push(StandingRecord {
            kind,
            id,
            version,
            since,
            document,
        });
    }
    records.sort_by(|one, other| {
        let key = |record: &StandingRecord| (record.kind != "case", record.kind.clone(), record.id);
        key(one).cmp(&key(other))
    });
    if records.first().is_none_or(|first| first.kind != "case") {
        return Err(ServiceError::NotFound);
    }
    desk.record_read(by, "getCaseAsOf", [case_id])?;
    Ok(records)
}

/// What happened in a case, in the order of days; the second part is where the next page begins, if there is one.
///
/// # Errors
/// [`ServiceError::NotFound`] when the case is not there for the caller.
pub async fn timeline(
    desk: &Desk,
    by: &Acting,
    case_id: CaseId,
    kinds: Vec<TimelineKind>,
    after: Option<(NaiveDate, u8, AnyId)>,
    limit: u16,
) -> Result<(Vec<TimelineEntry>, Option<(NaiveDate, u8, AnyId)>), ServiceError> {
    let asking = by.clone();
    let entries = desk
        .store
        .list(async move |conn: &mut Conn| {
            require(conn, &asking, case_id).await?;
            Ok::<_, ServiceError>(case_timeline(conn, &asking.council, case_id).await?)
        })
        .await?;
    desk.record_read(by, "getCaseTimeline", [case_id])?;
    let key = |entry: &TimelineEntry| (entry.on, entry.kind as u8, entry.subject_id);
    let mut rest = entries
        .into_iter()
        .filter(|entry| kinds.is_empty() || kinds.contains(&entry.kind))
        .filter(|entry| after.is_none_or(|after| key(entry) > after));
    let page: Vec<TimelineEntry> = rest.by_ref().take(usize::from(limit)).collect();
    let more = rest.next().is_some();
    let next = page.last().filter(|_| more).map(key);
    Ok((page, next))
}

async fn require(conn: &mut Conn, by: &Acting, case_id: CaseId) -> Result<(), ServiceError> {
    case_get(conn, &by.council, &by.scope, case_id)
        .await?
        .map(|_| ())
        .ok_or(ServiceError::NotFound)
}

/// Each event with what is different from the state before it; `events` are newest first.
async fn compared(
    conn: &mut Conn,
    by: &Acting,
    events: Vec<AuditEvent>,
    privileged: bool,
) -> Result<Vec<CaseChange>, ServiceError> {
    let mut changes: Vec<CaseChange> = Vec::with_capacity(events.len());
    // On a page most states before an event are on the page too.
    let mut newer: HashMap<(String, AnyId), usize> = HashMap::new();
    for event in events {
        let hidden = PRIVILEGED.contains(&event.subject_kind.as_str()) && !privileged;
        let Some(id) = event.subject_id.filter(|_| !hidden) else {
            changes.push(CaseChange {
                event: AuditEvent { why: None, ..event },
                differences: Vec::new(),
            });
            continue;
        };
        let subject = (event.subject_kind.clone(), id);
        if let Some(change) = newer
            .insert(subject, changes.len())
            .and_then(|at| changes.get_mut(at))
        {
            change.differences =
                differences(event.document.as_deref(), change.event.document.as_deref())?;
        }
        changes.push(CaseChange {
            event,
            differences: Vec::new(),
        });
    }
    for ((kind, id), at) in newer {
        let Some(change) = changes.get_mut(at) else {
            continue;
        };
        let before = audit_state_before(conn, &by.council, &kind, id, change.event.seq).await?;
        let before = before.and_then(|event| event.document);
        change.differences = differences(before.as_deref(), change.event.document.as_deref())?;
    }
    Ok(changes)
}

fn parsed(document: Option<&str>) -> Result<Option<Value>, ServiceError> {
    Ok(document
        .map(serde_json::from_str)
        .transpose()
        .map_err(StoreError::from)?)
}

/// The members that are different between two states of a thing; versions and times of change always are, and left out.
fn differences(before: Option<&str>, after: Option<&str>) -> Result<Vec<Difference>, ServiceError> {
    let mut found = Vec::new();
    compare(
        "",
        parsed(before)?.as_ref(),
        parsed(after)?.as_ref(),
        &mut found,
    );
    found.retain(|difference| {
        difference.pointer != "/version" && difference.pointer != "/updatedAt"
    });
    Ok(found)
}

fn compare(
    pointer: &str,
    before: Option<&Value>,
    after: Option<&Value>,
    found: &mut Vec<Difference>,
) {
    let members = |value: Option<&Value>| {
        value
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default()
    };
    let both_objects = [before, after]
        .iter()
        .all(|value| value.is_none_or(Value::is_object));
    if both_objects && (before.is_some() || after.is_some()) {
        let (before, after) = (members(before), members(after));
        let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            let below = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
            compare(&below, before.get(name), after.get(name), found);
        }
    } else if before != after && !(before.is_none() && after == Some(&Value::Null)) {
        found.push(Difference {
            pointer: pointer.to_owned(),
            before: before.cloned(),
            after: after.cloned(),
        });
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_what_is_different_is_told() {
        let before =
            r#"{"team":"north","details":{"a":1,"b":[1]},"version":1,"updatedAt":"x","sex":null}"#;
        let after =
            r#"{"team":"south","details":{"a":1,"b":[2]},"version":2,"updatedAt":"y","sex":null}"#;
        let told: Vec<String> = differences(Some(before), Some(after))
            .unwrap()
            .into_iter()
            .map(|one| one.pointer)
            .collect();
        assert_eq!(told, ["/details/b", "/team"]);
    }

    #[test]
    fn the_first_state_is_all_new_but_for_what_is_null() {
        let first = differences(None, Some(r#"{"team":"north","sex":null}"#)).unwrap();
        assert_eq!(first.len(), 1);
        assert!(first.iter().all(|one| one.before.is_none()));
    }
}
