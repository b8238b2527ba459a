//! DER-REMOVAL-01: a case whose required papers are not in a week before panel comes off the list.
//!
//! Passes: panel on 24 September 2025, a chronology missing on 17 September: still listed.
//! Fails: the same on 18 September: removed, and the team manager is told.
//! Papers that come later do not bring it back; life story work never costs a place.

use permanence_plugin::{ClauseAnswer, Context};
use serde_json::{Value, json};

use crate::finding::give;
use crate::papers;

pub(crate) fn answer(context: &Context<'_>) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let kept = context.facts().boolean("maintained_by_chair") == Some(true);
    let removed = if kept {
        Some(false)
    } else {
        is_removed(context)
    };
    let status = removed.map(|removed| {
        if removed {
            "removed_from_list"
        } else {
            "listed"
        }
    });
    give(
        &mut answer,
        "itemStatus",
        status.map_or(Value::Null, Value::from),
    );
    give(&mut answer, "maintainedByChair", kept);
    let notifications = if removed == Some(true) {
        json!([{ "to": "team_manager", "by": "panel_administrator" }])
    } else {
        json!([])
    };
    give(&mut answer, "notifications", notifications);
    answer
}

/// `None` where it cannot be known which papers the case needs.
fn is_removed(context: &Context<'_>) -> Option<bool> {
    let due = context
        .panel()?
        .papers_due_on(context.facts().date("panel_date")?)?;
    if context.as_of() <= due {
        return Some(false);
    }
    let off = context.facts().code("item_status");
    if off.is_some_and(|status| *status == "removed_from_list") {
        return Some(true);
    }
    papers::missing_on(context, due).map(|missing| !missing.is_empty())
}
