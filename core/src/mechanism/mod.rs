//! The ways in which a rule can work: one small file each, with its parameters, its table of cases and a property test.
//!
//! A mechanism knows no council. Numbers, names and citations come from the rulebook; what none of these can say is a
//! [`Mechanism::Coded`] rule, answered by the council's own library.

mod age_band;
mod candidates;
mod checklist;
mod closed_list;
mod context;
mod count;
mod create_actions;
mod cut_off;
mod due_date;
mod every_month;
mod lookup;
mod must_be_recorded;
mod recipients;
mod requirements;
mod seats;
mod session_of;
mod sitting_calendar;
mod slots;
mod steps;
mod target_sitting;
mod threshold;

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use age_band::{AgeBand, age_on};
pub use candidates::{Candidate, Candidates};
pub use checklist::{Checklist, Item};
pub use closed_list::ClosedList;
pub use context::Context;
pub use count::Count;
pub use create_actions::{ActionSpec, CreateActions, Due};
pub use cut_off::CutOffRule;
pub use due_date::{Anchor, DueDate};
pub use every_month::EveryMonth;
pub use lookup::{Lookup, Row};
pub use must_be_recorded::MustBeRecorded;
pub use recipients::Recipients;
pub use requirements::{Requirement, Requirements};
pub use seats::{Seat, Seats};
pub use session_of::SessionOf;
pub use sitting_calendar::SittingCalendar;
pub use slots::Slots;
pub use steps::{Needs, Step, Steps};
pub use target_sitting::{Earliest, TargetSitting};
pub use threshold::{Comparison, Threshold};

use crate::code::{Code, FactName};
use crate::evaluation::ClauseAnswer;
use crate::rulebook::{Rule, Rulebook};

/// How a rule works.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mechanism {
    /// A day by which something is due, counted from an anchor, with its status.
    DueDate(DueDate),
    /// A weekday and time before a sitting by which papers are due.
    CutOff(CutOffRule),
    /// A clock that runs from an anchor and passes a threshold.
    Threshold(Threshold),
    /// Something that must be recorded once a trigger holds.
    MustBeRecorded(MustBeRecorded),
    /// A list of things of which the missing ones are named.
    Checklist(Checklist),
    /// A code that must be one of a closed list.
    ClosedList(ClosedList),
    /// Follow-up actions.
    CreateActions(CreateActions),
    /// A quorum counted in seats.
    Seats(Seats),
    /// The session in which an item is heard.
    SessionOf(SessionOf),
    /// The calendar of sittings, and whether a sitting fits it.
    SittingCalendar(SittingCalendar),
    /// Something that must happen in every calendar month.
    EveryMonth(EveryMonth),
    /// The sitting that an item should go to.
    TargetSitting(TargetSitting),
    /// Consecutive slots of a session.
    Slots(Slots),
    /// A table of conditions and the results they give.
    Lookup(Lookup),
    /// Who receives something.
    Recipients(Recipients),
    /// Steps in an order.
    Steps(Steps),
    /// How often something happened in a period.
    Count(Count),
    /// Several things that must all hold, each with its reason.
    Requirements(Requirements),
    /// Everything of a list that fits the facts.
    Candidates(Candidates),
    /// An age and whether it lies in a band.
    AgeBand(AgeBand),
    /// Answered by the council's own code.
    Coded(Coded),
}

/// A rule that only code can say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Coded {
    /// The name of the rule in the council's library: the file that holds it.
    pub name: Code,
    /// The facts it reads.
    pub reads: Vec<FactName>,
    /// The results it gives.
    #[serde(default)]
    pub returns: Vec<FactName>,
}

