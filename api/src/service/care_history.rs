//! Between a care history and the events that the store keeps of it.
//!
//! One record of a history is one event; its dates are the event's, the rest of it is the event's details. Events that
//! somebody recorded by hand are read the same way, so a history is whole whatever its sources.

use chrono::NaiveDate;
use permanence_core::care::{
    Adoption, AdoptionDecision, CareHistory, Coverage, Episode, PreviousPermanence, Review, Stretch,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::store::care_events::CareEvent;

/// An event that is not stored yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventDraft {
    /// What kind of record it is, one of [`KINDS`].
    pub kind: &'static str,
    /// The day it happened, or its first day.
    pub started_on: Option<NaiveDate>,
    /// Its last day.
    pub ended_on: Option<NaiveDate>,
    /// The rest of the record.
    pub details: Value,
    /// What its source knows it by: the same record has the same key in every import.
    pub source_key: String,
}

/// An episode of care.
pub const EPISODE: &str = "episode";
/// A statutory review.
pub const REVIEW: &str = "review";
/// The decision that a child should be placed for adoption.
pub const PLACED_FOR_ADOPTION: &str = "placed_for_adoption";
/// An adoption.
pub const ADOPTION: &str = "adoption";
/// Permanence before this time in care.
pub const PREVIOUS_PERMANENCE: &str = "previous_permanence";
/// A time missing.
pub const MISSING: &str = "missing";
/// A social worker's time with the child.
pub const SOCIAL_WORKER: &str = "social_worker";
/// A deprivation of liberty order.
pub const LIBERTY_ORDER: &str = "liberty_order";
/// A time as an unaccompanied child seeking asylum.
pub const ASYLUM_STATUS: &str = "asylum_status";

/// The kinds of event that a history is made of.
pub const KINDS: [&str; 9] = [
    EPISODE,
    REVIEW,
    PLACED_FOR_ADOPTION,
    ADOPTION,
    PREVIOUS_PERMANENCE,
    MISSING,
    SOCIAL_WORKER,
    LIBERTY_ORDER,
    ASYLUM_STATUS,
];

/// The events of a history. `origin` begins every source key, so that the records of two systems stay apart.
#[must_use]
pub fn drafts(history: &CareHistory, origin: &str) -> Vec<EventDraft> {
    let mut drafts = Vec::new();
    let mut add = |kind, started_on: Option<NaiveDate>, ended_on, key: String, record: Value| {
        drafts.push(EventDraft {
            kind,
            started_on,
            ended_on,
            details: record,
            source_key: format!("{origin}:{kind}:{key}"),
        });
    };
    for record in &history.episodes {
        let day = record.started_on;
        add(
            EPISODE,
            Some(day),
            record.ended_on,
            day.to_string(),
            details(record, &["startedOn", "endedOn"]),
        );
    }
    for record in &history.reviews {
        let day = record.held_on;
        add(
            REVIEW,
            Some(day),
            None,
            day.to_string(),
            details(record, &["heldOn"]),
        );
    }
    for record in &history.adoption_decisions {
        let day = record.decided_on;
        let rest = details(record, &["decidedOn", "reversedOn"]);
        add(
            PLACED_FOR_ADOPTION,
            Some(day),
            record.reversed_on,
            day.to_string(),
            rest,
        );
    }
    for record in &history.adoptions {
        let key = record
            .decided_on
            .map_or_else(|| "undated".to_owned(), |day| day.to_string());
        add(
            ADOPTION,
            record.decided_on,
            None,
            key,
            details(record, &["decidedOn"]),
        );
    }
    for record in &history.previous_permanence {
        add(
            PREVIOUS_PERMANENCE,
            None,
            None,
            record.option.clone(),
            details(record, &[]),
        );
    }
    for (kind, stretches) in [
        (MISSING, &history.missing),
        (SOCIAL_WORKER, &history.social_workers),
        (LIBERTY_ORDER, &history.liberty_orders),
    ] {
        for record in stretches {
            let day = record.started_on;
            add(
                kind,
                Some(day),
                record.ended_on,
                day.to_string(),
                details(record, &["startedOn", "endedOn"]),
            );
        }
    }
    if let Some(day) = history.asylum_status_ends_on {
        add(
            ASYLUM_STATUS,
            None,
            Some(day),
            "status".to_owned(),
            Value::Object(Map::new()),
        );
    }
    drafts
}

/// The history that stored events tell, and how many of them could not be read as what their kind says.
#[must_use]
pub fn history<'a>(
    date_of_birth: Option<NaiveDate>,
    events: impl IntoIterator<Item = &'a CareEvent>,
    coverage: Coverage,
) -> (CareHistory, usize) {
    let mut history = CareHistory {
        date_of_birth,
        coverage,
        ..CareHistory::default()
    };
    let mut unreadable = 0;
    for event in events
        .into_iter()
        .filter(|event| event.withdrawn_on.is_none())
    {
        unreadable += usize::from(!add_event(&mut history, event));
    }
    history
        .episodes
        .sort_by_key(|record: &Episode| record.started_on);
    history
        .reviews
        .sort_by_key(|record: &Review| record.held_on);
    history
        .adoption_decisions
        .sort_by_key(|record: &AdoptionDecision| record.decided_on);
    history
        .adoptions
        .sort_by_key(|record: &Adoption| record.decided_on);
    for stretches in [
        &mut history.missing,
        &mut history.social_workers,
        &mut history.liberty_orders,
    ] {
        stretches.sort_by_key(|record: &Stretch| record.started_on);
    }
    (history, unreadable)
}

