//! Local time in Europe/London: policies speak of clock times there.

use chrono::{DateTime, NaiveDateTime, TimeZone};
use chrono_tz::{Europe::London, Tz};

/// The moment of a local date and time. A time that the clock change skips is read as the first moment after it;
/// one that happens twice is read as the earlier.
pub fn at(local: NaiveDateTime) -> DateTime<Tz> {
    London
        .from_local_datetime(&local)
        .earliest()
        .or_else(|| {
            let later = local.checked_add_signed(chrono::TimeDelta::hours(1))?;
            London.from_local_datetime(&later).earliest()
        })
        .unwrap_or_else(|| London.from_utc_datetime(&local))
}

/// The local date and time as RFC 3339 text with its offset, such as `2025-06-19T13:00:00+01:00`.
pub fn text(local: NaiveDateTime) -> String {
    at(local).to_rfc3339_opts(chrono::SecondsFormat::Secs, false)
}

/// Reads an RFC 3339 time with zone as local London time, seconds or none; a time without a zone is taken for local.
pub fn parse(text: &str) -> Option<NaiveDateTime> {
    if !text
        .get(..16)
        .is_some_and(|to_the_minute| fits(to_the_minute, "0000-00-00T00:00"))
    {
        return None;
    }
    let zulu = text.strip_suffix('Z').map(|text| format!("{text}+00:00"));
    let to_the_minute = zulu.as_deref().unwrap_or(text);
    if let Ok(moment) = DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_str(to_the_minute, "%Y-%m-%dT%H:%M%:z"))
    {
        return Some(moment.with_timezone(&London).naive_local());
    }
    ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
}

/// Whether a text has a digit at each nought of a shape, and the rest as it stands there: chrono alone would also take
/// numbers of one digit, signs and blanks.
pub(crate) fn fits(text: &str, shape: &str) -> bool {
    text.len() == shape.len()
        && text.bytes().zip(shape.bytes()).all(|(own, wanted)| {
            if wanted == b'0' {
                own.is_ascii_digit()
            } else {
                own == wanted
            }
        })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn clock_changes_are_kept() {
        assert_eq!(
            text("2025-06-19T13:00:00".parse().unwrap()),
            "2025-06-19T13:00:00+01:00"
        );
        assert_eq!(
            text("2025-12-18T13:00:00".parse().unwrap()),
            "2025-12-18T13:00:00+00:00"
        );
        assert_eq!(
            parse("2025-06-19T12:00:00Z").unwrap().to_string(),
            "2025-06-19 13:00:00"
        );
        assert_eq!(
            parse("2025-06-19T13:01").unwrap().to_string(),
            "2025-06-19 13:01:00"
        );
        for text in ["2025-06-19T13:01+01:00", "2025-06-19T12:01Z"] {
            assert_eq!(parse(text).unwrap().to_string(), "2025-06-19 13:01:00");
        }
        assert!(parse("2025-06-31T13:01").is_none());
        for text in [
            "2025-06-1T13:01",
            "2025-06-19T1:01",
            "2025-06-19T13:1Z",
            "2025-06-19",
        ] {
            assert!(parse(text).is_none(), "{text}");
        }
        assert!(parse("2025-06-31T13:01Z").is_none());
    }
}
