//! Structured predicates over named facts: what a rulebook may ask before a rule applies.
//!
//! They are data, not a language: `{fact: option, is: adoption}`, `{all: [...]}`, `{not: ...}`.
//! A fact that is not known satisfies no test but `known: false`; an event dated after `as_of` does not exist yet.

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveDateTime};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::calendar::Offset;
use crate::code::{Code, FactName};
use crate::facts::FactValue;
use crate::mechanism::Context;

/// A predicate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Spec", into = "Spec")]
#[schemars(with = "Spec")]
pub enum Condition {
    /// Each of them holds.
    All(Vec<Condition>),
    /// One of them holds.
    Any(Vec<Condition>),
    /// It does not hold.
    Not(Box<Condition>),
    /// The fact passes the test.
    Fact(FactName, Test),
}

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
    /// The list has this code, plain or as a member of an entry.
    Contains(Code),
    /// An earlier day or moment.
    Before(When),
    /// That day or moment, or an earlier one.
    OnOrBefore(When),
    /// A later day or moment.
    After(When),
    /// That day or moment, or a later one.
    OnOrAfter(When),
    /// A number of at least this much; for a list its length.
    AtLeast(i64),
    /// A number of at most this much; for a list its length.
    AtMost(i64),
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

/// A point in time to compare with: a fact, `as_of`, or one of them moved by an offset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum When {
    /// A fixed day.
    Day(NaiveDate),
    /// The fact of that name, or `as_of`.
    Fact(FactName),
    /// The same, moved.
    Moved(Moved),
}

/// A fact, or `as_of`, moved by an offset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Moved {
    /// The fact, or `as_of`.
    pub fact: FactName,
    /// How far it is moved.
    pub offset: Offset,
}

/// A condition as it is written.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    all: Option<Vec<Condition>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    any: Option<Vec<Condition>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    not: Option<Box<Condition>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fact: Option<FactName>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    known: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    absent: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    yes: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    is: Option<Literal>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    is_not: Option<Literal>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    one_of: Option<Vec<Literal>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    contains: Option<Code>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<When>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    on_or_before: Option<When>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after: Option<When>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    on_or_after: Option<When>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at_least: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at_most: Option<i64>,
}

impl TryFrom<Spec> for Condition {
    type Error = &'static str;

    fn try_from(spec: Spec) -> Result<Self, Self::Error> {
        let tests: Vec<Test> = [
            spec.known.map(Test::Known),
            spec.absent.map(Test::Absent),
            spec.yes.map(Test::Yes),
            spec.is.map(Test::Is),
            spec.is_not.map(Test::IsNot),
            spec.one_of.map(Test::OneOf),
            spec.contains.map(Test::Contains),
            spec.before.map(Test::Before),
            spec.on_or_before.map(Test::OnOrBefore),
            spec.after.map(Test::After),
            spec.on_or_after.map(Test::OnOrAfter),
            spec.at_least.map(Test::AtLeast),
            spec.at_most.map(Test::AtMost),
        ]
        .into_iter()
        .flatten()
        .collect();
        match (spec.all, spec.any, spec.not, spec.fact) {
            (Some(all), None, None, None) if tests.is_empty() => Ok(Self::All(all)),
            (None, Some(any), None, None) if tests.is_empty() => Ok(Self::Any(any)),
            (None, None, Some(not), None) if tests.is_empty() => Ok(Self::Not(not)),
            (None, None, None, Some(fact)) => {
                let mut tests: Vec<Self> = tests
                    .into_iter()
                    .map(|test| Self::Fact(fact.clone(), test))
                    .collect();
                match tests.len() {
                    0 => Err(
                        "a condition on a fact needs a test such as is, one_of, known or before",
                    ),
                    1 => tests.pop().ok_or("a condition needs a test"),
                    _ => Ok(Self::All(tests)),
                }
            }
            _ => Err("a condition is one of all, any, not, or a fact with a test"),
        }
    }
}

impl From<Condition> for Spec {
    fn from(condition: Condition) -> Self {
        let mut spec = Self::default();
        match condition {
            Condition::All(all) => spec.all = Some(all),
            Condition::Any(any) => spec.any = Some(any),
            Condition::Not(not) => spec.not = Some(not),
            Condition::Fact(fact, test) => {
                spec.fact = Some(fact);
                match test {
                    Test::Known(known) => spec.known = Some(known),
                    Test::Absent(absent) => spec.absent = Some(absent),
                    Test::Yes(yes) => spec.yes = Some(yes),
                    Test::Is(value) => spec.is = Some(value),
                    Test::IsNot(value) => spec.is_not = Some(value),
                    Test::OneOf(values) => spec.one_of = Some(values),
                    Test::Contains(code) => spec.contains = Some(code),
                    Test::Before(when) => spec.before = Some(when),
                    Test::OnOrBefore(when) => spec.on_or_before = Some(when),
                    Test::After(when) => spec.after = Some(when),
                    Test::OnOrAfter(when) => spec.on_or_after = Some(when),
                    Test::AtLeast(number) => spec.at_least = Some(number),
                    Test::AtMost(number) => spec.at_most = Some(number),
                }
            }
        }
        spec
    }
}

impl Condition {
    /// Whether it holds.
    pub fn holds(&self, context: &Context<'_>) -> bool {
        match self {
            Self::All(all) => all.iter().all(|condition| condition.holds(context)),
            Self::Any(any) => any.iter().any(|condition| condition.holds(context)),
            Self::Not(not) => !not.holds(context),
            Self::Fact(fact, test) if fact == "as_of" => {
                test.passes(Some(&FactValue::Date(context.as_of())), context)
            }
            // Entries of a list that do not exist yet are not counted.
            Self::Fact(fact, Test::AtLeast(number)) => {
                context.size(fact).is_some_and(|size| size >= *number)
            }
            Self::Fact(fact, Test::AtMost(number)) => {
                context.size(fact).is_some_and(|size| size <= *number)
            }
            Self::Fact(fact, Test::Absent(absent)) => {
                context.facts().is_absent(fact.as_str()) == *absent
            }
            Self::Fact(fact, test) => test.passes(context.value(fact), context),
        }
    }

