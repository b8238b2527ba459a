//! Moving a child on the tracker (BRA-TRACKER-05): at a tracker meeting and not otherwise.
//!
//! From J to F without a meeting: refused. At the meeting of 8 April 2025: transferred from J to F on that day.

use chrono::NaiveDate;
use permanence_core::Effect;
use permanence_plugin::answering::{give, json_day, labelled, raise};
use permanence_plugin::reading::{day, text, value};
use permanence_plugin::{ClauseAnswer, Context, Rule};
use serde_json::Value;

use crate::ask::{first_day, no, unknown, word, yes};

/// Whether a tracker meeting is named that was held by the day asked about.
pub(super) fn met(context: &Context<'_>) -> bool {
    !unknown(context, "tracker_meeting_id") || yes(context, "tracker_meeting")
}

/// The day of the tracker meeting; where only its number is known, the day asked about.
pub(super) fn meeting_day(context: &Context<'_>) -> Option<NaiveDate> {
    let numbered = || {
        let number = value(context, "tracker_meeting_id").and_then(text);
        number.and_then(|number| number.parse().ok())
    };
    day(context, "tracker_meeting")
        .or_else(|| first_day(context, &["meeting_on", "meeting_date"]).filter(|_| met(context)))
        .or_else(numbered)
        .or_else(|| met(context).then(|| context.as_of()))
}

/// The section that the child is to join.
pub(super) fn destination<'a>(context: &Context<'a>) -> Option<&'a str> {
    ["to_section", "to"]
        .into_iter()
        .find_map(|name| value(context, name).and_then(text))
}

fn outcome<'a>(context: &Context<'a>, from: Option<&str>, to: Option<&str>) -> &'a str {
    match (word(context, "outcome"), to) {
        (Some("archive"), _) | (None, Some("archived")) => "archived",
        (Some("transfer"), _) => "transferred",
        (Some(stated), _) => stated,
        (None, Some(to)) if from != Some(to) => "transferred",
        (None, None) if !unknown(context, "permanence_achieved") => "archived",
        (None, _) => "unchanged",
    }
}

pub(super) fn answer(context: &Context<'_>, rule: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let from = ["section", "from"]
        .into_iter()
        .find_map(|name| value(context, name).and_then(text));
    let to = destination(context);
    let wanted = outcome(context, from, to);
    let refused = if !met(context) {
        Some("tracker_meeting_required")
    } else if wanted == "archived" && no(context, "permanence_achieved") {
        Some("permanence_not_achieved")
    } else {
        None
    };
    give(&mut answer, "accepted", refused.is_none());
    give(&mut answer, "from", from);
    give(&mut answer, "to", to.filter(|to| *to != "archived"));
    give(&mut answer, "error", refused);
    match refused {
        None => {
            give(&mut answer, "outcome", wanted);
            give(&mut answer, "date", json_day(meeting_day(context)));
        }
        Some(error) => {
            give(&mut answer, "outcome", Value::Null);
            give(&mut answer, "date", Value::Null);
            // That permanence must be achieved is another clause's refusal.
            if error == "tracker_meeting_required" {
                raise(&mut answer, labelled(context, rule, error, Effect::Block));
            }
        }
    }
    answer
}
