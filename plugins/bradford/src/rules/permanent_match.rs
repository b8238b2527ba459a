//! Whether a foster placement is permanent (BRA-ROUTE-03): from the day on which the Permanence Panel approved the match.
//!
//! Heard and deferred on 13 May, approved on 3 June 2025: on 20 May not permanent; on 10 June permanent from 3 June.
//! An approval by the fostering panel does not make it permanent.

use permanence_plugin::answering::{give, json_day};
use permanence_plugin::reading::day;
use permanence_plugin::{ClauseAnswer, Context, Rule};

use super::panel_approval::approved_on;

pub(super) fn answer(context: &Context<'_>, _: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let from = approved_on(context, "permanent_fostering_match")
        .first()
        .copied()
        .or_else(|| day(context, "match_approved_on"));
    give(&mut answer, "permanent", from.is_some());
    give(&mut answer, "permanent_from", json_day(from));
    answer
}
