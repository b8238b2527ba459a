//! Cells as values: strict dates, partial dates and codes.

use chrono::NaiveDate;
use permanence_core::care::PartialDate;

/// What a cell holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell<T> {
    /// Nothing.
    Blank,
    /// Something that is not of its type.
    Unusable,
    /// A value.
    Value(T),
}

impl<T> Cell<T> {
    /// The value, if there is one.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Blank | Self::Unusable => None,
        }
    }
}

/// A day as `dd/mm/yyyy`, and no other way: a day and month that change places would pass unseen.
/// Midnight behind it, as spreadsheets add, is let pass.
pub fn day(text: &str) -> Cell<NaiveDate> {
    let text = text.trim();
    if text.is_empty() {
        return Cell::Blank;
    }
    let text = text
        .strip_suffix("00:00:00")
        .or_else(|| text.strip_suffix("00:00"))
        .unwrap_or(text)
        .trim_end();
    match parts(text) {
        Some([Some(day), Some(month), Some(year)]) => i32::try_from(year)
            .ok()
            .and_then(|year| NaiveDate::from_ymd_opt(year, month, day))
            .map_or(Cell::Unusable, Cell::Value),
        _ => Cell::Unusable,
    }
}

/// A day of which parts may be unknown, written `zz/mm/yyyy`, `zz/zz/yyyy` or `zz/zz/zzzz`.
/// A date of which even the year is unknown is blank.
pub fn partial_day(text: &str) -> Cell<PartialDate> {
    let text = text.trim();
    if text.is_empty() || text.eq_ignore_ascii_case("zz/zz/zzzz") {
        return Cell::Blank;
    }
    let Some([day, month, Some(year)]) = parts(text) else {
        return Cell::Unusable;
    };
    let Ok(year) = i32::try_from(year) else {
        return Cell::Unusable;
    };
    let whole = NaiveDate::from_ymd_opt(year, month.unwrap_or(1), day.unwrap_or(1));
    if whole.is_none() || (day.is_some() && month.is_none()) {
        return Cell::Unusable;
    }
    Cell::Value(PartialDate { year, month, day })
}

/// The three parts of a date; a part of `z`s alone is unknown.
fn parts(text: &str) -> Option<[Option<u32>; 3]> {
    let mut parts = text.split('/');
    let [day, month, year] = [parts.next()?, parts.next()?, parts.next()?];
    if parts.next().is_some() || day.len() > 2 || month.len() > 2 || year.len() != 4 {
        return None;
    }
    let part = |text: &str| -> Option<Option<u32>> {
        if text.bytes().all(|byte| byte.eq_ignore_ascii_case(&b'z')) && !text.is_empty() {
            Some(None)
        } else if text.bytes().all(|byte| byte.is_ascii_digit()) {
            text.parse().ok().map(Some)
        } else {
            None
        }
    };
    Some([part(day)?, part(month)?, part(year)?])
}

/// A code in the way the return writes it. Spreadsheets turn `1` into `1.0`.
pub fn code(text: &str) -> String {
    let upper = text.trim().to_ascii_uppercase();
    match upper.strip_suffix(".0") {
        Some(number) if number.bytes().all(|byte| byte.is_ascii_digit()) => number.to_owned(),
        _ => upper,
    }
}

/// Whether a child's reference can be kept: letters and digits, up to 20, as text.
pub fn is_reference(text: &str) -> bool {
    !text.is_empty() && text.len() <= 20 && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_day_is_day_month_year() {
        let value = NaiveDate::from_ymd_opt(2024, 2, 29).unwrap();
        for text in ["29/02/2024", " 29/2/2024 ", "29/02/2024 00:00:00"] {
            assert_eq!(day(text), Cell::Value(value), "{text}");
        }
        for text in [
            "2024-02-29",
            "02/29/2024",
            "29/02/2023",
            "29/02/24",
            "1/1",
            "zz/02/2024",
            "29/02/2024/",
            "*DUMMY*",
        ] {
            assert_eq!(day(text), Cell::Unusable, "{text}");
        }
        assert_eq!(day("  "), Cell::Blank);
    }

    #[test]
    fn an_earlier_order_may_have_part_of_a_date() {
        assert_eq!(
            partial_day("zz/03/2012"),
            Cell::Value(PartialDate {
                year: 2012,
                month: Some(3),
                day: None
            })
        );
        assert_eq!(
            partial_day("ZZ/ZZ/2012").value().map(|date| date.year),
            Some(2012)
        );
        assert_eq!(partial_day("zz/zz/zzzz"), Cell::Blank);
        assert_eq!(partial_day("03/zz/2012"), Cell::Unusable);
        assert_eq!(partial_day("31/02/2012"), Cell::Unusable);
    }

    #[test]
    fn codes_and_references_stay_text() {
        assert_eq!(code(" pn1 "), "PN1");
        assert_eq!(code("1.0"), "1");
        assert!(is_reference("00123A"));
        assert!(
            !is_reference("12 3") && !is_reference("") && !is_reference("123456789012345678901")
        );
    }
}
