//! A clock-time cut-off before a sitting: "Thursday 13:00 before a Tuesday panel".

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Weekday, working_days};

/// A weekday and time in the calendar week (Monday to Sunday) before the sitting's own week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CutOff {
    /// Day of the week before the sitting's week.
    pub weekday: Weekday,
    /// Local time, up to and including that minute.
    #[schemars(with = "String")]
    pub time: NaiveTime,
}

impl CutOff {
    /// The moment by which things must be in for a sitting on that day, in local time.
    pub fn before(&self, sitting: NaiveDate) -> Option<NaiveDateTime> {
        let monday = sitting.checked_sub_days(Days::new(u64::from(
            sitting.weekday().num_days_from_monday() + 7,
        )))?;
        let weekday: chrono::Weekday = self.weekday.into();
        let day = monday.checked_add_days(Days::new(u64::from(weekday.num_days_from_monday())))?;
        Some(day.and_time(self.time))
    }

    /// A safer time, the same hour on the working day before, where the cut-off is no working day.
    pub fn advised(&self, cut_off: NaiveDateTime) -> Option<NaiveDateTime> {
        if working_days::is_working_day(cut_off.date()) {
            return None;
        }
        working_days::previous(cut_off.date()).map(|day| day.and_time(self.time))
    }

    /// Whether a moment is in time: up to and including that minute.
    pub fn met(cut_off: NaiveDateTime, moment: NaiveDateTime) -> bool {
        moment < cut_off + chrono::TimeDelta::minutes(1)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn thursday_one_o_clock_before_a_tuesday() {
        let rule = CutOff {
            weekday: Weekday::Thursday,
            time: "13:00:00".parse().unwrap(),
        };
        let at = |day: &str| rule.before(day.parse().unwrap()).unwrap();
        assert_eq!(at("2025-06-24").to_string(), "2025-06-19 13:00:00");
        // A sitting off the pattern takes the Thursday of the week before its own.
        assert_eq!(at("2025-06-27").to_string(), "2025-06-19 13:00:00");
        assert!(CutOff::met(
            at("2025-06-24"),
            "2025-06-19T13:00:59".parse().unwrap()
        ));
        assert!(!CutOff::met(
            at("2025-06-24"),
            "2025-06-19T13:01:00".parse().unwrap()
        ));
        // Thursday 25 December 2025 is a bank holiday: the cut-off stays, an earlier time is advised.
        assert_eq!(at("2025-12-30").to_string(), "2025-12-25 13:00:00");
        assert_eq!(
            rule.advised(at("2025-12-30")).unwrap().to_string(),
            "2025-12-24 13:00:00"
        );
        assert_eq!(rule.advised(at("2025-06-24")), None);
    }
}
