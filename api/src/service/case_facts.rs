//! Facts of a case: those said by name, and all that its records tell as of a day.

use std::collections::HashMap;

use chrono::NaiveDate;
use permanence_core::care::{Coverage, facts as care_facts};
use permanence_core::facts::Dictionary;
use permanence_core::{FactName, FactValue, Facts};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::care_events::case_of;
use super::care_history::history;
use super::cases::Admits;
use super::{Acting, Desk, Fault, ServiceError, Subject};
use crate::store::audit::audit_append_in_txn;
use crate::store::care_events::{CareEvent, care_event_list_for_cases};
use crate::store::case_facts::{
    CaseFact, case_fact_get, case_fact_list, case_fact_list_for_cases, case_fact_put_in_txn,
};
use crate::store::cases::Case;
use crate::store::ids::CaseId;
use crate::store::{Conn, StoreError, Tx};

/// A fact to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFact {
    /// Its value in JSON, as facts of a question are.
    pub value: Value,
    /// The day from which it holds; none when that does not matter.
    pub dated_on: Option<NaiveDate>,
    /// Who says so.
    pub source: Option<String>,
    /// Anything to add.
    pub note: Option<String>,
}

/// Says a fact of a case: the last one said holds. A fact that is there is only changed by who names its version.
///
/// # Errors
/// [`ServiceError::NotFound`] when the case is not there for the caller, [`ServiceError::Invalid`] when the council's
/// dictionary has no such fact or its value is of another type, [`ServiceError::VersionNeeded`],
/// [`ServiceError::Stale`].
pub async fn put_fact(
    desk: &Desk,
    by: &Acting,
    case_id: CaseId,
    name: FactName,
    admits: Option<Admits>,
    new: NewFact,
    dictionary: &Dictionary,
) -> Result<CaseFact, ServiceError> {
    let members = Map::from_iter([(name.camel(), new.value.clone())]);
    if let Err(faults) = Facts::read(&members, dictionary) {
        let fault =
            |fault: permanence_core::FactError| Fault::new("/value", fault.code, fault.message);
        return Err(ServiceError::Invalid(
            faults.into_iter().map(fault).collect(),
        ));
    }
    let name = dictionary
        .by_wire_name(&name.camel())
        .map_or(name, |(known, _)| known.clone());
    let (now, by) = (desk.now(), by.clone());
    desk.store
        .write(async move |tx: &mut Tx| {
            case_of(tx, &by, case_id).await?;
            let before = case_fact_get(tx, &by.council, case_id, &name).await?;
            match (&before, &admits) {
                (Some(_), None) => return Err(ServiceError::VersionNeeded),
                (Some(before), Some(admits)) if !admits(before.version) => {
                    return Err(ServiceError::Stale);
                }
                (None, Some(_)) => return Err(ServiceError::Stale),
                (Some(_), Some(_)) | (None, None) => {}
            }
            let fact = CaseFact {
                case_id,
                name,
                value: new.value,
                dated_on: new.dated_on,
                source: new.source.unwrap_or_else(|| "api".to_owned()),
                note: new.note,
                recorded_at: now,
                version: before.map_or(0, |before| before.version),
            };
            let fact = case_fact_put_in_txn(tx, &by.council, fact)
                .await?
                .ok_or(ServiceError::Stale)?;
            audit_append_in_txn(
                tx,
                by.event(now, "putCaseFact", fact_subject(&fact), &fact, None)?,
            )
            .await?;
            Ok(fact)
        })
        .await
}

/// Lists the facts of a case; the second part is where the next page begins, if there is one.
///
/// # Errors
/// [`ServiceError::NotFound`] when the case is not there for the caller.
pub async fn list_facts(
    desk: &Desk,
    by: &Acting,
    case_id: CaseId,
    after: Option<FactName>,
    limit: u16,
) -> Result<(Vec<CaseFact>, Option<FactName>), ServiceError> {
    let asking = by.clone();
    let mut facts = desk
        .store
        .list(async move |conn: &mut Conn| {
            case_of(conn, &asking, case_id).await?;
            let one_more = i64::from(limit) + 1;
            Ok::<_, ServiceError>(
                case_fact_list(conn, &asking.council, case_id, after.as_ref(), one_more).await?,
            )
        })
        .await?;
    desk.record_read(by, "listCaseFacts", [case_id])?;
    let more = facts.len() > usize::from(limit);
    facts.truncate(usize::from(limit));
    let next = facts.last().filter(|_| more).map(|fact| fact.name.clone());
    Ok((facts, next))
}

