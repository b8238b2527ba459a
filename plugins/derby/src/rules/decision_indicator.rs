//! DER-KPI-01: at the end of a month, children in long-term care with and without a permanence decision.
//!
//! Example: on 31 May 2025 ten children, seven with a decision of that day or before: 7, 3 and 10.

use permanence_plugin::answering::{give, json_day};
use permanence_plugin::{ClauseAnswer, Context};

use super::undecided_children::{in_long_term_care, is_decided};
use crate::period::end_of_month;

pub(crate) fn answer(context: &Context<'_>) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let Some(snapshot) = end_of_month(context) else {
        return answer;
    };
    let total = in_long_term_care(context).count();
    let with = in_long_term_care(context)
        .filter(|child| is_decided(child, snapshot.min(context.as_of())))
        .count();
    give(&mut answer, "snapshot_on", json_day(Some(snapshot)));
    give(&mut answer, "with_decision", with);
    give(&mut answer, "without_decision", total.saturating_sub(with));
    give(&mut answer, "total", total);
    answer
}
