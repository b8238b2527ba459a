//! One transaction's worth of children: their cases, their events, and the audit of all of it.
//!
//! Doing it twice changes nothing, which is what makes an interrupted import safe to begin again.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use permanence_core::care::{CareHistory, Coverage};
use serde::Serialize;

use super::SSDA903;
use crate::integrations::ssda903::report::{Action, Issue, Rule};
use crate::integrations::ssda903::{Child, Years, onto};
use crate::service::care_history::{EventDraft, drafts, history};
use crate::service::{Acting, ServiceError, Subject};
use crate::store::Tx;
use crate::store::audit::{Event, audit_record_in_txn};
use crate::store::care_events::{
    CareEvent, care_event_create_in_txn, care_event_list_of_source, care_event_update_in_txn,
};
use crate::store::cases::{
    Case, CaseStatus, case_create_in_txn, case_list_by_references, case_update_in_txn,
};
use crate::store::ids::{CareEventId, CaseId};

/// What all batches of one import share.
#[derive(Debug, Clone)]
pub(super) struct Context {
    pub(super) by: Acting,
    pub(super) now: DateTime<Utc>,
    pub(super) today: NaiveDate,
    pub(super) years: Years,
}

/// What came of a batch.
#[derive(Debug, Default)]
pub(super) struct Applied {
    pub(super) cases: Vec<(String, CaseId)>,
    pub(super) cases_created: u32,
    pub(super) cases_updated: u32,
    pub(super) cases_closed: u32,
    pub(super) cases_reopened: u32,
    pub(super) events_created: u32,
    pub(super) events_changed: u32,
    pub(super) events_withdrawn: u32,
    pub(super) issues: Vec<Issue>,
}

impl Applied {
    /// Adds what came of another batch.
    pub(super) fn add(&mut self, other: Self) {
        self.cases.extend(other.cases);
        self.cases_created += other.cases_created;
        self.cases_updated += other.cases_updated;
        self.cases_closed += other.cases_closed;
        self.cases_reopened += other.cases_reopened;
        self.events_created += other.events_created;
        self.events_changed += other.events_changed;
        self.events_withdrawn += other.events_withdrawn;
        self.issues.extend(other.issues);
    }
}

const OPERATION: &str = "createImport";
/// Why an import closes a case: whoever finds another reason there knows that a person closed it.
const LEFT_CARE: &str = "left_care";

/// Brings the children's cases and events to what the import says.
pub(super) async fn apply_in_txn(
    tx: &mut Tx,
    context: &Context,
    children: Vec<(String, Child)>,
) -> Result<Applied, ServiceError> {
    let mut batch = Batch {
        context,
        audit: Vec::new(),
        applied: Applied::default(),
    };
    let cases = batch.cases(tx, &children).await?;
    let council = &context.by.council;
    let ids: Vec<CaseId> = cases.values().map(|case| case.id).collect();
    let mut stored: HashMap<CaseId, Vec<CareEvent>> = HashMap::new();
    for event in care_event_list_of_source(tx, council, &ids, SSDA903).await? {
        stored.entry(event.case_id).or_default().push(event);
    }
    let mut new = Vec::new();
    for (reference, child) in children {
        let Some(case) = cases.get(&reference) else {
            continue;
        };
        let events = stored.remove(&case.id).unwrap_or_default();
        let (before, unreadable) = history(case.date_of_birth, &events, Coverage::default());
        if unreadable > 0 {
            tracing::warn!(
                unreadable,
                "events of an earlier import do not have the shape of their kind"
            );
        }
        let (after, issues) = onto(&reference, before, child.history, &context.years);
        batch.applied.issues.extend(issues);
        batch.settle(tx, case, &after).await?;
        batch
            .compare(tx, case.id, events, drafts(&after, SSDA903), &mut new)
            .await?;
        batch.applied.cases.push((reference, case.id));
    }
    care_event_create_in_txn(tx, council, &new).await?;
    for event in &new {
        batch.note(event_subject(event), event)?;
    }
    let Batch { audit, applied, .. } = batch;
    if !audit.is_empty() {
        for event in audit {
            audit_record_in_txn(tx, event);
        }
    }
    Ok(applied)
}

