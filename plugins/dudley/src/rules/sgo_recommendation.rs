//! Whether special guardianship was recommended at the second statutory review (DUD-CHECKPOINT-01).
//!
//! A second review on 2 July 2025 without a recommendation is flagged from that day on; one made at the third review on
//! 3 December is flagged as made elsewhere. One made at the second review is in order.

use chrono::NaiveDate;
use permanence_core::FactName;
use permanence_core::facts::FactValue;
use permanence_plugin::answering::give;
use permanence_plugin::reading::{day, integer, member, value};
use permanence_plugin::{ClauseAnswer, Context, Rule};

use crate::ask::{flag, is_code};
use crate::done::done;

const SECOND: i64 = 2;
const MISSING: &str = "sgo_recommendation_missing_at_second_review";
const ELSEWHERE: &str = "sgo_recommendation_not_at_second_review";

/// A statutory review, as far as it is told.
#[derive(Debug, Default)]
struct Review {
    number: Option<i64>,
    on: Option<NaiveDate>,
    recommended: bool,
}

/// The reviews of the list, numbered in their order where they bear no number.
fn listed(context: &Context<'_>) -> Vec<Review> {
    let mut reviews: Vec<Review> = context
        .facts()
        .list("reviews")
        .iter()
        .map(|entry| Review {
            number: member(entry, &["review_number", "number"]).and_then(integer),
            on: member(entry, &["review_on", "held_on", "date", "on"]).and_then(FactValue::as_date),
            recommended: [
                "sgo_recommendation",
                "recommendation",
                "sgo_recommended",
                "recommendation_made",
                "recommended",
            ]
            .iter()
            .any(|name| entry.member(name).is_some_and(FactValue::is_yes)),
        })
        .collect();
    reviews.sort_by_key(|review| review.on);
    for (place, review) in reviews.iter_mut().enumerate() {
        review.number = review.number.or_else(|| i64::try_from(place + 1).ok());
    }
    reviews
}

/// The one review that the question is about, where it tells its number or day.
fn asked(context: &Context<'_>) -> Option<Review> {
    let on = day(context, "review_on");
    let number = value(context, "review_number").and_then(integer);
    (on.is_some() || number.is_some()).then(|| Review {
        number: number.or_else(|| {
            (on.is_some() && on == day(context, "second_statutory_review_on")).then_some(SECOND)
        }),
        on,
        recommended: value(context, "sgo_recommendation").is_some_and(FactValue::is_yes),
    })
}

/// Where a recommendation was made: at the second review, at another one, or not at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Made {
    AtSecond,
    Elsewhere,
    Not,
}

/// The fact that tells when special guardianship was recommended. A bare day of a recommendation is that of this one where
/// nothing is said of a match with carers.
fn recommended_on(context: &Context<'_>) -> &'static str {
    let of_a_match = [
        "recommended_by",
        "matched_on",
        "ratified_on",
        "ratified_by",
        "fostering_panel_on",
    ];
    let facts = context.facts();
    let bare = facts.is_absent("sgo_recommendation_on")
        && !facts.is_absent("recommended_on")
        && of_a_match.iter().all(|name| facts.is_absent(name));
    if bare {
        "recommended_on"
    } else {
        "sgo_recommendation_on"
    }
}

/// Whether a day is that of the second review.
fn on_second(reviews: &[Review], second: Option<NaiveDate>, on: NaiveDate) -> bool {
    let of_that_day = reviews.iter().find(|review| review.on == Some(on));
    match of_that_day.and_then(|review| review.number) {
        Some(number) => number == SECOND,
        None => second == Some(on),
    }
}

/// Whether each recommendation of the list that was made by the day asked about was made at the second review.
fn recommendations(
    context: &Context<'_>,
    reviews: &[Review],
    second: Option<NaiveDate>,
) -> Vec<bool> {
    let listed = context.facts().list("sgo_recommendations").iter();
    listed
        .filter_map(|entry| {
            let days = ["recommended_on", "review_on", "date", "on"];
            let on = member(entry, &days).and_then(FactValue::as_date);
            if on.is_some_and(|on| on > context.as_of()) {
                return None;
            }
            match member(entry, &["review_number", "number"]).and_then(integer) {
                Some(number) => Some(number == SECOND),
                None => Some(on_second(reviews, second, on?)),
            }
        })
        .collect()
}

fn made(context: &Context<'_>, reviews: &[Review], second: Option<NaiveDate>) -> Made {
    let happened = |review: &&Review| review.on.is_none_or(|on| on <= context.as_of());
    let mut at: Vec<bool> = reviews
        .iter()
        .filter(happened)
        .filter(|review| review.recommended)
        .map(|review| review.number == Some(SECOND))
        .collect();
    let name = recommended_on(context);
    let on = day(context, name);
    let told = value(context, "sgo_recommendation_review_number").and_then(integer);
    // A recommendation whose day is still to come was not made yet.
    let not_yet = on.is_none() && !context.facts().is_absent(name);
    let at_second = "recommend_at_second_review";
    if done(context, &[at_second], &["actions_done"], at_second).is_some() {
        at.push(true);
    }
    at.extend(recommendations(context, reviews, second));
    match (told, on) {
        _ if not_yet => {}
        (Some(number), _) => at.push(number == SECOND),
        (None, Some(on)) => {
            at.push(on_second(reviews, second, on));
        }
        // A word that it was recommended, without a review: at the second, the only one told.
        (None, None)
            if reviews.is_empty()
                && value(context, "sgo_recommendation").is_some_and(FactValue::is_yes) =>
        {
            at.push(second.is_some());
        }
        (None, None) => {}
    }
    if at.contains(&true) {
        Made::AtSecond
    } else if at.is_empty() {
        Made::Not
    } else {
        Made::Elsewhere
    }
}

pub(super) fn answer(context: &Context<'_>, rule: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let mut reviews = listed(context);
    reviews.extend(asked(context));
    let second = day(context, "second_statutory_review_on").or_else(|| {
        let review = reviews
            .iter()
            .find(|review| review.number == Some(SECOND))?;
        review.on
    });
    // The second review may be told by its number alone.
    let held = second.is_some_and(|on| on <= context.as_of())
        || reviews
            .iter()
            .any(|review| review.number == Some(SECOND) && review.on.is_none() && second.is_none());
    let applies = is_code(
        context,
        &["option", "plan_determined"],
        "special_guardianship",
    );
    let code = match made(context, &reviews, second) {
        _ if !applies => None,
        Made::Elsewhere => Some(ELSEWHERE),
        Made::Not if held => Some(MISSING),
        Made::Not | Made::AtSecond => None,
    };
    give(&mut answer, "flags", Vec::from_iter(code));
    if let Some(code) = code {
        let raised = flag(&mut answer, context, rule, code, |label| {
            format!("{label}.")
        });
        if let (Some(finding), Some(second)) = (raised, second) {
            if let Ok(anchor) = FactName::new("second_statutory_review_on") {
                context.anchor(finding, &anchor, second);
            }
            finding.due_on = Some(second);
            finding.ran_out_on = Some(second);
            if code == MISSING
                && let Ok(settling) = FactName::new(recommended_on(context))
                && context.facts().is_absent("sgo_recommendation")
                && ["reviews", "sgo_recommendations", "actions_done"]
                    .iter()
                    .all(|name| context.facts().is_absent(name))
            {
                context.unsettled(finding, &[settling]);
            }
        }
    }
    answer
}
