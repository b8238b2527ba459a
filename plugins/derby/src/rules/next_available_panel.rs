//! DER-BOOKING-03: a deferred case goes to the next sitting with room in its session.
//!
//! Passes: deferred on 29 October 2025, to 26 November; or to 31 December where November is full.
//! A sitting has room unless it is named as full, or the capacity that was set is used up.

use chrono::NaiveDate;
use permanence_core::Code;
use permanence_core::facts::FactValue;
use permanence_plugin::answering::{give, json_day};
use permanence_plugin::reading::{day, integer};
use permanence_plugin::{ClauseAnswer, Context};

/// What may tell the day of the deferral, the plainest first.
const DEFERRED: [&str; 4] = [
    "deferred_on",
    "panel_date",
    "presented_at_panel_on",
    "decided_on",
];

pub(crate) fn answer(context: &Context<'_>) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let deferred = DEFERRED.into_iter().find_map(|name| day(context, name));
    let target = context
        .panel()
        .zip(deferred.and_then(|on| on.succ_opt()))
        .and_then(|(panel, from)| {
            context.first_sitting(panel, from, |sitting| has_room(context, sitting))
        });
    give(&mut answer, "target_panel_on", json_day(target));
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
    let session = session_of(
        context,
        facts.code("session"),
        facts.code("request_type"),
        facts.code("service"),
    );
    if free(context, sitting, session).is_some_and(|free| free <= 0) {
        return false;
    }
    let Some(capacity) = capacity(context, session) else {
        return true;
    };
    let booked = facts
        .list("bookings")
        .iter()
        .filter(|entry| entry.member("panel_date").and_then(FactValue::as_date) == Some(sitting))
        .filter(|entry| {
            let code = |name: &str| entry.member(name).and_then(FactValue::as_code);
            let theirs = session_of(
                context,
                code("session"),
                code("request_type"),
                code("service"),
            );
            theirs.is_none() || session.is_none() || theirs == session
        })
        .count();
    i64::try_from(booked).is_ok_and(|booked| booked < capacity)
}

/// How many slots are said to be free on a sitting, in that session where it is said by session.
fn free(context: &Context<'_>, sitting: NaiveDate, session: Option<&Code>) -> Option<i64> {
    let number = |entry: &FactValue| {
        ["free_slots", "free"]
            .into_iter()
            .find_map(|name| entry.member(name).and_then(integer))
    };
    context
        .facts()
        .list("free_slots")
        .iter()
        .filter(|entry| entry.member("panel_date").and_then(FactValue::as_date) == Some(sitting))
        .filter(|entry| {
            let theirs = entry.member("session").and_then(FactValue::as_code);
            theirs.is_none() || session.is_none() || theirs == session
        })
        .filter_map(number)
        .reduce(|all, more| all + more)
}

/// How many cases a session takes: one number for all, or its own.
fn capacity(context: &Context<'_>, session: Option<&Code>) -> Option<i64> {
    match context.facts().get("slot_capacity")? {
        FactValue::Integer(number) => Some(*number),
        each => integer(each.member(session?.as_str())?),
    }
}

/// The session named, else the only one for that kind of case and service.
fn session_of<'a>(
    context: &Context<'a>,
    named: Option<&'a Code>,
    request_type: Option<&Code>,
    service: Option<&Code>,
) -> Option<&'a Code> {
    named.or_else(|| {
        match context
            .panel()?
            .sessions_for(request_type, service)
            .as_slice()
        {
            [session] => Some(&session.code),
            _ => None,
        }
    })
}
