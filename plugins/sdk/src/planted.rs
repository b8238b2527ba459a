//! Faults planted into a rulebook, to prove that its tests would notice them.
//!
//! A check that nothing can fail proves nothing.
//! So a council's tests plant each kind of fault at every place where it can stand, and hold that each is caught:
//! by the checks of `core` that stop the build, by the register, or by what is left without anything that meets it.

use permanence_core::rulebook::{ClauseKind, CouncilPolicy, PolicyDocument};
use serde_json::{Value, json};

use crate::register::{self, Register};

/// A name that stands in no rulebook.
const NOWHERE: &str = "not_there_at_all";

/// A fault, and how the rulebook looks with it.
struct Fault {
    what: String,
    document: Value,
}

/// The faults that nothing would catch; empty where every one of them is.
///
/// # Errors
/// The rulebook as it is, where it is not in order before anything is planted.
pub fn uncaught(document: &PolicyDocument, register: &Register) -> Result<Vec<String>, String> {
    let whole = serde_json::to_value(document).map_err(|error| error.to_string())?;
    if let Some(problem) = problems(&whole, register).first() {
        return Err(problem.clone());
    }
    Ok(faults(document, &whole)
        .into_iter()
        .filter(|fault| problems(&fault.document, register).is_empty())
        .map(|fault| fault.what)
        .collect())
}

/// What the build and the tests of a council would say about a rulebook.
fn problems(document: &Value, register: &Register) -> Vec<String> {
    let document: PolicyDocument = match serde_json::from_value(document.clone()) {
        Ok(document) => document,
        Err(error) => return vec![error.to_string()],
    };
    match CouncilPolicy::new(document) {
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
        Ok(policy) => policy
            .editions()
            .iter()
            .flat_map(|edition| {
                let mut problems = register::differences(edition, register);
                problems.extend(
                    register::unmet(edition)
                        .into_iter()
                        .map(|clause| format!("nothing meets {clause}")),
                );
                problems
            })
            .collect(),
    }
}

fn faults(document: &PolicyDocument, whole: &Value) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (edition, rulebook) in document.editions.iter().enumerate() {
        for (index, clause) in rulebook.clauses.iter().enumerate() {
            let id = &clause.id;
            let at = format!("/editions/{edition}/clauses/{index}");
            let mut plant = |what: String, change: &dyn Fn(&mut Value)| {
                let mut document = whole.clone();
                change(&mut document);
                faults.push(Fault { what, document });
            };
            plant(format!("{id} is dropped"), &|document| {
                if let Some(clauses) = list(document, &format!("/editions/{edition}/clauses")) {
                    clauses.remove(index);
                }
            });
            plant(format!("{id} is given another subject"), &|document| {
                set(document, &format!("{at}/topic"), json!(NOWHERE));
            });
            if clause.kind != ClauseKind::Text {
                plant(format!("{id} is shown as text only"), &|document| {
                    set(document, &format!("{at}/kind"), json!("text"));
                    set(document, &format!("{at}/held_in"), json!([]));
                    without_rules_of(document, edition, id.as_str());
                });
            }
            if clause.kind == ClauseKind::Rule {
                plant(format!("{id} loses its rules"), &|document| {
                    without_rules_of(document, edition, id.as_str());
                });
            }
            if clause.kind == ClauseKind::Data {
                plant(format!("{id} is not linked"), &|document| {
                    set(document, &format!("{at}/held_in"), json!([]));
                });
            }
            let held = whole.pointer(&format!("{at}/held_in"));
            for (link, held) in held
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .enumerate()
            {
                for pointer in names(held) {
                    let place = format!("{at}/held_in/{link}{pointer}");
                    plant(
                        format!("{id} points at nothing in its link {link}{pointer}"),
                        &|document| set(document, &place, json!(NOWHERE)),
                    );
                }
            }
        }
        let mut invented = whole.clone();
        if let Some(clauses) = list(&mut invented, &format!("/editions/{edition}/clauses")) {
            clauses.push(json!({
                "id": "ANY-GUIDANCE-99", "at": "nowhere", "topic": "guidance", "kind": "text", "says": "Nothing."
            }));
        }
        faults.push(Fault {
            what: "a clause is made up".to_owned(),
            document: invented,
        });
    }
    faults
}

fn list<'a>(document: &'a mut Value, pointer: &str) -> Option<&'a mut Vec<Value>> {
    document.pointer_mut(pointer).and_then(Value::as_array_mut)
}

/// Sets a member, whether it was there before or not.
fn set(document: &mut Value, pointer: &str, value: Value) {
    let Some((parent, name)) = pointer.rsplit_once('/') else {
        return;
    };
    match document.pointer_mut(parent) {
        Some(Value::Object(members)) => {
            members.insert(name.to_owned(), value);
        }
        Some(Value::Array(items)) => {
            if let Some(item) = name.parse().ok().and_then(|at: usize| items.get_mut(at)) {
                *item = value;
            }
        }
        _ => {}
    }
}

/// The clause is taken out of every rule, and a rule that carries out nothing else goes.
fn without_rules_of(document: &mut Value, edition: usize, clause: &str) {
    let Some(rules) = list(document, &format!("/editions/{edition}/rules")) else {
        return;
    };
    for rule in rules.iter_mut() {
        if let Some(clauses) = list(rule, "/clauses") {
            clauses.retain(|id| id != clause);
        }
    }
    rules.retain(|rule| {
        rule.pointer("/clauses")
            .and_then(Value::as_array)
            .is_some_and(|clauses| !clauses.is_empty())
    });
}

/// Pointers to the names in a link; what the server and not the rulebook defines is left to the server's tests.
fn names(held: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let Some(links) = held.as_object() else {
        return found;
    };
    for (kind, link) in links.iter().filter(|(kind, _)| *kind != "operation") {
        for (member, value) in link.as_object().into_iter().flatten() {
            match value {
                Value::String(_) => found.push(format!("/{kind}/{member}")),
                Value::Array(names) => {
                    found.extend((0..names.len()).map(|at| format!("/{kind}/{member}/{at}")));
                }
                _ => {}
            }
        }
    }
    found
}
