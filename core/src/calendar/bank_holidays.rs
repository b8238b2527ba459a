//! The bank holidays of England and Wales: the published calendar as data, years beyond it by rule.
//!
//! Source: Banking and Financial Dealings Act 1971 and the list at www.gov.uk/bank-holidays.
//! Days proclaimed for one year only (a coronation, a jubilee) are listed as exceptions.

use std::sync::OnceLock;

use chrono::{Datelike, Days, NaiveDate, Weekday};

/// Years whose days are worked out once and kept: every deadline in working days asks for them day by day.
const KEPT: std::ops::RangeInclusive<i32> = 1950..=2150;

/// Years whose calendar differs from the rule: (year, the complete list of month and day).
const PUBLISHED_EXCEPTIONS: &[(i32, &[(u32, u32)])] = &[
    (
        2020,
        &[
            (1, 1),
            (4, 10),
            (4, 13),
            (5, 8),
            (5, 25),
            (8, 31),
            (12, 25),
            (12, 28),
        ],
    ),
    (
        2022,
        &[
            (1, 3),
            (4, 15),
            (4, 18),
            (5, 2),
            (6, 2),
            (6, 3),
            (8, 29),
            (9, 19),
            (12, 26),
            (12, 27),
        ],
    ),
    (
        2023,
        &[
            (1, 2),
            (4, 7),
            (4, 10),
            (5, 1),
            (5, 8),
            (5, 29),
            (8, 28),
            (12, 25),
            (12, 26),
        ],
    ),
];

/// Whether the day is a bank holiday, a substitute day included.
pub fn is_bank_holiday(day: NaiveDate) -> bool {
    static YEARS: OnceLock<Vec<Vec<NaiveDate>>> = OnceLock::new();
    let year = day.year();
    let kept = usize::try_from(year - KEPT.start())
        .ok()
        .and_then(|at| YEARS.get_or_init(|| KEPT.map(in_year).collect()).get(at));
    match kept {
        Some(days) => days.contains(&day),
        None => in_year(year).contains(&day),
    }
}

/// The bank holidays of one year in order.
pub fn in_year(year: i32) -> Vec<NaiveDate> {
    if let Some((_, days)) = PUBLISHED_EXCEPTIONS.iter().find(|(y, _)| *y == year) {
        return days
            .iter()
            .filter_map(|(month, day)| NaiveDate::from_ymd_opt(year, *month, *day))
            .collect();
    }
    let mut days = Vec::with_capacity(8);
    if let Some(new_year) = NaiveDate::from_ymd_opt(year, 1, 1) {
        days.push(substitute(new_year, &[]));
    }
    if let Some(easter) = easter_sunday(year) {
        days.extend(easter.checked_sub_days(Days::new(2)));
        days.extend(easter.checked_add_days(Days::new(1)));
    }
    days.extend(NaiveDate::from_weekday_of_month_opt(
        year,
        5,
        Weekday::Mon,
        1,
    ));
    days.extend(last_monday(year, 5));
    days.extend(last_monday(year, 8));
    if let Some(christmas) = NaiveDate::from_ymd_opt(year, 12, 25) {
        let boxing = christmas.succ_opt().unwrap_or(christmas);
        // Where Boxing Day is a working day and Christmas Day is not, Boxing Day stays and Christmas moves behind it.
        let (first, second) = if is_weekend(christmas) && !is_weekend(boxing) {
            (substitute(christmas, &[boxing]), boxing)
        } else {
            let first = substitute(christmas, &[]);
            (first, substitute(boxing, &[first]))
        };
        days.push(first.min(second));
        days.push(first.max(second));
    }
    days
}

/// Easter Sunday of a year by the Gregorian reckoning (Meeus, Jones and Butcher).
pub fn easter_sunday(year: i32) -> Option<NaiveDate> {
    let a = year.rem_euclid(19);
    let (b, c) = (year.div_euclid(100), year.rem_euclid(100));
    let (d, e) = (b / 4, b % 4);
    let f = (b + 8) / 25;
    let g = (b - f + 1) / 3;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let month = (h + l - 7 * m + 114) / 31;
    let day = (h + l - 7 * m + 114) % 31 + 1;
    NaiveDate::from_ymd_opt(year, u32::try_from(month).ok()?, u32::try_from(day).ok()?)
}

fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

/// The day itself, or the next weekday that is not taken when it falls on a weekend.
fn substitute(day: NaiveDate, taken: &[NaiveDate]) -> NaiveDate {
    let mut moved = day;
    while is_weekend(moved) || taken.contains(&moved) {
        match moved.succ_opt() {
            Some(next) => moved = next,
            None => return day,
        }
    }
    moved
}

fn last_monday(year: i32, month: u32) -> Option<NaiveDate> {
    NaiveDate::from_weekday_of_month_opt(year, month, Weekday::Mon, 5)
        .or_else(|| NaiveDate::from_weekday_of_month_opt(year, month, Weekday::Mon, 4))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn days(year: i32) -> Vec<String> {
        in_year(year)
            .iter()
            .map(|d| d.format("%m-%d").to_string())
            .collect()
    }

    #[test]
    fn the_rule_gives_the_published_years() {
        assert_eq!(
            days(2024),
            [
                "01-01", "03-29", "04-01", "05-06", "05-27", "08-26", "12-25", "12-26"
            ]
        );
        assert_eq!(
            days(2025),
            [
                "01-01", "04-18", "04-21", "05-05", "05-26", "08-25", "12-25", "12-26"
            ]
        );
        assert_eq!(
            days(2026),
            [
                "01-01", "04-03", "04-06", "05-04", "05-25", "08-31", "12-25", "12-28"
            ]
        );
        assert_eq!(
            days(2027),
            [
                "01-01", "03-26", "03-29", "05-03", "05-31", "08-30", "12-27", "12-28"
            ]
        );
        assert_eq!(
            days(2028),
            [
                "01-03", "04-14", "04-17", "05-01", "05-29", "08-28", "12-25", "12-26"
            ]
        );
        assert_eq!(
            days(2021),
            [
                "01-01", "04-02", "04-05", "05-03", "05-31", "08-30", "12-27", "12-28"
            ]
        );
        // Christmas Day 2033 is a Sunday and Boxing Day a Monday: the substitute follows Boxing Day.
        assert_eq!(days(2033)[6..], ["12-26", "12-27"]);
    }

    #[test]
    fn proclaimed_days_are_data() {
        assert!(is_bank_holiday(
            NaiveDate::from_ymd_opt(2022, 9, 19).unwrap()
        ));
        assert!(is_bank_holiday(
            NaiveDate::from_ymd_opt(2023, 5, 8).unwrap()
        ));
        assert!(!is_bank_holiday(
            NaiveDate::from_ymd_opt(2024, 5, 8).unwrap()
        ));
    }
}
