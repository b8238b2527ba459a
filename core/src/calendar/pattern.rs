//! The pattern of a panel's sittings: last Wednesday of the month, every Tuesday, every second Thursday from an anchor.

use chrono::{Datelike, Days, NaiveDate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Period, bank_holidays::is_bank_holiday};

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say all")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl From<Weekday> for chrono::Weekday {
    fn from(day: Weekday) -> Self {
        match day {
            Weekday::Monday => Self::Mon,
            Weekday::Tuesday => Self::Tue,
            Weekday::Wednesday => Self::Wed,
            Weekday::Thursday => Self::Thu,
            Weekday::Friday => Self::Fri,
            Weekday::Saturday => Self::Sat,
            Weekday::Sunday => Self::Sun,
        }
    }
}

/// When a panel sits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Pattern {
    /// The last such weekday of each calendar month.
    LastOfMonth(Weekday),
    /// That weekday of every week.
    EveryWeek(Weekday),
    /// Every so many days from an anchor date that is a setting (the fact `anchor_date`).
    EveryDays {
        /// Days between two sittings.
        days: u32,
        /// The weekday on which the anchor must fall.
        weekday: Weekday,
    },
    /// No pattern: each sitting is called, and none is computed.
    AsCalled,
}

/// What becomes of a sitting that falls on a bank holiday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnBankHoliday {
    /// It stays in the calendar and is marked.
    Keep,
    /// It is left out and not moved.
    Skip,
}

/// The sittings of a period.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dates {
    /// Days on which the panel sits.
    pub sittings: Vec<NaiveDate>,
    /// Days left out for a bank holiday.
    pub skipped: Vec<NaiveDate>,
    /// Sittings kept on a day that is no working day.
    pub non_working: Vec<NaiveDate>,
}

impl Pattern {
    /// The sittings in a period. A pattern with an anchor gives none without it, or with one on another weekday.
    pub fn dates(&self, period: Period, anchor: Option<NaiveDate>, rule: OnBankHoliday) -> Dates {
        let mut dates = Dates::default();
        for day in self.days(period, anchor) {
            match (is_bank_holiday(day), rule) {
                (true, OnBankHoliday::Skip) => dates.skipped.push(day),
                (true, OnBankHoliday::Keep) => {
                    dates.non_working.push(day);
                    dates.sittings.push(day);
                }
                (false, _) => dates.sittings.push(day),
            }
        }
        dates
    }

    /// Whether the pattern has a sitting on this day, bank holidays aside. Of a pattern whose anchor is not known, or
    /// falls on another weekday, only the weekday can be told.
    pub fn matches(&self, day: NaiveDate, anchor: Option<NaiveDate>) -> bool {
        match *self {
            // No day is off a pattern that there is not.
            Self::AsCalled => true,
            Self::EveryDays { weekday, .. } if !anchor.is_some_and(|it| self.takes_anchor(it)) => {
                day.weekday() == weekday.into()
            }
            _ => self
                .days(Period { from: day, to: day }, anchor)
                .contains(&day),
        }
    }

    /// Whether its sittings are only known with an anchor.
    pub fn needs_anchor(&self) -> bool {
        matches!(self, Self::EveryDays { .. })
    }

    /// Whether an anchor falls on the weekday on which it must; a pattern without an anchor takes any.
    pub fn takes_anchor(&self, anchor: NaiveDate) -> bool {
        match *self {
            Self::EveryDays { weekday, .. } => anchor.weekday() == weekday.into(),
            Self::LastOfMonth(_) | Self::EveryWeek(_) | Self::AsCalled => true,
        }
    }

    fn days(&self, period: Period, anchor: Option<NaiveDate>) -> Vec<NaiveDate> {
        match *self {
            Self::LastOfMonth(weekday) => period
                .months()
                .into_iter()
                .filter_map(|(year, month)| last_weekday(year, month, weekday.into()))
                .filter(|day| period.contains(*day))
                .collect(),
            Self::EveryWeek(weekday) => {
                let weekday: chrono::Weekday = weekday.into();
                let ahead = (7 + weekday.num_days_from_monday()
                    - period.from.weekday().num_days_from_monday())
                    % 7;
                every(
                    period.from.checked_add_days(Days::new(u64::from(ahead))),
                    7,
                    period.to,
                )
            }
            Self::EveryDays { days, .. } => {
                let anchor = anchor.filter(|anchor| self.takes_anchor(*anchor));
                let (Some(anchor), true) = (anchor, days > 0) else {
                    return Vec::new();
                };
                let behind = (period.from - anchor)
                    .num_days()
                    .rem_euclid(i64::from(days));
                let ahead = if behind == 0 {
                    0
                } else {
                    i64::from(days) - behind
                };
                let first = u64::try_from(ahead)
                    .ok()
                    .and_then(|ahead| period.from.checked_add_days(Days::new(ahead)));
                every(first, days, period.to)
            }
            Self::AsCalled => Vec::new(),
        }
    }
}

