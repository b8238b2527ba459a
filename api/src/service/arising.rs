//! What follows from a decision, as the council's policy says: actions, letters, records and distribution.
//!
//! What an answer means is told by the topic of the clause that gives it, so no council is named here.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use permanence_core::facts::FactValue;
use permanence_core::rulebook::Policy;
use permanence_core::{Answer, Capability, ClauseId, Code, Effect, FactName, Facts, Finding};
use serde_json::{Map, Value, json};

use super::ServiceError;
use super::codes::given_code;
use super::decisions::NewAction;
use super::follow_ups::Draft;
use super::policy::PanelDesk;
use crate::store::follow_up_codes::FollowUpKind;

/// Asks the policy what follows: what it says with the decision and would not say without it, and what the panel itself set.
///
/// # Errors
/// When there is no answer.
pub async fn arising(
    desk: &PanelDesk,
    as_of: NaiveDate,
    without: Facts,
    with: Facts,
    set: &[NewAction],
) -> Result<Vec<Draft>, ServiceError> {
    let mut with = with;
    // The letter is asked for by the decision; the minutes wait for the chair, whose approval is known to be outstanding.
    for (name, value) in [
        ("letter_requested", FactValue::Boolean(true)),
        ("decision_date", FactValue::Date(as_of)),
        ("approved_by_chair_on", FactValue::None),
    ] {
        if let Ok(name) = FactName::new(name) {
            with.insert(name, value);
        }
    }
    let mut answers = desk
        .ask_each(Capability::FollowUp, as_of, vec![without, with])
        .await?
        .into_iter();
    let (Some(without), Some(with)) = (answers.next(), answers.next()) else {
        return Err(ServiceError::PluginFailed("an answer is missing".into()));
    };
    let mut drafts = drafts(desk.policy(as_of)?, &without, &with);
    drafts.extend(set.iter().map(|action| set_by_panel(action, &with)));
    Ok(drafts)
}

/// An action that the panel set: whoever the policy makes responsible for actions answers for it.
fn set_by_panel(action: &NewAction, answer: &Answer) -> Draft {
    let said = given_code(answer, "responsible");
    let clauses = answer
        .because
        .get("responsible")
        .filter(|_| said.is_some())
        .cloned()
        .unwrap_or_default();
    let mut details = Map::new();
    details.insert("setByPanel".into(), Value::Bool(true));
    details.insert("description".into(), json!(action.description));
    details.insert("assignedTo".into(), json!(action.assigned_to));
    for name in ["reportedTo", "reportedAt"] {
        if let Some(value) = answer.results.get(name) {
            details.insert(name.into(), value.clone());
        }
    }
    Draft {
        kind: FollowUpKind::Action,
        code: action.action.clone(),
        responsible_role: action.responsible_role.clone().or(said),
        due_on: action.due_on,
        clauses,
        details,
    }
}

fn drafts(policy: &Policy, without: &Answer, with: &Answer) -> Vec<Draft> {
    let same = |one: &Finding, other: &Finding| {
        one.code == other.code
            && one.clauses == other.clauses
            && one.responsible_role == other.responsible_role
    };
    let created = |finding: &&Finding| finding.effect == Effect::CreateAction;
    let mut drafts: Vec<Draft> = with
        .findings
        .iter()
        .filter(created)
        .filter(|finding| {
            !without
                .findings
                .iter()
                .filter(created)
                .any(|known| same(known, finding))
        })
        .map(|finding| of_finding(policy, finding))
        .collect();
    for draft in of_results(policy, with) {
        join(&mut drafts, draft);
    }
    drafts
}

/// Adds a draft, to the one of the same thing if there is one.
fn join(drafts: &mut Vec<Draft>, draft: Draft) {
    let known = drafts
        .iter_mut()
        .find(|known| known.kind == draft.kind && known.code == draft.code);
    match known {
        Some(known) => known.add(draft),
        None => drafts.push(draft),
    }
}

/// What an answer asks to be done at once, without waiting for a decision.
///
/// # Errors
/// When the council has no edition of that day.
pub(crate) fn asked_for(
    desk: &PanelDesk,
    as_of: NaiveDate,
    answer: &Answer,
) -> Result<Vec<Draft>, ServiceError> {
    let policy = desk.policy(as_of)?;
    let created = answer
        .findings
        .iter()
        .filter(|finding| finding.effect == Effect::CreateAction);
    Ok(created.map(|finding| of_finding(policy, finding)).collect())
}

fn of_finding(policy: &Policy, finding: &Finding) -> Draft {
    let topic = finding
        .clauses
        .first()
        .and_then(|id| policy.clause(id))
        .map(|clause| clause.topic.as_str());
    Draft {
        kind: topic.map_or(FollowUpKind::Action, kind_of_topic),
        code: finding.code.clone(),
        responsible_role: finding.responsible_role.clone(),
        due_on: finding.due_on,
        clauses: finding.clauses.clone(),
        details: finding.evidence.clone(),
    }
}

fn kind_of_topic(topic: &str) -> FollowUpKind {
    match topic {
        "letter" => FollowUpKind::Letter,
        "record" | "minutes" => FollowUpKind::Record,
        "distribution" => FollowUpKind::Distribution,
        _ => FollowUpKind::Action,
    }
}

