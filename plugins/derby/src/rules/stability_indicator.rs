//! DER-KPI-02: how often a child moved, in a month and since coming into care, and how long the present home has lasted.
//!
//! Example: placements from 1 October 2024 and 12 March 2025, asked for March 2025: one move, one in all, 19 days.
//! The first placement is no move.

use chrono::{Datelike, NaiveDate};
use permanence_plugin::answering::{give, json_day};
use permanence_plugin::reading::member_day;
use permanence_plugin::{ClauseAnswer, Context};
use serde_json::Value;

use crate::period::end_of_month;

/// Members that may tell the first day of a placement, and its last.
const STARTED: [&str; 6] = [
    "started_on",
    "placement_started_on",
    "start_date",
    "start_on",
    "starts_on",
    "from",
];
const ENDED: [&str; 6] = [
    "ended_on",
    "placement_ended_on",
    "end_date",
    "end_on",
    "ends_on",
    "to",
];

pub(crate) fn answer(context: &Context<'_>) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let Some(end) = end_of_month(context) else {
        return answer;
    };
    let known = end.min(context.as_of());
    give(&mut answer, "snapshot_on", json_day(Some(end)));
    // Where only the present placement is told, its length is known and the moves are not.
    if context.facts().is_absent("placements") {
        let start = context.facts().date("placement_started_on");
        let days = start.filter(|start| *start <= known);
        give(&mut answer, "moves_in_month", Value::Null);
        give(&mut answer, "moves_total", Value::Null);
        give(
            &mut answer,
            "days_in_current_arrangement",
            length(days, end),
        );
        return answer;
    }
    let spells = since_coming_into_care(context, known);
    let moves = spells.iter().skip(1).map(|(start, _)| start);
    let in_month = moves
        .clone()
        .filter(|start| (start.year(), start.month()) == (end.year(), end.month()))
        .count();
    give(&mut answer, "moves_in_month", in_month);
    give(&mut answer, "moves_total", moves.count());
    // Where the last one has ended and no other has begun, there is no present arrangement.
    let present = spells
        .last()
        .filter(|(_, over)| over.is_none_or(|over| over >= known))
        .map(|(start, _)| *start);
    give(
        &mut answer,
        "days_in_current_arrangement",
        length(present, end),
    );
    answer
}

/// First and last day of each placement that had begun by a day, in their order; earlier times in care do not count.
fn since_coming_into_care(
    context: &Context<'_>,
    known: NaiveDate,
) -> Vec<(NaiveDate, Option<NaiveDate>)> {
    let mut spells: Vec<(NaiveDate, Option<NaiveDate>)> = context
        .facts()
        .list("placements")
        .iter()
        .filter_map(|placement| {
            let start = member_day(placement, &STARTED)?;
            (start <= known).then(|| (start, member_day(placement, &ENDED)))
        })
        .collect();
    spells.sort_unstable();
    if let Some(came) = context.facts().date("became_looked_after_on")
        && spells.iter().any(|(start, _)| *start >= came)
    {
        spells.retain(|(start, _)| *start >= came);
    }
    spells
}

fn length(start: Option<NaiveDate>, end: NaiveDate) -> Value {
    start.map_or(Value::Null, |start| (end - start).num_days().into())
}
