//! Whether a residential placement needs the panel's approval and has it (BRA-ROUTE-04).
//!
//! Planned for 15 months and never decided: required and not there.
//! Planned for 11 months and in its third: not required.

use chrono::Months;
use permanence_plugin::answering::give;
use permanence_plugin::reading::{day, value};
use permanence_plugin::{ClauseAnswer, Context, Rule};

use super::panel_approval::approved_on;
use crate::ask::{unknown, word};

/// Planned for, or lasting, 12 months or more (BRA-CHECKPOINT-06).
fn long_term(context: &Context<'_>) -> bool {
    if let Some(stated) = context.facts().boolean("long_term_residential") {
        return stated;
    }
    if !unknown(context, "placement_type") && word(context, "placement_type") != Some("residential")
    {
        return false;
    }
    let anniversary = day(context, "placement_started_on")
        .and_then(|day| day.checked_add_months(Months::new(12)));
    let planned_until = value(context, "planned_end_on").and_then(|end| end.as_date());
    context
        .facts()
        .integer("planned_months")
        .is_some_and(|months| months >= 12)
        || anniversary.is_some_and(|anniversary| {
            context.as_of() >= anniversary || planned_until.is_some_and(|end| end >= anniversary)
        })
}

pub(super) fn answer(context: &Context<'_>, _: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    give(&mut answer, "panel_approval_required", long_term(context));
    let approved = !approved_on(context, "residential_match").is_empty();
    give(&mut answer, "panel_approved", approved);
    answer
}
