//! Whom the coordinator invites after the list of admissions, and which weeks nobody looked at it (DUD-REPORT-01).
//!
//! P, Q and R are on the list and Q has a date through the gateway: P and R are invited.
//! The list was checked on 12 March 2025 and not in the week of the 17th: from Monday the 24th on that week is named.

use std::collections::BTreeSet;

use chrono::{Datelike, Days, NaiveDate};
use permanence_core::facts::FactValue;
use permanence_plugin::{ClauseAnswer, Context, Rule};
use serde_json::Value;

use crate::ask::{day, entries, flag, give, member, named, text};

const CHILD: [&str; 4] = ["child", "child_id", "id", "name"];
const DATED: [&str; 6] = [
    "gateway_date",
    "gateway_panel_date",
    "has_gateway_date",
    "panel_date",
    "early_permanence_panel_on",
    "date_through_gateway",
];

/// The Monday of a day's week.
fn monday(day: NaiveDate) -> Option<NaiveDate> {
    day.checked_sub_days(Days::new(u64::from(day.weekday().num_days_from_monday())))
}

/// Whether the entry of a child says itself that the gateway gave a date.
fn dated_by_gateway(entry: &FactValue) -> bool {
    let by_route = member(entry, &["route"]).and_then(text) == Some("legal_gateway_panel");
    by_route
        || DATED
            .iter()
            .any(|name| entry.member(name).is_some_and(FactValue::is_yes))
}

fn to_invite(context: &Context<'_>) -> Vec<Value> {
    let dated: Vec<Value> = context
        .facts()
        .list("children_with_gateway_date")
        .iter()
        .filter_map(|entry| named(entry, &CHILD))
        .collect();
    let mut invited = Vec::new();
    for entry in context.facts().list("admissions") {
        let Some(child) = named(entry, &CHILD) else {
            continue;
        };
        if !dated_by_gateway(entry) && !dated.contains(&child) && !invited.contains(&child) {
            invited.push(child);
        }
    }
    invited
}

/// The days on which the list was checked.
fn checks(context: &Context<'_>) -> Vec<NaiveDate> {
    entries(context, "report_checked_on")
        .into_iter()
        .filter_map(|entry| member(entry, &["checked_on"]).unwrap_or(entry).as_date())
        .collect()
}

/// The weeks asked about, by their Mondays: those that are named, else those of the range, else those from the first
/// that is known of up to the day asked about.
fn weeks(context: &Context<'_>, checks: &[NaiveDate]) -> BTreeSet<NaiveDate> {
    let facts = context.facts();
    let listed = facts.list("report_weeks").iter();
    let named: BTreeSet<NaiveDate> = listed
        .filter_map(FactValue::as_date)
        .filter_map(monday)
        .collect();
    if !named.is_empty() {
        return named;
    }
    let first = facts.date("from").or_else(|| {
        checks
            .iter()
            .copied()
            .chain(day(context, "week_starting"))
            .min()
    });
    let last = facts.date("to").unwrap_or_else(|| context.as_of());
    std::iter::successors(first.and_then(monday), |week| {
        week.checked_add_days(Days::new(7))
    })
    .take_while(|week| *week <= last)
    .collect()
}

pub(super) fn answer(context: &Context<'_>, rule: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let checks = checks(context);
    let checked: BTreeSet<NaiveDate> = checks.iter().copied().filter_map(monday).collect();
    let over = |week: &NaiveDate| {
        week.checked_add_days(Days::new(6))
            .is_some_and(|sunday| context.as_of() > sunday)
    };
    let unchecked: Vec<NaiveDate> = weeks(context, &checks)
        .into_iter()
        .filter(|week| !checked.contains(week) && over(week))
        .collect();
    let names: Vec<Value> = unchecked
        .iter()
        .map(|week| week.to_string().into())
        .collect();
    give(&mut answer, "children_to_invite", to_invite(context));
    give(&mut answer, "weeks_unchecked", names.clone());
    if let Some(first) = unchecked.first().copied() {
        let raised = flag(&mut answer, context, rule, "weeks_unchecked", |label| {
            format!("{label}: {} of the weeks asked about.", names.len())
        });
        if let Some(finding) = raised {
            finding.since = Some(first);
            finding.due_on = first.checked_add_days(Days::new(6));
            finding.ran_out_on = first.checked_add_days(Days::new(7));
            finding
                .evidence
                .insert("weeksUnchecked".into(), names.into());
        }
    }
    answer
}
