//! DER-RECORD-02: a slip of the Special Guardianship timetable has its reason on record.
//!
//! Passes: a request of 6 January 2025, unfinished on 3 April, with a reason.
//! Fails: the same without one; the twelve weeks ended on 31 March.

use chrono::{Days, NaiveDate};
use permanence_core::evaluation::Effect;
use permanence_core::facts::FactValue;
use permanence_plugin::{ClauseAnswer, Context, Rule};

use crate::finding::finding;

/// Twelve weeks.
const LIMIT: Days = Days::new(84);

pub(crate) fn answer(context: &Context<'_>, rule: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let slipped = slipped_on(context);
    let reason = context.facts().get("delay_reason");
    if let Some(day) = slipped
        && !reason.is_some_and(FactValue::is_answered)
        && let Some(mut finding) = finding(
            context,
            rule,
            "delay_reason_missing",
            Effect::Flag,
            "The Special Guardianship timetable has slipped and no reason is on record.",
        )
    {
        finding.ran_out_on = Some(day);
        answer.findings.push(finding);
    }
    answer
}

/// The first day on which the timetable had slipped, by assessment or by panel.
fn slipped_on(context: &Context<'_>) -> Option<NaiveDate> {
    let known = |name: &str| {
        let day = context.facts().date(name)?;
        (day <= context.as_of()).then_some(day)
    };
    let due = known("formal_request_received_on")?.checked_add_days(LIMIT)?;
    let finished = known("assessment_completed_on");
    let assessment_late = finished.unwrap_or(context.as_of()) > due;
    let target = context.first_sitting(context.panel()?, due.succ_opt()?, |_| true);
    let heard = known("presented_at_panel_on");
    let booked = context.facts().date("panel_date");
    let panel_missed = target.is_some_and(|target| {
        heard.or(booked).is_some_and(|day| day > target)
            || (heard.is_none() && booked.is_none() && context.as_of() > target)
    });
    if assessment_late {
        due.succ_opt()
    } else if panel_missed {
        target?.succ_opt()
    } else {
        None
    }
}
