//! Whom the coordinator invites after the list of admissions, and which weeks nobody looked at it (DUD-REPORT-01).
//!
//! P, Q and R are on the list and Q has a date through the gateway: P and R are invited.
//! The list was checked on 12 March 2025 and not in the week of the 17th: from Monday the 24th on that week is named.

use std::collections::BTreeSet;

use chrono::{Datelike, Days, NaiveDate, TimeDelta};
use permanence_core::calendar::Period;
use permanence_core::facts::FactValue;
use permanence_plugin::answering::give;
use permanence_plugin::reading::{day, entries, member, named, text};
use permanence_plugin::{ClauseAnswer, Context, Rule};
use serde_json::Value;

use crate::ask::flag;

const CHILD: [&str; 4] = ["child", "child_id", "id", "name"];
const DATED: [&str; 7] = [
    "gateway_date",
    "gateway_panel_date",
    "has_gateway_date",
    "panel_date",
    "early_permanence_panel_on",
    "early_permanence_panel_date",
    "date_through_gateway",
];
const WEEK: [&str; 3] = ["week_starting", "week_start", "week"];

/// The Monday of a day's week.
fn monday(day: NaiveDate) -> Option<NaiveDate> {
    day.checked_sub_days(Days::new(u64::from(day.weekday().num_days_from_monday())))
}

/// Whether the entry of a child says itself that the gateway gave a date. A child of the gateway is taken to have one unless
/// it is known to have none.
fn dated_by_gateway(entry: &FactValue) -> bool {
    const GATEWAY: Option<&str> = Some("legal_gateway_panel");
    let told: Vec<&FactValue> = DATED.iter().filter_map(|name| entry.member(name)).collect();
    let by_route = member(entry, &["route"]).and_then(text) == GATEWAY;
    let by_routes = match entry.member("routes") {
        Some(FactValue::List(routes)) => routes.iter().any(|route| text(route) == GATEWAY),
        _ => false,
    };
    let known = ["known_at_gateway", "via_gateway"]
        .iter()
        .any(|name| entry.member(name).is_some_and(FactValue::is_yes));
    if told.is_empty() {
        by_route || by_routes || known
    } else {
        told.into_iter().any(FactValue::is_yes)
    }
}

/// The weekly lists that are told as such, one of them or several; the list of a week to come does not exist yet.
fn reports<'a>(context: &Context<'a>) -> Vec<&'a FactValue> {
    let all = match context.facts().get("admissions_reports") {
        Some(FactValue::List(all)) => all.as_slice(),
        Some(one @ FactValue::Record(_)) => std::slice::from_ref(one),
        _ => &[],
    };
    all.iter()
        .filter(|report| {
            let week = member(report, &WEEK).and_then(FactValue::as_date);
            week.is_none_or(|week| week <= context.as_of())
        })
        .collect()
}

/// The children of every list, in their order.
fn admitted<'a>(context: &Context<'a>) -> Vec<&'a FactValue> {
    let facts = context.facts();
    let of_reports = reports(context)
        .into_iter()
        .flat_map(|report| ["children", "admissions"].map(|name| report.member(name)))
        .flatten()
        .flat_map(|children| match children {
            FactValue::List(all) => all.as_slice(),
            _ => &[],
        });
    facts
        .list("admissions")
        .iter()
        .chain(facts.list("admissions_report_on"))
        .chain(of_reports)
        .collect()
}

fn to_invite(context: &Context<'_>) -> Vec<Value> {
    let dated: Vec<Value> = context
        .facts()
        .list("children_with_gateway_date")
        .iter()
        .filter_map(|entry| named(entry, &CHILD))
        .collect();
    let mut invited = Vec::new();
    for entry in admitted(context) {
        let Some(child) = named(entry, &CHILD) else {
            continue;
        };
        if !dated_by_gateway(entry) && !dated.contains(&child) && !invited.contains(&child) {
            invited.push(child);
        }
    }
    invited
}

/// What is told of a week: its own day, and whether or when its list was checked.
fn told_weeks<'a>(context: &Context<'a>) -> Vec<&'a FactValue> {
    let facts = context.facts();
    facts
        .list("report_weeks")
        .iter()
        .chain(facts.list("report_checked_on"))
        .chain(reports(context))
        .filter(|entry| member(entry, &WEEK).is_some())
        .collect()
}

/// The days on which the list was checked.
fn checks(context: &Context<'_>) -> Vec<NaiveDate> {
    let of_day = |entry: &FactValue| member(entry, &["checked_on"]).unwrap_or(entry).as_date();
    let days = entries(context, "report_checked_on");
    let days = days.into_iter().filter_map(of_day);
    let of_weeks = told_weeks(context).into_iter().filter_map(|entry| {
        match (entry.member("checked_on"), entry.member("checked")) {
            (Some(checked), _) => checked.as_date(),
            (None, Some(FactValue::Boolean(true))) => member(entry, &WEEK)?.as_date(),
            _ => None,
        }
    });
    let mut all: Vec<NaiveDate> = days
        .chain(of_weeks)
        .filter(|day| *day <= context.as_of())
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// The weeks asked about, by their Mondays: those that are named, else those of the range, else those from the first
/// that is known of up to the day asked about.
fn weeks(context: &Context<'_>, checks: &[NaiveDate]) -> BTreeSet<NaiveDate> {
    let facts = context.facts();
    let listed = facts.list("report_weeks").iter();
    let named: BTreeSet<NaiveDate> = listed
        .filter_map(FactValue::as_date)
        .chain(
            told_weeks(context)
                .into_iter()
                .filter_map(|entry| member(entry, &WEEK)?.as_date()),
        )
        .filter_map(monday)
        .collect();
    if !named.is_empty() {
        return named;
    }
    let period = context.period();
    let from = period.map(|period| period.from);
    let first = from.or_else(|| facts.date("from")).or_else(|| {
        checks
            .iter()
            .copied()
            .chain(day(context, "week_starting"))
            .min()
    });
    let last = period
        .map(|period| period.to)
        .or_else(|| facts.date("to"))
        .unwrap_or_else(|| context.as_of());
    // Weeks further back than any period that can be asked about are no week of a child's.
    let earliest = last.checked_sub_signed(TimeDelta::days(Period::LONGEST_DAYS));
    let first = first.max(earliest.filter(|_| first.is_some()));
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
