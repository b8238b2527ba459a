//! DER-FORM-29 to DER-FORM-31 for a report that is told as a whole: its rows are taken for facts, and the rules of the
//! clause that read them one by one are asked.
//!
//! Passes: `answers` with every row, and two looked-after children of two.
//! Fails: `answers` without the signature, or with three looked-after children of two.

use permanence_core::Code;
use permanence_core::evaluation::Effect;
use permanence_core::facts::{FactValue, Facts};
use permanence_core::mechanism::Mechanism;
use permanence_plugin::answering::{finding, give};
use permanence_plugin::{ClauseAnswer, Context, Rule};

/// Facts that may hold the whole report.
const WHOLE: [&str; 2] = ["answers", "form"];

pub(crate) fn answer(context: &Context<'_>, rule: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let (Some(facts), Some(clause)) = (rows(context.facts()), rule.clauses.first()) else {
        return answer;
    };
    let then = Context::new(context.policy(), context.as_of(), &facts);
    let by_row = context
        .policy()
        .rules_of(clause)
        .filter(|other| other.when.as_ref().is_none_or(|when| when.holds(&then)));
    for other in by_row {
        let (wrong, flag) = match &other.rule {
            Mechanism::Checklist(list) => {
                let missing = list.missing(&then);
                let wrong = !missing.is_empty();
                give(&mut answer, "missing_fields", missing);
                (wrong, &list.flag)
            }
            Mechanism::MustBeRecorded(record) => (!record.requires.holds(&then), &record.flag),
            _ => continue,
        };
        if let (true, Some(flag)) = (wrong, flag) {
            answer
                .findings
                .extend(flagged(context, rule, flag, &answer));
        }
    }
    answer
}

fn flagged(
    context: &Context<'_>,
    rule: &Rule,
    flag: &Code,
    answer: &ClauseAnswer,
) -> Option<permanence_core::evaluation::Finding> {
    let mut finding = finding(
        context,
        rule,
        flag.as_str(),
        Effect::Flag,
        "The report as a whole is not as it should be.",
    )?;
    if let Some(missing) = answer.results.get("missingFields") {
        finding.evidence.insert("missing".into(), missing.clone());
    }
    Some(finding)
}

/// The facts with the rows of the report among them, where it is told as a whole.
fn rows(facts: &Facts) -> Option<Facts> {
    let rows = WHOLE.into_iter().find_map(|name| match facts.get(name) {
        Some(FactValue::Record(rows)) => Some(rows),
        _ => None,
    })?;
    let others = facts
        .iter()
        .filter(|(name, _)| !WHOLE.iter().any(|whole| **name == *whole));
    Some(
        others
            .chain(rows)
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
    )
}
