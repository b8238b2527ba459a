//! A council's trackers: which children stand in which section, what is held of them there, and what was reported.

use chrono::NaiveDate;
use permanence_core::rulebook::{Policy, Tracker};
use permanence_core::{Code, CouncilCode};
use serde_json::{Map, Value};

use super::cases::Admits;
use super::children::{Child, child_of, with_child};
use super::codes::known_code;
use super::fact_sheet::FactSheet;
use super::fitting::fits;
use super::merge_patch::merged;
use super::policy::{PanelDesk, refuse_blocked};
use super::{Made, Once, ServiceError, Subject};
use crate::plugins::What;
use crate::store::audit::audit_record_in_txn;
use crate::store::ids::{CaseId, TrackerEntryId};
use crate::store::tracker_entries::{
    Feedback, TrackerEntry, tracker_entry_create_in_txn, tracker_entry_get,
    tracker_entry_update_in_txn,
};
use crate::store::{Conn, Tx};

/// Reports on one entry that are kept with it.
const MOST_FEEDBACK: usize = 500;

/// A child who is put on a tracker.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEntry {
    /// The tracker; the first of the council where none is named.
    pub tracker: Option<Code>,
    /// The case.
    pub case_id: CaseId,
    /// The section.
    pub section: Option<Code>,
    /// Who leads it for this child; the section's lead where it has one and none is named.
    pub lead: Option<Code>,
    /// The day of joining; today where it is not said.
    pub joined_on: Option<NaiveDate>,
    /// The role that adds the child.
    pub added_by: Option<Code>,
    /// What is held there.
    pub content: Map<String, Value>,
}

/// Puts a child on a tracker.
///
/// # Errors
/// [`ServiceError::NotFound`] when the case is not there for the caller, [`ServiceError::Refused`] with the clause,
/// [`ServiceError::Invalid`] with a pointer for each place that does not fit, [`ServiceError::AlreadyExists`] when the child
/// stands in a section of this tracker already.
pub async fn record(
    desk: &PanelDesk,
    new: NewEntry,
    once: Once<TrackerEntry>,
) -> Result<Made<TrackerEntry>, ServiceError> {
    let now = desk.desk.now();
    let planned = plan(desk, new).await;
    let by = desk.by.clone();
    let work = async move |tx: &mut Tx| {
        once.run_in_txn(tx, now, async |tx| {
            let entry = planned?;
            tracker_entry_create_in_txn(tx, &by.council, &entry).await?;
            let event = by.event(now, "recordTrackerEntry", subject(&entry), &entry, None)?;
            audit_record_in_txn(tx, event);
            Ok(entry)
        })
        .await
    };
    desk.desk.store.write(work).await
}

async fn plan(desk: &PanelDesk, new: NewEntry) -> Result<TrackerEntry, ServiceError> {
    let (now, today) = (desk.desk.now(), desk.desk.today());
    let child = child_of(desk, new.case_id).await?;
    let joined_on = new.joined_on.unwrap_or(today);
    if joined_on > today {
        return Err(future("/joinedOn"));
    }
    let policy = desk.policy(joined_on)?;
    let tracker = tracker_of(policy, new.tracker.as_ref()).ok_or_else(|| {
        let message = "The council's policy has no tracker of this code.";
        ServiceError::invalid("/tracker", "unknown_code", message)
    })?;
    let lead = placed(tracker, "/section", new.section.as_ref(), new.lead)?;
    let roles = [
        ("/lead", lead.as_ref()),
        ("/addedBy", new.added_by.as_ref()),
    ];
    for (pointer, role) in roles {
        if let Some(role) = role {
            known_code(policy, "roles", pointer, role)?;
        }
    }
    fits(desk, policy, What::Tracker, &tracker.code, &new.content)?;
    let mut sheet = child_facts(&child, &new.content, policy, joined_on)?;
    sheet
        .text("section", new.section.as_ref().map(Code::as_str))
        .code("added_by", new.added_by.as_ref());
    let tracking = permanence_core::Capability::Tracking;
    let answer = desk.ask(tracking, joined_on, sheet.into_facts()).await?;
    refuse_blocked([&answer], "/section")?;
    Ok(TrackerEntry {
        id: TrackerEntryId::generate(),
        tracker: tracker.code.clone(),
        section: new.section,
        lead,
        case_id: new.case_id,
        joined_on,
        added_by: new.added_by,
        left_on: None,
        content: new.content,
        feedback: Vec::new(),
        moves: Vec::new(),
        judged_by: desk.judged_by(policy),
        version: 1,
        created_at: now,
        updated_at: now,
    })
}

/// Reads an entry.
///
/// # Errors
/// [`ServiceError::NotFound`] when it, or its case, is not there for the caller.
pub async fn get(desk: &PanelDesk, id: TrackerEntryId) -> Result<TrackerEntry, ServiceError> {
    let (entry, _) = find(desk, id).await?;
    desk.desk
        .record_read(&desk.by, "getTrackerEntry", [entry.case_id])?;
    Ok(entry)
}

