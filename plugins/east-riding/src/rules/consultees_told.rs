//! ERY-DISTRIBUTION-01: whoever was consulted is told of the proposed plan.
//!
//! Passes: mother and carer were consulted, mother and carer were told.
//! Fails: mother, aunt and carer were consulted and the aunt was not told; she is named.

use std::borrow::Cow;

use permanence_core::evaluation::Certainty;
use permanence_core::facts::FactValue;
use permanence_plugin::answering::{flag, give};
use permanence_plugin::reading::{entries, value};
use permanence_plugin::{ClauseAnswer, Code, Context, Rule};

use crate::people::{called, denied, same};

pub(crate) fn answer(context: &Context<'_>, rule: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    // A question that names recipients without a paper of their own means these.
    let facts = context.facts();
    let list = if facts.is_absent("notified") && facts.is_absent("adoption_plan_on") {
        "sent_to"
    } else {
        "notified"
    };
    let told: Vec<&FactValue> = entries(context, list)
        .into_iter()
        .filter(|entry| !denied(entry, "notified") && !denied(entry, "notified_on"))
        .collect();
    let consulted = consulted(context);
    let mut missing: Vec<&str> = Vec::new();
    for person in &consulted {
        let was_told =
            told.iter().any(|entry| same(entry, person)) || told_by_entry(context, person);
        if let (false, Some(name)) = (was_told, called(person))
            && !missing.contains(&name)
        {
            missing.push(name);
        }
    }
    give(&mut answer, "missing_recipients", missing.clone());
    if !missing.is_empty()
        && let Some(mut finding) = flag(context, rule, "consultee_not_notified")
    {
        // What the entry of a person says needs no list beside it.
        let said = |person: &FactValue| {
            ["notified", "notified_on"]
                .into_iter()
                .any(|name| person.member(name).is_some())
        };
        let untold = |person: &FactValue| called(person).is_some_and(|it| missing.contains(&it));
        if consulted
            .iter()
            .any(|person| untold(person) && said(person))
        {
            finding.certainty = Certainty::Certain;
            finding.missing.clear();
        }
        answer.findings.push(finding);
    }
    answer
}

/// Everybody who was consulted by the day asked about; a letter that lies ahead does not take anybody out of it. An entry
/// for a kind of person of whom there is nobody is no person to be told.
fn consulted<'a>(context: &Context<'a>) -> Vec<Cow<'a, FactValue>> {
    const NOBODY: [&str; 2] = ["not_applicable", "not_consulted"];
    let somebody = |status: &FactValue| {
        let code = status.as_code();
        status.is_yes() && !code.is_some_and(|code| NOBODY.contains(&code.as_str()))
    };
    match value(context, "consulted") {
        Some(FactValue::List(people)) => people
            .iter()
            .filter(|person| {
                let to_come = person
                    .member("consulted_on")
                    .and_then(FactValue::as_date)
                    .is_some_and(|day| day > context.as_of());
                let denied = denied(person, "consulted") || denied(person, "consulted_on");
                let nobody = person
                    .member("not_applicable")
                    .is_some_and(FactValue::is_yes);
                !to_come && !denied && !nobody && person.member("status").is_none_or(somebody)
            })
            .map(Cow::Borrowed)
            .collect(),
        Some(FactValue::Record(kinds)) => kinds
            .iter()
            .filter(|(_, status)| somebody(status))
            .filter_map(|(kind, _)| Code::new(kind.as_str()).ok())
            .map(|kind| Cow::Owned(FactValue::Code(kind)))
            .collect(),
        _ => Vec::new(),
    }
}

/// Whether the entry of a person says itself that the person was told, by the day asked about.
fn told_by_entry(context: &Context<'_>, person: &FactValue) -> bool {
    let on = person.member("notified_on").and_then(FactValue::as_date);
    on.map_or_else(
        || person.member("notified").is_some_and(FactValue::is_yes),
        |day| day <= context.as_of(),
    )
}
