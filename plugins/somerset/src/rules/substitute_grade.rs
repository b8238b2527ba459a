//! SOM-SUBSTITUTION-01: who stands in for a core member has the same grade.
//!
//! Passes: grade "Grade 14" for a member of grade " grade 14"; anybody for an optional member.
//! Fails: grade 13 for an IRO Manager of grade 14. A grade that is not recorded cannot be compared and is flagged.

use permanence_core::evaluation::{Certainty, Effect};
use permanence_plugin::answering::{finding, give};
use permanence_plugin::{ClauseAnswer, Context, Rule};
use serde_json::Value;

use crate::attendance::{Grades, StandIn, stand_ins};

const ERROR: &str = "substitute_grade_differs";

pub(crate) fn answer(context: &Context<'_>, rule: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let all: Vec<StandIn> = stand_ins(context)
        .into_iter()
        .filter(StandIn::for_the_core)
        .collect();
    let refused = all.iter().any(|one| one.grades() == Grades::Differ);
    give(&mut answer, "accepted", !refused);
    give(
        &mut answer,
        "error",
        if refused { ERROR.into() } else { Value::Null },
    );
    for one in &all {
        let (effect, message) = match one.grades() {
            Grades::Same => continue,
            Grades::Differ => (
                Effect::Block,
                "A substitute has the same grade as the member; this one has another.",
            ),
            Grades::NotKnown => (
                Effect::Flag,
                "A substitute has the same grade as the member; whether this one has cannot be known.",
            ),
        };
        let Some(mut finding) = finding(context, rule, ERROR, effect, message) else {
            continue;
        };
        if let Some(seat) = &one.seat {
            finding
                .evidence
                .insert("substituteFor".into(), seat.to_string().into());
        }
        if one.grades() == Grades::NotKnown {
            finding.certainty = Certainty::CannotBeKnown;
            finding.missing = [
                ("substituteGrade", &one.grade),
                ("memberGrade", &one.member_grade),
            ]
            .into_iter()
            .filter(|(_, grade)| grade.is_none())
            .map(|(name, _)| name.to_owned())
            .collect();
        }
        answer.findings.push(finding);
    }
    answer
}
