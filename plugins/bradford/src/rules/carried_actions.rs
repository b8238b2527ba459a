//! Which actions are carried to the next meeting (BRA-FORM-12): those that are not finished, in their order.
//!
//! Actions 1 done, 2 and 3 not: 2 and 3 are carried.

use permanence_core::facts::FactValue;
use permanence_plugin::answering::give;
use permanence_plugin::reading::{member, named, text};
use permanence_plugin::{ClauseAnswer, Context, Rule};
use serde_json::Value;

/// By what an action is known; the first that is there counts.
const NAMES: [&str; 8] = [
    "id",
    "number",
    "code",
    "action",
    "name",
    "title",
    "text",
    "description",
];

fn finished(context: &Context<'_>, action: &FactValue) -> bool {
    let says = ["completed", "done"]
        .iter()
        .any(|name| action.member(name).is_some_and(FactValue::is_yes));
    let dated = member(action, &["completed_on", "done_on"])
        .and_then(FactValue::as_date)
        .is_some_and(|day| day <= context.as_of());
    let stated = member(action, &["status", "completed_or_updated"])
        .and_then(text)
        .map(str::to_lowercase)
        .is_some_and(|status| status.starts_with("completed") || status == "done");
    // The column of the form asks for a yes or for how the action stands.
    let ticked = action.member("completed_or_updated") == Some(&FactValue::Boolean(true));
    says || dated || stated || ticked
}

pub(super) fn answer(context: &Context<'_>, _: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let carried: Vec<Value> = context
        .facts()
        .list("actions")
        .iter()
        .filter(|action| !finished(context, action))
        .filter_map(|action| named(action, &NAMES))
        .collect();
    give(&mut answer, "carried_actions", carried);
    answer
}
