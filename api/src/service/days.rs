//! Days that a policy gives: those of an answer by their names, and when a panel's papers are due.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Europe::London;
use permanence_core::calendar::{CutOff, london};
use permanence_core::rulebook::{Panel, PapersDue};
use permanence_core::{Answer, ClauseId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A day, or a moment, that an answer gives under a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NamedDay {
    /// The answer's name, in camel case.
    pub name: String,
    /// The day.
    pub on: NaiveDate,
    /// The moment, where there is one: local time with its offset.
    pub at: Option<String>,
    /// The clauses that give it.
    pub clauses: Vec<ClauseId>,
}

/// Every day and moment that an answer gives, in the order of their names.
///
/// By the vocabulary's rule a name that ends in `On` is a day and one that ends in `At` is a moment. Where clauses differ,
/// each one's day is given.
#[must_use]
pub fn named_days(answer: &Answer) -> Vec<NamedDay> {
    let mut days: Vec<NamedDay> = Vec::new();
    for (name, value) in &answer.results {
        let clauses = answer.because.get(name).cloned().unwrap_or_default();
        days.extend(named_day(name, value, clauses));
    }
    let by_clause = answer.results.get("byClause").and_then(Value::as_object);
    for (clause, results) in by_clause.into_iter().flatten() {
        let Ok(clause) = ClauseId::new(clause.clone()) else {
            continue;
        };
        for (name, value) in results.as_object().into_iter().flatten() {
            if !answer.results.contains_key(name) {
                days.extend(named_day(name, value, vec![clause.clone()]));
            }
        }
    }
    days
}

fn named_day(name: &str, value: &Value, clauses: Vec<ClauseId>) -> Option<NamedDay> {
    let text = value.as_str()?;
    if name.ends_with("On") {
        let on = text.parse().ok()?;
        return Some(NamedDay {
            name: name.to_owned(),
            on,
            at: None,
            clauses,
        });
    }
    let moment = name
        .ends_with("At")
        .then(|| london::parse(text))
        .flatten()?;
    let at = Some(london::text(moment));
    Some(NamedDay {
        name: name.to_owned(),
        on: moment.date(),
        at,
        clauses,
    })
}

/// When a panel's papers are due for a sitting, as its rulebook says.
#[must_use]
pub fn papers_due(panel: &Panel, sitting: NaiveDate) -> Option<NamedDay> {
    let clauses = panel.clauses.clone();
    match panel.papers {
        PapersDue::On(offset) => {
            let on = offset.from(sitting)?;
            Some(NamedDay {
                name: "paperworkDueOn".into(),
                on,
                at: None,
                clauses,
            })
        }
        PapersDue::At(cut_off) => {
            let due = cut_off.before(sitting)?;
            let at = Some(london::text(due));
            Some(NamedDay {
                name: "paperworkDueAt".into(),
                on: due.date(),
                at,
                clauses,
            })
        }
        PapersDue::NotSaid => None,
    }
}

/// Whether something came later than a panel's papers are due for a sitting.
#[must_use]
pub fn is_late(panel: &Panel, sitting: NaiveDate, received_at: DateTime<Utc>) -> bool {
    let received = received_at.with_timezone(&London).naive_local();
    match panel.papers {
        PapersDue::On(offset) => offset
            .from(sitting)
            .is_some_and(|due| received.date() > due),
        PapersDue::At(cut_off) => cut_off
            .before(sitting)
            .is_some_and(|due| !CutOff::met(due, received)),
        PapersDue::NotSaid => false,
    }
}
