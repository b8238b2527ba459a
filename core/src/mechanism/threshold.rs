//! A clock that runs from an anchor and passes a threshold: "more than 26 weeks since the order".
//!
//! `more_than` holds from the day after the computed date, `at_least` from that day on.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Context, Works, day, give, names};
use crate::calendar::Offset;
use crate::code::{Code, FactName};
use crate::evaluation::{ClauseAnswer, Effect};
use crate::rulebook::Rule;

/// Parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// The fact at which the clock starts.
    pub anchor: FactName,
    /// How long it may run.
    pub limit: Offset,
    /// Another limit by the code of a fact, such as a setting that the council has chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit_by: Option<LimitBy>,
    /// Whether the limit itself is still in time.
    pub comparison: Comparison,
    /// Raised once the threshold is passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag: Option<Code>,
    /// Names of the results.
    #[serde(default)]
    pub returns: Returns,
}

/// Limits by the code of a fact; a code that is not listed leaves the usual one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitBy {
    /// The fact.
    pub fact: FactName,
    /// Its codes and the limit of each.
    pub limits: BTreeMap<Code, Offset>,
}

/// How the limit is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// Strictly later than the computed date.
    MoreThan,
    /// The computed date or later.
    AtLeast,
}

/// Names of the results; those left out are not given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Returns {
    /// Whether the threshold is passed.
    #[serde(default)]
    pub due: Option<FactName>,
    /// The first day on which it is.
    #[serde(default)]
    pub due_from: Option<FactName>,
    /// The computed date itself.
    #[serde(default)]
    pub threshold_on: Option<FactName>,
}

impl Threshold {
    fn limit(&self, context: &Context<'_>) -> Offset {
        self.limit_by
            .as_ref()
            .and_then(|by| by.limits.get(context.code(&by.fact)?))
            .copied()
            .unwrap_or(self.limit)
    }

    /// The computed date and the first day on which the threshold is passed.
    fn dates(&self, context: &Context<'_>, since: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
        let threshold = self.limit(context).from(since)?;
        let from = match self.comparison {
            Comparison::MoreThan => threshold.succ_opt()?,
            Comparison::AtLeast => threshold,
        };
        Some((threshold, from))
    }
}

impl Works for Threshold {
    fn answer(&self, context: &Context<'_>, rule: &Rule, answer: &mut ClauseAnswer) {
        let since = context.date(&self.anchor);
        let dates = since.and_then(|since| self.dates(context, since));
        let passed = dates.is_some_and(|(_, from)| context.as_of() >= from);
        give(answer, self.returns.due.as_ref(), passed);
        give(
            answer,
            self.returns.due_from.as_ref(),
            day(dates.map(|(_, from)| from)),
        );
        give(
            answer,
            self.returns.threshold_on.as_ref(),
            day(dates.map(|(threshold, _)| threshold)),
        );
        if let (true, Some(flag), Some(since), Some((threshold, from))) =
            (passed, &self.flag, since, dates)
        {
            let mut finding = context.finding(rule, flag, Effect::Flag, |label| {
                format!("{label} Since {since}; from {from} on.")
            });
            context.anchor(&mut finding, &self.anchor, since);
            finding.due_on = Some(match self.comparison {
                Comparison::MoreThan => threshold,
                Comparison::AtLeast => threshold.pred_opt().unwrap_or(threshold),
            });
            finding.ran_out_on = Some(from);
            answer.findings.push(finding);
        }
    }

    fn not_applicable(&self, answer: &mut ClauseAnswer) {
        give(answer, self.returns.due.as_ref(), false);
        give(answer, self.returns.due_from.as_ref(), Value::Null);
    }

    fn facts(&self, into: &mut BTreeSet<FactName>) {
        into.insert(self.anchor.clone());
        into.extend(self.limit_by.iter().map(|by| by.fact.clone()));
    }

    fn returns(&self) -> Vec<FactName> {
        names([
            &self.returns.due,
            &self.returns.due_from,
            &self.returns.threshold_on,
        ])
    }
}
