//! ERY-ACTION-01: each parent, and each other person with parental responsibility, has been heard on record.
//!
//! Passes: the mother was talked to, the options were explained, her view is recorded.
//! Passes: the father's view could not be had, and the reason is recorded.
//! Fails: the father holds parental responsibility and nothing is recorded; he is named.

use permanence_core::facts::FactValue;
use permanence_plugin::answering::{flag, give};
use permanence_plugin::reading::{day, entries, value};
use permanence_plugin::{ClauseAnswer, Context, Rule};

use crate::reading::word;

/// Where it may be written down why a view could not be had.
const REASONS: [&str; 3] = [
    "view_not_obtained_reason",
    "reason_view_not_obtained",
    "reason",
];

pub(crate) fn answer(context: &Context<'_>, rule: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let mut missing: Vec<String> = all_entries(context)
        .into_iter()
        .filter(|person| concerned(person) && !heard(context, person))
        .map(|person| named(person).unwrap_or("parent").to_owned())
        .collect();
    // One person asked about by facts of the question itself.
    let flat = ["discussed_on", "options_explained", "view_recorded"];
    if context.facts().is_absent("persons")
        && flat.iter().any(|name| !context.facts().is_absent(name))
    {
        let reason = value(context, "view_not_obtained_reason").is_some_and(FactValue::is_answered);
        let done = day(context, "discussed_on").is_some()
            && value(context, "options_explained").is_some_and(FactValue::is_yes)
            && value(context, "view_recorded").is_some_and(FactValue::is_yes);
        if !done && !reason {
            let name = value(context, "person").and_then(word).unwrap_or("parent");
            missing.push(name.to_owned());
        }
    }
    give(&mut answer, "missing_persons", missing.clone());
    if !missing.is_empty() {
        answer
            .findings
            .extend(flag(context, rule, "parent_view_missing"));
    }
    answer
}

/// Every person of the list: a talk that lies ahead does not take the person out of it.
fn all_entries<'a>(context: &Context<'a>) -> Vec<&'a FactValue> {
    if context.facts().is_absent("persons") {
        return Vec::new();
    }
    match value(context, "persons") {
        Some(FactValue::List(people)) => people.iter().collect(),
        _ => entries(context, "persons"),
    }
}

/// Somebody whose role is another one, and who has no parental responsibility, is not meant; nor is somebody without a
/// role who is said to have none.
fn concerned(person: &FactValue) -> bool {
    const PARENTS: [&str; 7] = [
        "parent",
        "mother",
        "father",
        "guardian",
        "parent_or_guardian",
        "birth_parent",
        "person_with_parental_responsibility",
    ];
    let responsible = ["has_parental_responsibility", "parental_responsibility"]
        .into_iter()
        .find_map(|member| person.member(member))
        .map(FactValue::is_yes);
    let of_kind: Vec<&str> = ["role", "relationship"]
        .into_iter()
        .filter_map(|member| person.member(member).and_then(word))
        .collect();
    let parent = of_kind
        .iter()
        .copied()
        .chain(named(person))
        .any(|kind| PARENTS.contains(&kind.to_lowercase().as_str()));
    parent || responsible.unwrap_or(of_kind.is_empty())
}

fn heard(context: &Context<'_>, person: &FactValue) -> bool {
    let yes = |name: &str| person.member(name).is_some_and(FactValue::is_yes);
    let talked = person
        .member("discussed_on")
        .and_then(FactValue::as_date)
        .is_some_and(|day| day <= context.as_of());
    let recorded = yes("view_recorded") || yes("view");
    let reason = REASONS.into_iter().any(yes);
    reason || (talked && yes("options_explained") && recorded)
}

fn named(person: &FactValue) -> Option<&str> {
    ["person", "name", "relationship", "role"]
        .into_iter()
        .filter_map(|member| person.member(member))
        .chain([person])
        .find_map(word)
}
