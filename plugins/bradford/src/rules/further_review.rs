//! Whether a further statutory review is needed (BRA-CHECKPOINT-04), and since when its subject is known.
//!
//! Second review on 7 May 2025 with an assessment finished on 2 June: needed from 7 May, outcome known from 2 June,
//! no longer needed once a review was held on or after that day. Finished by the second review: never needed.

use chrono::NaiveDate;
use permanence_core::facts::FactValue;
use permanence_plugin::answering::{give, json_day};
use permanence_plugin::reading::{contains, day, member};
use permanence_plugin::{ClauseAnswer, Context, Rule};
use serde_json::Value;

use crate::ask::{first_day, word, yes};

/// Whether this set the matter off.
fn set_off(context: &Context<'_>, trigger: &str) -> bool {
    word(context, "trigger") == Some(trigger) || contains(context, "triggers", trigger)
}

/// Whether a new care option came up, and not before the second review was over.
fn new_option(context: &Context<'_>, second: Option<NaiveDate>) -> bool {
    let later = |on: NaiveDate| second.is_none_or(|second| on > second);
    match first_day(context, &["new_option_emerged_on", "new_option_emerged"]) {
        Some(on) => later(on),
        None => yes(context, "new_option_emerged") || set_off(context, "new_option_emerged"),
    }
}

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
    // An assessment that is known not to be finished.
    let unended =
        second.is_some() && facts.get("assessment_completed_on") == Some(&FactValue::None);
    let stated = yes(context, "assessments_incomplete_at_second_review")
        || set_off(context, "assessments_incomplete_at_second_review");
    if stated {
        if open.is_empty() {
            open.push(done(single));
        }
    } else if unended || (single.is_some() && late(single)) {
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
    let new_option = new_option(context, second);
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
