//! Which Monday a child is offered (DUD-BOOKING-01): the first within two weeks of becoming looked after that is no bank
//! holiday and whose papers are not yet due when notice is given.
//!
//! Looked after from Thursday 11 September 2025, notice the next morning: the 15th is ruled out, its papers were due on the
//! 10th; the 22nd is offered. With notice on the evening of Wednesday the 17th nothing is left, and that is flagged.

use chrono::{Days, NaiveDate};
use permanence_core::calendar::bank_holidays::is_bank_holiday;
use permanence_core::calendar::{CutOff, OnBankHoliday, Period};
use permanence_core::facts::FactValue;
use permanence_core::rulebook::{Panel, PapersDue};
use permanence_plugin::answering::{give, json_day};
use permanence_plugin::reading::{day, value};
use permanence_plugin::{ClauseAnswer, Context, Rule};
use serde_json::{Value, json};

use crate::ask::flag;

/// The last day of the two weeks, itself in time.
const LIMIT: Days = Days::new(14);

/// Whether papers can still be in on time when notice is given.
fn open(context: &Context<'_>, panel: &Panel, monday: NaiveDate) -> bool {
    match (value(context, "notified_at"), panel.papers) {
        (Some(FactValue::DateTime(notice)), PapersDue::At(cut_off)) => cut_off
            .before(monday)
            .is_some_and(|due| CutOff::met(due, *notice)),
        (notice, _) => {
            let notice = notice
                .and_then(FactValue::as_date)
                .unwrap_or_else(|| context.as_of());
            panel.papers_due_on(monday).is_some_and(|due| notice <= due)
        }
    }
}

/// Why a Monday cannot be offered.
fn reason(context: &Context<'_>, panel: &Panel, monday: NaiveDate) -> Option<&'static str> {
    if is_bank_holiday(monday) {
        Some("bank_holiday")
    } else if !open(context, panel, monday) {
        Some("deadline_passed")
    } else {
        None
    }
}

/// Every Monday of the two weeks, with what rules it out.
fn mondays(
    context: &Context<'_>,
    panel: &Panel,
    since: NaiveDate,
) -> Option<Vec<(NaiveDate, Option<&'static str>)>> {
    let period = Period::new(since, since.checked_add_days(LIMIT)?)?;
    let all = panel.sits.dates(period, None, OnBankHoliday::Keep).sittings;
    Some(
        all.into_iter()
            .map(|monday| (monday, reason(context, panel, monday)))
            .collect(),
    )
}

pub(super) fn answer(context: &Context<'_>, rule: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let since = day(context, "became_looked_after_on");
    let panels = &context.policy().rulebook.panels;
    let window = since
        .zip(panels.first())
        .and_then(|(since, panel)| Some((since, mondays(context, panel, since)?)));
    let Some((since, mondays)) = window else {
        for name in ["target_panel_on", "panel_due_on", "flag"] {
            give(&mut answer, name, Value::Null);
        }
        give(&mut answer, "ruled_out", Value::Array(Vec::new()));
        return answer;
    };
    let target = mondays
        .iter()
        .find(|(_, reason)| reason.is_none())
        .map(|(monday, _)| *monday);
    let ruled_out: Vec<Value> = mondays
        .iter()
        .filter_map(|(monday, reason)| {
            let reason = (*reason)?;
            Some(json!({ "date": monday.to_string(), "reason": reason }))
        })
        .collect();
    let due = since.checked_add_days(LIMIT);
    give(&mut answer, "target_panel_on", json_day(target));
    give(&mut answer, "panel_due_on", json_day(due));
    give(&mut answer, "ruled_out", ruled_out.clone());
    let code = target.is_none().then_some("no_compliant_slot");
    give(&mut answer, "flag", code.map_or(Value::Null, Value::from));
    if let Some(code) = code {
        let raised = flag(&mut answer, context, rule, code, |label| {
            format!("{label}: choose late papers or a further date.")
        });
        if let Some(finding) = raised {
            finding.due_on = due;
            finding.evidence.insert("ruledOut".into(), ruled_out.into());
            if let Ok(anchor) = permanence_core::FactName::new("became_looked_after_on") {
                context.anchor(finding, &anchor, since);
            }
        }
    }
    answer
}
