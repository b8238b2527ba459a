//! DER-DEADLINE-01: the order for a child with a connected person is made within twelve months of the move.
//!
//! Passes: moved in on 31 August 2024, either order made on 31 August 2025.
//! Fails: the same, and no order on 1 September 2025.
//! The order may be told by its own day, among the orders made, or as the one asked about with the day it was made.

use chrono::{Months, NaiveDate};
use permanence_core::FactName;
use permanence_core::calendar::working_days;
use permanence_core::evaluation::Effect;
use permanence_core::facts::FactValue;
use permanence_plugin::{ClauseAnswer, Context, Rule};

use crate::finding::{day, finding, give};

const LIMIT: Months = Months::new(12);
/// Either will do.
const ORDERS: [&str; 2] = ["special_guardianship_order", "child_arrangements_order"];

pub(crate) fn answer(context: &Context<'_>, rule: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let anchor = FactName::new("placement_started_on").ok();
    let since = anchor.as_ref().and_then(|fact| context.date(fact));
    let due = since.and_then(|since| since.checked_add_months(LIMIT));
    let made = made(context);
    let status = match (due, &made) {
        (None, _) => "not_known",
        (Some(due), Made::On(made)) if *made > due => "completed_late",
        (Some(_), Made::On(_) | Made::SomeDay) => "completed_on_time",
        (Some(due), Made::No) if context.as_of() <= due => "open",
        (Some(_), Made::No) => "overdue",
    };
    give(&mut answer, "dueDate", day(due));
    give(&mut answer, "status", status);
    if let Some(due) = due {
        give(
            &mut answer,
            "nonWorkingDay",
            !working_days::is_working_day(due),
        );
    }
    if status == "overdue"
        && let Some(mut finding) = finding(
            context,
            rule,
            "connected_order_overdue",
            Effect::Flag,
            "The order for a child with a connected person should have been made by now.",
        )
    {
        if let (Some(fact), Some(since)) = (&anchor, since) {
            context.anchor(&mut finding, fact, since);
        }
        finding.due_on = due;
        finding.ran_out_on = due.and_then(|due| due.succ_opt());
        answer.findings.push(finding);
    }
    answer
}

enum Made {
    /// The first of them on this day.
    On(NaiveDate),
    /// Made, and nobody says when.
    SomeDay,
    No,
}

/// Whether and when one of the two orders was made, as it stood on the day asked about.
fn made(context: &Context<'_>) -> Made {
    let facts = context.facts();
    let is_one = |order: &FactValue| {
        order
            .as_code()
            .is_some_and(|order| ORDERS.contains(&order.as_str()))
    };
    let listed = facts.list("orders_made").iter();
    let of_list = listed
        .filter(|entry| entry.member("order").is_some_and(is_one))
        .map(|entry| entry.member("made_on").unwrap_or(&FactValue::Boolean(true)));
    let asked_about = facts
        .get("order_made_on")
        .filter(|_| facts.get("order").is_none_or(is_one));
    let told: Vec<&FactValue> = ORDERS
        .iter()
        .filter_map(|order| facts.get(&format!("{order}_on")))
        .chain(of_list)
        .chain(asked_about)
        .collect();
    let days = told.iter().filter_map(|made| made.as_date());
    match days.filter(|day| *day <= context.as_of()).min() {
        Some(day) => Made::On(day),
        None if told.contains(&&FactValue::Boolean(true)) => Made::SomeDay,
        None => Made::No,
    }
}
