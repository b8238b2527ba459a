//! Whether the special guardianship referral went to the team manager within five working days of the second review
//! (DUD-DEADLINE-04).
//!
//! A second review on Wednesday 16 April 2025, with Good Friday and Easter Monday after it: the 25th is the last day, and on
//! Monday the 28th it is late. A review of another number starts no clock.

use chrono::NaiveDate;
use permanence_core::calendar::working_days;
use permanence_core::facts::FactValue;
use permanence_plugin::reading::{day, member, value};
use permanence_plugin::{ClauseAnswer, Context, Rule};

use crate::done::{Limit, done};

const SECOND: FactValue = FactValue::Integer(2);
const LIMIT: i32 = 5;

/// The day of the second review: told as such, as the review that the question is about, or in the list of reviews.
fn second_review<'a>(context: &Context<'_>) -> Option<(&'a str, NaiveDate)> {
    let own = "second_statutory_review_on";
    if let Some(on) = day(context, own) {
        return Some((own, on));
    }
    let listed = context.facts().list("reviews").iter().find_map(|review| {
        let second = member(review, &["review_number", "number"]) == Some(&SECOND);
        let on = member(review, &["review_on", "held_on", "date", "on"])?.as_date()?;
        second.then_some(on)
    });
    if let Some(on) = listed {
        return Some((own, on));
    }
    let asked = value(context, "review_number").is_none_or(|number| *number == SECOND);
    let on = day(context, "review_on").filter(|_| asked)?;
    Some(("review_on", on))
}

pub(super) fn answer(context: &Context<'_>, rule: &Rule) -> ClauseAnswer {
    let anchor = second_review(context);
    let limit = Limit {
        anchor,
        due: anchor.and_then(|(_, review)| working_days::shift(review, LIMIT)),
        due_name: "referral_due_on",
        late_name: "referral_late",
        overdue: "sgo_referral_overdue",
    };
    let facts = ["sgo_referral_sent_on", "send_sgo_referral_form"];
    let sent = done(context, &facts, &["actions_done"], "send_sgo_referral_form")
        .or_else(|| done(context, &[], &["documents"], "sgo_referral_form"));
    limit.judge(context, rule, sent)
}
