//! A day by which something is due, counted from an anchor, with its status.
//!
//! Serves deadlines after an event, notices before a sitting, and whatever must be repeated every so often.
//! A due date is met by anything dated on or before it and is never moved; a deadline is flagged when overdue, not when
//! it was met late, unless the rulebook says otherwise.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Context, Works, day, give, names};
use crate::calendar::{Offset, working_days};
use crate::code::{Code, FactName};
use crate::condition::{Condition, has_code};
use crate::evaluation::{ClauseAnswer, Effect};
use crate::facts::FactValue;
use crate::rulebook::Rule;

/// Parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DueDate {
    /// What it counts from: the first of these that is known.
    pub from: Vec<Anchor>,
    /// The latest of them counts instead, such as the last time it was done, unless the present spell began after it.
    #[serde(default)]
    pub latest: bool,
    /// Facts that meet it; the earliest counts.
    #[serde(default)]
    pub met_by: Vec<FactName>,
    /// Lists with entries that meet it, each on the day it names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub met_in: Vec<MetIn>,
    /// A condition that meets it where no date is recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub met_when: Option<Condition>,
    /// A due date that would fall before this day falls on it (a notice before a late booking).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<FactName>,
    /// Nothing is due any more once this holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_when: Option<Condition>,
    /// Raised when overdue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag: Option<Code>,
    /// Whether the flag is raised, too, for what was done late.
    #[serde(default)]
    pub flag_late: bool,
    /// Names of the results.
    #[serde(default)]
    pub returns: Returns,
}

/// A list, and the codes of those of its entries that meet a due date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MetIn {
    /// The fact.
    pub list: FactName,
    /// One of these codes is the entry.
    pub any_of: Vec<Code>,
}

impl MetIn {
    /// The days that its entries name.
    fn days(&self, context: &Context<'_>) -> Vec<NaiveDate> {
        let meets = |entry: &&FactValue| self.any_of.iter().any(|code| has_code(entry, code));
        let day = |entry: &FactValue| match entry {
            FactValue::Record(members) => members.values().find_map(FactValue::as_date),
            _ => None,
        };
        let entries = context.entries(&self.list).into_iter();
        entries.filter(meets).filter_map(day).collect()
    }
}

/// An anchor: a fact, and how far after it (or, negative, before it) the thing is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Anchor {
    /// The fact.
    pub fact: FactName,
    /// The offset.
    pub offset: Offset,
}

/// Names of the results; those left out are not given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Returns {
    /// The last day in time; null where it cannot be computed.
    #[serde(default)]
    pub due: Option<FactName>,
    /// open, overdue, completed_on_time, completed_late, not_known or not_applicable.
    #[serde(default)]
    pub status: Option<FactName>,
    /// Whether it is overdue.
    #[serde(default)]
    pub overdue: Option<FactName>,
    /// Whether it was done late.
    #[serde(default)]
    pub late: Option<FactName>,
    /// Whether it was done in time.
    #[serde(default)]
    pub within: Option<FactName>,
    /// Whether the due date is no working day.
    #[serde(default)]
    pub non_working_day: Option<FactName>,
    /// The last sitting on or before the due date; null where none is scheduled since the clock started.
    #[serde(default)]
    pub latest_sitting: Option<FactName>,
}

/// The status of something with a due date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Open,
    Overdue,
    OnTime,
    Late,
    NotKnown,
}

impl Status {
    pub(crate) fn of(due: Option<NaiveDate>, done: Option<NaiveDate>, as_of: NaiveDate) -> Self {
        match (due, done) {
            (None, _) => Self::NotKnown,
            (Some(due), Some(done)) if done <= due => Self::OnTime,
            (Some(_), Some(_)) => Self::Late,
            (Some(due), None) if as_of <= due => Self::Open,
            (Some(_), None) => Self::Overdue,
        }
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Overdue => "overdue",
            Self::OnTime => "completed_on_time",
            Self::Late => "completed_late",
            Self::NotKnown => "not_known",
        }
    }
}

