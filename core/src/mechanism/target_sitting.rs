//! The sitting that an item should go to: the first one that is late enough, has its papers' deadline still ahead and,
//! where that is known, a free slot.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Context, Works, day, give, names};
use crate::calendar::{CutOff, Offset, london, working_days};
use crate::code::{Code, FactName};
use crate::evaluation::{ClauseAnswer, Effect, Severity};
use crate::facts::FactValue;
use crate::rulebook::{Panel, PapersDue, Rule};

/// Parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TargetSitting {
    /// What the sitting must satisfy.
    pub earliest: Earliest,
    /// The fact that lists sittings whose session has no free slot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full: Option<FactName>,
    /// The fact that holds the sitting booked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub booked: Option<FactName>,
    /// Raised when none, or a later one, is booked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag: Option<Code>,
    /// Facts that meet the rule: the case was heard on that day.
    #[serde(default)]
    pub met_by: Vec<FactName>,
    /// Raised, as information, when the papers' deadline is no working day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag_non_working_day: Option<Code>,
    /// Only flag once the target itself has passed.
    #[serde(default)]
    pub flag_after_target: bool,
    /// Names of the results.
    #[serde(default)]
    pub returns: Returns,
}

/// Which sitting is the earliest that will do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Earliest {
    /// The first strictly after a fact, or after `as_of`.
    After(FactName),
    /// The first strictly after the day so far from a fact.
    AfterOffset {
        /// The fact.
        fact: FactName,
        /// How far.
        offset: Offset,
    },
    /// The first whose papers are due on or after a fact.
    PapersDueFrom(FactName),
    /// The last strictly before a fact.
    LastBefore(FactName),
}

/// Names of the results; those left out are not given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Returns {
    /// The sitting; null where none fits.
    #[serde(default)]
    pub target: Option<FactName>,
    /// When its papers are due.
    #[serde(default)]
    pub papers_due: Option<FactName>,
    /// Whether its papers are due before the day it must follow.
    #[serde(default)]
    pub papers_before_anchor: Option<FactName>,
    /// Whether the papers' deadline is no working day.
    #[serde(default)]
    pub non_working_day: Option<FactName>,
    /// A safer time for the papers, given only where their deadline is no working day.
    #[serde(default)]
    pub advised_papers_due: Option<FactName>,
    /// Whether the sitting booked is the target or an earlier one (before the day that it must precede, where it must
    /// precede one); null where none is booked.
    #[serde(default)]
    pub in_time: Option<FactName>,
}

impl Earliest {
    fn fact(&self) -> &FactName {
        match self {
            Self::After(fact)
            | Self::AfterOffset { fact, .. }
            | Self::PapersDueFrom(fact)
            | Self::LastBefore(fact) => fact,
        }
    }

    /// The sitting, and the day that it must follow.
    fn find(
        &self,
        context: &Context<'_>,
        panel: &Panel,
        free: impl Fn(NaiveDate) -> bool,
    ) -> Option<(Option<NaiveDate>, NaiveDate)> {
        let today = FactValue::Date(context.as_of());
        let value = match self.fact().as_str() {
            "as_of" => &today,
            // When papers will be ready, and the day to precede, may lie ahead; what must be followed has happened.
            fact => match self {
                Self::PapersDueFrom(_) | Self::LastBefore(_) => context.facts().get(fact)?,
                Self::After(_) | Self::AfterOffset { .. } => context.value(self.fact())?,
            },
        };
        let anchor = value.as_date()?;
        match self {
            Self::After(_) => Some((
                context.first_sitting(panel, anchor.succ_opt()?, free),
                anchor,
            )),
            Self::AfterOffset { offset, .. } => {
                let after = offset.from(anchor)?;
                Some((context.first_sitting(panel, after.succ_opt()?, free), after))
            }
            Self::PapersDueFrom(_) => {
                let in_time = |sitting: NaiveDate| match (panel.papers, value) {
                    (PapersDue::At(cut_off), FactValue::DateTime(moment)) => cut_off
                        .before(sitting)
                        .is_some_and(|due| CutOff::met(due, *moment)),
                    _ => panel
                        .papers_due_on(sitting)
                        .is_some_and(|due| due >= anchor),
                };
                Some((
                    context.first_sitting(panel, anchor, |day| in_time(day) && free(day)),
                    anchor,
                ))
            }
            Self::LastBefore(_) => Some((context.last_sitting(panel, anchor.pred_opt()?), anchor)),
        }
    }
}

