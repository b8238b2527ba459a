//! ERY-CHAIR-02: the chair does not work for the council, nor did in the twelve months before the appointment; an
//! independent member not for the service for children.
//!
//! Passes: appointed on 1 September 2025, and the work for the council ended on 31 August 2024.
//! Fails: it ended on 1 September 2024, the first day of the twelve months; or it goes on.

use chrono::{Months, NaiveDate};
use permanence_core::FactName;
use permanence_core::facts::FactValue;
use permanence_plugin::answering::flag;
use permanence_plugin::{ClauseAnswer, Context, Rule};

const COUNCIL: &str = "council";
const SERVICE: &str = "children_families_and_schools_service";

/// An appointment and the work beside or before it.
struct Appointment<'a> {
    post: &'a str,
    appointed_on: Option<NaiveDate>,
    employer: Option<&'a str>,
    started_on: Option<NaiveDate>,
    ended: Ended,
}

/// What is known of the end of that work.
#[derive(Clone, Copy)]
enum Ended {
    On(NaiveDate),
    GoesOn,
    NotKnown,
}

pub(crate) fn answer(context: &Context<'_>, rule: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let facts = context.facts();
    let one = appointment(|name| facts.get(name));
    let several = facts.list("appointments").iter();
    let all = several
        .map(|entry| appointment(|name| entry.member(name)))
        .chain([one]);
    let mut failing: Vec<Appointment<'_>> = all.filter(|it| fails(it, context.as_of())).collect();
    // One that certainly fails speaks before one of which that cannot be known.
    failing.sort_by_key(|it| matches!(it.ended, Ended::NotKnown));
    if let Some(first) = failing.first()
        && let Some(mut finding) = flag(context, rule, "independence_condition_not_met")
    {
        if let Some(start) = window_start(first) {
            finding
                .evidence
                .insert("windowStartsOn".into(), start.to_string().into());
        }
        if matches!(first.ended, Ended::NotKnown)
            && let Ok(name) = FactName::new("employment_ended_on")
        {
            context.unsettled(&mut finding, &[name]);
        }
        answer.findings.push(finding);
    }
    answer
}

fn appointment<'a>(of: impl Fn(&str) -> Option<&'a FactValue>) -> Appointment<'a> {
    let code = |name: &str| {
        of(name)
            .and_then(FactValue::as_code)
            .map(|code| code.as_str())
    };
    let date = |name: &str| of(name).and_then(FactValue::as_date);
    let by_council = match of("employed_by_council") {
        Some(FactValue::Boolean(now)) => Some(*now),
        _ => None,
    };
    Appointment {
        post: code("panel_role")
            .or_else(|| code("role"))
            .unwrap_or("chair"),
        appointed_on: date("appointed_on"),
        employer: code("employed_by").or_else(|| by_council.filter(|now| *now).map(|_| COUNCIL)),
        started_on: date("employment_started_on"),
        ended: match of("employment_ended_on") {
            Some(FactValue::Date(day)) => Ended::On(*day),
            Some(_) => Ended::GoesOn,
            None if by_council == Some(true) => Ended::GoesOn,
            None => Ended::NotKnown,
        },
    }
}

fn window_start(appointment: &Appointment<'_>) -> Option<NaiveDate> {
    appointment
        .appointed_on?
        .checked_sub_months(Months::new(12))
}

fn fails(appointment: &Appointment<'_>, as_of: NaiveDate) -> bool {
    // The service for children is part of the council; for an independent member only it counts.
    let ruled_out = matches!(
        (appointment.post, appointment.employer),
        ("chair" | "panel_chair", None | Some(COUNCIL | SERVICE))
            | ("independent_member", None | Some(SERVICE))
    );
    let begun = appointment.started_on.is_none_or(|day| day <= as_of);
    if !ruled_out || !begun {
        return false;
    }
    match appointment.ended {
        Ended::On(day) => window_start(appointment).is_some_and(|start| day >= start),
        // That no end is recorded says something only of work that is recorded.
        Ended::GoesOn | Ended::NotKnown => appointment.employer.is_some(),
    }
}
