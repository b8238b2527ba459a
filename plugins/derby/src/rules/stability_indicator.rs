//! DER-KPI-02: how often a child moved, in a month and since coming into care, and how long the present home has lasted.
//!
//! Example: placements from 1 October 2024 and 12 March 2025, asked for March 2025: one move, one in all, 19 days.
//! The first placement is no move.

use chrono::{Datelike, NaiveDate};
use permanence_core::facts::FactValue;
use permanence_plugin::{ClauseAnswer, Context};
use serde_json::Value;

use crate::finding::{day, give};
use crate::period::end_of_month;

pub(crate) fn answer(context: &Context<'_>) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let Some(end) = end_of_month(context) else {
        return answer;
    };
    let mut starts: Vec<NaiveDate> = context
        .facts()
        .list("placements")
        .iter()
        .filter_map(|placement| placement.member("started_on").and_then(FactValue::as_date))
        .filter(|start| *start <= end)
        .collect();
    starts.sort_unstable();
    let moves = starts.iter().skip(1);
    let in_month = moves
        .clone()
        .filter(|start| (start.year(), start.month()) == (end.year(), end.month()))
        .count();
    give(&mut answer, "snapshotOn", day(Some(end)));
    give(&mut answer, "movesInMonth", in_month);
    give(&mut answer, "movesTotal", moves.count());
    give(
        &mut answer,
        "daysInCurrentArrangement",
        starts
            .last()
            .map_or(Value::Null, |start| (end - *start).num_days().into()),
    );
    answer
}
