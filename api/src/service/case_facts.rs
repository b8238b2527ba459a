//! Facts of a case that somebody says by name.

use chrono::NaiveDate;
use permanence_core::facts::Dictionary;
use permanence_core::{FactName, Facts};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::care_events::case_of;
use super::cases::Admits;
use super::fact_sheet::sentence;
use super::pages::{one_more, page};
use super::{Acting, Desk, Fault, ServiceError, Subject};
use crate::store::audit::audit_record_in_txn;
use crate::store::case_facts::{CaseFact, case_fact_get, case_fact_list, case_fact_put_in_txn};
use crate::store::ids::CaseId;
use crate::store::{Conn, Tx};

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
        let fact = format!("/{}", name.camel());
        let fault = |fault: permanence_core::FactError| {
            let within = fault.pointer.strip_prefix(&fact).unwrap_or_default();
            Fault::new(
                format!("/value{within}"),
                fault.code,
                sentence(&fault.message),
            )
        };
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
            audit_record_in_txn(
                tx,
                by.event(now, "putCaseFact", fact_subject(&fact), &fact, None)?,
            );
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
    let facts = desk
        .store
        .list(async move |conn: &mut Conn| {
            case_of(conn, &asking, case_id).await?;
            let (council, rows) = (&asking.council, one_more(limit));
            let found = case_fact_list(conn, council, case_id, after.as_ref(), rows).await?;
            Ok::<_, ServiceError>(found)
        })
        .await?;
    desk.record_read(by, "listCaseFacts", [case_id])?;
    Ok(page(facts, limit, |fact| fact.name.clone()))
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
