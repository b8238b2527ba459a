//! DER-REPORT-02: what the panel agreed in a year, by kind of case, and how much of it goes on at the end.
//!
//! Example: three support plans, one of which has ended, two Staying Put and four matches: agreed 3, 2 and 4;
//! continuing 8, ended 1. Decisions outside panel were not agreed by it.

use permanence_core::facts::FactValue;
use permanence_plugin::answering::give;
use permanence_plugin::reading::member_day;
use permanence_plugin::{ClauseAnswer, Context};
use serde_json::{Map, Value, json};

use crate::period::reporting_year;

const KINDS: [&str; 3] = [
    "special_guardianship_support",
    "staying_put",
    "permanent_fostering_match",
];

/// Members that may tell the day on which the panel decided.
const DECIDED: [&str; 3] = ["decided_on", "panel_date", "heard_on"];

pub(crate) fn answer(context: &Context<'_>) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let Some(period) = reporting_year(context) else {
        return answer;
    };
    let agreed: Vec<&FactValue> = context
        .facts()
        .list("panel_decisions")
        .iter()
        .filter(|decision| {
            is(decision, "outcome", "approved")
                && member_day(decision, &DECIDED)
                    .is_some_and(|day| period.contains(day) && day <= context.as_of())
                && by_panel(decision)
        })
        .collect();
    let mut counts = Map::new();
    for kind in KINDS {
        let count = agreed
            .iter()
            .filter(|decision| is(decision, "request_type", kind))
            .count();
        counts.insert(kind.to_owned(), count.into());
    }
    let of_panel: Vec<&&FactValue> = agreed
        .iter()
        .filter(|decision| KINDS.iter().any(|kind| is(decision, "request_type", kind)))
        .collect();
    let ended = of_panel
        .iter()
        .filter(
            |decision| match decision.member("ended_on").and_then(FactValue::as_date) {
                Some(day) => day <= period.to.min(context.as_of()),
                None => {
                    decision.member("ended") == Some(&FactValue::Boolean(true))
                        || decision.member("continuing") == Some(&FactValue::Boolean(false))
                        || is(decision, "status", "ended")
                }
            },
        )
        .count();
    give(
        &mut answer,
        "period",
        json!({ "from": period.from.to_string(), "to": period.to.to_string() }),
    );
    give(&mut answer, "agreed", Value::Object(counts));
    give(
        &mut answer,
        "stability",
        json!({ "continuing": of_panel.len() - ended, "ended": ended }),
    );
    answer
}

fn is(decision: &FactValue, member: &str, code: &str) -> bool {
    decision
        .member(member)
        .and_then(FactValue::as_code)
        .is_some_and(|own| own.as_str() == code)
}

fn by_panel(decision: &FactValue) -> bool {
    let panel = |name: &str, accepted: &[&str]| {
        decision
            .member(name)
            .and_then(FactValue::as_code)
            .is_none_or(|code| accepted.contains(&code.as_str()))
    };
    decision.member("decided_outside_panel") != Some(&FactValue::Boolean(true))
        && panel("forum", &["permanence_panel", "permanency_panel", "panel"])
        && panel(
            "decided_by",
            &[
                "permanence_panel",
                "permanency_panel",
                "panel",
                "panel_chair",
            ],
        )
}
