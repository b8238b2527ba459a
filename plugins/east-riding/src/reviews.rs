//! Statutory reviews as a question lists them.

use chrono::NaiveDate;
use permanence_core::facts::FactValue;
use permanence_plugin::Context;
use permanence_plugin::reading::{entries, integer};

/// The reviews of the list that were held by the day asked about.
pub(crate) enum Listed {
    /// With their numbers; those without one are left out where others have one.
    Numbered(Vec<(i64, NaiveDate)>),
    /// By their days, in order.
    Days(Vec<NaiveDate>),
}

pub(crate) fn listed(context: &Context<'_>) -> Listed {
    let reviews: Vec<(Option<i64>, NaiveDate)> = entries(context, "reviews")
        .into_iter()
        .filter_map(|review| Some((number(review), day(review)?)))
        .collect();
    let numbered: Vec<(i64, NaiveDate)> = reviews
        .iter()
        .filter_map(|(number, on)| Some(((*number)?, *on)))
        .collect();
    if !numbered.is_empty() {
        return Listed::Numbered(numbered);
    }
    let mut days: Vec<NaiveDate> = reviews.into_iter().map(|(_, on)| on).collect();
    days.sort_unstable();
    Listed::Days(days)
}

fn number(review: &FactValue) -> Option<i64> {
    let names = ["review_number", "number"].into_iter();
    names
        .filter_map(|name| review.member(name))
        .find_map(integer)
}

fn day(review: &FactValue) -> Option<NaiveDate> {
    ["review_on", "held_on"]
        .into_iter()
        .find_map(|name| review.member(name))
        .and_then(FactValue::as_date)
}
