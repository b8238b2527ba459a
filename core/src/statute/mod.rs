//! The law that holds for every council in England, as a small rulebook of its own with its own citations.
//!
//! It stands beside a council's policy and never in its place: its findings are added to the council's, its dates are given
//! apart from the council's results, and a council's stricter rule stays what it is.

mod reviews;

use std::sync::OnceLock;

use chrono::NaiveDate;

use crate::evaluation::{Answer, Capability, Question};
use crate::evaluator::{Extent, NoCodedRules, parts};
use crate::rulebook::{CouncilPolicy, Policy, PolicyDocument};

/// The law of a day; `None` only in a build whose embedded rulebook is not sound, which a test of this module refuses.
pub fn on(day: NaiveDate) -> Option<&'static Policy> {
    static LAW: OnceLock<Option<CouncilPolicy>> = OnceLock::new();
    LAW.get_or_init(|| read().ok())
        .as_ref()
        .and_then(|law| law.on(day))
}

fn read() -> Result<CouncilPolicy, String> {
    let document: PolicyDocument =
        serde_json::from_str(include_str!("england.json")).map_err(|error| error.to_string())?;
    CouncilPolicy::new(document).map_err(|problems| {
        let texts: Vec<String> = problems.iter().map(ToString::to_string).collect();
        texts.join("\n")
    })
}

/// Adds what the law says of a question to a council's answers, one for each wanted capability: findings for due dates and
/// for drift, dates for due dates.
pub fn beside<const N: usize>(
    wanted: [(Capability, Extent); N],
    question: &Question,
    answers: &mut [Answer; N],
) {
    let has_law = |it: Capability| matches!(it, Capability::Checkpoints | Capability::Exceptions);
    if !wanted.iter().any(|(capability, _)| has_law(*capability)) {
        return;
    }
    let Some(law) = on(question.as_of) else {
        return;
    };
    let settled = Question {
        as_of: question.as_of,
        facts: reviews::settle(&question.facts, question.as_of),
    };
    // None of its rules is code, so there is nothing that could fail.
    let parts = parts(law, wanted, &[&settled], &NoCodedRules);
    let Some(parts) = parts.ok().and_then(|mut parts| parts.pop()) else {
        return;
    };
    for (((capability, extent), answer), parts) in wanted.into_iter().zip(answers).zip(parts) {
        let with_dates = capability == Capability::Checkpoints && extent != Extent::Findings;
        for part in parts {
            answer.findings.extend(part.said.findings);
            if with_dates {
                let dates = part.said.results;
                for clause in part.clauses.iter() {
                    answer.statute.insert(clause.clone(), dates.clone());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