/// Reads a fact of a case.
///
/// # Errors
/// [`ServiceError::NotFound`] when it was not said, or the case is not there for the caller.
pub async fn get_fact(
    desk: &Desk,
    by: &Acting,
    case_id: CaseId,
    name: &FactName,
) -> Result<CaseFact, ServiceError> {
    let fact = desk
        .store
        .read(async |conn: &mut Conn| {
            case_of(conn, by, case_id).await?;
            Ok::<_, ServiceError>(case_fact_get(conn, &by.council, case_id, name).await?)
        })
        .await?
        .ok_or(ServiceError::NotFound)?;
    desk.record_read(by, "getCaseFact", [case_id])?;
    Ok(fact)
}

/// Everything that the records of one case tell as of a day: what its history tells, and over it what was said by name.
/// What is dated after the day does not exist yet, unless the dictionary calls it planned. `coverage` is what the
/// council's imports hold: without it nothing follows from a record that is not there.
///
/// # Errors
/// [`ServiceError::Internal`] when a record does not have the shape of its kind.
pub fn facts_of(
    case: &Case,
    events: &[CareEvent],
    said: &[CaseFact],
    coverage: &Coverage,
    as_of: NaiveDate,
    dictionary: &Dictionary,
) -> Result<Facts, ServiceError> {
    let (history, unreadable) = history(case.date_of_birth, events, coverage.clone());
    if unreadable > 0 {
        return Err(StoreError::Corrupt("a care event does not have the shape of its kind").into());
    }
    let mut members = care_facts(&history, as_of).to_json();
    // What a council's dictionary does not have, its policy cannot ask about.
    members.retain(|name, _| dictionary.by_wire_name(name).is_some());
    for fact in said
        .iter()
        .filter(|fact| fact.dated_on.is_none_or(|day| day <= as_of))
    {
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

/// The facts of one case of the caller's as of a day.
///
/// # Errors
/// [`ServiceError::NotFound`] when the case is not there for the caller, and those of [`facts_of`].
pub async fn case_facts_for(
    desk: &Desk,
    by: &Acting,
    case_id: CaseId,
    coverage: &Coverage,
    as_of: NaiveDate,
    dictionary: &Dictionary,
) -> Result<Facts, ServiceError> {
    let asking = by.clone();
    let (case, events, said) = desk
        .store
        .list(async move |conn: &mut Conn| {
            let case = case_of(conn, &asking, case_id).await?;
            let events = care_event_list_for_cases(conn, &asking.council, &[case_id]).await?;
            let said = case_fact_list_for_cases(conn, &asking.council, &[case_id]).await?;
            Ok::<_, ServiceError>((case, events, said))
        })
        .await?;
    facts_of(&case, &events, &said, coverage, as_of, dictionary)
}

/// Cases with all that their facts are made of, in the order of `cases`: for questions about many.
///
/// # Errors
/// Those of the store.
pub async fn histories_for(
    conn: &mut Conn,
    by: &Acting,
    cases: Vec<Case>,
) -> Result<Vec<(Case, Vec<CareEvent>, Vec<CaseFact>)>, StoreError> {
    let ids: Vec<CaseId> = cases.iter().map(|case| case.id).collect();
    let mut events: HashMap<CaseId, Vec<CareEvent>> = HashMap::new();
    for event in care_event_list_for_cases(conn, &by.council, &ids).await? {
        events.entry(event.case_id).or_default().push(event);
    }
    let mut said: HashMap<CaseId, Vec<CaseFact>> = HashMap::new();
    for fact in case_fact_list_for_cases(conn, &by.council, &ids).await? {
        said.entry(fact.case_id).or_default().push(fact);
    }
    let whole = |case: Case| {
        let (events, said) = (events.remove(&case.id), said.remove(&case.id));
        (case, events.unwrap_or_default(), said.unwrap_or_default())
    };
    Ok(cases.into_iter().map(whole).collect())
}

/// A fact has no id of its own: it is told by its case and its name.
fn fact_subject(fact: &CaseFact) -> Subject {
    let digest = Sha256::new()
        .chain_update(fact.case_id.as_uuid())
        .chain_update(fact.name.as_str())
        .finalize();
    let mut bytes = [0; 16];
    bytes
        .iter_mut()
        .zip(digest)
        .for_each(|(byte, of_digest)| *byte = of_digest);
    let id = uuid::Builder::from_custom_bytes(bytes).into_uuid();
    Subject {
        kind: "case_fact",
        id: id.into(),
        version: fact.version,
        case_id: Some(fact.case_id),
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
        facts_of(
            case,
            events,
            said,
            &Coverage::default(),
            day(as_of),
            &dictionary(),
        )
        .unwrap()
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
