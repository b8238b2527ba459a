//! What is known of a child: the case, what happened in care, what was said by name, and what the council's imports hold.
//!
//! Every question to a council's policy takes the facts of a child from here: of drift, of a booking, of a decision.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;
use permanence_core::care::{Coverage, facts as care_facts};
use permanence_core::facts::Dictionary;
use permanence_core::{CouncilCode, FactName, FactValue, Facts};
use serde_json::{Map, Value};

use super::care_history::history;
use super::policy::PanelDesk;
use super::{Fault, ServiceError};
use crate::store::care_events::{CareEvent, care_event_list_for_cases};
use crate::store::case_facts::{CaseFact, case_fact_list_for_cases};
use crate::store::cases::{Case, CaseScope, case_get};
use crate::store::ids::CaseId;
use crate::store::imports::import_coverage;
use crate::store::{Conn, StoreError};

/// A child with all that facts are made of.
#[derive(Debug, Clone)]
pub struct Child {
    /// The case.
    pub case: Case,
    /// What happened in care.
    pub events: Vec<CareEvent>,
    /// What was said of it by name.
    pub said: Vec<CaseFact>,
    /// What the council's imports hold: without it nothing follows from a record that is not there.
    pub coverage: Arc<Coverage>,
}

/// A child's records, if the caller may see the case.
///
/// # Errors
/// Whatever the database says.
pub async fn child_load(
    conn: &mut Conn,
    council: &CouncilCode,
    scope: &CaseScope,
    id: CaseId,
) -> Result<Option<Child>, StoreError> {
    let Some(case) = case_get(conn, council, scope, id).await? else {
        return Ok(None);
    };
    Ok(children_load(conn, council, vec![case]).await?.pop())
}

/// The child of a case that the caller may see.
///
/// # Errors
/// [`ServiceError::NotFound`] when the case is not there for the caller.
pub(super) async fn child_of(desk: &PanelDesk, case_id: CaseId) -> Result<Child, ServiceError> {
    let by = &desk.by;
    let found = desk
        .desk
        .store
        .read(async |conn: &mut Conn| child_load(conn, &by.council, &by.scope, case_id).await)
        .await?;
    found.ok_or(ServiceError::NotFound)
}

/// A record of a case that the caller may see, with the child: `get` reads the record, `case_of` says whose it is.
///
/// # Errors
/// [`ServiceError::NotFound`] when the record, or its case, is not there for the caller.
pub(super) async fn with_child<R>(
    desk: &PanelDesk,
    get: impl AsyncFnOnce(&mut Conn, &CouncilCode) -> Result<Option<R>, StoreError>,
    case_of: impl FnOnce(&R) -> CaseId,
) -> Result<(R, Child), ServiceError> {
    let by = &desk.by;
    let found = desk
        .desk
        .store
        .read(async |conn: &mut Conn| {
            let Some(record) = get(conn, &by.council).await? else {
                return Ok(None);
            };
            let child = child_load(conn, &by.council, &by.scope, case_of(&record)).await?;
            Ok::<_, StoreError>(child.map(|child| (record, child)))
        })
        .await?;
    found.ok_or(ServiceError::NotFound)
}

/// The records of many cases, in the order of `cases`.
///
/// # Errors
/// Whatever the database says.
pub async fn children_load(
    conn: &mut Conn,
    council: &CouncilCode,
    cases: Vec<Case>,
) -> Result<Vec<Child>, StoreError> {
    let ids: Vec<CaseId> = cases.iter().map(|case| case.id).collect();
    let coverage = Arc::new(import_coverage(conn, council).await?);
    let mut events: HashMap<CaseId, Vec<CareEvent>> = HashMap::new();
    for event in care_event_list_for_cases(conn, council, &ids).await? {
        events.entry(event.case_id).or_default().push(event);
    }
    let mut said: HashMap<CaseId, Vec<CaseFact>> = HashMap::new();
    for fact in case_fact_list_for_cases(conn, council, &ids).await? {
        said.entry(fact.case_id).or_default().push(fact);
    }
    let child = |case: Case| Child {
        events: events.remove(&case.id).unwrap_or_default(),
        said: said.remove(&case.id).unwrap_or_default(),
        coverage: Arc::clone(&coverage),
        case,
    };
    Ok(cases.into_iter().map(child).collect())
}

impl Child {
    /// Everything that the records tell as of a day: what the history tells, and over it what was said by name.
    /// What is dated after the day does not exist yet, unless the dictionary calls it planned.
    ///
    /// # Errors
    /// [`ServiceError::Internal`] when a record does not have the shape of its kind.
    pub fn facts(&self, dictionary: &Dictionary, as_of: NaiveDate) -> Result<Facts, ServiceError> {
        let coverage = Coverage::clone(&self.coverage);
        let (history, unreadable) = history(self.case.date_of_birth, &self.events, coverage);
        if unreadable > 0 {
            return Err(
                StoreError::Corrupt("a care event does not have the shape of its kind").into(),
            );
        }
        let mut members = care_facts(&history, as_of).to_json();
        members.extend(self.service(dictionary));
        // What a council's dictionary does not have, its policy cannot ask about.
        members.retain(|name, _| dictionary.by_wire_name(name).is_some());
        let said = self.said.iter();
        for fact in said.filter(|fact| fact.dated_on.is_none_or(|day| day <= as_of)) {
            if dictionary.by_wire_name(&fact.name.camel()).is_some() {
                members.insert(fact.name.camel(), fact.value.clone());
            }
        }
        let facts = Facts::read(&members, dictionary).map_err(|faults| {
            // A dictionary of a later edition may type a fact otherwise than when it was said.
            let fault = |fault: permanence_core::FactError| {
                Fault::new(fault.pointer, fault.code, fault.message)
            };
            ServiceError::Invalid(faults.into_iter().map(fault).collect())
        })?;
        let exists = |name: &FactName, value: &FactValue| {
            let planned = dictionary
                .get(name.as_str())
                .is_some_and(|fact| fact.planned);
            planned || value.as_date().is_none_or(|day| day <= as_of)
        };
        let standing = facts.iter().filter(|(name, value)| exists(name, value));
        Ok(standing
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect())
    }

