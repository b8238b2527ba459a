//! What kind of guidance a clause is, told by what it holds.

use permanence_core::rulebook::Clause;
use serde_json::Value;

/// What a piece of guidance looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A sentence to bear in mind.
    Consideration,
    /// The two sides of one option or order.
    ForAndAgainst,
    /// A table of several options.
    Comparison,
    /// What matters in a kind of situation.
    Scenario,
    /// Words and their meanings.
    Glossary,
}

/// The shape of a clause's guidance, by the names of its values.
#[must_use]
pub fn shape(clause: &Clause) -> Shape {
    let has = |name: &str| clause.values.contains_key(name);
    if has("rows") && has("columns") {
        Shape::Comparison
    } else if has("advantages") || has("disadvantages") {
        Shape::ForAndAgainst
    } else if ["abbreviations", "terms", "glossary"].into_iter().any(has) {
        Shape::Glossary
    } else if ["features", "scenario", "scenarios"].into_iter().any(has) {
        Shape::Scenario
    } else {
        Shape::Consideration
    }
}

/// Whether the values of a clause name a code, at any depth: as a value, or as the name of an entry.
#[must_use]
pub fn names(clause: &Clause, code: &str) -> bool {
    clause.values.values().any(|value| holds(value, code))
}

fn holds(value: &Value, code: &str) -> bool {
    match value {
        Value::String(text) => text == code,
        Value::Array(items) => items.iter().any(|item| holds(item, code)),
        Value::Object(members) => members
            .iter()
            .any(|(name, value)| name == code || holds(value, code)),
        _ => false,
    }
}