fn add_event(history: &mut CareHistory, event: &CareEvent) -> bool {
    match event.kind.as_str() {
        EPISODE => push(&mut history.episodes, event, "startedOn", "endedOn"),
        REVIEW => push(&mut history.reviews, event, "heldOn", ""),
        PLACED_FOR_ADOPTION => push(
            &mut history.adoption_decisions,
            event,
            "decidedOn",
            "reversedOn",
        ),
        ADOPTION => push(&mut history.adoptions, event, "decidedOn", ""),
        PREVIOUS_PERMANENCE => {
            push::<PreviousPermanence>(&mut history.previous_permanence, event, "", "")
        }
        MISSING => push(&mut history.missing, event, "startedOn", "endedOn"),
        SOCIAL_WORKER => push(&mut history.social_workers, event, "startedOn", "endedOn"),
        LIBERTY_ORDER => push(&mut history.liberty_orders, event, "startedOn", "endedOn"),
        ASYLUM_STATUS => {
            history.asylum_status_ends_on = event.ended_on.or(history.asylum_status_ends_on);
            true
        }
        // Plans, meetings, assessments: no part of the care history.
        _ => true,
    }
}

fn details(record: &impl Serialize, dates: &[&str]) -> Value {
    // A struct of plain values always has a JSON form.
    let mut value = serde_json::to_value(record).unwrap_or_default();
    if let Value::Object(members) = &mut value {
        for date in dates {
            members.remove(*date);
        }
    }
    value
}

fn push<T: DeserializeOwned>(
    records: &mut Vec<T>,
    event: &CareEvent,
    start: &str,
    end: &str,
) -> bool {
    let mut members = match &event.details {
        Value::Object(members) => members.clone(),
        _ => Map::new(),
    };
    for (name, day) in [(start, event.started_on), (end, event.ended_on)] {
        if let (false, Some(day)) = (name.is_empty(), day) {
            members.insert(name.to_owned(), Value::String(day.to_string()));
        }
    }
    let record = serde_json::from_value(Value::Object(members));
    let is_read = record.is_ok();
    records.extend(record);
    is_read
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use chrono::{DateTime, Utc};

    use super::*;
    use crate::integrations::ssda903::{SourceFile, read};
    use crate::store::ids::{CareEventId, CaseId};

    fn stored(draft: &EventDraft) -> CareEvent {
        let at = DateTime::<Utc>::default();
        CareEvent {
            id: CareEventId::generate(),
            case_id: CaseId::generate(),
            kind: draft.kind.to_owned(),
            started_on: draft.started_on,
            ended_on: draft.ended_on,
            details: draft.details.clone(),
            source: "ssda903".to_owned(),
            source_key: Some(draft.source_key.clone()),
            withdrawn_on: None,
            version: 1,
            created_at: at,
            updated_at: at,
        }
    }

    #[test]
    fn a_history_comes_back_from_its_events_as_it_was() {
        let files = [
            (
                "e.csv",
                "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,URN\n1,01/05/2023,S,V2,N1,U6,PR1,01/09/2024,X1,SC1\n1,01/09/2024,B,E1,N1,A6,PR1,,,\n",
            ),
            ("r.csv", "CHILD,REVIEW,REVIEW_CODE\n1,20/05/2023,PN1\n"),
            (
                "p.csv",
                "CHILD,DATE_PLACED,DATE_PLACED_CEASED,REASON_PLACED_CEASED\n1,01/06/2024,,\n",
            ),
            (
                "a.csv",
                "CHILD,DATE_INT,DATE_MATCH,FOSTER_CARE\n1,01/06/2024,01/08/2024,0\n",
            ),
            (
                "v.csv",
                "CHILD,PREV_PERM,LA_PERM,DATE_PERM\n1,P2,,zz/03/2019\n",
            ),
            (
                "m.csv",
                "CHILD,MISSING,MIS_START,MIS_END\n1,M,01/02/2024,02/02/2024\n",
            ),
            (
                "s.csv",
                "CHILD,SW_ID,SW_DECOM,SW_DEC,SW_REASON\n1,SW1,01/05/2023,,FCONTA\n",
            ),
            ("d.csv", "CHILD,DOLO_START,DOLO_END\n1,01/02/2024,\n"),
            ("u.csv", "CHILD,SEX,DOB,DUC\n1,M,01/02/2010,01/02/2028\n"),
        ];
        let files: Vec<_> = files
            .iter()
            .map(|(name, text)| SourceFile {
                name,
                content: text.as_bytes().into(),
                year: None,
            })
            .collect();
        let reading = read(&files);
        let before = &reading.children.get("1").unwrap().history;
        let events: Vec<CareEvent> = drafts(before, "ssda903").iter().map(stored).collect();
        assert_eq!(events.len(), 10);
        let (after, unreadable) = history(before.date_of_birth, &events, before.coverage.clone());
        assert_eq!((&after, unreadable), (before, 0));
    }

    #[test]
    fn an_event_that_is_not_what_it_says_is_counted_and_left_out() {
        let draft = EventDraft {
            kind: EPISODE,
            started_on: None,
            ended_on: None,
            details: Value::Null,
            source_key: "x".to_owned(),
        };
        assert_eq!(history(None, &[stored(&draft)], Coverage::default()).1, 1);
    }
}