impl Draft {
    fn add(&mut self, other: Draft) {
        self.due_on = self.due_on.or(other.due_on);
        self.responsible_role = self.responsible_role.take().or(other.responsible_role);
        for clause in other.clauses {
            if !self.clauses.contains(&clause) {
                self.clauses.push(clause);
            }
        }
        for (name, value) in other.details {
            self.details.entry(name).or_insert(value);
        }
    }
}

/// Letters, records and distribution that an answer speaks of without a finding of its own.
fn of_results(policy: &Policy, answer: &Answer) -> Vec<Draft> {
    let blocked = |clause: &ClauseId| {
        answer.findings.iter().any(|finding| {
            finding.effect == Effect::Block
                && finding.code == *"letter_not_applicable"
                && finding.clauses.contains(clause)
        })
    };
    let no_letter = answer
        .findings
        .iter()
        .any(|finding| finding.code == *"letter_not_applicable");
    let no_minutes = answer.results.get("minutesRequired") == Some(&Value::Bool(false));
    let mut drafts: Vec<Draft> = Vec::new();
    for (id, results) in results_by_clause(answer) {
        let Some(clause) = policy.clause(&id).filter(|_| !blocked(&id)) else {
            continue;
        };
        let copies = results.contains_key("to") || results.contains_key("cc");
        let topic = clause.topic.as_str();
        let (kind, code) = match topic {
            "letter" if !no_letter => (FollowUpKind::Letter, Some("decision_letter".to_owned())),
            "distribution" if copies && !no_letter => {
                (FollowUpKind::Letter, Some("decision_letter".to_owned()))
            }
            "minutes" if !no_minutes => (FollowUpKind::Record, Some("minutes".to_owned())),
            "record" => (
                FollowUpKind::Record,
                thing(&results).or_else(|| target(clause)),
            ),
            "distribution" if !copies && !no_minutes => (
                FollowUpKind::Distribution,
                Some("minutes".to_owned()).filter(|_| speaks(&results)),
            ),
            _ => continue,
        };
        let Some(code) = code.and_then(|code| Code::new(code).ok()) else {
            continue;
        };
        let responsible = given_code(answer, "minuteTaker").filter(|_| topic == "minutes");
        let draft = Draft {
            kind,
            code,
            responsible_role: responsible.or_else(|| responsible_role(policy, &id)),
            due_on: due(&results),
            clauses: vec![id.clone()],
            details: results,
        };
        join(&mut drafts, draft);
    }
    drafts
}

/// What each clause of an answer gives.
pub(crate) fn results_by_clause(answer: &Answer) -> BTreeMap<ClauseId, Map<String, Value>> {
    let mut by_clause: BTreeMap<ClauseId, Map<String, Value>> = BTreeMap::new();
    if let Some(Value::Object(clauses)) = answer.results.get("byClause") {
        for (id, results) in clauses {
            if let (Ok(id), Value::Object(results)) = (ClauseId::new(id.clone()), results) {
                by_clause.insert(id, results.clone());
            }
        }
        return by_clause;
    }
    for (name, clauses) in &answer.because {
        for (id, value) in clauses
            .iter()
            .zip(std::iter::repeat(answer.results.get(name)))
        {
            if let Some(value) = value {
                by_clause
                    .entry(id.clone())
                    .or_default()
                    .insert(name.clone(), value.clone());
            }
        }
    }
    by_clause
}

/// Whether results say when, or to whom.
fn speaks(results: &Map<String, Value>) -> bool {
    let named = ["recipients", "missingRecipients"];
    due(results).is_some()
        || named.iter().any(|name| {
            results
                .get(*name)
                .and_then(Value::as_array)
                .is_some_and(|list| !list.is_empty())
        })
}

/// The first due day of some results, in the order of their names.
fn due(results: &Map<String, Value>) -> Option<NaiveDate> {
    let mut days = results.iter().filter(|(name, _)| name.ends_with("DueOn"));
    days.find_map(|(_, value)| value.as_str()?.parse().ok())
}

/// What is due, by the name of its due day: `summaryDueOn` is about a `summary`.
fn thing(results: &Map<String, Value>) -> Option<String> {
    let name = results
        .iter()
        .find(|(name, value)| name.ends_with("DueOn") && value.is_string())?
        .0;
    let mut snake = String::new();
    for letter in name.strip_suffix("DueOn")?.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    Some(snake)
}

/// Where the clause says that the record goes.
fn target(clause: &permanence_core::rulebook::Clause) -> Option<String> {
    let name = FactName::new("target").ok()?;
    clause
        .values
        .get(&name)
        .and_then(Value::as_str)
        .map(str::to_owned)
}

/// Who does what a clause asks: the rule's responsible role, else whom the clause itself names.
pub(crate) fn responsible_role(policy: &Policy, clause: &ClauseId) -> Option<Code> {
    let by_rule = policy
        .rules_of(clause)
        .find_map(|rule| rule.responsible.clone());
    by_rule.or_else(|| {
        let entry = policy.clause(clause)?;
        ["by", "sent_by", "taken_by", "minute_taker", "entered_by"]
            .iter()
            .find_map(|name| {
                let value = entry.values.get(&FactName::new(*name).ok()?)?;
                Code::new(value.as_str()?).ok()
            })
    })
}
