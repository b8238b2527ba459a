//! The register of a policy's clauses, kept beside its rulebook: which clauses there are, and of what kind.
//!
//! A clause that is lost, added in passing or downgraded from `rule` to `text` differs from the register.
//! It is a CSV file, `plugins/<council>/register.csv`, with the columns `id`, `topic` and `kind`.

use std::collections::BTreeMap;

use permanence_core::coverage;
use permanence_core::rulebook::{Clause, ClauseKind, Policy, Rulebook};

/// What each clause is by the register.
pub type Register = BTreeMap<String, (String, String)>;

/// Reads a register.
///
/// # Errors
/// The first line that is not an entry.
pub fn read(csv: &str) -> Result<Register, String> {
    let mut register = Register::new();
    for line in csv.lines().skip(1).filter(|line| !line.is_empty()) {
        let mut cells = line.split(',');
        let (Some(id), Some(topic), Some(kind), None) =
            (cells.next(), cells.next(), cells.next(), cells.next())
        else {
            return Err(format!("not an entry of the form id,topic,kind: {line}"));
        };
        if register
            .insert(id.to_owned(), (topic.to_owned(), kind.to_owned()))
            .is_some()
        {
            return Err(format!("{id} stands twice"));
        }
    }
    Ok(register)
}

/// How an edition differs from the register: a sentence each.
#[must_use]
pub fn differences(policy: &Policy, register: &Register) -> Vec<String> {
    compare(&policy.rulebook, register)
}

/// How a rulebook differs from the register, whether it is in order or not: a sentence each.
#[must_use]
pub fn compare(rulebook: &Rulebook, register: &Register) -> Vec<String> {
    let clauses: BTreeMap<&str, &Clause> = rulebook
        .clauses
        .iter()
        .map(|clause| (clause.id.as_str(), clause))
        .collect();
    let mut differences = Vec::new();
    for (id, (topic, kind)) in register {
        match clauses.get(id.as_str()) {
            None => differences.push(format!("{id} is not in the rulebook")),
            Some(clause) => {
                if kind_name(clause.kind) != kind {
                    differences.push(format!(
                        "{id} is of kind {kind}, the rulebook has {}",
                        kind_name(clause.kind)
                    ));
                }
                if clause.topic.as_str() != topic {
                    differences.push(format!(
                        "{id} is about {topic}, the rulebook has {}",
                        clause.topic
                    ));
                }
            }
        }
    }
    for id in clauses.keys() {
        if !register.contains_key(*id) {
            differences.push(format!("{id} is not in the register"));
        }
    }
    differences
}

/// The clauses that nothing meets: a rule that no rule carries out, data that nothing holds.
#[must_use]
pub fn unmet(policy: &Policy) -> Vec<String> {
    coverage::coverage(policy)
        .into_iter()
        .filter(|met| met.by.is_empty())
        .map(|met| met.clause.to_string())
        .collect()
}

fn kind_name(kind: ClauseKind) -> &'static str {
    match kind {
        ClauseKind::Rule => "rule",
        ClauseKind::Data => "data",
        ClauseKind::Text => "text",
    }
}
