//! What comes next for a child in residential care for more than six months (BRA-CHECKPOINT-05).
//!
//! Placed on 10 December 2024: nothing is due on 10 June 2025; on the 11th the discussion is.
//! A match that comes to the panel past that day without the Challenge Panel's review gives a reason.

use chrono::Months;
use permanence_core::Effect;
use permanence_core::facts::FactValue;
use permanence_plugin::answering::{give, json_day, labelled, raise};
use permanence_plugin::reading::{contains, day, entries, member, text, value};
use permanence_plugin::{ClauseAnswer, Context, Rule};

use crate::ask::{no, unknown, word, yes};

const STEPS: [&str; 3] = [
    "permanence_discussion",
    "challenge_panel_review",
    "permanence_panel",
];

fn done(context: &Context<'_>, step: &str) -> bool {
    let recorded = entries(context, "steps_done").into_iter().any(|entry| {
        member(entry, &["step"]).and_then(text) == Some(step)
            && entry.member("done") != Some(&FactValue::Boolean(false))
    });
    let listed = recorded || contains(context, "steps", step);
    let of_its_own = step == "permanence_panel"
        && day(context, "permanence_panel_on").is_some_and(|on| on <= context.as_of());
    listed || of_its_own || yes(context, step)
}

fn wanted(context: &Context<'_>, step: &str) -> bool {
    step != "permanence_panel" || !no(context, "permanence_panel_appropriate")
}

pub(super) fn answer(context: &Context<'_>, rule: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let residential = unknown(context, "placement_type")
        || word(context, "placement_type") == Some("residential");
    let ended = day(context, "placement_ended_on");
    let from = value(context, "placement_started_on")
        .and_then(FactValue::as_date)
        .filter(|start| residential && ended.is_none_or(|ended| ended <= *start))
        .and_then(|start| start.checked_add_months(Months::new(6)))
        .and_then(|limit| limit.succ_opt());
    let due = from.is_some_and(|from| context.as_of() >= from);
    let next = STEPS
        .into_iter()
        .find(|step| wanted(context, step) && !done(context, step))
        .filter(|_| due);
    give(&mut answer, "due", due);
    give(&mut answer, "discussion_due_from", json_day(from));
    give(&mut answer, "next_step", next);
    let unseen = due
        && word(context, "request_type") == Some("residential_match")
        && !done(context, "challenge_panel_review");
    let reasons: Vec<&str> = unseen
        .then_some("challenge_panel_review_missing")
        .into_iter()
        .collect();
    give(&mut answer, "reasons", reasons.clone());
    for reason in reasons {
        raise(&mut answer, labelled(context, rule, reason, Effect::Reason));
    }
    answer
}
