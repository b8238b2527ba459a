//! Tests of one fact.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::moment::{Moment, When};
use crate::code::{Code, FactName};
use crate::facts::FactValue;
use crate::mechanism::Context;

/// A test of one fact.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// Whether it is known and not none; an empty list or text is none.
    Known(bool),
    /// Whether nothing is known about it, not even that it is none.
    Absent(bool),
    /// Whether it is answered with anything but no: yes, a day, a text, a code.
    Yes(bool),
    /// It equals the value.
    Is(Literal),
    /// It is known and differs from the value.
    IsNot(Literal),
    /// It equals one of the values.
    OneOf(Vec<Literal>),
    /// The list has this code, plain or as a member of an entry; answers by code have a yes under it.
    Contains(Code),
    /// The list has this number, or an entry with it under `step`: a step told by its place in the clause.
    Numbered(i64),
    /// The list has an entry that answers one of these members, be it with no; a single record is such an entry.
    HasMember(Vec<FactName>),
    /// The list has one entry that holds all these codes, such as a role and the way it attended.
    HasEntry(Vec<Code>),
    /// An earlier day or moment; for a list one of its days.
    Before(When),
    /// That day or moment, or an earlier one; for a list one of its days.
    OnOrBefore(When),
    /// A later day or moment; for a list one of its days.
    After(When),
    /// That day or moment, or a later one; for a list one of its days.
    OnOrAfter(When),
    /// A number of at least this much; for a list its length.
    AtLeast(Number),
    /// A number of at most this much; for a list its length.
    AtMost(Number),
}

/// A value written in a rulebook.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Literal {
    /// Yes or no.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A date in ISO form.
    Date(NaiveDate),
    /// A code.
    Code(Code),
    /// A text that is no code, such as the letter of a section.
    Text(String),
}

/// A number to compare with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Number {
    /// A fixed number.
    Fixed(i64),
    /// The number of a fact.
    Fact(FactName),
}

impl Test {
    pub(super) fn passes(&self, fact: &FactName, context: &Context<'_>) -> bool {
        let today = FactValue::Date(context.as_of());
        let value = if fact == "as_of" {
            Some(&today)
        } else {
            context.value(fact)
        };
        let known = value.is_some_and(FactValue::is_answered);
        let compared = |when: &When, passes: fn(Ordering) -> bool| {
            when.moment(context).is_some_and(|other| {
                Moment::all(fact, context)
                    .into_iter()
                    .any(|moment| passes(moment.compare(other)))
            })
        };
        match self {
            Self::Known(wanted) => known == *wanted,
            Self::Absent(wanted) => context.facts().is_absent(fact.as_str()) == *wanted,
            Self::Yes(wanted) => value.is_some_and(FactValue::is_yes) == *wanted,
            Self::Is(literal) => value.is_some_and(|value| literal.equals(value)),
            Self::IsNot(literal) => known && value.is_some_and(|value| !literal.equals(value)),
            Self::OneOf(literals) => {
                value.is_some_and(|value| literals.iter().any(|literal| literal.equals(value)))
            }
            Self::Contains(code) => match value {
                Some(FactValue::Record(answers)) if answers.contains_key(code.as_str()) => {
                    answers.get(code.as_str()).is_some_and(says_yes)
                }
                _ => context
                    .entries(fact)
                    .into_iter()
                    .any(|item| has_code(item, code)),
            },
            Self::HasMember(names) => context.entries(fact).into_iter().any(|entry| {
                let mut members = names.iter().filter_map(|name| entry.member(name.as_str()));
                members.any(FactValue::is_answered)
            }),
            Self::Numbered(number) => context
                .entries(fact)
                .into_iter()
                .any(|entry| is_numbered(entry, *number)),
            Self::HasEntry(codes) => context
                .entries(fact)
                .into_iter()
                .any(|item| codes.iter().all(|code| has_code(item, code))),
            Self::Before(when) => compared(when, Ordering::is_lt),
            Self::OnOrBefore(when) => compared(when, Ordering::is_le),
            Self::After(when) => compared(when, Ordering::is_gt),
            Self::OnOrAfter(when) => compared(when, Ordering::is_ge),
            Self::AtLeast(number) => compare(fact, number, context).is_some_and(Ordering::is_ge),
            Self::AtMost(number) => compare(fact, number, context).is_some_and(Ordering::is_le),
        }
    }

    pub(super) fn facts(&self, into: &mut BTreeSet<FactName>) {
        match self {
            Self::Before(when)
            | Self::OnOrBefore(when)
            | Self::After(when)
            | Self::OnOrAfter(when) => when.facts(into),
            Self::AtLeast(Number::Fact(fact)) | Self::AtMost(Number::Fact(fact)) => {
                into.insert(fact.clone());
            }
            _ => {}
        }
    }
}

