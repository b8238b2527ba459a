//! Approvals that the Permanence Panel has given, as far as the question tells.

use chrono::NaiveDate;
use permanence_core::facts::FactValue;
use permanence_plugin::Context;
use permanence_plugin::reading::{member, text};

use crate::ask::{first_day, word};

const DAYS: [&str; 6] = [
    "decided_on",
    "panel_date",
    "panel_on",
    "heard_on",
    "date",
    "on",
];

/// The day of a hearing or decision, by whichever name it has.
pub(super) fn day_of(entry: &FactValue) -> Option<NaiveDate> {
    entry
        .as_date()
        .or_else(|| member(entry, &DAYS).and_then(FactValue::as_date))
}

/// Whether an entry is about a kind of request; one that names none is taken to be.
pub(super) fn is_about(entry: &FactValue, request_type: &str) -> bool {
    member(entry, &["request_type"]).is_none_or(|kind| text(kind) == Some(request_type))
}

/// The days of the approvals of a kind of request up to the day asked about, earliest first.
/// Another panel's approval is not one; an entry that names no panel is taken for the Permanence Panel's.
pub(super) fn approved_on(context: &Context<'_>, request_type: &str) -> Vec<NaiveDate> {
    let mut days: Vec<NaiveDate> = context
        .facts()
        .list("panel_decisions")
        .iter()
        .chain(context.facts().list("panel_hearings"))
        .filter(|entry| is_about(entry, request_type))
        .filter(|entry| {
            member(entry, &["outcome", "decision"]).and_then(text) == Some("approved")
                && member(entry, &["forum", "panel"])
                    .is_none_or(|panel| text(panel) == Some("permanence_panel"))
        })
        .filter_map(day_of)
        .collect();
    // A question about one decision tells it without a list.
    if word(context, "request_type") == Some(request_type)
        && word(context, "outcome") == Some("approved")
        && word(context, "panel").is_none_or(|panel| panel == "permanence_panel")
    {
        days.extend(first_day(context, &["decided_on", "panel_date"]));
    }
    days.retain(|day| *day <= context.as_of());
    days.sort_unstable();
    days
}