    /// The service of the case; a text that is none of the council's codes tells its rules nothing.
    fn service(&self, dictionary: &Dictionary) -> Option<(String, Value)> {
        let member = (
            "service".to_owned(),
            Value::from(self.case.service.clone()?),
        );
        let alone = Map::from_iter([member.clone()]);
        Facts::read(&alone, dictionary).is_ok().then_some(member)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeMap;

    use chrono::{DateTime, Utc};
    use permanence_core::facts::{FactDefinition, FactType};
    use permanence_core::vocabulary::Vocabulary;
    use serde_json::json;

    use super::*;
    use crate::store::cases::CaseStatus;
    use crate::store::ids::CareEventId;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn case() -> Case {
        Case {
            id: CaseId::generate(),
            reference: "CH-1".to_owned(),
            given_name: None,
            family_name: None,
            date_of_birth: Some(day("2017-05-04")),
            sex: None,
            social_worker: None,
            team: None,
            service: None,
            status: CaseStatus::Open,
            closed_on: None,
            closed_reason: None,
            source: "api".to_owned(),
            details: json!({}),
            version: 1,
            created_at: DateTime::<Utc>::default(),
            updated_at: DateTime::<Utc>::default(),
        }
    }

    fn episode(case: &Case, started_on: &str) -> CareEvent {
        CareEvent {
            id: CareEventId::generate(),
            case_id: case.id,
            kind: "episode".to_owned(),
            started_on: Some(day(started_on)),
            ended_on: None,
            details: json!({ "start": "S", "legalStatus": "C2", "placement": "U6" }),
            source: "api".to_owned(),
            source_key: None,
            withdrawn_on: None,
            version: 1,
            created_at: DateTime::<Utc>::default(),
            updated_at: DateTime::<Utc>::default(),
        }
    }

    fn said(case: &Case, name: &str, value: Value, dated_on: Option<&str>) -> CaseFact {
        CaseFact {
            case_id: case.id,
            name: FactName::new(name).unwrap(),
            value,
            dated_on: dated_on.map(day),
            source: "api".to_owned(),
            note: None,
            recorded_at: DateTime::<Utc>::default(),
            version: 1,
        }
    }

    fn dictionary() -> Dictionary {
        let fact = |planned| FactDefinition {
            kind: FactType::Date,
            means: String::new(),
            planned,
            aliases: Vec::new(),
        };
        let own = [("hearing_on", true), ("letter_on", false)]
            .map(|(name, planned)| (FactName::new(name).unwrap(), fact(planned)));
        Dictionary::new(Vocabulary::shared(), &BTreeMap::from(own))
    }

    fn facts(case: &Case, events: &[CareEvent], said: &[CaseFact], as_of: &str) -> Facts {
        let child = Child {
            case: case.clone(),
            events: events.to_vec(),
            said: said.to_vec(),
            coverage: Arc::default(),
        };
        child.facts(&dictionary(), day(as_of)).unwrap()
    }

    #[test]
    fn what_is_said_by_name_stands_over_what_the_history_tells() {
        let case = case();
        let events = [episode(&case, "2025-01-10")];
        let told = facts(&case, &events, &[], "2026-01-01");
        assert_eq!(told.date("became_looked_after_on"), Some(day("2025-01-10")));
        let corrected = [said(
            &case,
            "became_looked_after_on",
            json!("2024-12-01"),
            None,
        )];
        let told = facts(&case, &events, &corrected, "2026-01-01");
        assert_eq!(told.date("became_looked_after_on"), Some(day("2024-12-01")));
    }

    #[test]
    fn what_is_dated_after_the_day_does_not_exist_yet_unless_it_is_planned() {
        let case = case();
        let events = [episode(&case, "2025-01-10")];
        assert!(facts(&case, &events, &[], "2025-01-09").is_absent("became_looked_after_on"));
        let facts_said = [
            said(&case, "letter_on", json!("2025-03-01"), None),
            said(&case, "hearing_on", json!("2025-06-01"), Some("2025-02-01")),
        ];
        let on = |as_of| facts(&case, &events, &facts_said, as_of);
        assert!(on("2025-02-28").is_absent("letter_on"));
        assert_eq!(on("2025-03-01").date("letter_on"), Some(day("2025-03-01")));
        assert!(
            on("2025-01-31").is_absent("hearing_on"),
            "nobody knew of it yet"
        );
        assert_eq!(on("2025-02-01").date("hearing_on"), Some(day("2025-06-01")));
    }

    #[test]
    fn a_withdrawn_event_tells_nothing() {
        let case = case();
        let withdrawn = CareEvent {
            withdrawn_on: Some(day("2025-02-01")),
            ..episode(&case, "2025-01-10")
        };
        assert!(facts(&case, &[withdrawn], &[], "2026-01-01").is_absent("became_looked_after_on"));
    }
}
