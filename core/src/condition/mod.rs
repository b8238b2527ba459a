//! Structured predicates over named facts: what a rulebook may ask before a rule applies.
//!
//! They are data, not a language: `{fact: option, is: adoption}`, `{all: [...]}`, `{not: ...}`.
//! A fact that is not known satisfies no test but `known: false`; an event dated after `as_of` does not exist yet.

mod moment;
mod test;

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::code::{Code, FactName};
use crate::mechanism::Context;

pub use moment::{Moved, When};
pub use test::{Literal, Number, Test};
pub(crate) use test::{has_code, is_numbered, says_yes};

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
    absent: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    known: Option<bool>,
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
    has_entry: Option<Vec<Code>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    numbered: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    has_member: Option<Vec<FactName>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<When>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    on_or_before: Option<When>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after: Option<When>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    on_or_after: Option<When>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at_least: Option<Number>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at_most: Option<Number>,
}

impl TryFrom<Spec> for Condition {
    type Error = &'static str;

    fn try_from(spec: Spec) -> Result<Self, Self::Error> {
        let tests: Vec<Test> = [
            spec.absent.map(Test::Absent),
            spec.known.map(Test::Known),
            spec.yes.map(Test::Yes),
            spec.is.map(Test::Is),
            spec.is_not.map(Test::IsNot),
            spec.one_of.map(Test::OneOf),
            spec.contains.map(Test::Contains),
            spec.has_entry.map(Test::HasEntry),
            spec.numbered.map(Test::Numbered),
            spec.has_member.map(Test::HasMember),
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
                    Test::Absent(absent) => spec.absent = Some(absent),
                    Test::Known(known) => spec.known = Some(known),
                    Test::Yes(yes) => spec.yes = Some(yes),
                    Test::Is(value) => spec.is = Some(value),
                    Test::IsNot(value) => spec.is_not = Some(value),
                    Test::OneOf(values) => spec.one_of = Some(values),
                    Test::Contains(code) => spec.contains = Some(code),
                    Test::HasEntry(codes) => spec.has_entry = Some(codes),
                    Test::Numbered(number) => spec.numbered = Some(number),
                    Test::HasMember(names) => spec.has_member = Some(names),
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
            Self::Fact(fact, test) => test.passes(fact, context),
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
                test.facts(into);
            }
        }
    }
}