    /// The facts that it reads.
    pub fn facts(&self, into: &mut BTreeSet<FactName>) {
        match self {
            Self::All(all) | Self::Any(all) => {
                all.iter().for_each(|condition| condition.facts(into))
            }
            Self::Not(not) => not.facts(into),
            Self::Fact(fact, test) => {
                if fact != "as_of" {
                    into.insert(fact.clone());
                }
                if let Test::Before(when)
                | Test::OnOrBefore(when)
                | Test::After(when)
                | Test::OnOrAfter(when) = test
                {
                    when.facts(into);
                }
            }
        }
    }
}

impl When {
    fn facts(&self, into: &mut BTreeSet<FactName>) {
        if let Self::Fact(fact) | Self::Moved(Moved { fact, .. }) = self
            && fact != "as_of"
        {
            into.insert(fact.clone());
        }
    }

    fn moment(&self, context: &Context<'_>) -> Option<Moment> {
        let of = |fact: &FactName| {
            if fact == "as_of" {
                Some(Moment::Day(context.as_of()))
            } else {
                Moment::of(context.value(fact)?)
            }
        };
        match self {
            Self::Day(day) => Some(Moment::Day(*day)),
            Self::Fact(fact) => of(fact),
            Self::Moved(moved) => Some(Moment::Day(moved.offset.from(of(&moved.fact)?.day())?)),
        }
    }
}

#[derive(Clone, Copy)]
enum Moment {
    Day(NaiveDate),
    Time(NaiveDateTime),
}

impl Moment {
    fn of(value: &FactValue) -> Option<Self> {
        match value {
            FactValue::Date(day) => Some(Self::Day(*day)),
            FactValue::DateTime(time) => Some(Self::Time(*time)),
            _ => None,
        }
    }

    fn day(self) -> NaiveDate {
        match self {
            Self::Day(day) => day,
            Self::Time(time) => time.date(),
        }
    }

    /// Compares moments where both have a clock time, days otherwise.
    fn compare(self, other: Self) -> std::cmp::Ordering {
        match (self, other) {
            (Self::Time(one), Self::Time(two)) => one.cmp(&two),
            _ => self.day().cmp(&other.day()),
        }
    }
}

impl Test {
    fn passes(&self, value: Option<&FactValue>, context: &Context<'_>) -> bool {
        let known = value.is_some_and(FactValue::is_answered);
        let compared = |when: &When| Some(Moment::of(value?)?.compare(when.moment(context)?));
        match self {
            Self::Known(wanted) => known == *wanted,
            Self::Absent(wanted) => value.is_none() == *wanted,
            Self::Yes(wanted) => value.is_some_and(FactValue::is_yes) == *wanted,
            Self::Is(literal) => value.is_some_and(|value| literal.equals(value)),
            Self::IsNot(literal) => known && value.is_some_and(|value| !literal.equals(value)),
            Self::OneOf(literals) => {
                value.is_some_and(|value| literals.iter().any(|literal| literal.equals(value)))
            }
            Self::Contains(code) => match value {
                Some(FactValue::List(items)) => items.iter().any(|item| has_code(item, code)),
                _ => false,
            },
            Self::Before(when) => compared(when).is_some_and(std::cmp::Ordering::is_lt),
            Self::OnOrBefore(when) => compared(when).is_some_and(std::cmp::Ordering::is_le),
            Self::After(when) => compared(when).is_some_and(std::cmp::Ordering::is_gt),
            Self::OnOrAfter(when) => compared(when).is_some_and(std::cmp::Ordering::is_ge),
            Self::AtLeast(number) => size(value).is_some_and(|size| size >= *number),
            Self::AtMost(number) => size(value).is_some_and(|size| size <= *number),
        }
    }
}

/// Whether an entry of a list is this code, or a record that holds it.
pub(crate) fn has_code(item: &FactValue, code: &Code) -> bool {
    match item {
        FactValue::Code(own) => own == code,
        FactValue::Text(own) => own == code.as_str(),
        FactValue::Record(members) => {
            members
                .values()
                .any(|member| member.as_code() == Some(code))
                && !says_no(members)
        }
        _ => false,
    }
}

/// Members by which a record says that its thing is not there: `{document, complete: false}`, `{part, outcome: deferred}`.
fn says_no(members: &std::collections::BTreeMap<FactName, FactValue>) -> bool {
    const SAYING: [&str; 16] = [
        "agreed",
        "approved",
        "attended",
        "complete",
        "completed",
        "confirmed",
        "considered",
        "decided",
        "done",
        "given",
        "held",
        "met",
        "present",
        "received",
        "sent",
        "uploaded",
    ];
    let no = |name: &str| match members.get(name) {
        Some(FactValue::Boolean(answer)) => !answer,
        Some(FactValue::None) => true,
        _ => false,
    };
    SAYING.into_iter().any(no)
        || members
            .get("outcome")
            .and_then(FactValue::as_code)
            .is_some_and(|outcome| *outcome == "deferred")
}

fn size(value: Option<&FactValue>) -> Option<i64> {
    match value? {
        FactValue::Integer(number) => Some(*number),
        FactValue::List(items) => i64::try_from(items.len()).ok(),
        _ => None,
    }
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
