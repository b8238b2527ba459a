//! Whether the permanence plan was there at a statutory review (BRA-CHECKPOINT-03).
//!
//! First review on 12 February 2025 without a plan: due at the second. Second review on 7 May without one: missing, and a
//! plan of 8 May does not change that. On 6 May the second review is not there yet, and the first still counts.

use chrono::NaiveDate;
use permanence_core::facts::FactValue;
use permanence_core::{Certainty, Effect};
use permanence_plugin::{ClauseAnswer, Context, Rule};

use crate::ask::{day, entries, find, give, member, value, yes};

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

fn number_of(value: &FactValue) -> Option<i64> {
    match value {
        FactValue::Integer(number) => Some(*number),
        _ => None,
    }
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
                .and_then(number_of)
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

/// The second review of the list, else its last.
fn of_list(context: &Context<'_>) -> Option<Review> {
    let mut reviews = listed(context);
    let second = reviews
        .iter()
        .position(|review| review.number.is_some_and(|number| number >= 2));
    match second {
        Some(place) => Some(reviews.swap_remove(place)),
        None => reviews.pop(),
    }
}

/// The second or the first review, by the facts that hold their days.
fn of_days(context: &Context<'_>) -> Option<Review> {
    let held = |name: &str| day(context, name).filter(|on| *on <= context.as_of());
    if let Some(on) = held("second_statutory_review_on") {
        return Some(Review {
            number: Some(2),
            on: Some(on),
            says: None,
        });
    }
    // At the first review a plan need not be there yet: one made since will do.
    held("first_statutory_review_on").map(|_| Review {
        number: Some(1),
        ..Review::default()
    })
}

/// What is recorded of the review of a number.
fn numbered(context: &Context<'_>, number: i64) -> Review {
    let named = match number {
        1 => day(context, "first_statutory_review_on"),
        2 => day(context, "second_statutory_review_on"),
        _ => None,
    };
    let record = listed(context)
        .into_iter()
        .find(|review| review.number == Some(number))
        .unwrap_or_default();
    Review {
        number: Some(number),
        on: named.or(record.on),
        says: record.says,
    }
}

/// The review that the question names; one that is still to come gives way to the one before it.
fn named(context: &Context<'_>) -> Option<Review> {
    let number = value(context, "review_number").and_then(number_of);
    let own_day = day(context, "review_on");
    if number.is_none() && own_day.is_none() {
        return None;
    }
    let record = number.map(|number| numbered(context, number));
    let on = own_day.or_else(|| record.as_ref()?.on);
    if on.is_some_and(|on| on > context.as_of()) {
        let before = number
            .map(|number| number - 1)
            .filter(|number| *number >= 1);
        return before
            .map(|number| numbered(context, number))
            .or_else(|| of_days(context))
            .or(Some(Review::default()));
    }
    let by_day = || {
        let second = day(context, "second_statutory_review_on");
        match (second, on) {
            (Some(second), Some(on)) => Some(if on >= second { 2 } else { 1 }),
            _ => of_list(context).or_else(|| of_days(context))?.number,
        }
    };
    Some(Review {
        number: number.or_else(by_day),
        on,
        says: record.and_then(|record| record.says),
    })
}

fn status(context: &Context<'_>) -> Status {
    let review = named(context)
        .or_else(|| of_days(context).filter(|review| review.number == Some(2)))
        .or_else(|| of_list(context))
        .or_else(|| of_days(context))
        .unwrap_or_default();
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

/// Raises a code; it is certain where the record of a review says that there was no plan.
fn raise(answer: &mut ClauseAnswer, context: &Context<'_>, rule: &Rule, code: &str) {
    find(answer, context, rule, code, Effect::Flag, None);
    let said = of_list(context).is_some_and(|review| review.says == Some(false));
    if said {
        for finding in &mut answer.findings {
            finding.certainty = Certainty::Certain;
            finding.missing.clear();
        }
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
        raise(&mut answer, context, rule, "plan_missing_at_second_review");
    }
    answer
}

/// The warning at the first review, which is no drift yet.
pub(super) fn first_review(context: &Context<'_>, rule: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    if status(context) == Status::DueAtSecond {
        raise(&mut answer, context, rule, "due_at_second_review");
    }
    answer
}
