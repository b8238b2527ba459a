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

impl Period {
    /// How many days the last day of a period may lie after its first: forty years.
    pub const LONGEST_DAYS: i64 = 14_610;

    /// A period, unless it ends before it starts or is [too long](Self::is_too_long).
    pub fn new(from: NaiveDate, to: NaiveDate) -> Option<Self> {
        let period = Self { from, to };
        (from <= to && !period.is_too_long()).then_some(period)
    }

    /// Whether it is longer than any question may span: a child's whole time in care is far shorter.
    pub fn is_too_long(&self) -> bool {
        (self.to - self.from).num_days() > Self::LONGEST_DAYS
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
