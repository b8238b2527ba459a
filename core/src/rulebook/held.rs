//! Checks that a clause of kind `data` points at something that is there.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Clause, ClauseKind, Held, Rulebook};
use crate::code::Code;
use crate::facts::{Dictionary, FactType};
use crate::mechanism::Mechanism;

/// What is wrong with where a clause says that its content is held; empty where all of it is there.
pub(super) fn problems(
    held: &Held,
    clause: &Clause,
    rulebook: &Rulebook,
    dictionary: &Dictionary,
) -> Vec<String> {
    match held {
        Held::Form { form, fields } => {
            match rulebook.forms.iter().find(|entry| entry.code == *form) {
                None => vec![format!("there is no form {form}")],
                Some(entry) => missing(
                    fields,
                    |field| entry.fields().any(|(name, _)| name == *field),
                    &format!("the form {form} has no field"),
                ),
            }
        }
        Held::Tracker {
            tracker,
            sections,
            fields,
        } => match rulebook
            .trackers
            .iter()
            .find(|entry| entry.code == *tracker)
        {
            None => vec![format!("there is no tracker {tracker}")],
            Some(_) if sections.is_empty() && fields.is_empty() => {
                vec![format!(
                    "it names no section and no field of the tracker {tracker}"
                )]
            }
            Some(entry) => {
                let mut problems = missing(
                    sections,
                    |section| entry.section(section).is_some(),
                    &format!("the tracker {tracker} has no section"),
                );
                problems.extend(missing(
                    fields,
                    |field| entry.fields().any(|(name, _)| name == *field),
                    &format!("an entry of the tracker {tracker} has no field"),
                ));
                problems
            }
        },
        Held::Fact { fact, codes } => match dictionary.get(fact.as_str()) {
            None => vec![format!("there is no fact {fact}")],
            Some(entry) => missing(
                codes,
                |code| takes(&entry.kind, code, dictionary),
                &format!("the fact {fact} cannot be"),
            ),
        },
        Held::Codes { list, codes } => match dictionary.vocabulary().list(list) {
            None => vec![format!("there is no code list {list}")],
            Some(entry) => missing(
                codes,
                |code| entry.codes.contains_key(*code),
                &format!("the code list {list} has no"),
            ),
        },
        Held::Posts { panel, roles } => on_panel(rulebook, panel, |entry| {
            missing(
                roles,
                |role| entry.members.iter().any(|post| post.role == **role),
                &format!("the panel {panel} has no member"),
            )
        }),
        Held::Requests { panel, types } => on_panel(rulebook, panel, |entry| {
            missing(
                types,
                |kind| entry.request_types.contains(kind),
                &format!("the panel {panel} takes no"),
            )
        }),
        Held::Entries {
            clause: other,
            entries,
        } => {
            let named = named_by(rulebook, other);
            missing(
                entries,
                |entry| named.contains(entry.as_str()),
                &format!("no rule of {other} names"),
            )
        }
        Held::Report { report, indicators } => {
            match rulebook.reports.iter().find(|entry| entry.code == *report) {
                None => vec![format!("there is no report {report}")],
                Some(entry) => missing(
                    indicators,
                    |indicator| entry.indicators.contains_key(*indicator),
                    &format!("the report {report} has no indicator"),
                ),
            }
        }
        Held::Operation { operation, member } => {
            if operation.is_empty() || !member.starts_with('/') {
                vec!["it names an operation and a JSON pointer into its request".into()]
            } else {
                Vec::new()
            }
        }
        Held::Edition => Vec::new(),
        Held::Values { names } if names.is_empty() => vec!["it names no value".into()],
        Held::Values { names } => missing(
            names,
            |name| clause.values.contains_key(*name),
            "the clause has no value",
        ),
    }
}

/// Those of the wanted that are not there, each in a sentence.
fn missing<T: std::fmt::Display>(
    wanted: &[T],
    there: impl Fn(&&T) -> bool,
    sentence: &str,
) -> Vec<String> {
    wanted
        .iter()
        .filter(|entry| !there(entry))
        .map(|entry| format!("{sentence} {entry}"))
        .collect()
}

fn on_panel(
    rulebook: &Rulebook,
    panel: &Code,
    look: impl FnOnce(&super::Panel) -> Vec<String>,
) -> Vec<String> {
    match rulebook.panels.iter().find(|entry| entry.code == *panel) {
        None => vec![format!("there is no panel {panel}")],
        Some(entry) => look(entry),
    }
}

/// Whether a fact of this type can be, or hold, the code. An open list takes any, but a link names one that it lists.
fn takes(kind: &FactType, code: &Code, dictionary: &Dictionary) -> bool {
    let in_list = |list: Option<&Code>| match list {
        None => true,
        Some(list) => dictionary
            .vocabulary()
            .list(list)
            .is_some_and(|list| list.codes.contains_key(code)),
    };
    match kind {
        FactType::Code(list) => in_list(list.as_ref()),
        FactType::Entries { list, .. } => in_list(list.as_ref()),
        FactType::List(of) => takes(of, code, dictionary),
        FactType::OneOf(kinds) => kinds.iter().any(|kind| takes(kind, code, dictionary)),
        FactType::Answer | FactType::Text => true,
        FactType::Record(members) => members.keys().any(|name| name.as_str() == code.as_str()),
        _ => false,
    }
}

/// Everything that the rules of a clause name: their parameters, and for coded rules the values of their clauses.
fn named_by(rulebook: &Rulebook, clause: &crate::ClauseId) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for rule in &rulebook.rules {
        if !rule.clauses.contains(clause) {
            continue;
        }
        if let Ok(parameters) = serde_json::to_value(&rule.rule) {
            collect(&parameters, &mut names);
        }
        if matches!(rule.rule, Mechanism::Coded(_)) {
            let own = rulebook
                .clauses
                .iter()
                .filter(|entry| entry.kind == ClauseKind::Rule && rule.clauses.contains(&entry.id));
            for value in own.flat_map(|entry| entry.values.values()) {
                collect(value, &mut names);
            }
        }
    }
    names
}

fn collect(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            into.insert(text.clone());
        }
        Value::Array(entries) => {
            for entry in entries {
                collect(entry, into);
            }
        }
        Value::Object(members) => {
            for (name, value) in members {
                into.insert(name.clone());
                collect(value, into);
            }
        }
        _ => {}
    }
}
