//! Which decisions are not on the panel's tracking sheet (BRA-RECORD-02).
//!
//! Five decisions and four entries: the one without is named.

use permanence_core::facts::FactValue;
use permanence_plugin::{ClauseAnswer, Context, Rule};
use serde_json::Value;

use crate::ask::{entries, give, member};

/// How a decision is named: by itself, or by a member.
fn name(entry: &FactValue) -> Option<Value> {
    match entry {
        FactValue::Record(_) => {
            member(entry, &["decision", "decision_id", "id", "child"]).map(FactValue::to_json)
        }
        other => Some(other.to_json()),
    }
}

fn says_tracked(entry: &FactValue) -> bool {
    ["tracker_entry", "tracked", "tracked_on"]
        .iter()
        .any(|name| entry.member(name).is_some_and(FactValue::is_yes))
}

pub(super) fn answer(context: &Context<'_>, _: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let tracked: Vec<Value> = entries(context, "tracker_entries")
        .into_iter()
        .filter_map(name)
        .collect();
    let without: Vec<Value> = entries(context, "decisions")
        .into_iter()
        .filter(|entry| !says_tracked(entry))
        .filter_map(name)
        .filter(|decision| !tracked.contains(decision))
        .collect();
    give(&mut answer, "decisions_not_tracked", without);
    answer
}
