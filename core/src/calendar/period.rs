//! A span of days, both ends included, and the calendar months in it.

use chrono::{Datelike, Months, NaiveDate};

/// From the first to the last day, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
}

/// The longest period that a question may span: forty years.
pub const LONGEST_DAYS: i64 = 14_610;

impl Period {
    /// A period, unless it ends before it starts or is longer than [`LONGEST_DAYS`].
    pub fn new(from: NaiveDate, to: NaiveDate) -> Option<Self> {
        (from <= to && (to - from).num_days() <= LONGEST_DAYS).then_some(Self { from, to })
    }

    /// The whole calendar year.
    pub fn year(year: i32) -> Option<Self> {
        Some(Self {
            from: NaiveDate::from_ymd_opt(year, 1, 1)?,
            to: NaiveDate::from_ymd_opt(year, 12, 31)?,
        })
    }

    /// Whether the day lies in the period.
    pub fn contains(&self, day: NaiveDate) -> bool {
        self.from <= day && day <= self.to
    }

    /// The calendar months that the period touches, as (year, month).
    pub fn months(&self) -> Vec<(i32, u32)> {
        let mut months = Vec::new();
        let mut first = self.from.with_day(1).filter(|_| self.from <= self.to);
        while let Some(day) = first.filter(|day| *day <= self.to) {
            months.push((day.year(), day.month()));
            first = day.checked_add_months(Months::new(1));
        }
        months
    }
}
