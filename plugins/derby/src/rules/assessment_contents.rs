//! DER-PAPERWORK-16: what the Single Assessment for a match has to go into.
//!
//! Passes: all six contents, in a list, each with a yes, or with the paper itself.
//! Fails: the same without the reviewing officer's views.

use permanence_core::evaluation::Effect;
use permanence_core::facts::FactValue;
use permanence_core::{Code, FactName};
use permanence_plugin::answering::{finding, give};
use permanence_plugin::reading::entries;
use permanence_plugin::{ClauseAnswer, Context, Rule};

const PAPER: &str = "updated_single_assessment";
/// In the order of the clause.
const CONTENTS: [&str; 6] = [
    "long_term_placement_suitability",
    "voice_of_child",
    "childs_wishes_and_feelings",
    "carers_views",
    "iro_views",
    "other_significant_persons_views",
];

pub(crate) fn answer(context: &Context<'_>, rule: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let missing: Vec<&str> = CONTENTS
        .into_iter()
        .filter(|content| !is_covered(context, content))
        .collect();
    if !missing.is_empty()
        && let Some(mut finding) = finding(
            context,
            rule,
            "assessment_content_incomplete",
            Effect::Flag,
            "The Single Assessment does not go into all that it has to.",
        )
    {
        finding
            .evidence
            .insert("missing".into(), missing.clone().into());
        answer.findings.push(finding);
    }
    give(&mut answer, "missing_contents", missing);
    answer
}

fn is_covered(context: &Context<'_>, content: &str) -> bool {
    let (Ok(code), Ok(list)) = (Code::new(content), FactName::new("assessment_contents")) else {
        return false;
    };
    context.has(&[list], &code) || is_in_paper(context, &code)
}

/// Whether the paper among the documents is said to cover it.
fn is_in_paper(context: &Context<'_>, content: &Code) -> bool {
    entries(context, "documents")
        .into_iter()
        .filter(|entry| {
            let paper = entry.member("document").and_then(FactValue::as_code);
            paper.is_some_and(|paper| *paper == PAPER)
        })
        .any(|entry| match entry.member("contents") {
            Some(FactValue::List(covered)) => {
                covered.iter().any(|it| it.as_code() == Some(content))
            }
            _ => false,
        })
}
