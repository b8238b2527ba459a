//! Working days: Monday to Friday except bank holidays of England and Wales.
//!
//! The day counted from is day 0, whether or not it is a working day itself.

use chrono::{Datelike, NaiveDate, Weekday};

use super::bank_holidays::is_bank_holiday;

/// Whether the day is a working day.
pub fn is_working_day(day: NaiveDate) -> bool {
    !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) && !is_bank_holiday(day)
}

/// The day `count` working days after (or, when negative, before) a day; `None` beyond the calendar.
pub fn shift(from: NaiveDate, count: i32) -> Option<NaiveDate> {
    let mut day = from;
    let mut left = count.unsigned_abs();
    while left > 0 {
        day = if count > 0 {
            day.succ_opt()?
        } else {
            day.pred_opt()?
        };
        if is_working_day(day) {
            left -= 1;
        }
    }
    Some(day)
}

/// The last working day strictly before a day.
pub fn previous(day: NaiveDate) -> Option<NaiveDate> {
    shift(day, -1)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn d(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn counts_over_bank_holidays_and_weekends() {
        for (from, count, due) in [
            ("2025-04-30", 5, "2025-05-08"),
            ("2025-09-04", -7, "2025-08-26"),
            ("2025-04-14", 10, "2025-04-30"),
            ("2026-12-22", 3, "2026-12-29"),
            ("2025-08-19", 3, "2025-08-22"),
            ("2024-03-28", 1, "2024-04-02"),
            ("2025-03-29", 1, "2025-03-31"),
            ("2025-03-29", 0, "2025-03-29"),
        ] {
            assert_eq!(shift(d(from), count), Some(d(due)), "{from} {count}");
        }
    }

    proptest! {
        #[test]
        fn forward_then_back_returns_to_a_working_day(offset in 0i64..20_000, count in 1i32..60) {
            let start = shift(d("2000-01-01") + chrono::Duration::days(offset), 1).unwrap();
            let there = shift(start, count).unwrap();
            prop_assert!(is_working_day(there));
            prop_assert_eq!(shift(there, -count), Some(start));
        }
    }
}
