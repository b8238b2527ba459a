//! The calendar of a panel's sittings, and whether a sitting that somebody entered fits its pattern.

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveTime};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Context, Works, codes, days, give, names};
use crate::calendar::{OnBankHoliday, Period, bank_holidays::is_bank_holiday, working_days};
use crate::code::{Code, FactName};
use crate::evaluation::{ClauseAnswer, Effect, Severity};
use crate::facts::FactValue;
use crate::rulebook::{Panel, Rule};

/// Parameters; the pattern itself stands with the panel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SittingCalendar {
    /// Raised for a sitting on another day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag_date: Option<Code>,
    /// Raised for a sitting at another time of day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag_time: Option<Code>,
    /// Raised when the anchor of the pattern falls on another weekday than it must; no sitting is computed from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchor_error: Option<Code>,
    /// Whether a sitting on a day that is left out for a bank holiday counts as one on another day.
    #[serde(default)]
    pub flag_skipped: bool,
    /// Names of the results.
    #[serde(default)]
    pub returns: Returns,
}

/// Names of the results; those left out are not given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Returns {
    /// The sittings of the period asked about; null where they hang on an anchor that is not known.
    #[serde(default)]
    pub dates: Option<FactName>,
    /// Days left out for a bank holiday.
    #[serde(default)]
    pub skipped: Option<FactName>,
    /// Sittings kept on a day that is no working day.
    #[serde(default)]
    pub non_working: Option<FactName>,
    /// Whether the sitting entered falls on a day that is no working day.
    #[serde(default)]
    pub non_working_day: Option<FactName>,
    /// Given only for a sitting entered on a day that is left out: `skipped_bank_holiday`.
    #[serde(default)]
    pub status: Option<FactName>,
    /// The flags raised by the sitting entered, date first.
    #[serde(default)]
    pub flags: Option<FactName>,
    /// Whether the anchor was taken.
    #[serde(default)]
    pub accepted: Option<FactName>,
    /// The error code of its refusal.
    #[serde(default)]
    pub error: Option<FactName>,
}

fn fact(name: &str) -> Option<FactName> {
    FactName::new(name).ok()
}

impl SittingCalendar {
    fn start(&self, context: &Context<'_>) -> Option<NaiveTime> {
        match context.facts().get("starts_at") {
            Some(FactValue::Time(time)) => Some(*time),
            Some(FactValue::DateTime(moment)) => Some(moment.time()),
            _ => context
                .facts()
                .date_time("panel_date")
                .map(|moment| moment.time()),
        }
    }
}

impl SittingCalendar {
    /// Judges the anchor; one that may not be is as good as none.
    fn anchor(
        &self,
        context: &Context<'_>,
        rule: &Rule,
        answer: &mut ClauseAnswer,
        panel: &Panel,
    ) -> Option<NaiveDate> {
        let anchor = context.facts().date("anchor_date")?;
        let taken = panel.sits.takes_anchor(anchor);
        let error = self.anchor_error.as_ref().filter(|_| !taken);
        give(answer, self.returns.accepted.as_ref(), taken);
        give(
            answer,
            self.returns.error.as_ref(),
            error.map_or(Value::Null, |error| error.to_string().into()),
        );
        if let Some(error) = error {
            let finding = context.finding(rule, error, Effect::Block, |label| {
                format!("{label}: {anchor}.")
            });
            answer.findings.push(finding);
        }
        Some(anchor).filter(|_| taken)
    }

    fn calendar(
        &self,
        answer: &mut ClauseAnswer,
        panel: &Panel,
        period: Period,
        anchor: Option<NaiveDate>,
    ) {
        let unknown = panel.sits.needs_anchor() && anchor.is_none();
        let dates = panel.sits.dates(period, anchor, panel.on_bank_holiday);
        for (name, list) in [
            (&self.returns.dates, &dates.sittings),
            (&self.returns.skipped, &dates.skipped),
            (&self.returns.non_working, &dates.non_working),
        ] {
            let list = if unknown { Value::Null } else { days(list) };
            give(answer, name.as_ref(), list);
        }
    }
}

impl Works for SittingCalendar {
    fn answer(&self, context: &Context<'_>, rule: &Rule, answer: &mut ClauseAnswer) {
        let Some(panel) = context.panel() else { return };
        let anchor = self.anchor(context, rule, answer, panel);
        if let Some(period) = context.period() {
            self.calendar(answer, panel, period, anchor);
        }
        let left_out = |day: NaiveDate| {
            panel.on_bank_holiday == OnBankHoliday::Skip
                && is_bank_holiday(day)
                && panel.sits.matches(day, anchor)
        };
        let mut raised = Vec::new();
        let entered = context
            .facts()
            .date("panel_date")
            .or_else(|| context.facts().date("starts_at"));
        if let Some(day) = entered {
            give(
                answer,
                self.returns.non_working_day.as_ref(),
                !working_days::is_working_day(day),
            );
            if left_out(day) {
                give(answer, self.returns.status.as_ref(), "skipped_bank_holiday");
            }
        }
        let listed = context.facts().list("panel_dates").iter();
        let strange: BTreeSet<String> = entered
            .into_iter()
            .chain(listed.filter_map(FactValue::as_date))
            .filter(|day| {
                !panel.sits.matches(*day, anchor) || (self.flag_skipped && left_out(*day))
            })
            .map(|day| day.to_string())
            .collect();
        if let (Some(flag), false) = (&self.flag_date, strange.is_empty()) {
            raised.push((flag, Vec::from_iter(strange).join(", ")));
        }
        if let (Some(flag), Some(start)) = (&self.flag_time, self.start(context))
            && (panel.starts_from.is_some_and(|from| start < from)
                || panel.starts_before.is_some_and(|before| start >= before))
        {
            raised.push((flag, start.format("%H:%M").to_string()));
        }
        give(
            answer,
            self.returns.flags.as_ref(),
            codes(raised.iter().map(|(flag, _)| *flag)),
        );
        for (flag, what) in raised {
            let mut finding = context.finding(rule, flag, Effect::Flag, |label| {
                format!("{label}: {what}.")
            });
            finding.severity = Severity::Information;
            answer.findings.push(finding);
        }
    }

    fn facts(&self, into: &mut BTreeSet<FactName>) {
        let others = ["panel", "anchor_date", "panel_date", "panel_dates"];
        let all = Context::PERIOD.into_iter().chain(others);
        into.extend(all.filter_map(fact));
        if self.flag_time.is_some() {
            into.extend(fact("starts_at"));
        }
    }

    fn returns(&self) -> Vec<FactName> {
        let it = &self.returns;
        names([
            &it.dates,
            &it.skipped,
            &it.non_working,
            &it.non_working_day,
            &it.status,
            &it.flags,
            &it.accepted,
            &it.error,
        ])
    }
}