/// Changes what is held of a child on a tracker.
///
/// # Errors
/// [`ServiceError::NotFound`], [`ServiceError::Stale`], [`ServiceError::Invalid`], and [`ServiceError::Conflict`] when the
/// policy of today has no such tracker.
pub async fn update(
    desk: &PanelDesk,
    id: TrackerEntryId,
    admits: Admits,
    content: Map<String, Value>,
    why: Option<String>,
) -> Result<TrackerEntry, ServiceError> {
    let (before, _) = find(desk, id).await?;
    if !admits(before.version) {
        return Err(ServiceError::Stale);
    }
    let policy = desk.policy(desk.desk.today())?;
    let tracker = tracker_of(policy, Some(&before.tracker)).ok_or_else(gone)?;
    let mut after = before.clone();
    after.content = merged(after.content, content);
    if after == before {
        return Ok(before);
    }
    fits(desk, policy, What::Tracker, &tracker.code, &after.content)?;
    after.judged_by = desk.judged_by(policy);
    keep(desk, after, "updateTrackerEntry", why).await
}

/// Records a report on a child in a section.
///
/// # Errors
/// [`ServiceError::NotFound`], [`ServiceError::Stale`], [`ServiceError::Invalid`], and [`ServiceError::Conflict`] when there
/// are too many.
pub async fn feed_back(
    desk: &PanelDesk,
    id: TrackerEntryId,
    admits: Admits,
    feedback: Feedback,
) -> Result<TrackerEntry, ServiceError> {
    let (mut entry, _) = find(desk, id).await?;
    if !admits(entry.version) {
        return Err(ServiceError::Stale);
    }
    let today = desk.desk.today();
    if feedback.given_on > today {
        return Err(future("/givenOn"));
    }
    let policy = desk.policy(feedback.given_on)?;
    known_code(policy, "roles", "/givenBy", &feedback.given_by)?;
    if entry.feedback.len() >= MOST_FEEDBACK {
        let message = "There are as many reports on this entry as it can hold.";
        return Err(ServiceError::Conflict(message.into()));
    }
    entry.feedback.push(feedback);
    entry.feedback.sort_by_key(|one| one.given_on);
    keep(desk, entry, "recordTrackerFeedback", None).await
}

/// Keeps a changed entry with its event.
pub(super) async fn keep(
    desk: &PanelDesk,
    entry: TrackerEntry,
    operation: &'static str,
    why: Option<String>,
) -> Result<TrackerEntry, ServiceError> {
    let (now, by) = (desk.desk.now(), desk.by.clone());
    let work = async move |tx: &mut Tx| {
        let entry = TrackerEntry {
            updated_at: now,
            ..entry
        };
        let entry = tracker_entry_update_in_txn(tx, &by.council, entry)
            .await?
            .ok_or(ServiceError::Stale)?;
        let event = by.event(now, operation, subject(&entry), &entry, why)?;
        audit_record_in_txn(tx, event);
        Ok::<_, ServiceError>(entry)
    };
    desk.desk.store.write(work).await
}

/// An entry of a case that the caller may see, with the child.
pub(super) async fn find(
    desk: &PanelDesk,
    id: TrackerEntryId,
) -> Result<(TrackerEntry, Child), ServiceError> {
    let get =
        async |conn: &mut Conn, council: &CouncilCode| tracker_entry_get(conn, council, id).await;
    with_child(desk, get, |entry| entry.case_id).await
}

pub(super) fn tracker_of<'a>(policy: &'a Policy, code: Option<&Code>) -> Option<&'a Tracker> {
    let mut trackers = policy.rulebook.trackers.iter();
    match code {
        Some(code) => trackers.find(|tracker| tracker.code == *code),
        None => trackers.next(),
    }
}

/// Who leads a child in a section: whoever is named, or the section's only lead.
pub(super) fn placed(
    tracker: &Tracker,
    pointer: &str,
    section: Option<&Code>,
    lead: Option<Code>,
) -> Result<Option<Code>, ServiceError> {
    let Some(section) = section else {
        if tracker.sections.is_empty() {
            return Ok(lead);
        }
        let message = "This tracker has sections: name one.";
        return Err(ServiceError::invalid(pointer, "missing_member", message));
    };
    let known = tracker.section(section).ok_or_else(|| {
        let message = "The tracker has no section of this code.";
        ServiceError::invalid(pointer, "unknown_code", message)
    })?;
    Ok(lead.or_else(|| match known.lead.as_slice() {
        [only] => Some(only.clone()),
        _ => None,
    }))
}

/// What is known of a child, and over it what the tracker holds of the child, without what a request says itself.
///
/// # Errors
/// Those of [`Child::facts`].
pub(super) fn child_facts(
    child: &Child,
    content: &Map<String, Value>,
    policy: &Policy,
    as_of: NaiveDate,
) -> Result<FactSheet, ServiceError> {
    const SAID_HERE: [&str; 9] = [
        "section",
        "from",
        "to",
        "to_section",
        "outcome",
        "added_by",
        "tracker_meeting",
        "tracker_meeting_id",
        "last_feedback_on",
    ];
    let mut known = FactSheet::from(child.facts(policy.dictionary(), as_of)?);
    known.read(content, policy.dictionary());
    let mut sheet = FactSheet::default();
    for (name, value) in known.into_facts().iter() {
        if !SAID_HERE.contains(&name.as_str()) {
            sheet.set(name.as_str(), Some(value.clone()));
        }
    }
    Ok(sheet)
}

pub(super) fn gone() -> ServiceError {
    ServiceError::Conflict("The council's policy has no such tracker any more.".into())
}

pub(super) fn future(pointer: &str) -> ServiceError {
    let message = "It cannot be recorded before its day.";
    ServiceError::invalid(pointer, "in_the_future", message)
}

/// An entry in the audit.
#[must_use]
pub fn subject(entry: &TrackerEntry) -> Subject {
    Subject {
        kind: "tracker_entry",
        id: entry.id.untyped(),
        version: entry.version,
        case_id: Some(entry.case_id),
    }
}
