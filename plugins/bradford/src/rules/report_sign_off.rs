//! Whether an exception report may go to panel, and to which sitting (BRA-EXCEPTION-09).
//!
//! Signed by the social worker on 10 September 2025 and signed off on Thursday the 11th at 10:00: the sitting of the 16th.
//! Signed off at 15:00, after the deadline for papers: the sitting of the 23rd. Signed off first, it is not signed off.

use chrono::NaiveDate;
use permanence_core::calendar::CutOff;
use permanence_core::facts::FactValue;
use permanence_core::rulebook::PapersDue;
use permanence_plugin::answering::{give, json_day};
use permanence_plugin::reading::member;
use permanence_plugin::{ClauseAnswer, Context, Rule};
use serde_json::Value;

use crate::ask::role;

/// What says that a role signed, with the day where it is known: the fact of its own, its signature on the form, or its entry
/// in the list of signatures.
fn signed<'a>(context: &Context<'a>, fact: &str, by: &str) -> Option<&'a FactValue> {
    let own = context
        .facts()
        .get(fact)
        .filter(|said| said.as_date().is_some() || **said == FactValue::Boolean(true));
    let on_form = || {
        let signature = context.facts().get(&format!("{by}_signature"))?;
        member(signature, &["signed_at", "signed_on"])
    };
    let listed = || {
        let mut signatures = context.facts().list("signatures").iter();
        let entry = signatures.find(|entry| role(entry) == Some(by))?;
        // A role in the list has signed, also where its day is not written; one without a day that is known to be none has not.
        let undated = ["signed_at", "signed_on"]
            .into_iter()
            .all(|name| entry.member(name).is_none());
        if undated {
            return Some(entry);
        }
        member(entry, &["signed_at", "signed_on"])
    };
    own.or_else(on_form)
        .or_else(listed)
        // A signature of a later day is not there yet.
        .filter(|signed| signed.as_date().is_none_or(|day| day <= context.as_of()))
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
        (Some(first), Some(second)) => match (first.as_date(), second.as_date()) {
            (Some(first), Some(second)) => first <= second,
            _ => true,
        },
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
