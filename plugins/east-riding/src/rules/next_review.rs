//! ERY-FREQUENCY-01: from the second review on, the next is due six months after the last.
//!
//! Passes: a review on 20 May and none by 20 November.
//! Fails: none by 21 November.

use chrono::{Months, NaiveDate};
use permanence_core::facts::FactValue;
use permanence_plugin::{ClauseAnswer, Context, Rule};
use serde_json::Value;

use crate::reading::{day, entries, flag, give};

pub(crate) fn answer(context: &Context<'_>, rule: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let held = day(context, "review_on");
    let number = context.facts().integer("review_number");
    let before = [
        day(context, "previous_review_on"),
        day(context, "second_statutory_review_on"),
        last_listed(context),
    ]
    .into_iter()
    .flatten()
    .max();
    // The first review has the second after it, within four months; this count has not begun.
    if before.is_none() && number.is_some_and(|number| number < 2) {
        give(&mut answer, "next_review_due_on", Value::Null);
        give(&mut answer, "status", "not_applicable");
        return answer;
    }
    // The review that is asked about meets the day that counts from the one before it; with none before it, it starts
    // the count.
    let (anchor, name, done) = match (before, held) {
        (Some(before), Some(held)) if held > before => {
            (Some(before), "previousReviewOn", Some(held))
        }
        (Some(before), _) => (Some(before), "previousReviewOn", None),
        (None, held) => (held, "reviewOn", None),
    };
    let due = anchor.and_then(|day| day.checked_add_months(Months::new(6)));
    let status = match (due, done) {
        (None, _) => "not_known",
        (Some(due), Some(done)) if done <= due => "completed_on_time",
        (Some(_), Some(_)) => "completed_late",
        (Some(due), None) if context.as_of() <= due => "open",
        (Some(_), None) => "overdue",
    };
    let written = due.map_or(Value::Null, |due| due.to_string().into());
    give(&mut answer, "next_review_due_on", written);
    give(&mut answer, "status", status);
    if status == "overdue"
        && let Some(mut finding) = flag(context, rule, "next_review_overdue")
    {
        finding.since = anchor;
        finding.due_on = due;
        finding.ran_out_on = due.and_then(|due| due.succ_opt());
        if let Some(anchor) = anchor {
            finding
                .evidence
                .insert(name.into(), anchor.to_string().into());
        }
        answer.findings.push(finding);
    }
    answer
}

/// The last review of the list that counts: by its number the second or a later one; where the list has no numbers, by
/// its place, or because it came when the second was due already.
fn last_listed(context: &Context<'_>) -> Option<NaiveDate> {
    let listed = entries(context, "reviews");
    let day_of = |review: &&FactValue| review.member("review_on").and_then(FactValue::as_date);
    let number = |review: &&FactValue| match review.member("review_number") {
        Some(FactValue::Integer(number)) => Some(*number),
        _ => None,
    };
    let mut days: Vec<NaiveDate> = if listed.iter().any(|review| number(review).is_some()) {
        let later = listed
            .iter()
            .filter(|review| number(review).is_some_and(|number| number >= 2));
        later.filter_map(day_of).collect()
    } else {
        let mut days: Vec<NaiveDate> = listed.iter().filter_map(day_of).collect();
        days.sort_unstable();
        let second_due = day(context, "became_looked_after_on")
            .and_then(|day| day.checked_add_months(Months::new(4)));
        days.into_iter()
            .enumerate()
            .filter(|(place, day)| *place > 0 || second_due.is_some_and(|due| *day > due))
            .map(|(_, day)| day)
            .collect()
    };
    days.sort_unstable();
    days.pop()
}
