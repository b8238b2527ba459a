//! Days and moments, in the one form that the description has for them.
//!
//! The library's own reading takes `2026-3-2` for a day too, which no schema with the format `date` admits: what two
//! readers of the same description would disagree on is refused here.

use std::fmt;
use std::marker::PhantomData;

use chrono::{DateTime, NaiveDate, Utc};
use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};

use super::Patch;

/// What is written in one form only.
pub trait Written: Sized {
    /// What is expected, for a problem's text.
    const EXPECTED: &'static str;

    /// The value of this text, if it is in that form.
    fn read(text: &str) -> Option<Self>;
}

impl Written for NaiveDate {
    const EXPECTED: &'static str = "a day such as 2026-03-02";

    fn read(text: &str) -> Option<Self> {
        let shaped = text.len() == 10 && has_shape(text, "dddd-dd-dd");
        text.parse().ok().filter(|_| shaped)
    }
}

impl Written for DateTime<Utc> {
    const EXPECTED: &'static str = "a moment such as 2026-03-02T09:30:00Z";

    fn read(text: &str) -> Option<Self> {
        let moment = DateTime::parse_from_rfc3339(text).ok()?;
        has_shape(text, "dddd-dd-ddTdd:dd:dd").then(|| moment.to_utc())
    }
}

/// Whether the text begins like this, with a digit for each `d`; letters may be small.
fn has_shape(text: &str, shape: &str) -> bool {
    let fits = |(one, form): (u8, u8)| match form {
        b'd' => one.is_ascii_digit(),
        form => one.eq_ignore_ascii_case(&form),
    };
    text.len() >= shape.len() && text.bytes().zip(shape.bytes()).all(fits)
}

struct Text<T>(T);

impl<'de, T: Written> Deserialize<'de> for Text<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader<T>(PhantomData<T>);

        impl<T: Written> Visitor<'_> for Reader<T> {
            type Value = Text<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(T::EXPECTED)
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                T::read(text)
                    .map(Text)
                    .ok_or_else(|| E::invalid_value(Unexpected::Other("text"), &self))
            }
        }

        deserializer.deserialize_str(Reader(PhantomData))
    }
}

/// For a member that is always there.
pub fn value<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Written,
{
    Text::deserialize(deserializer).map(|text| text.0)
}

/// For a member that may be absent or null.
pub fn option<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Written,
{
    let text: Option<Text<T>> = Option::deserialize(deserializer)?;
    Ok(text.map(|text| text.0))
}

/// For a member of a merge patch.
pub fn patch<'de, D, T>(deserializer: D) -> Result<Patch<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Written,
{
    Ok(option(deserializer)?.map_or(Patch::Null, Patch::Value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_one_form() {
        let day = NaiveDate::from_ymd_opt(2026, 3, 2);
        assert_eq!(<NaiveDate as Written>::read("2026-03-02"), day);
        for text in [
            "2026-3-2",
            "2026-3-02",
            "2026-03-2",
            "+2026-3-02",
            " 2026-3-2 ",
            "2026-02-30",
            "20260302",
            "2026-03-02T00:00:00Z",
            "",
        ] {
            assert_eq!(<NaiveDate as Written>::read(text), None, "{text}");
        }
    }

    #[test]
    fn a_moment_names_its_zone_and_has_one_form() {
        let moment = <DateTime<Utc> as Written>::read("2026-03-02T09:30:00Z");
        assert!(moment.is_some());
        for same in ["2026-03-02T10:30:00+01:00", "2026-03-02t09:30:00.000z"] {
            assert_eq!(<DateTime<Utc> as Written>::read(same), moment, "{same}");
        }
        for text in [
            "2026-03-02T09:30:00",
            "2026-3-2T9:30:00Z",
            "2026-03-02 09:30:00Z",
            "2026-03-02",
        ] {
            assert_eq!(<DateTime<Utc> as Written>::read(text), None, "{text}");
        }
    }
}
