//! Faults planted into a rulebook, to prove that its tests would notice them.
//!
//! A check that nothing can fail proves nothing.
//! So a council's tests plant each kind of fault at every place where it can stand, and hold that each is caught:
//! by the checks of `core` that stop the build, by the register, or by what is left without anything that meets it.

use std::collections::BTreeSet;

use permanence_core::coverage;
use permanence_core::facts::FactType;
use permanence_core::rulebook::{ClauseKind, CouncilPolicy, Held, Policy, PolicyDocument};
use serde_json::{Value, json};

use crate::register::{self, Register};

/// A name that stands in no rulebook.
const NOWHERE: &str = "not_there_at_all";

/// A clause that stands in no rulebook.
const NO_CLAUSE: &str = "ANY-GUIDANCE-99";

/// The faults that nothing would catch; empty where every one of them is.
///
/// # Errors
/// What is wrong with the rulebook before anything is planted.
pub fn uncaught(document: &PolicyDocument, register: &Register) -> Result<Vec<String>, String> {
    let policy = CouncilPolicy::new(document.clone()).map_err(|problems| {
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        problems.join("\n")
    })?;
    for edition in policy.editions() {
        if let Some(difference) = register::differences(edition, register).first() {
            return Err(difference.clone());
        }
        if let Some(clause) = register::unmet(edition).first() {
            return Err(format!("nothing meets {clause}"));
        }
    }
    let mut uncaught = Vec::new();
    for (index, edition) in policy.editions().iter().enumerate() {
        uncaught.extend(unlike_the_register(edition, register));
        uncaught.extend(unmet(edition)?);
        uncaught.extend(pointless(document, index, edition)?);
    }
    Ok(uncaught)
}

/// A clause is dropped, changed in kind or subject, or made up.
fn unlike_the_register(edition: &Policy, register: &Register) -> Vec<String> {
    let mut uncaught = Vec::new();
    let mut changed = edition.rulebook.clone();
    for index in 0..changed.clauses.len() {
        let clause = changed.clauses.remove(index);
        if register::compare(&changed, register).is_empty() {
            uncaught.push(format!("{} is dropped", clause.id));
        }
        for kind in [ClauseKind::Rule, ClauseKind::Data, ClauseKind::Text] {
            if kind != clause.kind {
                let mut other = clause.clone();
                other.kind = kind;
                changed.clauses.insert(index, other);
                if register::compare(&changed, register).is_empty() {
                    uncaught.push(format!("{} becomes another kind", clause.id));
                }
                changed.clauses.remove(index);
            }
        }
        let mut made_up = clause.clone();
        changed.clauses.insert(index, clause);
        if let Ok(id) = NO_CLAUSE.parse() {
            made_up.id = id;
            changed.clauses.insert(index, made_up);
            if register::compare(&changed, register).is_empty() {
                uncaught.push("a clause is made up".to_owned());
            }
            changed.clauses.remove(index);
        }
    }
    uncaught
}

/// Every rule goes, and every link: each clause of these kinds must be named as met by nothing.
fn unmet(edition: &Policy) -> Result<Vec<String>, String> {
    let mut bare = edition.rulebook.clone();
    bare.rules.clear();
    for clause in &mut bare.clauses {
        // What is held by entries of a rule would not be a rulebook any more without the rule.
        clause.held_in.clear();
    }
    let bare = Policy::new(&edition.council, bare).map_err(|problems| {
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        problems.join("\n")
    })?;
    Ok(coverage::coverage(&bare)
        .into_iter()
        .filter(|met| met.kind != ClauseKind::Text && !met.by.is_empty())
        .map(|met| format!("{} loses what meets it", met.clause))
        .collect())
}

/// In each link a name is turned into one that is nowhere: each clause must be named by the checks that stop the build.
fn pointless(
    document: &PolicyDocument,
    index: usize,
    edition: &Policy,
) -> Result<Vec<String>, String> {
    let whole = serde_json::to_value(document).map_err(|error| error.to_string())?;
    let mut open = Vec::new();
    for (at, clause) in edition.rulebook.clauses.iter().enumerate() {
        for (link, held) in clause.held_in.iter().enumerate() {
            for pointer in names(held, edition)? {
                let place = format!("/editions/{index}/clauses/{at}/held_in/{link}{pointer}");
                open.push((&clause.id, format!("{link}{pointer}"), place));
            }
        }
    }
    let mut uncaught = Vec::new();
    // One name of every clause at a time: the checks name all problems at once, each with its clause.
    while !open.is_empty() {
        let mut planted = Vec::new();
        let mut faulty = whole.clone();
        let mut seen = BTreeSet::new();
        open.retain(|(id, name, place)| {
            let first = seen.insert(*id);
            if first {
                if let Some(member) = faulty.pointer_mut(place) {
                    let clause = place.ends_with("/entries/clause");
                    *member = json!(if clause { NO_CLAUSE } else { NOWHERE });
                }
                planted.push((*id, name.clone()));
            }
            !first
        });
        let problems = match serde_json::from_value(faulty).map(CouncilPolicy::new) {
            Ok(Ok(_)) => Vec::new(),
            Ok(Err(problems)) => problems,
            Err(error) => return Err(error.to_string()),
        };
        for (id, name) in planted {
            let place = format!("clause {id}");
            if !problems
                .iter()
                .any(|problem| problem.place.ends_with(&place))
            {
                uncaught.push(format!("{id} points at nothing in its link {name}"));
            }
        }
    }
    Ok(uncaught)
}

/// Pointers to the names in a link.
///
/// What the server and not the rulebook defines is left to the server's tests, and a fact that can be any code is left out.
fn names(held: &Held, edition: &Policy) -> Result<Vec<String>, String> {
    let any_code = matches!(held, Held::Fact { fact, .. }
        if edition.dictionary().get(fact.as_str()).is_none_or(|fact| !has_list(&fact.kind)));
    let written = serde_json::to_value(held).map_err(|error| error.to_string())?;
    let mut found = Vec::new();
    for (kind, link) in written.as_object().into_iter().flatten() {
        for (member, value) in link.as_object().into_iter().flatten() {
            match value {
                _ if kind == "operation" || (any_code && member == "codes") => {}
                Value::String(_) => found.push(format!("/{kind}/{member}")),
                Value::Array(names) => {
                    found.extend((0..names.len()).map(|at| format!("/{kind}/{member}/{at}")));
                }
                _ => {}
            }
        }
    }
    Ok(found)
}

/// Whether a fact takes codes of a list and no others.
fn has_list(kind: &FactType) -> bool {
    match kind {
        FactType::Code(list) => list.is_some(),
        FactType::Entries { list, .. } => list.is_some(),
        FactType::List(of) => has_list(of),
        FactType::OneOf(kinds) => kinds.iter().all(has_list),
        FactType::Answer | FactType::Text => false,
        _ => true,
    }
}
