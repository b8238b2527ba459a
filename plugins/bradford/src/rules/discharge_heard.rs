//! Whether the panel heard a request to end a Care Order before it went to court (BRA-ROUTE-06).
//!
//! Issued on 6 October 2025 and heard on the 14th: flagged. Heard on 30 September, or on the day of issue: not flagged.

use permanence_core::facts::FactValue;
use permanence_plugin::answering::{flag, give, raise};
use permanence_plugin::{ClauseAnswer, Context, Rule};

use super::panel_approval::{day_of, is_about};
use crate::ask::word;

const REQUEST: &str = "care_order_discharge";

pub(super) fn answer(context: &Context<'_>, rule: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    // What is issued only after the day asked about is not in court yet; proceedings on another request need no hearing.
    let facts = context.facts();
    let about = word(context, "request_type").is_none_or(|kind| kind == REQUEST);
    let issued = facts
        .date("discharge_application_issued_on")
        .or_else(|| facts.date("proceedings_issued_on").filter(|_| about))
        .filter(|issued| *issued <= context.as_of());
    let mut heard: Vec<_> = facts
        .list("panel_hearings")
        .iter()
        .chain(facts.list("panel_decisions"))
        .filter(|entry: &&FactValue| is_about(entry, REQUEST))
        .filter_map(day_of)
        .collect();
    if about {
        heard.extend(facts.date("panel_date"));
    }
    let missing = issued.is_some_and(|issued| !heard.iter().any(|day| *day <= issued));
    give(&mut answer, "discharge_without_panel", missing);
    if missing {
        let raised = raise(&mut answer, flag(context, rule, "discharge_without_panel"));
        if let Some(finding) = raised {
            finding.since = issued;
            finding.ran_out_on = issued;
        }
    }
    answer
}
