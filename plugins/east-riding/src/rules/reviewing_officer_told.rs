//! ERY-ACTION-04: the reviewing officer is told of each significant event and each setback.
//!
//! Passes: a setback on 12 August, told on 12 August or later.
//! Fails: a setback on 12 August and nothing sent; or something sent on 11 August, which was about something else.

use chrono::NaiveDate;
use permanence_core::FactName;
use permanence_core::facts::FactValue;
use permanence_plugin::answering::{flag, give};
use permanence_plugin::reading::{member_day, value};
use permanence_plugin::{ClauseAnswer, Code, Context, Rule};
use serde_json::{Value, json};

const TOLD: &str = "independent_reviewing_officer_informed_on";

/// An event that matters to the plan.
struct Event<'a> {
    what: &'a str,
    on: Option<NaiveDate>,
    told: Told,
}

/// What is known of the day on which the reviewing officer was told.
#[derive(Clone, Copy)]
enum Told {
    On(NaiveDate),
    NotYet,
    NotKnown,
}

impl Told {
    fn of(given: Option<&FactValue>) -> Self {
        match given {
            Some(value) => value.as_date().map_or(Self::NotYet, Self::On),
            None => Self::NotKnown,
        }
    }
}

pub(crate) fn answer(context: &Context<'_>, rule: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let untold: Vec<Event<'_>> = events(context)
        .into_iter()
        .filter(|event| event.on.is_none_or(|on| on <= context.as_of()))
        .filter(|event| !was_told(context, event))
        .collect();
    let listed: Vec<Value> = untold
        .iter()
        .map(|event| json!({ "event": event.what, "occurredOn": event.on }))
        .collect();
    give(&mut answer, "events", listed);
    if !untold.is_empty()
        && let Some(mut finding) = flag(context, rule, "independent_reviewing_officer_not_informed")
    {
        let known = |event: &Event<'_>| !matches!(event.told, Told::NotKnown);
        if !untold.iter().any(known)
            && let Ok(name) = FactName::new(TOLD)
        {
            context.unsettled(&mut finding, &[name]);
        }
        finding.since = untold.iter().filter_map(|event| event.on).min();
        finding.ran_out_on = finding.since;
        answer.findings.push(finding);
    }
    answer
}

fn was_told(context: &Context<'_>, event: &Event<'_>) -> bool {
    match event.told {
        Told::On(told) => told <= context.as_of() && event.on.is_none_or(|on| told >= on),
        Told::NotYet | Told::NotKnown => false,
    }
}

fn events<'a>(context: &Context<'a>) -> Vec<Event<'a>> {
    let told = Told::of(context.facts().get(TOLD));
    let mut events: Vec<Event<'a>> = match value(context, "events") {
        Some(FactValue::List(listed)) => listed
            .iter()
            .map(|event| listed_event(event, told))
            .collect(),
        _ => Vec::new(),
    };
    for (what, fact) in [
        ("significant_event", "significant_event_on"),
        ("setback", "setback_on"),
    ] {
        let given = context.facts().get(fact);
        if given.is_some_and(FactValue::is_yes) {
            let on = given.and_then(FactValue::as_date);
            events.push(Event { what, on, told });
        }
    }
    // A day alone is that of some event; an event of another kind is no business of this clause.
    let on = context.facts().date("event_on");
    let what = match context.facts().code("trigger").map(Code::as_str) {
        Some("setback") => Some("setback"),
        Some("significant_event") => Some("significant_event"),
        Some(_) => None,
        None => on.map(|_| "significant_event"),
    };
    events.extend(what.map(|what| Event { what, on, told }));
    events
}

/// An event of the list; one without a day of telling of its own takes that of the question.
fn listed_event(event: &FactValue, told: Told) -> Event<'_> {
    let what = ["event", "trigger", "type"]
        .into_iter()
        .filter_map(|name| event.member(name))
        .chain([event])
        .find_map(FactValue::as_code)
        .map_or("significant_event", Code::as_str);
    let told = match event.member(TOLD).or_else(|| event.member("informed_on")) {
        Some(own) => Told::of(Some(own)),
        None => told,
    };
    Event {
        what,
        on: member_day(event, &["occurred_on", "event_on", "on", "date"]),
        told,
    }
}
