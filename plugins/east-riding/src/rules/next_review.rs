//! ERY-FREQUENCY-01: from the second review on, the next is due six months after the last.
//!
//! Passes: a review on 20 May and none by 20 November.
//! Fails: none by 21 November.
//! An early review starts the count again: the second on 20 May, another on 10 August, and the next is due on 10 February.

use chrono::{Months, NaiveDate};
use permanence_core::FactName;
use permanence_core::calendar::working_days;
use permanence_core::code::camel;
use permanence_plugin::answering::{flag, give, json_day, overdue};
use permanence_plugin::reading::day;
use permanence_plugin::{ClauseAnswer, Context, Rule};
use serde_json::Value;

use crate::reading::status;
use crate::reviews::{Listed, listed};

pub(crate) fn answer(context: &Context<'_>, rule: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let told = |name: &'static str| day(context, name).map(|on| (on, name));
    // The first review has the second after it, within four months; the count begins with the second.
    let (before_counts, held_counts) = counts(context);
    let before = told("previous_review_on").filter(|_| before_counts);
    let held = told("review_on")
        .filter(|_| held_counts)
        .max(told("next_review_on"));
    let known = [
        before,
        told("second_statutory_review_on"),
        told("early_review_on"),
        told("last_review_on"),
        last_listed(context).map(|on| (on, "reviews")),
    ];
    let last = known.into_iter().flatten().max();
    if last.max(held).is_none() {
        let only_the_first = !before_counts || !held_counts;
        give(&mut answer, "next_review_due_on", Value::Null);
        let status = if only_the_first {
            "not_applicable"
        } else {
            "not_known"
        };
        give(&mut answer, "status", status);
        return answer;
    }
    // Where the review before is named, the one that is asked about meets its day, as long as its own six months run.
    let done = held.filter(|(on, _)| {
        before.is_some()
            && last.is_some_and(|(last, _)| *on > last)
            && due_after(*on).is_some_and(|due| context.as_of() <= due)
    });
    let anchor = if done.is_some() { last } else { last.max(held) };
    let due = anchor.and_then(|(on, _)| due_after(on));
    let status = status(due, done.map(|(on, _)| on), context.as_of());
    give(&mut answer, "next_review_due_on", json_day(due));
    if let Some(due) = due {
        let holiday = !working_days::is_working_day(due);
        give(&mut answer, "non_working_day", holiday);
    }
    give(&mut answer, "status", status);
    if status == "overdue"
        && let Some(mut finding) = flag(context, rule, "next_review_overdue")
    {
        overdue(&mut finding, due);
        if let Some((on, name)) = anchor {
            finding.since = Some(on);
            finding.evidence.insert(camel(name), on.to_string().into());
        }
        if !later_ones_are_told(context)
            && let Ok(name) = FactName::new("review_on")
        {
            context.unsettled(&mut finding, &[name]);
        }
        answer.findings.push(finding);
    }
    answer
}

/// Whether the question tells of reviews after the second: by a fact that names a later one, or by a list that reaches up
/// to the day asked about.
fn later_ones_are_told(context: &Context<'_>) -> bool {
    const LATER: [&str; 5] = [
        "review_on",
        "next_review_on",
        "previous_review_on",
        "last_review_on",
        "reviews",
    ];
    let facts = context.facts();
    let all_on_record = facts
        .date("reviews_known_to")
        .is_none_or(|to| to >= context.as_of());
    all_on_record && LATER.into_iter().any(|name| !facts.is_absent(name))
}

fn due_after(review: NaiveDate) -> Option<NaiveDate> {
    review.checked_add_months(Months::new(6))
}

/// Whether the review before and the one that is asked about are the second or a later one. The number belongs to the
/// one that is asked about, or to the one before where no other is named; without a number both are taken to be.
fn counts(context: &Context<'_>) -> (bool, bool) {
    let facts = context.facts();
    let Some(number) = facts.integer("review_number") else {
        return (true, true);
    };
    let before = if facts.is_absent("review_on") {
        number
    } else {
        number - 1
    };
    (before >= 2, number >= 2)
}

/// The last review of the list that counts: by its number the second or a later one; where the list has no numbers, by
/// its place, or because it came when the second was due already.
fn last_listed(context: &Context<'_>) -> Option<NaiveDate> {
    match listed(context) {
        Listed::Numbered(reviews) => {
            let later = reviews.into_iter().filter(|(number, _)| *number >= 2);
            later.map(|(_, on)| on).max()
        }
        Listed::Days(days) => {
            let second_due = day(context, "became_looked_after_on")
                .and_then(|day| day.checked_add_months(Months::new(4)));
            days.into_iter()
                .enumerate()
                .filter(|(place, day)| *place > 0 || second_due.is_some_and(|due| *day > due))
                .map(|(_, day)| day)
                .max()
        }
    }
}
