//! An offset from a day, as policies state them: `14 calendar_days`, `-7 working_days`, `6 calendar_months`, `26 weeks`.

use std::fmt;
use std::str::FromStr;

use chrono::{Days, Months, NaiveDate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::working_days;

/// What an offset counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Every day counts.
    CalendarDays,
    /// Monday to Friday without bank holidays; the day counted from is day 0.
    WorkingDays,
    /// Periods of seven calendar days.
    Weeks,
    /// The same day number, or the last day of a shorter month.
    CalendarMonths,
    /// Twelve calendar months.
    Years,
}

/// A number of units after a day, or before it when negative. Written as text, such as `14 calendar_days`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Offset {
    /// How many; negative is before.
    pub amount: i32,
    /// Of what.
    pub unit: Unit,
}

/// The text is no offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "an offset is a whole number and one of calendar_days, working_days, weeks, calendar_months, years"
)]
pub struct OffsetError;

impl Offset {
    /// The day this offset leads to; `None` beyond the calendar.
    pub fn from(self, day: NaiveDate) -> Option<NaiveDate> {
        let count = self.amount.unsigned_abs();
        let days = |n: u32| Days::new(u64::from(n));
        match (self.unit, self.amount < 0) {
            (Unit::CalendarDays, false) => day.checked_add_days(days(count)),
            (Unit::CalendarDays, true) => day.checked_sub_days(days(count)),
            (Unit::Weeks, false) => day.checked_add_days(days(count.checked_mul(7)?)),
            (Unit::Weeks, true) => day.checked_sub_days(days(count.checked_mul(7)?)),
            (Unit::CalendarMonths, false) => day.checked_add_months(Months::new(count)),
            (Unit::CalendarMonths, true) => day.checked_sub_months(Months::new(count)),
            (Unit::Years, false) => day.checked_add_months(Months::new(count.checked_mul(12)?)),
            (Unit::Years, true) => day.checked_sub_months(Months::new(count.checked_mul(12)?)),
            (Unit::WorkingDays, _) => working_days::shift(day, self.amount),
        }
    }
}

impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            Unit::CalendarDays => "calendar_days",
            Unit::WorkingDays => "working_days",
            Unit::Weeks => "weeks",
            Unit::CalendarMonths => "calendar_months",
            Unit::Years => "years",
        };
        write!(f, "{} {unit}", self.amount)
    }
}

impl FromStr for Offset {
    type Err = OffsetError;
    fn from_str(text: &str) -> Result<Self, OffsetError> {
        let (amount, unit) = text.trim().split_once(' ').ok_or(OffsetError)?;
        let unit = match unit.trim() {
            "calendar_days" => Unit::CalendarDays,
            "working_days" => Unit::WorkingDays,
            "weeks" => Unit::Weeks,
            "calendar_months" => Unit::CalendarMonths,
            "years" => Unit::Years,
            _ => return Err(OffsetError),
        };
        let amount: i32 = amount.parse().map_err(|_| OffsetError)?;
        if amount.unsigned_abs() > 10_000 {
            return Err(OffsetError);
        }
        Ok(Self { amount, unit })
    }
}

impl TryFrom<String> for Offset {
    type Error = OffsetError;
    fn try_from(text: String) -> Result<Self, OffsetError> {
        text.parse()
    }
}

impl From<Offset> for String {
    fn from(offset: Offset) -> String {
        offset.to_string()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn months_clamp_and_weeks_are_days() {
        for (from, offset, to) in [
            ("2024-08-31", "6 calendar_months", "2025-02-28"),
            ("2023-08-31", "6 calendar_months", "2024-02-29"),
            ("2024-02-29", "12 calendar_months", "2025-02-28"),
            ("2025-01-31", "4 calendar_months", "2025-05-31"),
            ("2025-01-06", "26 weeks", "2025-07-07"),
            ("2025-09-24", "-7 calendar_days", "2025-09-17"),
            ("2025-04-30", "5 working_days", "2025-05-08"),
            ("2025-03-31", "-1 calendar_months", "2025-02-28"),
            ("2024-02-29", "4 years", "2028-02-29"),
        ] {
            let offset: Offset = offset.parse().unwrap();
            assert_eq!(offset.from(from.parse().unwrap()).unwrap().to_string(), to);
        }
        assert!("six weeks".parse::<Offset>().is_err());
        assert!("6 fortnights".parse::<Offset>().is_err());
    }

    proptest! {
        #[test]
        fn text_round_trips_and_weeks_are_seven_days(amount in -500i32..500, start in 0i64..20_000) {
            let offset = Offset { amount, unit: Unit::Weeks };
            prop_assert_eq!(offset.to_string().parse::<Offset>().unwrap(), offset);
            let day = NaiveDate::from_ymd_opt(2000, 1, 1).unwrap() + chrono::Duration::days(start);
            prop_assert_eq!((offset.from(day).unwrap() - day).num_days(), i64::from(amount) * 7);
        }
    }
}
