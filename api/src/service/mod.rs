//! The use cases, one function each: the only place where the store, core and the plugins meet.
//!
//! A function takes the [`Desk`] (what it works with), the [`Acting`] caller (who asks, and which cases exist for them),
//! and its question; it opens the one transaction, and what it changes goes to the audit in that transaction.
//! Nothing here knows HTTP.

mod additions;
pub mod arising;
pub mod attendance;
pub mod audit;
pub mod booking_lists;
pub mod bookings;
pub mod care_events;
pub mod care_history;
pub mod care_records;
pub mod case_facts;
pub mod cases;
pub mod children;
pub mod codes;
pub mod comparisons;
pub mod completions;
pub mod days;
pub mod decisions;
pub mod drift;
pub mod error;
pub mod exception_reports;
pub mod fact_sheet;
pub mod fitting;
pub mod follow_ups;
pub mod form_check;
pub mod forms;
pub mod guidance;
pub mod history;
pub mod imports;
pub mod item_judgement;
pub mod items;
pub mod judging;
pub mod legal_advice;
pub mod letters;
pub mod members;
pub mod merge_patch;
pub mod moves;
mod pages;
pub mod paperwork;
pub mod places;
pub mod policy;
pub mod questions;
pub mod ratification;
pub mod reports;
pub mod sign_off;
pub mod sitting_changes;
pub mod sitting_deadlines;
pub mod sitting_making;
pub mod sittings;
pub mod tracker_lists;
pub mod tracker_moves;
pub mod trackers;
pub mod urgent_decisions;

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use permanence_core::CouncilCode;

use crate::clock::Clock;
use crate::plugins::{Council, Councils};
use crate::store::audit::{Actor, Event};
use crate::store::cases::CaseScope;
use crate::store::idempotency::{
    Claim, Claimed, FirstAnswer, idempotency_answer_in_txn, idempotency_claim_in_txn,
};
use crate::store::ids::{AnyId, CaseId};
use crate::store::read_journal::{CaseRead, ReadJournal};
use crate::store::{Store, Tx};

pub use error::{Fault, ServiceError};

/// What the use cases work with; a clone is the same desk.
#[derive(Clone)]
pub struct Desk {
    /// Where records are kept.
    pub store: Store,
    /// Where reads are recorded.
    pub reads: Arc<ReadJournal>,
    /// What time it is.
    pub clock: Clock,
    /// The councils, each with its policy.
    pub councils: Councils,
}

/// Who asks, at which council, and which cases there are for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acting {
    /// The council in the path.
    pub council: CouncilCode,
    /// The caller.
    pub actor: Actor,
    /// The cases that exist for the caller; every query starts from it.
    pub scope: CaseScope,
    /// The request.
    pub request_id: Option<String>,
}

/// What was made, or what was answered when it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Made<T> {
    /// It was made now.
    New(T),
    /// It was made before, under the same key.
    Again(FirstAnswer),
}

/// Makes the answer to keep of what was made.
type Answering<T> = Box<dyn FnOnce(&T) -> Result<FirstAnswer, ServiceError> + Send>;

/// How a creation happens once: the key, and the answer to keep under it.
pub struct Once<T> {
    keyed: Option<(Claim, Answering<T>)>,
}

impl<T> Once<T> {
    /// Without a key: each request makes another.
    #[must_use]
    pub fn unkeyed() -> Self {
        Self { keyed: None }
    }

    /// Under a key; `answer` is what the first request is answered with, and every later one.
    pub fn keyed(
        claim: Claim,
        answer: impl FnOnce(&T) -> Result<FirstAnswer, ServiceError> + Send + 'static,
    ) -> Self {
        Self {
            keyed: Some((claim, Box::new(answer))),
        }
    }

    /// Does the work unless it was done under this key before, and keeps its answer.
    ///
    /// # Errors
    /// Those of the work, [`ServiceError::KeyReused`], and [`ServiceError::StillRunning`].
    pub async fn run_in_txn(
        self,
        tx: &mut Tx,
        now: DateTime<Utc>,
        work: impl AsyncFnOnce(&mut Tx) -> Result<T, ServiceError>,
    ) -> Result<Made<T>, ServiceError> {
        let Some((claim, answer)) = self.keyed else {
            return work(tx).await.map(Made::New);
        };
        match idempotency_claim_in_txn(tx, &claim, now).await? {
            Claimed::Again(first) => Ok(Made::Again(first)),
            Claimed::Reused => Err(ServiceError::KeyReused),
            Claimed::New => {
                let made = work(tx).await?;
                idempotency_answer_in_txn(tx, &claim, &answer(&made)?).await?;
                Ok(Made::New(made))
            }
        }
    }
}

impl Desk {
    /// The moment.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// The day in England.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        self.clock.today()
    }

    /// The caller's council, with its policy.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] when this server does not speak for it.
    pub fn council(&self, by: &Acting) -> Result<&Arc<Council>, ServiceError> {
        self.councils
            .get(by.council.as_str())
            .ok_or(ServiceError::NotFound)
    }

    /// Records that the caller is about to see these cases; the answer may leave only after this is well.
    ///
    /// # Errors
    /// When it cannot be recorded.
    pub fn record_read(
        &self,
        acting: &Acting,
        operation: &str,
        cases: impl IntoIterator<Item = CaseId>,
    ) -> Result<(), ServiceError> {
        let cases: Vec<CaseId> = cases.into_iter().collect();
        if cases.is_empty() {
            return Ok(());
        }
        let read = CaseRead {
            at: self.now(),
            actor: acting.actor.id.clone(),
            role: acting.actor.role.clone(),
            operation: operation.to_owned(),
            cases,
            request_id: acting.request_id.clone(),
        };
        Ok(self.reads.record(&acting.council, &read)?)
    }
}

impl Acting {
    /// An event of this caller's, to be recorded in the transaction of the change.
    ///
    /// # Errors
    /// When the state after it cannot be written as JSON.
    pub fn event(
        &self,
        now: DateTime<Utc>,
        operation: &str,
        subject: Subject,
        after: &impl serde::Serialize,
        why: Option<String>,
    ) -> Result<Event, ServiceError> {
        let document = serde_json::to_value(after).map_err(crate::store::StoreError::from)?;
        Ok(Event {
            council: self.council.clone(),
            occurred_at: now,
            actor: self.actor.clone(),
            operation: operation.to_owned(),
            subject_kind: subject.kind,
            subject_id: Some(subject.id),
            subject_version: Some(subject.version),
            case_id: subject.case_id,
            after_document: Some(document),
            why,
            request_id: self.request_id.clone(),
        })
    }
}

/// The thing that an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject {
    /// What kind of thing: `case`, `care_event`, `booking`.
    pub kind: &'static str,
    /// Which one.
    pub id: AnyId,
    /// The version that it has after the event.
    pub version: i64,
    /// The case that it belongs to.
    pub case_id: Option<CaseId>,
}
