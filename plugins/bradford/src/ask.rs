//! What a fact is answered with, whose role an entry has, and birthdays.

use chrono::{Datelike, NaiveDate};
use permanence_core::facts::FactValue;
use permanence_plugin::Context;
use permanence_plugin::reading::{day, member, text, value};

/// The first of these facts that has a day.
pub(crate) fn first_day(context: &Context<'_>, names: &[&str]) -> Option<NaiveDate> {
    names.iter().find_map(|name| day(context, name))
}

/// The code of a fact, or its text where it is written like one.
pub(crate) fn word<'a>(context: &Context<'a>, name: &str) -> Option<&'a str> {
    value(context, name).and_then(text)
}

/// Whether a fact is answered with anything but no.
pub(crate) fn yes(context: &Context<'_>, name: &str) -> bool {
    value(context, name).is_some_and(FactValue::is_yes)
}

/// Whether a fact is answered with no.
pub(crate) fn no(context: &Context<'_>, name: &str) -> bool {
    value(context, name) == Some(&FactValue::Boolean(false))
}

/// Whether nothing is known of a fact, or that there is none.
pub(crate) fn unknown(context: &Context<'_>, name: &str) -> bool {
    !value(context, name).is_some_and(FactValue::is_answered)
}

/// The role of an entry: the code itself, or the member `role`.
pub(crate) fn role(entry: &FactValue) -> Option<&str> {
    text(entry).or_else(|| member(entry, &["role"]).and_then(text))
}

/// The birthday at an age; one on 29 February falls on 1 March in other years.
pub(crate) fn birthday(born: NaiveDate, age: i32) -> Option<NaiveDate> {
    let year = born.year() + age;
    born.with_year(year)
        .or_else(|| NaiveDate::from_ymd_opt(year, 3, 1))
}
