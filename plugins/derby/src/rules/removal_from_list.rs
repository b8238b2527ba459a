//! DER-REMOVAL-01: a case whose required papers are not in a week before panel comes off the list.
//!
//! Passes: panel on 24 September 2025, a chronology missing on 17 September: still listed.
//! Fails: the same on 18 September: removed, and the team manager is told.
//! Papers that come later do not bring it back; life story work never costs a place.

use permanence_core::facts::FactValue;
use permanence_plugin::answering::give;
use permanence_plugin::reading::papers_due_on;
use permanence_plugin::{ClauseAnswer, Context};
use serde_json::{Value, json};

use crate::papers;
use crate::rules::return_to_list;

const LISTED: &str = "listed";
const REMOVED: &str = "removed_from_list";

pub(crate) fn answer(context: &Context<'_>) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let status = status(context);
    let notifications = if status == REMOVED {
        json!([{ "to": "team_manager", "by": "panel_administrator" }])
    } else {
        json!([])
    };
    give(&mut answer, "item_status", status);
    give(&mut answer, "maintained_by_chair", is_kept(context));
    give(&mut answer, "notifications", notifications);
    answer
}

/// Whether the case is on the list; null where that cannot be known.
pub(crate) fn status(context: &Context<'_>) -> Value {
    if is_kept(context) {
        return LISTED.into();
    }
    is_removed(context).map_or(Value::Null, |removed| {
        if removed { REMOVED } else { LISTED }.into()
    })
}

/// Whether the chair keeps it there.
fn is_kept(context: &Context<'_>) -> bool {
    context.facts().boolean("maintained_by_chair") == Some(true)
        || return_to_list::is_granted(context)
}

/// `None` where it cannot be known which papers the case needs, or nothing was told about any.
fn is_removed(context: &Context<'_>) -> Option<bool> {
    let due = papers_due_on(context)?;
    if context.as_of() <= due {
        return Some(false);
    }
    let facts = context.facts();
    let off = facts.code("item_status");
    if off.is_some_and(|status| *status == REMOVED) {
        return Some(true);
    }
    if papers::are_told(context) {
        return papers::missing_on(context, due).map(|missing| !missing.is_empty());
    }
    // Nothing about single papers, but about all of them together.
    if let Some(complete) = facts.boolean("paperwork_complete") {
        return Some(!complete);
    }
    match facts.get("document_received_on")? {
        FactValue::None => Some(true),
        came => came.as_date().map(|day| day > due),
    }
}
