//! What the routes of a panel share: the desk, codes and times of the wire, dates and answers of the policy.

use chrono::{NaiveDate, NaiveTime};
use permanence_api_macros::dto;
use permanence_core::{Answer, Code, Finding};
use serde_json::Value;

use crate::app::State;
use crate::auth::Authz;
use crate::http::Reply;
use crate::problem::{FieldError, Problem};
use crate::service::days::NamedDay;
use crate::service::policy::PanelDesk;

/// What the use cases of a panel work with.
pub(super) fn desk<S: crate::auth::Scope>(who: &Authz<S>, state: &State) -> Reply<PanelDesk> {
    let by = who.acting();
    let council = state.desk.council(&by)?.clone();
    Ok(PanelDesk {
        desk: state.desk.clone(),
        by,
        council,
    })
}

/// A code of the body.
pub(super) fn code(pointer: &str, text: &str) -> Reply<Code> {
    Code::new(text).map_err(|fault| {
        Problem::invalid(vec![FieldError::body(
            pointer,
            "invalid_value",
            fault.expected,
        )])
    })
}

/// A code of the body that may be left out.
pub(super) fn optional_code(pointer: &str, text: Option<&String>) -> Reply<Option<Code>> {
    text.map(|text| code(pointer, text)).transpose()
}

/// Codes of the body.
pub(super) fn codes(pointer: &str, texts: &[String]) -> Reply<Vec<Code>> {
    texts
        .iter()
        .enumerate()
        .map(|(index, text)| code(&format!("{pointer}/{index}"), text))
        .collect()
}

/// A time of day of the body that may be left out.
pub(super) fn time(pointer: &str, text: Option<&String>) -> Reply<Option<NaiveTime>> {
    let read = |text: &String| {
        NaiveTime::parse_from_str(text, "%H:%M").map_err(|_| {
            let message = "Expected a time of day such as 13:30.";
            Problem::invalid(vec![FieldError::body(pointer, "invalid_value", message)])
        })
    };
    text.map(read).transpose()
}

/// A time of day as it is answered.
pub(super) fn time_text(time: Option<NaiveTime>) -> Option<String> {
    time.map(|time| time.format("%H:%M").to_string())
}

/// Codes as they are answered.
pub(super) fn texts<T: ToString>(codes: &[T]) -> Vec<String> {
    codes.iter().map(T::to_string).collect()
}

/// A day that the policy gives, under the name of its answer.
#[dto]
pub struct NamedDayView {
    /// The answer's name.
    #[rule(len(1, 80))]
    #[schema(example = "paperworkDueOn")]
    pub name: String,
    /// The day.
    #[schema(example = "2026-03-18")]
    pub on: NaiveDate,
    /// The moment, where the policy gives an hour: local time with its offset.
    #[schema(format = "date-time", example = "2026-03-19T13:00:00+00:00")]
    pub at: Option<String>,
    /// The clauses that give it.
    #[rule(items(0, 50))]
    #[schema(example = json!(["ANY-PAPERWORK-01"]))]
    pub clauses: Vec<String>,
}

impl From<&NamedDay> for NamedDayView {
    fn from(day: &NamedDay) -> Self {
        Self {
            name: day.name.clone(),
            on: day.on,
            at: day.at.clone(),
            clauses: texts(&day.clauses),
        }
    }
}

/// Whether those present are a quorum.
#[dto(code)]
pub enum QuorumState {
    /// They are.
    Quorate,
    /// They are not: decisions are refused.
    NotQuorate,
    /// The council's policy sets no quorum: decisions are recorded, and what is missing is shown.
    NoQuorumRule,
}

/// What the policy says of those present.
#[dto]
pub struct QuorumView {
    /// The session that it is about; null where the sitting has none.
    #[rule(len(1, 80))]
    #[schema(example = "permanent_fostering")]
    pub session: Option<String>,
    /// Whether they are a quorum.
    pub state: QuorumState,
    /// Every computed answer, such as `membersPresent` and `missingRequired`.
    #[schema(value_type = Object, example = json!({"quorate": true, "membersPresent": 4}))]
    pub results: Value,
    /// For each answer the clauses that produced it.
    #[schema(value_type = Object, example = json!({"quorate": ["ANY-QUORUM-01"]}))]
    pub because: Value,
    /// Why, finding by finding.
    #[rule(items(0, 200))]
    pub findings: Vec<Finding>,
}

impl QuorumView {
    /// The answer for one session.
    pub fn new(session: Option<&Code>, answer: &Answer) -> Self {
        let state = match answer.results.get("quorate").and_then(Value::as_bool) {
            Some(true) => QuorumState::Quorate,
            Some(false) => QuorumState::NotQuorate,
            None => QuorumState::NoQuorumRule,
        };
        Self {
            session: session.map(Code::to_string),
            state,
            results: Value::Object(answer.results.clone()),
            because: serde_json::to_value(&answer.because).unwrap_or_default(),
            findings: answer.findings.clone(),
        }
    }
}
