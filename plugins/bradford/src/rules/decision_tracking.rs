//! Which decisions are not on the panel's tracking sheet (BRA-RECORD-02).
//!
//! Five decisions and four entries: the one without is named.

use permanence_core::facts::FactValue;
use permanence_plugin::answering::give;
use permanence_plugin::reading::{entries, named};
use permanence_plugin::{ClauseAnswer, Context, Rule};
use serde_json::Value;

use super::panel_approval::day_of;

fn says_tracked(entry: &FactValue) -> bool {
    ["tracker_entry", "tracker_entry_on", "tracked", "tracked_on"]
        .iter()
        .any(|name| entry.member(name).is_some_and(FactValue::is_yes))
}

/// The decisions that the question is about: those it lists, else those that the panel has taken.
fn decisions<'a>(context: &Context<'a>) -> Vec<&'a FactValue> {
    if !context.facts().is_absent("decisions") {
        return entries(context, "decisions");
    }
    let taken = context.facts().list("panel_decisions").iter();
    taken
        .filter(|entry| day_of(entry).is_none_or(|day| day <= context.as_of()))
        .collect()
}

pub(super) fn answer(context: &Context<'_>, _: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let tracked: Vec<Value> = entries(context, "tracker_entries")
        .into_iter()
        .filter_map(|entry| named(entry, &["decision", "decision_id", "id", "child"]))
        .collect();
    let without: Vec<Value> = decisions(context)
        .into_iter()
        .filter(|entry| !says_tracked(entry))
        .filter_map(|entry| named(entry, &["decision_id", "id", "decision", "child"]))
        .filter(|decision| !tracked.contains(decision))
        .collect();
    give(&mut answer, "decisions_not_tracked", without);
    answer
}
