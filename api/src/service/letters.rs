//! Letters that decisions ask for: drafting one, which shows what it still lacks, and sending it.
//!
//! What a letter must hold is the council's policy; it is asked by the edition that judged the decision.

use permanence_core::facts::FactValue;
use permanence_core::{Answer, Capability, Code, FactName, Facts};
use serde_json::{Map, Value, json};

use super::ServiceError;
use super::arising::results_by_clause;
use super::completions::{Completion, add_details, change, complete};
use super::fact_sheet::read_sent;
use super::follow_ups::visible;
use super::policy::{PanelDesk, refuse_blocked};
use super::sittings::Admits;
use crate::store::decisions::decision_get;
use crate::store::follow_up_codes::FollowUpKind;
use crate::store::follow_ups::{FollowUp, follow_up_get};
use crate::store::ids::FollowUpId;
use crate::store::{Conn, StoreError};

/// What a letter says so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LetterDraft {
    /// Facts that the letter states, by their names on the wire.
    pub facts: Map<String, Value>,
    /// The text.
    pub text: Option<String>,
}

/// Where a letter's draft lies in its details.
const DRAFT: &str = "draft";

/// Keeps the draft of a letter in place of an earlier one, with what the policy still misses in it.
///
/// # Errors
/// [`ServiceError::NotFound`], [`ServiceError::Stale`], [`ServiceError::Conflict`] when it is sent already,
/// [`ServiceError::Invalid`] for facts that the council's dictionary does not have.
pub async fn draft(
    desk: &PanelDesk,
    id: FollowUpId,
    admits: Admits,
    draft: LetterDraft,
) -> Result<FollowUp, ServiceError> {
    let letter = load(desk, id).await?;
    let answer = ask(desk, &letter, &draft.facts).await?;
    let kept = json!({
        "facts": draft.facts,
        "text": draft.text,
        "draftedOn": desk.desk.today(),
        "draftedBy": desk.by.actor.id,
        "missing": answer.as_ref().map(|answer| missing(&letter, answer)).unwrap_or_default(),
    });
    change(
        desk,
        (FollowUpKind::Letter, id),
        admits,
        "draftLetter",
        move |letter, _| {
            add_details(letter, Map::from_iter([(DRAFT.to_owned(), kept)]));
            Ok(())
        },
    )
    .await
}

/// Marks a letter as sent. One that lacks what the policy wants in it is refused with the clause.
///
/// # Errors
/// [`ServiceError::Refused`], [`ServiceError::NotFound`], [`ServiceError::Stale`], [`ServiceError::Conflict`] when it is
/// sent already, [`ServiceError::Invalid`] for a day to come or a role that the council does not have.
pub async fn issue(
    desk: &PanelDesk,
    id: FollowUpId,
    admits: Admits,
    mut done: Completion,
    sent_to: Vec<Code>,
) -> Result<FollowUp, ServiceError> {
    let letter = load(desk, id).await?;
    done.sent_to(desk, &sent_to)?;
    let drafted = letter
        .details
        .get(DRAFT)
        .and_then(|draft| draft.get("facts"));
    let facts = drafted
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    if let Some(answer) = ask(desk, &letter, &facts).await? {
        refuse_blocked([&answer], "")?;
    }
    complete(
        desk,
        (FollowUpKind::Letter, id),
        admits,
        done,
        "issueLetter",
    )
    .await
}

async fn load(desk: &PanelDesk, id: FollowUpId) -> Result<FollowUp, ServiceError> {
    let (council, scope) = (&desk.by.council, &desk.by.scope);
    desk.desk
        .store
        .read(async |conn: &mut Conn| {
            let found = follow_up_get(conn, council, id).await?;
            let letter = found
                .filter(|found| found.kind == FollowUpKind::Letter)
                .ok_or(ServiceError::NotFound)?;
            visible(conn, council, scope, &letter).await?;
            Ok::<_, ServiceError>(letter)
        })
        .await
}

/// What the policy says of a letter with these facts; nothing where it follows from no decision.
async fn ask(
    desk: &PanelDesk,
    letter: &FollowUp,
    facts: &Map<String, Value>,
) -> Result<Option<Answer>, ServiceError> {
    let Some(decision_id) = letter.decision_id else {
        return Ok(None);
    };
    let council = &desk.by.council;
    let decision = desk
        .desk
        .store
        .read(async |conn: &mut Conn| decision_get(conn, council, decision_id).await)
        .await?
        .ok_or(StoreError::Corrupt("a letter without its decision"))?;
    let as_of = decision.decided_on;
    let dictionary = desk.policy(as_of)?.dictionary();
    let known = decision.facts.as_object().cloned().unwrap_or_default();
    let mut asked = Facts::read(&known, dictionary)
        .map_err(|_| StoreError::Corrupt("the facts of a decision cannot be read"))?;
    for (name, value) in [
        ("letter_requested", FactValue::Boolean(true)),
        ("decision_date", FactValue::Date(as_of)),
    ] {
        if let Ok(name) = FactName::new(name) {
            asked.insert(name, value);
        }
    }
    for (name, value) in read_sent("/facts", facts, dictionary)?.iter() {
        asked.insert(name.clone(), value.clone());
    }
    let mut answer = desk.ask(Capability::FollowUp, as_of, asked).await?;
    // The same question is answered about actions and minutes, which are no concern of the letter's.
    answer
        .findings
        .retain(|finding| finding.clauses.iter().any(|id| letter.clauses.contains(id)));
    Ok(Some(answer))
}

/// What the letter's clauses still miss in it.
fn missing(letter: &FollowUp, answer: &Answer) -> Vec<Value> {
    results_by_clause(answer)
        .into_iter()
        .filter(|(clause, _)| letter.clauses.contains(clause))
        .filter_map(|(_, mut results)| match results.remove("missingFields") {
            Some(Value::Array(fields)) => Some(fields),
            _ => None,
        })
        .flatten()
        .collect()
}
