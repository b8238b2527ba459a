//! ERY-FREQUENCY-03: the meeting comes straight after one of the Adoption Panel, on its day and from its end on.
//!
//! Passes: the Adoption Panel ends at 12:30 and the Permanency Panel starts at 12:30 or later that day.
//! Fails: it starts at 12:29; or it is on another day.

use chrono::{NaiveDate, NaiveTime};
use permanence_core::facts::{FactValue, Facts};
use permanence_plugin::answering::flag;
use permanence_plugin::{ClauseAnswer, Context, Rule};

use crate::reading::member_of;

/// Facts that may tell the day of the meeting, the most telling first.
const MEETING: [&str; 5] = [
    "panel_date",
    "starts_at",
    "permanence_panel_on",
    "meeting_on",
    "meeting_date",
];

/// Members of a panel's record that tell its day.
const WHEN: [&str; 3] = ["date", "on", "starts_at"];

pub(crate) fn answer(context: &Context<'_>, rule: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let facts = context.facts();
    let of = |panel: &str, members: &[&str]| member_of(context, panel, members);
    let meeting = MEETING
        .into_iter()
        .find_map(|name| facts.date(name))
        .or_else(|| of("permanence_panel", &WHEN).and_then(FactValue::as_date));
    let Some(meeting) = meeting else {
        return answer;
    };
    let held = of("adoption_panel", &WHEN).and_then(FactValue::as_date);
    let Some(days) = adoption_days(facts).or_else(|| held.map(|day| vec![day])) else {
        return answer;
    };
    let hour = |name: &str, panel: &str, member: &str| {
        let told = facts.get(name).and_then(time);
        told.or_else(|| of(panel, &[member]).and_then(time))
    };
    let starts = hour("starts_at", "permanence_panel", "starts_at")
        .or_else(|| facts.get("panel_date").and_then(time));
    // While its end is not known, the meeting cannot at any rate start before the Adoption Panel does.
    let not_before = hour("adoption_panel_ends_at", "adoption_panel", "ends_at")
        .or_else(|| hour("adoption_panel_starts_at", "adoption_panel", "starts_at"));
    let too_early = starts
        .zip(not_before)
        .is_some_and(|(starts, not_before)| starts < not_before);
    if !days.contains(&meeting) || too_early {
        let raised = flag(context, rule, "not_following_adoption_panel");
        answer.findings.extend(raised);
    }
    answer
}

/// The days of the Adoption Panel; nothing where they are not known.
fn adoption_days(facts: &Facts) -> Option<Vec<NaiveDate>> {
    match facts.get("adoption_panel_on") {
        Some(FactValue::List(days)) => Some(days.iter().filter_map(FactValue::as_date).collect()),
        Some(day) => Some(day.as_date().into_iter().collect()),
        None => ["adoption_panel_ends_at", "adoption_panel_starts_at"]
            .into_iter()
            .find_map(|name| facts.date(name))
            .map(|day| vec![day]),
    }
}

fn time(value: &FactValue) -> Option<NaiveTime> {
    match value {
        FactValue::Time(time) => Some(*time),
        FactValue::DateTime(moment) => Some(moment.time()),
        _ => None,
    }
}
