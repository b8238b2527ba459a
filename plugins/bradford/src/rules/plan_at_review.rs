//! Whether the permanence plan was there at a statutory review, where only a list of reviews is known (BRA-CHECKPOINT-03).
//!
//! Reviews on 12 February and 7 May 2025: a plan of 7 May was there, one of 8 May was not.
//! On 6 May the second review is not there yet, and the first still counts.

use chrono::NaiveDate;
use permanence_core::Certainty;
use permanence_core::facts::FactValue;
use permanence_plugin::answering::{flag, give, raise};
use permanence_plugin::reading::{day, entries, integer, member, value};
use permanence_plugin::{ClauseAnswer, Context, Rule};

use crate::ask::yes;

/// The review that is judged.
#[derive(Default)]
struct Review {
    /// 1 for the first; none where it is not known.
    number: Option<i64>,
    /// Its day; without one a plan that is there on the day asked about will do.
    on: Option<NaiveDate>,
    /// What the record of the review itself says.
    says: Option<bool>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Status {
    Presented,
    DueAtSecond,
    MissingAtSecond,
    NotKnown,
}

/// The reviews of the list that were held by the day asked about, each with its number, or its place where none is written.
fn listed(context: &Context<'_>) -> Vec<Review> {
    let day_of = |entry: &FactValue| {
        entry
            .as_date()
            .or_else(|| member(entry, &["review_on", "held_on", "on"]).and_then(FactValue::as_date))
    };
    let mut reviews: Vec<(Option<NaiveDate>, &FactValue)> = entries(context, "reviews")
        .into_iter()
        .map(|entry| (day_of(entry), entry))
        .filter(|(on, _)| on.is_none_or(|on| on <= context.as_of()))
        .collect();
    reviews.sort_by_key(|(on, _)| *on);
    reviews
        .into_iter()
        .zip(1..)
        .map(|((on, entry), place)| Review {
            number: member(entry, &["review_number", "number"])
                .and_then(integer)
                .or(Some(place)),
            on,
            says: member(
                entry,
                &["has_permanence_plan", "permanence_plan", "plan_presented"],
            )
            .and_then(|said| match said {
                FactValue::Boolean(said) => Some(*said),
                _ => None,
            })
            .or_else(|| {
                let plan = member(entry, &["permanence_plan_on"]).and_then(FactValue::as_date)?;
                Some(on.is_none_or(|on| plan <= on))
            }),
        })
        .collect()
}

/// The review that the question numbers, else the second of the list, else its last.
fn judged(context: &Context<'_>) -> Option<Review> {
    let asked = value(context, "review_number").and_then(integer);
    let wanted = |review: &Review| match (review.number, asked) {
        (Some(number), Some(asked)) => number == asked,
        (Some(number), None) => number >= 2,
        (None, _) => false,
    };
    let mut reviews = listed(context);
    match reviews.iter().position(wanted) {
        Some(place) => Some(reviews.swap_remove(place)),
        None => reviews.pop(),
    }
}

fn status(context: &Context<'_>) -> Status {
    let review = judged(context).unwrap_or_default();
    let plan = day(context, "permanence_plan_on");
    let in_time = plan.is_some_and(|plan| review.on.is_none_or(|on| plan <= on));
    let presented = yes(context, "has_permanence_plan") || review.says.unwrap_or(in_time);
    match review.number {
        _ if presented => Status::Presented,
        Some(number) if number >= 2 => Status::MissingAtSecond,
        Some(_) => Status::DueAtSecond,
        None => Status::NotKnown,
    }
}

/// Flags a code; it is certain where the record of a review says that there was no plan.
fn no_plan(answer: &mut ClauseAnswer, context: &Context<'_>, rule: &Rule, code: &str) {
    let said = judged(context).is_some_and(|review| review.says == Some(false));
    let raised = raise(answer, flag(context, rule, code));
    if let Some(finding) = raised.filter(|_| said) {
        finding.certainty = Certainty::Certain;
        finding.missing.clear();
    }
}

pub(super) fn answer(context: &Context<'_>, rule: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let status = status(context);
    let name = match status {
        Status::Presented => Some("presented"),
        Status::DueAtSecond => Some("due_at_second_review"),
        Status::MissingAtSecond => Some("plan_missing_at_second_review"),
        Status::NotKnown => None,
    };
    give(&mut answer, "plan_status", name);
    if status == Status::MissingAtSecond {
        no_plan(&mut answer, context, rule, "plan_missing_at_second_review");
    }
    answer
}

/// The warning at the first review, which is no drift yet.
pub(super) fn first_review(context: &Context<'_>, rule: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    if status(context) == Status::DueAtSecond {
        no_plan(&mut answer, context, rule, "due_at_second_review");
    }
    answer
}
