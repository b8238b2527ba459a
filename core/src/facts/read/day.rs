//! Days, months and times of day as they are written; nothing else passes for one.

use chrono::{Datelike, Months, NaiveDate, NaiveTime};
use serde_json::Value;

use crate::calendar::london;

pub(super) fn date(value: &Value) -> Option<NaiveDate> {
    let text = value.as_str()?;
    london::fits(text, "0000-00-00")
        .then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok())
        .flatten()
}

/// A month, or the month of a day, as its first day.
pub(super) fn month(text: &str) -> Option<NaiveDate> {
    let day = match text.len() {
        7 => format!("{text}-01"),
        _ => text.to_owned(),
    };
    date(&Value::String(day))?.with_day(1)
}

/// A month as its last day.
pub(super) fn month_end(text: &str) -> Option<NaiveDate> {
    let first = date(&Value::String(format!("{text}-01")))?;
    first.checked_add_months(Months::new(1))?.pred_opt()
}

pub(super) fn time(text: &str) -> Option<NaiveTime> {
    [("00:00", "%H:%M"), ("00:00:00", "%H:%M:%S")]
        .into_iter()
        .find(|(shape, _)| london::fits(text, shape))
        .and_then(|(_, format)| NaiveTime::parse_from_str(text, format).ok())
}