/// What each mechanism can do.
pub(crate) trait Works {
    /// Answers a question that the rule applies to.
    fn answer(&self, context: &Context<'_>, rule: &Rule, answer: &mut ClauseAnswer);
    /// What it answers where the rule's condition does not hold.
    fn not_applicable(&self, _answer: &mut ClauseAnswer) {}
    /// The facts it reads.
    fn facts(&self, into: &mut BTreeSet<FactName>);
    /// Entries of lists that are facts of their own.
    fn answers(&self) -> Vec<FactName> {
        Vec::new()
    }
    /// The results it gives.
    fn returns(&self) -> Vec<FactName>;
    /// What is wrong with its parameters.
    fn problems(&self, _rulebook: &Rulebook) -> Vec<String> {
        Vec::new()
    }
}

impl Works for Coded {
    fn answer(&self, _: &Context<'_>, _: &Rule, _: &mut ClauseAnswer) {}

    fn facts(&self, into: &mut BTreeSet<FactName>) {
        into.extend(self.reads.iter().cloned());
    }

    fn returns(&self) -> Vec<FactName> {
        self.returns.clone()
    }
}

impl Mechanism {
    fn works(&self) -> &dyn Works {
        match self {
            Self::DueDate(it) => it,
            Self::CutOff(it) => it,
            Self::Threshold(it) => it,
            Self::MustBeRecorded(it) => it,
            Self::Checklist(it) => it,
            Self::ClosedList(it) => it,
            Self::CreateActions(it) => it,
            Self::Seats(it) => it,
            Self::SessionOf(it) => it,
            Self::SittingCalendar(it) => it,
            Self::EveryMonth(it) => it,
            Self::TargetSitting(it) => it,
            Self::Slots(it) => it,
            Self::Lookup(it) => it,
            Self::Recipients(it) => it,
            Self::Steps(it) => it,
            Self::Count(it) => it,
            Self::Requirements(it) => it,
            Self::Candidates(it) => it,
            Self::AgeBand(it) => it,
            Self::Coded(it) => it,
        }
    }

    /// Its name in rulebook files.
    pub fn name(&self) -> &'static str {
        match self {
            Self::DueDate(_) => "due_date",
            Self::CutOff(_) => "cut_off",
            Self::Threshold(_) => "threshold",
            Self::MustBeRecorded(_) => "must_be_recorded",
            Self::Checklist(_) => "checklist",
            Self::ClosedList(_) => "closed_list",
            Self::CreateActions(_) => "create_actions",
            Self::Seats(_) => "seats",
            Self::SessionOf(_) => "session_of",
            Self::SittingCalendar(_) => "sitting_calendar",
            Self::EveryMonth(_) => "every_month",
            Self::TargetSitting(_) => "target_sitting",
            Self::Slots(_) => "slots",
            Self::Lookup(_) => "lookup",
            Self::Recipients(_) => "recipients",
            Self::Steps(_) => "steps",
            Self::Count(_) => "count",
            Self::Requirements(_) => "requirements",
            Self::Candidates(_) => "candidates",
            Self::AgeBand(_) => "age_band",
            Self::Coded(_) => "coded",
        }
    }

    /// The coded rule, where it is one.
    pub fn coded(&self) -> Option<&Coded> {
        match self {
            Self::Coded(coded) => Some(coded),
            _ => None,
        }
    }

    pub(crate) fn answer(&self, context: &Context<'_>, rule: &Rule, answer: &mut ClauseAnswer) {
        self.works().answer(context, rule, answer);
    }

    pub(crate) fn not_applicable(&self, answer: &mut ClauseAnswer) {
        self.works().not_applicable(answer);
    }

    pub(crate) fn facts(&self, into: &mut BTreeSet<FactName>) {
        self.works().facts(into);
    }

    pub(crate) fn answers(&self) -> Vec<FactName> {
        self.works().answers()
    }

    /// The results it gives.
    pub fn returns(&self) -> Vec<FactName> {
        self.works().returns()
    }

    pub(crate) fn problems(&self, rulebook: &Rulebook) -> Vec<String> {
        self.works().problems(rulebook)
    }
}

/// Sets a result where the rulebook gives it a name.
pub(crate) fn give(
    answer: &mut ClauseAnswer,
    name: Option<&FactName>,
    value: impl Into<serde_json::Value>,
) {
    if let Some(name) = name {
        answer.set(name, value);
    }
}

/// The names that are there.
pub(crate) fn names<const N: usize>(names: [&Option<FactName>; N]) -> Vec<FactName> {
    names.into_iter().flatten().cloned().collect()
}

/// A day as JSON, null where there is none.
pub(crate) fn day(day: Option<chrono::NaiveDate>) -> serde_json::Value {
    day.map_or(serde_json::Value::Null, |day| day.to_string().into())
}

/// Days as a JSON list.
pub(crate) fn days<'a>(days: impl IntoIterator<Item = &'a chrono::NaiveDate>) -> serde_json::Value {
    days.into_iter()
        .map(|day| day.to_string())
        .collect::<Vec<_>>()
        .into()
}

/// Codes as a JSON list.
pub(crate) fn codes<'a>(codes: impl IntoIterator<Item = &'a Code>) -> serde_json::Value {
    codes
        .into_iter()
        .map(|code| code.to_string())
        .collect::<Vec<_>>()
        .into()
}
