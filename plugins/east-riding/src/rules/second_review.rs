//! ERY-DEADLINE-01: the second statutory review is held within four months of the child coming into care.
//!
//! Passes: came into care on 31 January, the second review is on 31 May or before.
//! Fails: no second review by 1 June. The second review may be told by its own day, by its number, or in a list.

use chrono::{Months, NaiveDate};
use permanence_core::FactName;
use permanence_core::calendar::working_days;
use permanence_plugin::answering::{flag, give, json_day, overdue};
use permanence_plugin::reading::day;
use permanence_plugin::{ClauseAnswer, Context, Rule};

use crate::reading::status;
use crate::reviews::{Listed, listed};

pub(crate) fn answer(context: &Context<'_>, rule: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let since = day(context, "became_looked_after_on");
    let due = since.and_then(|since| since.checked_add_months(Months::new(4)));
    let status = status(due, held(context), context.as_of());
    give(&mut answer, "due_date", json_day(due));
    give(&mut answer, "status", status);
    if let Some(due) = due {
        let holiday = !working_days::is_working_day(due);
        give(&mut answer, "non_working_day", holiday);
    }
    if status == "overdue"
        && let Some(mut finding) = flag(context, rule, "second_review_overdue")
    {
        overdue(&mut finding, due);
        if let (Some(since), Ok(name)) = (since, FactName::new("became_looked_after_on")) {
            context.anchor(&mut finding, &name, since);
        }
        answer.findings.push(finding);
    }
    answer
}

/// The day of the second review, once it is held.
fn held(context: &Context<'_>) -> Option<NaiveDate> {
    const SECOND: &str = "second_statutory_review_on";
    let facts = context.facts();
    // What its own fact says counts, also that there is none.
    if !facts.is_absent(SECOND) {
        return day(context, SECOND);
    }
    let numbered = facts.integer("review_number") == Some(2);
    day(context, "review_on")
        .filter(|_| numbered)
        .or_else(|| match listed(context) {
            Listed::Numbered(reviews) => reviews
                .into_iter()
                .find(|(number, _)| *number == 2)
                .map(|(_, on)| on),
            Listed::Days(days) => days.get(1).copied(),
        })
}
