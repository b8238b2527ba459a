//! DER-CHECKPOINT-01, second half: once explored with the carers, Special Guardianship is talked about at a looked-after
//! review.
//!
//! Passes: explored on 1 March 2025, talked about at the review of that day or a later one.
//! Fails: the last review that talked about it was on 15 February.

use chrono::NaiveDate;
use permanence_core::evaluation::{Certainty, Effect};
use permanence_core::facts::FactValue;
use permanence_plugin::answering::finding;
use permanence_plugin::{ClauseAnswer, Context, Rule};

/// What a review's record calls the subject.
const SUBJECTS: [&str; 3] = ["special_guardianship", "special_guardianship_order", "sgo"];
/// Members of a review that say whether it talked about it.
const ANSWERS: [&str; 2] = ["sgo_discussed", "special_guardianship_discussed"];
/// The facts that would settle it.
const SOURCES: [(&str, &str); 2] = [
    ("reviews", "reviews"),
    (
        "statutory_reviews_where_discussed",
        "statutoryReviewsWhereDiscussed",
    ),
];

pub(crate) fn answer(context: &Context<'_>, rule: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let facts = context.facts();
    let explored = facts.date("special_guardianship_explored_on");
    // That it was explored, without the day, is told by a yes; then any review will do.
    let said_so = facts.boolean("special_guardianship_explored_on") == Some(true)
        || explored.is_some_and(|day| day <= context.as_of());
    if !said_so {
        return answer;
    }
    let heard = facts.boolean("statutory_reviews_where_discussed") == Some(true)
        || discussions(context)
            .into_iter()
            .any(|day| explored.is_none_or(|explored| day >= explored) && day <= context.as_of());
    if !heard
        && let Some(mut finding) = finding(
            context,
            rule,
            "sgo_exploration_not_in_review",
            Effect::Flag,
            "Special Guardianship was explored, and no looked-after review since has recorded the talk about it.",
        )
    {
        finding.since = explored;
        finding.ran_out_on = explored;
        // Reviews with nothing said about their subjects do not tell.
        if SOURCES.iter().all(|(fact, _)| facts.is_absent(fact)) {
            finding.certainty = Certainty::CannotBeKnown;
            finding.missing = SOURCES.iter().map(|(_, wire)| (*wire).to_owned()).collect();
        }
        answer.findings.push(finding);
    }
    answer
}

/// Days of the reviews that talked about it.
fn discussions(context: &Context<'_>) -> Vec<NaiveDate> {
    let facts = context.facts();
    let of = |review: &FactValue| {
        review
            .as_date()
            .or_else(|| review.member("review_on").and_then(FactValue::as_date))
    };
    let mut days: Vec<NaiveDate> = facts
        .get("statutory_reviews_where_discussed")
        .and_then(FactValue::as_date)
        .into_iter()
        .collect();
    days.extend(
        facts
            .list("statutory_reviews_where_discussed")
            .iter()
            .filter_map(of),
    );
    let told = facts.list("reviews").iter().filter(|review| {
        if ANSWERS
            .into_iter()
            .any(|name| review.member(name) == Some(&FactValue::Boolean(true)))
        {
            return true;
        }
        let subjects = match review.member("discussed") {
            Some(FactValue::List(subjects)) => subjects.as_slice(),
            _ => &[],
        };
        subjects
            .iter()
            .filter_map(FactValue::as_code)
            .any(|subject| SUBJECTS.contains(&subject.as_str()))
    });
    days.extend(told.filter_map(of));
    days
}