struct Batch<'a> {
    context: &'a Context,
    audit: Vec<Event>,
    applied: Applied,
}

impl Batch<'_> {
    fn note(&mut self, subject: Subject, after: &impl Serialize) -> Result<(), ServiceError> {
        let event = self
            .context
            .by
            .event(self.context.now, OPERATION, subject, after, None)?;
        self.audit.push(event);
        Ok(())
    }

    /// The case of every child: the one there is, or a new one.
    async fn cases(
        &mut self,
        tx: &mut Tx,
        children: &[(String, Child)],
    ) -> Result<BTreeMap<String, Case>, ServiceError> {
        let council = &self.context.by.council;
        let references: Vec<String> = children
            .iter()
            .map(|(reference, _)| reference.clone())
            .collect();
        let mut cases: BTreeMap<String, Case> = case_list_by_references(tx, council, &references)
            .await?
            .into_iter()
            .map(|case| (case.reference.clone(), case))
            .collect();
        for (reference, child) in children {
            let case = match cases.remove(reference) {
                None => {
                    let case = self.new_case(reference, child);
                    case_create_in_txn(tx, council, &case).await?;
                    self.applied.cases_created += 1;
                    self.note(case_subject(&case), &case)?;
                    case
                }
                Some(case) => self.updated(tx, case, child).await?,
            };
            cases.insert(reference.clone(), case);
        }
        Ok(cases)
    }

    fn new_case(&self, reference: &str, child: &Child) -> Case {
        Case {
            id: CaseId::generate(),
            reference: reference.to_owned(),
            given_name: None,
            family_name: None,
            date_of_birth: child.history.date_of_birth,
            sex: child.sex.clone(),
            social_worker: None,
            team: None,
            service: None,
            status: CaseStatus::Open,
            closed_on: None,
            closed_reason: None,
            source: SSDA903.to_owned(),
            details: serde_json::json!({}),
            version: 1,
            created_at: self.context.now,
            updated_at: self.context.now,
        }
    }

    /// A case that a person opened keeps what that person wrote: a return that says otherwise is reported.
    async fn updated(
        &mut self,
        tx: &mut Tx,
        case: Case,
        child: &Child,
    ) -> Result<Case, ServiceError> {
        let mut changed = case.clone();
        let from_returns = case.source == SSDA903;
        let born = child.history.date_of_birth;
        if from_returns || case.date_of_birth.is_none() {
            changed.date_of_birth = born.or(case.date_of_birth);
        } else if born.is_some() && born != case.date_of_birth {
            self.applied.issues.push(birth_differs(&case.reference));
        }
        if from_returns || case.sex.is_none() {
            changed.sex = child.sex.clone().or_else(|| case.sex.clone());
        }
        if changed == case {
            return Ok(case);
        }
        changed.updated_at = self.context.now;
        let kept = case_update_in_txn(tx, &self.context.by.council, changed).await?;
        let kept = kept.ok_or(ServiceError::Stale)?;
        self.applied.cases_updated += 1;
        self.note(case_subject(&kept), &kept)?;
        Ok(kept)
    }

    /// A case that returns opened ends with the time in care that they tell of, and begins again with the next one.
    async fn settle(
        &mut self,
        tx: &mut Tx,
        case: &Case,
        history: &CareHistory,
    ) -> Result<(), ServiceError> {
        let was_settled = case.closed_reason.as_deref() == Some(LEFT_CARE);
        let left_on = left_care_on(history).filter(|day| *day <= self.context.today);
        let mut changed = case.clone();
        let (rule, action) = match (case.status, left_on) {
            (CaseStatus::Open, Some(day)) => {
                changed.status = CaseStatus::Closed;
                changed.closed_on = Some(day);
                changed.closed_reason = Some(LEFT_CARE.to_owned());
                (Rule::LeftCare, Action::CaseClosed)
            }
            (CaseStatus::Closed, None) if was_settled => {
                changed.status = CaseStatus::Open;
                changed.closed_on = None;
                changed.closed_reason = None;
                (Rule::InCareAgain, Action::CaseReopened)
            }
            _ => return Ok(()),
        };
        // What a person opened stays open until a person closes it.
        if case.source != SSDA903 {
            return Ok(());
        }
        changed.updated_at = self.context.now;
        let kept = case_update_in_txn(tx, &self.context.by.council, changed).await?;
        let kept = kept.ok_or(ServiceError::Stale)?;
        match kept.status {
            CaseStatus::Closed => self.applied.cases_closed += 1,
            CaseStatus::Open => self.applied.cases_reopened += 1,
        }
        self.applied
            .issues
            .push(of_case(&case.reference, rule, action));
        self.note(case_subject(&kept), &kept)
    }

    /// Changes, revives and withdraws stored events, and gathers new ones.
    async fn compare(
        &mut self,
        tx: &mut Tx,
        case_id: CaseId,
        stored: Vec<CareEvent>,
        wanted: Vec<EventDraft>,
        new: &mut Vec<CareEvent>,
    ) -> Result<(), ServiceError> {
        let mut by_key: HashMap<String, CareEvent> = stored
            .into_iter()
            .filter_map(|event| Some((event.source_key.clone()?, event)))
            .collect();
        for draft in wanted {
            match by_key.remove(&draft.source_key) {
                None => new.push(self.event(case_id, draft)),
                Some(event) => {
                    let mut changed = event.clone();
                    changed.started_on = draft.started_on;
                    changed.ended_on = draft.ended_on;
                    changed.details = draft.details;
                    changed.withdrawn_on = None;
                    if changed != event {
                        self.applied.events_changed += 1;
                        self.keep(tx, changed).await?;
                    }
                }
            }
        }
        for mut event in by_key
            .into_values()
            .filter(|event| event.withdrawn_on.is_none())
        {
            event.withdrawn_on = Some(self.context.today);
            self.applied.events_withdrawn += 1;
            self.keep(tx, event).await?;
        }
        Ok(())
    }

    async fn keep(&mut self, tx: &mut Tx, mut event: CareEvent) -> Result<(), ServiceError> {
        event.updated_at = self.context.now;
        let kept = care_event_update_in_txn(tx, &self.context.by.council, event).await?;
        let kept = kept.ok_or(ServiceError::Stale)?;
        self.note(event_subject(&kept), &kept)
    }

    fn event(&mut self, case_id: CaseId, draft: EventDraft) -> CareEvent {
        self.applied.events_created += 1;
        CareEvent {
            id: CareEventId::generate(),
            case_id,
            kind: draft.kind.to_owned(),
            started_on: draft.started_on,
            ended_on: draft.ended_on,
            details: draft.details,
            source: SSDA903.to_owned(),
            source_key: Some(draft.source_key),
            withdrawn_on: None,
            version: 1,
            created_at: self.context.now,
            updated_at: self.context.now,
        }
    }
}

fn case_subject(case: &Case) -> Subject {
    Subject {
        kind: "case",
        id: case.id.untyped(),
        version: case.version,
        case_id: Some(case.id),
    }
}

fn event_subject(event: &CareEvent) -> Subject {
    Subject {
        kind: "care_event",
        id: event.id.untyped(),
        version: event.version,
        case_id: Some(event.case_id),
    }
}

fn birth_differs(reference: &str) -> Issue {
    Issue {
        column: Some("DOB".to_owned()),
        ..of_case(reference, Rule::BirthDiffers, Action::ValueNotUsed)
    }
}

/// A line about a whole case.
fn of_case(reference: &str, rule: Rule, action: Action) -> Issue {
    Issue {
        file: String::new(),
        table: None,
        row: None,
        column: None,
        rule,
        severity: rule.severity(),
        action,
        rows: None,
        child: Some(reference.to_owned()),
    }
}

/// The day on which the last time in care ended; none while one goes on, or where none is known.
fn left_care_on(history: &CareHistory) -> Option<NaiveDate> {
    let ends: Option<Vec<NaiveDate>> = history
        .episodes
        .iter()
        .map(|episode| episode.ended_on)
        .collect();
    ends?.into_iter().max()
}
