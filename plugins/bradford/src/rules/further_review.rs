//! Whether a further statutory review is needed (BRA-CHECKPOINT-04), and since when its subject is known.
//!
//! Second review on 7 May 2025 with an assessment finished on 2 June: needed from 7 May, outcome known from 2 June,
//! no longer needed once a review was held on or after that day. Finished by the second review: never needed.

use chrono::NaiveDate;
use permanence_core::facts::FactValue;
use permanence_plugin::{ClauseAnswer, Context, Rule};
use serde_json::Value;

use crate::ask::{day, give, json_day, member, word, yes};

/// The days on which assessments were finished that were not by the second review; none for one still open.
fn unfinished(context: &Context<'_>, second: Option<NaiveDate>) -> Vec<Option<NaiveDate>> {
    let facts = context.facts();
    let done = |on: Option<NaiveDate>| on.filter(|on| *on <= context.as_of());
    let late = |on: Option<NaiveDate>| match (on, second) {
        (Some(on), Some(second)) => on > second,
        (Some(_), None) => false,
        (None, second) => second.is_some(),
    };
    let mut open: Vec<Option<NaiveDate>> = facts
        .list("assessments")
        .iter()
        .filter(|entry| entry.member("completed") != Some(&FactValue::Boolean(true)))
        .filter(|entry| {
            let started = member(entry, &["started_on"]).and_then(FactValue::as_date);
            !matches!((started, second), (Some(started), Some(second)) if started > second)
        })
        .map(|entry| member(entry, &["completed_on"]).and_then(FactValue::as_date))
        .filter(|on| late(*on))
        .map(done)
        .collect();
    let single = facts.date("assessment_completed_on");
    let stated = yes(context, "assessments_incomplete_at_second_review")
        || word(context, "trigger") == Some("assessments_incomplete_at_second_review");
    if stated {
        if open.is_empty() {
            open.push(done(single));
        }
    } else if single.is_some() && late(single) {
        open.push(done(single));
    }
    open
}

pub(super) fn answer(context: &Context<'_>, _: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let second = context.facts().date("second_statutory_review_on");
    let reviewed = second.is_none_or(|second| context.as_of() >= second);
    let open = if reviewed {
        unfinished(context, second)
    } else {
        Vec::new()
    };
    let new_option = yes(context, "new_option_emerged")
        || yes(context, "new_option_emerged_on")
        || word(context, "trigger") == Some("new_option_emerged");
    let known = day(context, "outcome_known_on").or_else(|| {
        let all: Option<Vec<NaiveDate>> = open.iter().copied().collect();
        all.and_then(|days| days.into_iter().max())
    });
    let held = day(context, "further_review_held_on")
        .is_some_and(|held| known.is_some_and(|known| held >= known));
    let required = (!open.is_empty() || new_option) && !held;
    give(&mut answer, "further_review_required", required);
    give(
        &mut answer,
        "convened_by",
        if required {
            "independent_reviewing_officer".into()
        } else {
            Value::Null
        },
    );
    give(&mut answer, "outcome_known_on", json_day(known));
    answer
}