fn every(first: Option<NaiveDate>, days: u32, to: NaiveDate) -> Vec<NaiveDate> {
    std::iter::successors(first, |day| {
        day.checked_add_days(Days::new(u64::from(days)))
    })
    .take_while(|day| *day <= to)
    .collect()
}

fn last_weekday(year: i32, month: u32, weekday: chrono::Weekday) -> Option<NaiveDate> {
    NaiveDate::from_weekday_of_month_opt(year, month, weekday, 5)
        .or_else(|| NaiveDate::from_weekday_of_month_opt(year, month, weekday, 4))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn d(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn period(from: &str, to: &str) -> Period {
        Period::new(d(from), d(to)).unwrap()
    }

    #[test]
    fn last_wednesday_keeps_a_bank_holiday_and_marks_it() {
        let pattern = Pattern::LastOfMonth(Weekday::Wednesday);
        let dates = pattern.dates(Period::year(2025).unwrap(), None, OnBankHoliday::Keep);
        assert_eq!(dates.sittings.len(), 12);
        assert_eq!(dates.sittings[0], d("2025-01-29"));
        assert_eq!(dates.sittings[11], d("2025-12-31"));
        let dates = pattern.dates(
            period("2030-12-01", "2030-12-31"),
            None,
            OnBankHoliday::Keep,
        );
        assert_eq!(dates.sittings, [d("2030-12-25")]);
        assert_eq!(dates.non_working, [d("2030-12-25")]);
    }

    #[test]
    fn every_tuesday_skips_a_bank_holiday() {
        let dates = Pattern::EveryWeek(Weekday::Tuesday).dates(
            period("2028-12-18", "2028-12-31"),
            None,
            OnBankHoliday::Skip,
        );
        assert_eq!(dates.sittings, [d("2028-12-19")]);
        assert_eq!(dates.skipped, [d("2028-12-26")]);
    }

    #[test]
    fn every_second_thursday_counts_from_its_anchor_both_ways() {
        let pattern = Pattern::EveryDays {
            days: 14,
            weekday: Weekday::Thursday,
        };
        let anchor = Some(d("2025-09-04"));
        let dates = pattern.dates(
            period("2025-08-01", "2025-09-30"),
            anchor,
            OnBankHoliday::Keep,
        );
        assert_eq!(
            dates.sittings,
            [
                d("2025-08-07"),
                d("2025-08-21"),
                d("2025-09-04"),
                d("2025-09-18")
            ]
        );
        assert!(pattern.matches(d("2025-08-21"), anchor));
        assert!(!pattern.matches(d("2025-08-14"), anchor));
    }

    #[test]
    fn what_is_called_has_no_calendar_and_no_day_off_it() {
        let dates = Pattern::AsCalled.dates(Period::year(2025).unwrap(), None, OnBankHoliday::Keep);
        assert_eq!(dates, Dates::default());
        assert!(Pattern::AsCalled.matches(d("2025-12-25"), None));
    }

    #[test]
    fn without_an_anchor_on_its_weekday_only_the_weekday_is_known() {
        let pattern = Pattern::EveryDays {
            days: 14,
            weekday: Weekday::Thursday,
        };
        assert!(!pattern.takes_anchor(d("2025-09-03")));
        for anchor in [None, Some(d("2025-09-03"))] {
            let dates = pattern.dates(
                period("2025-08-01", "2025-09-30"),
                anchor,
                OnBankHoliday::Keep,
            );
            assert_eq!(dates, Dates::default());
            assert!(pattern.matches(d("2025-08-14"), anchor));
            assert!(!pattern.matches(d("2025-08-15"), anchor));
        }
    }

    proptest! {
        #[test]
        fn each_sitting_is_in_the_period_and_matches(start in 0i64..20_000, length in 0i64..400) {
            let from = d("2000-01-01") + chrono::Duration::days(start);
            let period = Period::new(from, from + chrono::Duration::days(length)).unwrap();
            for pattern in [Pattern::LastOfMonth(Weekday::Wednesday), Pattern::EveryWeek(Weekday::Monday)] {
                let dates = pattern.dates(period, None, OnBankHoliday::Skip);
                for day in dates.sittings.iter().chain(&dates.skipped) {
                    prop_assert!(period.contains(*day) && pattern.matches(*day, None));
                }
            }
        }
    }
}
