//! DER-BOOKING-03: a deferred case goes to the next sitting with room in its session.
//!
//! Passes: deferred on 29 October 2025, to 26 November; or to 31 December where November is full.
//! A sitting has room unless it is named as full, or the capacity that was set is used up.

use chrono::NaiveDate;
use permanence_core::facts::FactValue;
use permanence_plugin::{ClauseAnswer, Context};

use crate::finding::{day, give};

pub(crate) fn answer(context: &Context<'_>) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let facts = context.facts();
    let deferred = facts
        .date("deferred_on")
        .or_else(|| facts.date("panel_date"));
    let target = context
        .panel()
        .zip(deferred.and_then(|day| day.succ_opt()))
        .and_then(|(panel, from)| {
            context.first_sitting(panel, from, |sitting| has_room(context, sitting))
        });
    give(&mut answer, "targetPanelOn", day(target));
    answer
}

fn has_room(context: &Context<'_>, sitting: NaiveDate) -> bool {
    let facts = context.facts();
    let full = facts.list("full_sittings").iter();
    if full
        .filter_map(FactValue::as_date)
        .any(|day| day == sitting)
    {
        return false;
    }
    let Some(capacity) = facts.integer("slot_capacity") else {
        return true;
    };
    let session = facts.code("session").cloned().or_else(|| {
        let panel = context.panel()?;
        let fitting = panel.sessions_for(facts.code("request_type"), facts.code("service"));
        match fitting.as_slice() {
            [session] => Some(session.code.clone()),
            _ => None,
        }
    });
    let booked = facts
        .list("bookings")
        .iter()
        .filter(|entry| entry.member("panel_date").and_then(FactValue::as_date) == Some(sitting))
        .filter(|entry| {
            let theirs = entry.member("session").and_then(FactValue::as_code);
            theirs.is_none() || session.is_none() || theirs == session.as_ref()
        })
        .count();
    i64::try_from(booked).is_ok_and(|booked| booked < capacity)
}
