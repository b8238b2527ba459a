//! ERY-DECISION-01: another plan takes the place of the present one once a statutory review has endorsed it.
//!
//! Passes: proposed on 1 July and endorsed at the review of 20 July; the new option is the current one.
//! Fails: proposed on 1 July and not endorsed; the earlier option stays.

use permanence_core::facts::FactValue;
use permanence_plugin::answering::{flag, give};
use permanence_plugin::reading::{day, value};
use permanence_plugin::{ClauseAnswer, Code, Context, Rule};
use serde_json::Value;

pub(crate) fn answer(context: &Context<'_>, rule: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let code = |name: &str| value(context, name).and_then(FactValue::as_code);
    let written = |option: Option<&Code>| option.map_or(Value::Null, |code| code.as_str().into());
    // A change that is recorded already stands under the option, with the one before it beside.
    let (current, proposed) = match (code("previous_option"), code("proposed_option")) {
        (Some(before), None) => (Some(before), code("option")),
        (before, proposed) => (code("option").or(before), proposed),
    };
    let changed = day(context, "change_on");
    // A change of a day to come is not proposed yet.
    let to_come = changed.is_none() && context.facts().date("change_on").is_some();
    let untold = context.facts().is_absent("proposed_option") && proposed.is_none();
    let proposed = proposed.filter(|new| !to_come && Some(*new) != current);
    // A change of which only the day is told is one all the same; to which option nobody has said.
    if proposed.is_none() && !(untold && changed.is_some()) {
        give(&mut answer, "current_option", written(current));
        return answer;
    }
    // A review before the change was proposed cannot have endorsed it.
    let endorsed = day(context, "endorsing_review_on")
        .is_some_and(|review| changed.is_none_or(|changed| review >= changed))
        && context.facts().boolean("plan_endorsed") != Some(false);
    if let Some(new) = proposed {
        give(&mut answer, "proposed_option", new.as_str());
    }
    if endorsed {
        give(&mut answer, "current_option", written(proposed));
        give(&mut answer, "status", "ratified");
        return answer;
    }
    give(&mut answer, "current_option", written(current));
    give(&mut answer, "status", "proposed");
    if let Some(mut finding) = flag(context, rule, "plan_change_not_endorsed") {
        finding.since = changed;
        finding.ran_out_on = changed;
        answer.findings.push(finding);
    }
    answer
}
