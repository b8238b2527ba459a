//! Checks on a rulebook before anything is judged by it: all problems at once, in words that an officer understands.

use std::collections::BTreeSet;

use super::{ClauseKind, PolicyDocument, Rulebook, held};
use crate::code::FactName;
use crate::facts::Dictionary;

/// What is wrong with a rulebook.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {text}")]
pub struct Problem {
    /// Edition and entry.
    pub place: String,
    /// What is wrong with it.
    pub text: String,
}

pub(super) fn editions(document: &PolicyDocument) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut add = |place: &str, text: &str| {
        problems.push(Problem {
            place: place.to_owned(),
            text: text.to_owned(),
        });
    };
    if document.editions.is_empty() {
        add("editions", "a policy needs at least one edition");
    }
    for pair in document.editions.windows(2) {
        let [earlier, later] = pair else { continue };
        let place = format!("edition {}", later.edition.id);
        if earlier.edition.id == later.edition.id {
            add(&place, "two editions have this id");
        }
        match (earlier.edition.effective_to, later.edition.effective_from) {
            (_, None) => add(&place, "every edition but the first needs effective_from"),
            (Some(to), Some(from)) if from <= to => {
                add(&place, "it starts before the edition before it ends")
            }
            (Some(to), Some(from)) if to.succ_opt() != Some(from) => {
                add(
                    &place,
                    "there is a gap between it and the edition before it",
                );
            }
            (None, Some(from))
                if earlier
                    .edition
                    .effective_from
                    .is_some_and(|start| start >= from) =>
            {
                add(&place, "editions must be in the order of their first days");
            }
            _ => {}
        }
    }
    for rulebook in &document.editions {
        if let (Some(from), Some(to)) = (
            rulebook.edition.effective_from,
            rulebook.edition.effective_to,
        ) && to < from
        {
            add(
                &format!("edition {}", rulebook.edition.id),
                "it ends before it starts",
            );
        }
    }
    problems
}

pub(super) fn rulebook(rulebook: &Rulebook, dictionary: &Dictionary) -> Vec<Problem> {
    let mut problems = Vec::new();
    let edition = &rulebook.edition.id;
    let mut add = |place: String, text: String| {
        problems.push(Problem {
            place: format!("edition {edition}, {place}"),
            text,
        });
    };
    let mut seen = BTreeSet::new();
    for clause in &rulebook.clauses {
        if !seen.insert(&clause.id) {
            add(
                format!("clause {}", clause.id),
                "this id stands twice".into(),
            );
        }
        if clause.capability().is_none() && clause.kind == ClauseKind::Rule {
            add(
                format!("clause {}", clause.id),
                format!(
                    "the topic {} belongs to no capability: name one",
                    clause.topic
                ),
            );
        }
        if !clause.held_in.is_empty() && clause.kind != ClauseKind::Data {
            add(
                format!("clause {}", clause.id),
                "only a clause of kind data says where its content is held".into(),
            );
        }
        for held in &clause.held_in {
            for text in held::problems(held, clause, rulebook, dictionary) {
                add(format!("clause {}", clause.id), text);
            }
        }
    }
    let cited = |id: &crate::ClauseId| rulebook.clauses.iter().find(|clause| clause.id == *id);
    for panel in &rulebook.panels {
        let sessions = panel.sessions.iter().flat_map(|session| &session.clauses);
        for id in panel.clauses.iter().chain(sessions) {
            if cited(id).is_none() {
                add(
                    format!("panel {}", panel.code),
                    format!("it cites {id}, which is no clause of this edition"),
                );
            }
        }
    }
    for (place, clauses) in entries(rulebook) {
        for id in clauses {
            if cited(id).is_none() {
                add(
                    place.clone(),
                    format!("it cites {id}, which is no clause of this edition"),
                );
            }
        }
    }
    for (place, text) in schemas(rulebook) {
        add(place, text);
    }
    let mut enforced = BTreeSet::new();
    for (index, rule) in rulebook.rules.iter().enumerate() {
        let place = match rule.clauses.first() {
            Some(id) => format!("rule {} ({id})", index + 1),
            None => {
                add(
                    format!("rule {}", index + 1),
                    "a rule names the clauses that it carries out".into(),
                );
                continue;
            }
        };
        for id in &rule.clauses {
            match cited(id) {
                None => add(
                    place.clone(),
                    format!("it cites {id}, which is no clause of this edition"),
                ),
                Some(clause) if clause.kind != ClauseKind::Rule => {
                    add(
                        place.clone(),
                        format!("it cites {id}, which is not of kind rule"),
                    );
                }
                Some(clause) => {
                    enforced.insert(clause.id.clone());
                }
            }
        }
        let mut facts: BTreeSet<FactName> = BTreeSet::new();
        rule.facts(&mut facts);
        for fact in facts {
            if fact != "as_of" && dictionary.get(fact.as_str()).is_none() {
                add(
                    place.clone(),
                    format!("it reads the fact {fact}, which no dictionary defines"),
                );
            }
        }
        for text in rule.rule.problems(rulebook) {
            add(place.clone(), text);
        }
    }
    problems
}

/// The forms, trackers, reports and posts with the clauses that they cite.
fn entries(rulebook: &Rulebook) -> Vec<(String, &[crate::ClauseId])> {
    let mut all: Vec<(String, &[crate::ClauseId])> = Vec::new();
    for form in &rulebook.forms {
        all.push((format!("form {}", form.code), &form.clauses));
    }
    for tracker in &rulebook.trackers {
        all.push((format!("tracker {}", tracker.code), &tracker.clauses));
        for section in &tracker.sections {
            let place = format!("tracker {}, section {}", tracker.code, section.code);
            all.push((place, &section.clauses));
        }
    }
    for report in &rulebook.reports {
        all.push((format!("report {}", report.code), &report.clauses));
    }
    for panel in &rulebook.panels {
        for post in &panel.members {
            let place = format!("panel {}, member {}", panel.code, post.role);
            all.push((place, &post.clauses));
        }
    }
    all
}

/// What is wrong with the schemas of forms and trackers, and codes that stand twice.
fn schemas(rulebook: &Rulebook) -> Vec<(String, String)> {
    let mut problems = Vec::new();
    let mut seen = BTreeSet::new();
    let forms = rulebook
        .forms
        .iter()
        .map(|form| ("form", &form.code, &form.schema));
    let trackers = rulebook
        .trackers
        .iter()
        .map(|tracker| ("tracker", &tracker.code, &tracker.schema));
    for (what, code, schema) in forms.chain(trackers) {
        let place = format!("{what} {code}");
        if !seen.insert(place.clone()) {
            problems.push((place.clone(), "this code stands twice".to_owned()));
        }
        if schema.get("type").and_then(serde_json::Value::as_str) != Some("object") {
            problems.push((place.clone(), "its schema describes an object".to_owned()));
        }
        if !schema
            .get("properties")
            .is_some_and(serde_json::Value::is_object)
        {
            problems.push((place.clone(), "its schema names its properties".to_owned()));
        }
        if schema.get("additionalProperties") != Some(&serde_json::Value::Bool(false)) {
            problems.push((
                place,
                "its schema refuses what it does not name (additionalProperties: false)".to_owned(),
            ));
        }
    }
    problems
}