impl DueDate {
    /// The due date, and the anchor it counts from.
    pub(crate) fn due(&self, context: &Context<'_>) -> Option<(NaiveDate, NaiveDate, &FactName)> {
        let mut known = self
            .from
            .iter()
            .filter_map(|anchor| Some((anchor, context.date(&anchor.fact)?)));
        let (anchor, since) = if self.latest {
            known.max_by_key(|(_, since)| *since)?
        } else {
            known.next()?
        };
        let mut due = anchor.offset.from(since)?;
        if let Some(floor) = self.not_before.as_ref().and_then(|fact| context.date(fact)) {
            due = due.max(floor);
        }
        Some((due, since, &anchor.fact))
    }
}

impl Works for DueDate {
    fn answer(&self, context: &Context<'_>, rule: &Rule, answer: &mut ClauseAnswer) {
        let ended = self
            .ends_when
            .as_ref()
            .is_some_and(|condition| condition.holds(context));
        let clock = if ended { None } else { self.due(context) };
        let due = clock.map(|(due, ..)| due);
        let done = self
            .met_by
            .iter()
            .filter_map(|fact| context.date(fact))
            .chain(self.met_in.iter().flat_map(|list| list.days(context)))
            .min()
            .or_else(|| {
                let met = self
                    .met_when
                    .as_ref()
                    .is_some_and(|condition| condition.holds(context));
                if met { due } else { None }
            });
        let status = Status::of(due, done, context.as_of());
        let name = &self.returns;
        give(answer, name.due.as_ref(), day(due));
        give(
            answer,
            name.status.as_ref(),
            if ended {
                "not_applicable"
            } else {
                status.as_str()
            },
        );
        give(answer, name.overdue.as_ref(), status == Status::Overdue);
        give(answer, name.late.as_ref(), status == Status::Late);
        give(
            answer,
            name.within.as_ref(),
            done.zip(due)
                .map_or(Value::Null, |(done, due)| (done <= due).into()),
        );
        if let Some(due) = due {
            give(
                answer,
                name.non_working_day.as_ref(),
                !working_days::is_working_day(due),
            );
        }
        if name.latest_sitting.is_some() {
            let latest = clock
                .zip(context.panel())
                .and_then(|((due, since, _), panel)| {
                    context
                        .last_sitting(panel, due)
                        .filter(|sitting| *sitting >= since)
                });
            give(answer, name.latest_sitting.as_ref(), day(latest));
        }
        let raised = status == Status::Overdue || (self.flag_late && status == Status::Late);
        if let (true, Some(flag), Some((due, since, fact))) = (raised, &self.flag, clock) {
            let mut finding = context.finding(rule, flag, Effect::Flag, |label| {
                format!("{label}: due by {due}.")
            });
            context.anchor(&mut finding, fact, since);
            finding.due_on = Some(due);
            finding.ran_out_on = due.succ_opt();
            answer.findings.push(finding);
        }
    }

    fn not_applicable(&self, answer: &mut ClauseAnswer) {
        give(answer, self.returns.due.as_ref(), Value::Null);
        give(answer, self.returns.status.as_ref(), "not_applicable");
        give(answer, self.returns.overdue.as_ref(), false);
        give(answer, self.returns.late.as_ref(), false);
        give(answer, self.returns.latest_sitting.as_ref(), Value::Null);
    }

    fn facts(&self, into: &mut BTreeSet<FactName>) {
        into.extend(self.from.iter().map(|anchor| anchor.fact.clone()));
        into.extend(self.met_by.iter().cloned());
        into.extend(self.met_in.iter().map(|met| met.list.clone()));
        into.extend(self.not_before.clone());
        for condition in self.met_when.iter().chain(&self.ends_when) {
            condition.facts(into);
        }
    }

    fn returns(&self) -> Vec<FactName> {
        let it = &self.returns;
        names([
            &it.due,
            &it.status,
            &it.overdue,
            &it.late,
            &it.within,
            &it.non_working_day,
            &it.latest_sitting,
        ])
    }

    fn problems(&self, _: &crate::Rulebook) -> Vec<String> {
        if self.from.is_empty() {
            return vec!["a due date needs something to count from".into()];
        }
        Vec::new()
    }
}
