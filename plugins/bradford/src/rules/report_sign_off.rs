//! Whether an exception report may go to panel, and to which sitting (BRA-EXCEPTION-09).
//!
//! Signed by the social worker on 10 September 2025 and signed off on Thursday the 11th at 10:00: the sitting of the 16th.
//! Signed off at 15:00, after the deadline for papers: the sitting of the 23rd. Signed off first, it is not signed off.

use chrono::NaiveDate;
use permanence_core::calendar::CutOff;
use permanence_core::facts::FactValue;
use permanence_core::rulebook::PapersDue;
use permanence_plugin::{ClauseAnswer, Context, Rule};
use serde_json::Value;

use crate::ask::{give, json_day, member, role};

/// When a role signed: the fact of its own, its signature on the form, or its entry in the list of signatures.
fn signed<'a>(context: &Context<'a>, fact: &str, by: &str) -> Option<&'a FactValue> {
    let own = context
        .facts()
        .get(fact)
        .filter(|value| value.as_date().is_some());
    let on_form = || context.facts().get(&format!("{by}_signature"));
    let listed = || {
        context
            .facts()
            .list("signatures")
            .iter()
            .find(|entry| role(entry) == Some(by))
    };
    own.or_else(|| {
        on_form()
            .or_else(listed)
            .and_then(|entry| member(entry, &["signed_at", "signed_on"]))
    })
    // A signature of a later day is not there yet.
    .filter(|signed| signed.as_date().is_some_and(|day| day <= context.as_of()))
}

fn target(context: &Context<'_>, sign_off: &FactValue) -> Option<NaiveDate> {
    let panel = context.panel()?;
    let day = sign_off.as_date()?;
    context.first_sitting(panel, day, |sitting| match (panel.papers, sign_off) {
        (PapersDue::At(cut_off), FactValue::DateTime(moment)) => cut_off
            .before(sitting)
            .is_some_and(|due| CutOff::met(due, *moment)),
        _ => panel.papers_due_on(sitting).is_some_and(|due| due >= day),
    })
}

pub(super) fn answer(context: &Context<'_>, _: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let social_worker = signed(context, "social_worker_signed_on", "social_worker");
    let team_manager = signed(context, "team_manager_signed_at", "team_manager");
    // The team manager signs off what the social worker has signed, not the other way round.
    let in_order = match (social_worker, team_manager) {
        (Some(FactValue::DateTime(first)), Some(FactValue::DateTime(second))) => first <= second,
        (Some(first), Some(second)) => first.as_date() <= second.as_date(),
        _ => true,
    };
    let mut missing = Vec::new();
    if social_worker.is_none() {
        missing.push("social_worker");
    }
    if team_manager.is_none() || !in_order {
        missing.push("team_manager");
    }
    let ready = missing.is_empty();
    give(&mut answer, "ready_for_panel", ready);
    give(&mut answer, "missing_signatures", missing);
    let target = team_manager
        .filter(|_| ready)
        .map_or(Value::Null, |sign_off| json_day(target(context, sign_off)));
    give(&mut answer, "target_panel_on", target);
    answer
}
