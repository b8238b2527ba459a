//! ERY-FREQUENCY-03: the meeting comes straight after one of the Adoption Panel, on its day and from its end on.
//!
//! Passes: the Adoption Panel ends at 12:30 and the Permanency Panel starts at 12:30 or later that day.
//! Fails: it starts at 12:29; or it is on another day.

use chrono::{NaiveDate, NaiveTime};
use permanence_core::facts::FactValue;
use permanence_plugin::{ClauseAnswer, Context, Rule};

use crate::reading::flag;

pub(crate) fn answer(context: &Context<'_>, rule: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let facts = context.facts();
    let starts = facts.get("starts_at");
    let ends = facts.get("adoption_panel_ends_at");
    let meeting = facts
        .date("panel_date")
        .or_else(|| starts.and_then(FactValue::as_date));
    let Some(meeting) = meeting else {
        return answer;
    };
    let Some(days) = adoption_days(facts.get("adoption_panel_on"), ends) else {
        return answer;
    };
    let overlaps = starts
        .and_then(time)
        .zip(ends.and_then(time))
        .is_some_and(|(starts, ends)| starts < ends);
    if !days.contains(&meeting) || overlaps {
        let raised = flag(context, rule, "not_following_adoption_panel");
        answer.findings.extend(raised);
    }
    answer
}

/// The days of the Adoption Panel; nothing where they are not known.
fn adoption_days(given: Option<&FactValue>, ends: Option<&FactValue>) -> Option<Vec<NaiveDate>> {
    match given {
        Some(FactValue::List(days)) => Some(days.iter().filter_map(FactValue::as_date).collect()),
        Some(day) => Some(day.as_date().into_iter().collect()),
        None => ends.and_then(FactValue::as_date).map(|day| vec![day]),
    }
}

fn time(value: &FactValue) -> Option<NaiveTime> {
    match value {
        FactValue::Time(time) => Some(*time),
        FactValue::DateTime(moment) => Some(moment.time()),
        _ => None,
    }
}