/// Whether an entry of a list is this code, or a record that holds it.
pub(crate) fn has_code(item: &FactValue, code: &Code) -> bool {
    match item {
        FactValue::Code(own) => own == code,
        FactValue::Text(own) => own == code.as_str(),
        FactValue::Record(members) => {
            // Whom somebody stands in for is not there by that.
            members
                .iter()
                .filter(|(name, _)| **name != *"substitute_for")
                .any(|(_, member)| member.as_code() == Some(code))
                && !says_no(members)
        }
        _ => false,
    }
}

/// Whether an entry of a list is this number, or a record of the step with this number.
pub(crate) fn is_numbered(entry: &FactValue, number: i64) -> bool {
    let number = FactValue::Integer(number);
    match entry {
        FactValue::Record(members) => members.get("step") == Some(&number) && !says_no(members),
        plain => *plain == number,
    }
}

/// Codes that say that something is not there yet.
const NOT_YET: [&str; 9] = [
    "absent",
    "apologies",
    "deferred",
    "missing",
    "not_considered",
    "not_consulted",
    "not_done",
    "open",
    "outstanding",
];

/// Whether an answer is anything but no or not yet.
pub(crate) fn says_yes(value: &FactValue) -> bool {
    value.is_yes()
        && !value
            .as_code()
            .is_some_and(|code| NOT_YET.contains(&code.as_str()))
        && !matches!(value, FactValue::Record(members) if none_without_reason(members))
}

/// Whether a record says that there is none, or that none is needed, and not why.
fn none_without_reason(members: &BTreeMap<FactName, FactValue>) -> bool {
    let is = |name: &str, answer: bool| members.get(name) == Some(&FactValue::Boolean(answer));
    let status = members.get("status").and_then(FactValue::as_code);
    let none = is("needed", false)
        || is("none", true)
        || status.is_some_and(|status| ["none", "not_needed"].contains(&status.as_str()));
    let why = ["reason", "reasons"]
        .iter()
        .filter_map(|name| members.get(*name));
    none && !why.into_iter().any(FactValue::is_answered)
}

/// Members by which a record says that its thing is not there: `{document, complete: false}`, `{document, received_on: null}`,
/// `{part, outcome: deferred}`, `{route, status: null}`.
pub(crate) fn says_no(members: &BTreeMap<FactName, FactValue>) -> bool {
    const SAYING: [&str; 20] = [
        "agreed",
        "approved",
        "attended",
        "complete",
        "completed",
        "confirmed",
        "considered",
        "consulted",
        "covered",
        "decided",
        "done",
        "given",
        "held",
        "met",
        "notified",
        "present",
        "received",
        "sent",
        "signed",
        "uploaded",
    ];
    const DAYS: [(&str, &str); 6] = [
        ("consulted_on", "consulted_at"),
        ("decided_on", "decided_at"),
        ("done_on", "completed_on"),
        ("received_on", "received_at"),
        ("sent_on", "sent_at"),
        ("signed_on", "signed_at"),
    ];
    // Of what does not apply nothing is wanted: `{role, consulted: false, status: not_applicable}`.
    let status = members.get("status").and_then(FactValue::as_code);
    if status.is_some_and(|status| *status == "not_applicable") {
        return false;
    }
    let no = |name: &str| match members.get(name) {
        Some(FactValue::Boolean(answer)) => !answer,
        Some(FactValue::None) => true,
        _ => false,
    };
    let not_yet = |name: &str| {
        members
            .get(name)
            .and_then(FactValue::as_code)
            .is_some_and(|code| NOT_YET.contains(&code.as_str()))
    };
    let no_day = |(one, other): (&str, &str)| {
        let days = [members.get(one), members.get(other)];
        days.contains(&Some(&FactValue::None))
            && days.iter().flatten().all(|day| !day.is_answered())
    };
    let none = |name: &str| members.get(name) == Some(&FactValue::None);
    let dayless = || !members.values().any(|member| member.as_date().is_some());
    SAYING.into_iter().any(no)
        || ["attended", "decision", "outcome", "status"]
            .into_iter()
            .any(not_yet)
        || ["decision", "outcome"].into_iter().any(none)
        || (none("status") && dayless())
        || DAYS.into_iter().any(no_day)
}

/// A number, or how many entries of a list exist on the day asked about, held against another.
fn compare(fact: &FactName, with: &Number, context: &Context<'_>) -> Option<Ordering> {
    let other = match with {
        Number::Fixed(number) => *number,
        Number::Fact(fact) => context.size(fact)?,
    };
    Some(context.size(fact)?.cmp(&other))
}

impl Literal {
    fn equals(&self, value: &FactValue) -> bool {
        match (self, value) {
            (Self::Boolean(one), FactValue::Boolean(two)) => one == two,
            (Self::Integer(one), FactValue::Integer(two)) => one == two,
            (Self::Date(one), FactValue::Date(two)) => one == two,
            (Self::Code(one), FactValue::Code(two)) => one == two,
            (Self::Code(one), FactValue::Text(two)) => one.as_str() == two,
            (Self::Text(one), FactValue::Text(two)) => one == two,
            _ => false,
        }
    }
}
