//! Staying on as a lodger while a course lasts (BRA-OPTION-10).
//!
//! Born 10 February 2007, fostered until 18, on a course from 2 September 2024 to 26 June 2026: on 1 March 2025 a lodger
//! until 26 June 2026. A course begun on the 18th birthday does not count.

use chrono::NaiveDate;
use permanence_core::facts::FactValue;
use permanence_plugin::answering::{give, json_day};
use permanence_plugin::reading::member;
use permanence_plugin::{ClauseAnswer, Context, Rule};

use crate::ask::{birthday, yes};

/// What the first day of a course may be called.
const STARTS: [&str; 8] = [
    "starts_on",
    "start_on",
    "started_on",
    "course_start_on",
    "start_date",
    "first_day",
    "start",
    "from",
];

/// What its last day may be called.
const ENDS: [&str; 8] = [
    "ends_on",
    "end_on",
    "ended_on",
    "course_end_on",
    "end_date",
    "last_day",
    "end",
    "to",
];

/// A young person who was fostered on the day before the 18th birthday and has had it.
pub(super) struct FosteredAdult {
    pub born: NaiveDate,
    /// Last day of a course begun before 18, where it is still running.
    pub course_until: Option<NaiveDate>,
}

/// The young person, where the facts tell that the two conditions hold.
pub(super) fn fostered_adult(context: &Context<'_>) -> Option<FosteredAdult> {
    let facts = context.facts();
    let born = facts.date("date_of_birth")?;
    let adult_on = birthday(born, 18)?;
    if context.as_of() < adult_on || !yes(context, "in_foster_placement_before_18") {
        return None;
    }
    let of_course =
        |names: &[&str]| member(facts.get("course")?, names).and_then(FactValue::as_date);
    // The course may be written as its first and its last day.
    let days: Vec<NaiveDate> = facts
        .list("course")
        .iter()
        .filter_map(FactValue::as_date)
        .collect();
    let starts = of_course(&STARTS)
        .or_else(|| days.iter().min().copied())
        .or_else(|| facts.date("course_start_on"));
    let ends = of_course(&ENDS)
        .or_else(|| days.iter().max().copied())
        .or_else(|| facts.date("course_end_on"));
    let course_until = ends
        .filter(|_| starts.is_none_or(|starts| starts < adult_on))
        .filter(|ends| context.as_of() <= *ends);
    Some(FosteredAdult { born, course_until })
}

pub(super) fn answer(context: &Context<'_>, _: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let until = fostered_adult(context).and_then(|person| person.course_until);
    give(
        &mut answer,
        "option",
        until.map(|_| "post_fostering_lodgings"),
    );
    give(&mut answer, "ends_on", json_day(until));
    answer
}