impl TargetSitting {
    fn papers(
        &self,
        answer: &mut ClauseAnswer,
        panel: &Panel,
        target: Option<NaiveDate>,
        follows: NaiveDate,
    ) {
        let it = &self.returns;
        let Some(target) = target else {
            give(answer, it.papers_due.as_ref(), Value::Null);
            return;
        };
        let on = panel.papers_due_on(target);
        give(
            answer,
            it.papers_before_anchor.as_ref(),
            on.is_some_and(|on| on < follows),
        );
        match panel.papers {
            PapersDue::On(_) | PapersDue::NotSaid => give(answer, it.papers_due.as_ref(), day(on)),
            PapersDue::At(cut_off) => {
                let due = cut_off.before(target);
                give(
                    answer,
                    it.papers_due.as_ref(),
                    due.map_or(Value::Null, |due| london::text(due).into()),
                );
                let advised = due.and_then(|due| cut_off.advised(due));
                give(answer, it.non_working_day.as_ref(), advised.is_some());
                if let Some(advised) = advised {
                    give(
                        answer,
                        it.advised_papers_due.as_ref(),
                        london::text(advised),
                    );
                }
            }
        }
    }
}

impl TargetSitting {
    fn note_non_working_day(
        &self,
        context: &Context<'_>,
        rule: &Rule,
        answer: &mut ClauseAnswer,
        panel: &Panel,
        target: Option<NaiveDate>,
    ) {
        let due = target.and_then(|target| panel.papers_due_on(target));
        if let (Some(flag), Some(due)) = (&self.flag_non_working_day, due)
            && !working_days::is_working_day(due)
        {
            let mut finding =
                context.finding(rule, flag, Effect::Flag, |label| format!("{label}: {due}."));
            finding.severity = Severity::Information;
            finding.due_on = Some(due);
            answer.findings.push(finding);
        }
    }
}

impl Works for TargetSitting {
    fn answer(&self, context: &Context<'_>, rule: &Rule, answer: &mut ClauseAnswer) {
        let Some(panel) = context.panel() else { return };
        let full: Vec<NaiveDate> = self
            .full
            .iter()
            .flat_map(|fact| context.facts().list(fact.as_str()))
            .filter_map(FactValue::as_date)
            .collect();
        let Some((target, follows)) = self
            .earliest
            .find(context, panel, |day| !full.contains(&day))
        else {
            // Nothing to count from: each answer is there and says that it is not known.
            let it = &self.returns;
            for name in [&it.target, &it.papers_due, &it.in_time] {
                give(answer, name.as_ref(), Value::Null);
            }
            return;
        };
        give(answer, self.returns.target.as_ref(), day(target));
        self.papers(answer, panel, target, follows);
        self.note_non_working_day(context, rule, answer, panel, target);
        let booked = self
            .booked
            .as_ref()
            .and_then(|fact| context.facts().date(fact.as_str()));
        let heard = self
            .met_by
            .iter()
            .filter_map(|fact| context.date(fact))
            .min();
        let passed = target.is_some_and(|target| context.as_of() > target);
        // Known not to have been heard once the day is over: the booking came to nothing.
        let fell_through = passed
            && self
                .met_by
                .iter()
                .any(|fact| context.facts().get(fact.as_str()) == Some(&FactValue::None));
        let booked = booked.filter(|_| !fell_through);
        let in_time = heard.or(booked).and_then(|day| match self.earliest {
            // A sitting off the pattern may lie between the last regular one and the day.
            Earliest::LastBefore(_) => Some(day < follows),
            _ => target.map(|target| day <= target),
        });
        give(
            answer,
            self.returns.in_time.as_ref(),
            in_time.map_or(Value::Null, Value::Bool),
        );
        let waiting = self.flag_after_target && !passed;
        // A later booking is known to miss the target at once; no booking may still be made until the target passes.
        let missed = match in_time {
            Some(in_time) => !in_time,
            None => !waiting,
        };
        if let (true, Some(flag), Some(target)) = (missed, &self.flag, target) {
            let mut finding = context.finding(rule, flag, Effect::Flag, |label| {
                format!("{label}: the sitting of {target} was the one to go to.")
            });
            // The clock counts from the fact, wherever the day lies that the sitting must follow.
            let since = match &self.earliest {
                Earliest::AfterOffset { fact, .. } => context.date(fact).unwrap_or(follows),
                _ => follows,
            };
            context.anchor(&mut finding, self.earliest.fact(), since);
            finding.due_on = Some(target);
            finding.ran_out_on = target.succ_opt();
            answer.findings.push(finding);
        }
    }

    fn not_applicable(&self, answer: &mut ClauseAnswer) {
        give(answer, self.returns.target.as_ref(), Value::Null);
    }

    fn facts(&self, into: &mut BTreeSet<FactName>) {
        into.insert(self.earliest.fact().clone());
        into.extend(
            self.full
                .iter()
                .chain(&self.booked)
                .chain(&self.met_by)
                .cloned(),
        );
        into.extend(FactName::new("panel_dates").ok());
    }

    fn returns(&self) -> Vec<FactName> {
        let it = &self.returns;
        names([
            &it.target,
            &it.papers_due,
            &it.papers_before_anchor,
            &it.non_working_day,
            &it.advised_papers_due,
            &it.in_time,
        ])
    }
}
