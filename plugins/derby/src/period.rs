//! The days that Derby's reports count on and between, where the question names none.

use chrono::{Datelike, Months, NaiveDate};
use permanence_core::calendar::Period;
use permanence_plugin::Context;

/// The first of the last month so named (1 to 12) that has begun by a day.
fn begun(month: u32, by: NaiveDate) -> Option<NaiveDate> {
    let this_year = NaiveDate::from_ymd_opt(by.year(), month, 1)?;
    if this_year <= by {
        Some(this_year)
    } else {
        NaiveDate::from_ymd_opt(by.year() - 1, month, 1)
    }
}

/// The period asked about, or the year from or to a day; else the last one from 1 April to 31 March that is over.
pub(crate) fn reporting_year(context: &Context<'_>) -> Option<Period> {
    let year = Months::new(12);
    let facts = context.facts();
    let from = || {
        let from = facts.date("from")?;
        Period::new(from, from.checked_add_months(year)?.pred_opt()?)
    };
    let to = || {
        let to = facts.date("to")?;
        Period::new(to.succ_opt()?.checked_sub_months(year)?, to)
    };
    let past = || {
        // The year is over on its own last day.
        let next = begun(4, context.as_of().succ_opt()?)?;
        Period::new(next.checked_sub_months(year)?, next.pred_opt()?)
    };
    context.period().or_else(from).or_else(to).or_else(past)
}

/// The day asked about; else the last 30 September or 31 March.
pub(crate) fn end_of_half_year(context: &Context<'_>) -> Option<NaiveDate> {
    asked(context).or_else(|| {
        let tomorrow = context.as_of().succ_opt()?;
        begun(4, tomorrow)?.max(begun(10, tomorrow)?).pred_opt()
    })
}

/// The last day of the month asked about; else of the last month that is over.
pub(crate) fn end_of_month(context: &Context<'_>) -> Option<NaiveDate> {
    asked(context).or_else(|| context.as_of().succ_opt()?.with_day(1)?.pred_opt())
}

/// The last day of the month of a day.
pub(crate) fn month_end(day: NaiveDate) -> Option<NaiveDate> {
    day.with_day(1)?
        .checked_add_months(Months::new(1))?
        .pred_opt()
}

fn asked(context: &Context<'_>) -> Option<NaiveDate> {
    let facts = context.facts();
    facts
        .date("snapshot_on")
        .or_else(|| month_end(facts.date("month")?))
        .or_else(|| context.period().map(|period| period.to))
        .or_else(|| facts.date("to"))
}
