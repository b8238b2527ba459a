//! Staying Put after the course, or without one, until 21 (BRA-OPTION-11).
//!
//! Born 10 February 2007, course ended on 26 June 2026: from 27 June 2026 to 9 February 2028, on a living-together agreement.

use permanence_plugin::answering::{give, json_day};
use permanence_plugin::{ClauseAnswer, Context, Rule};

use super::lodgings_after_fostering::fostered_adult;
use crate::ask::birthday;

pub(super) fn answer(context: &Context<'_>, _: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let until = fostered_adult(context)
        .filter(|person| person.course_until.is_none())
        .and_then(|person| birthday(person.born, 21))
        .filter(|end| context.as_of() < *end);
    give(&mut answer, "option", until.map(|_| "staying_put"));
    give(&mut answer, "ends_on", json_day(until));
    give(
        &mut answer,
        "requires",
        until.map(|_| "living_together_agreement"),
    );
    answer
}
