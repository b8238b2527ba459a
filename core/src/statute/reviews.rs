//! What the records tell about the reviews of the present period of care: which was the first, which the second, which the
//! last, and whether another may have been held that is not on record.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use chrono::NaiveDate;

use crate::calendar::working_days;
use crate::code::FactName;
use crate::facts::{FactValue, Facts};

/// Working days in which the first review is in time.
const FIRST_WITHIN: i32 = 20;

/// Facts that the rules read as they were sent.
const AS_SENT: [&str; 7] = [
    "became_looked_after_on",
    "looked_after",
    "lower_bounds",
    "permanence_plan_on",
    "proceedings_issued_on",
    "proceedings_concluded_on",
    "proceedings_extended_to",
];

/// Facts that are made of what the records tell.
const AS_SETTLED: [&str; 7] = [
    "first_statutory_review_on",
    "last_statutory_review_on",
    "permanence_plan_on",
    "reviews",
    "second_statutory_review_arranged_on",
    "second_statutory_review_on",
    "statutory_reviews_held",
];

/// A review that was held, with its number where it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Held {
    on: NaiveDate,
    number: Option<i64>,
}

/// A day as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    Day(NaiveDate),
    /// There is none.
    None,
    /// Nothing is said of it.
    Unsaid,
}

/// The facts of a question as the statutory rules read them.
pub(super) fn settle(facts: &Facts, as_of: NaiveDate) -> Facts {
    let mut settled: Facts = AS_SENT
        .iter()
        .filter_map(|name| Some((named(name)?, facts.get(name)?.clone())))
        .collect();
    let plan_denied = facts.boolean("has_permanence_plan") == Some(false);
    if plan_denied && facts.is_absent("permanence_plan_on") {
        set(&mut settled, "permanence_plan_on", FactValue::None);
    }
    let care = facts.date("became_looked_after_on");
    let held = held(facts, care, as_of);
    let complete = is_complete(facts, as_of);
    let first = first(facts, &held, care, complete, as_of);
    let second = second(facts, &held, first, complete, as_of);
    day(&mut settled, "first_statutory_review_on", first);
    day(&mut settled, "second_statutory_review_on", second);
    let days = [first, second].into_iter().filter_map(|known| match known {
        Known::Day(on) => Some(on),
        _ => None,
    });
    let last = held
        .iter()
        .map(|review| review.on)
        .chain(days.clone())
        .max();
    if let Some(last) = last {
        set(
            &mut settled,
            "last_statutory_review_on",
            FactValue::Date(last),
        );
    }
    let least = match second {
        Known::Day(_) => 2,
        _ => i64::try_from(days.count()).unwrap_or_default(),
    };
    let counted = held
        .iter()
        .zip(1..)
        .map(|(review, count)| review.number.unwrap_or(count));
    let count = counted.max().unwrap_or_default().max(least);
    set(
        &mut settled,
        "statutory_reviews_held",
        FactValue::Integer(count),
    );
    if let Some(arranged) = facts
        .date("second_statutory_review_on")
        .filter(|on| *on > as_of)
    {
        let name = "second_statutory_review_arranged_on";
        set(&mut settled, name, FactValue::Date(arranged));
    }
    // Its presence says that no review is missing from it.
    if complete {
        set(&mut settled, "reviews", FactValue::List(Vec::new()));
    }
    settled
}

fn set(facts: &mut Facts, name: &str, value: FactValue) {
    if let Some(name) = named(name) {
        facts.insert(name, value);
    }
}

/// The name of a fact, made once: these are set for every child.
fn named(name: &str) -> Option<FactName> {
    static NAMES: LazyLock<BTreeSet<FactName>> = LazyLock::new(|| {
        let names = AS_SENT.iter().chain(&AS_SETTLED);
        names.filter_map(|name| FactName::new(*name).ok()).collect()
    });
    NAMES.get(name).cloned()
}

fn day(facts: &mut Facts, name: &str, known: Known) {
    match known {
        Known::Day(on) => set(facts, name, FactValue::Date(on)),
        Known::None => set(facts, name, FactValue::None),
        Known::Unsaid => {}
    }
}

/// Whether the list of reviews reaches up to the day asked about.
fn is_complete(facts: &Facts, as_of: NaiveDate) -> bool {
    let listed = matches!(
        facts.get("reviews"),
        Some(FactValue::List(_) | FactValue::None)
    );
    listed && facts.date("reviews_known_to").is_none_or(|to| to >= as_of)
}

/// The reviews of the present period of care that were held by the day, in order.
fn held(facts: &Facts, care: Option<NaiveDate>, as_of: NaiveDate) -> Vec<Held> {
    let asked_about = facts.date("review_on").map(|on| Held {
        on,
        number: facts.integer("review_number"),
    });
    let mut held: Vec<Held> = facts
        .list("reviews")
        .iter()
        .filter_map(review)
        .chain(asked_about)
        .filter(|review| review.on <= as_of && care.is_none_or(|care| review.on >= care))
        .collect();
    held.sort_unstable();
    held.dedup_by_key(|review| review.on);
    held
}

fn review(entry: &FactValue) -> Option<Held> {
    let among = |names: [&str; 3]| names.into_iter().find_map(|name| entry.member(name));
    let on = entry
        .as_date()
        .or_else(|| among(["review_on", "held_on", "on"])?.as_date())?;
    let number = match among(["review_number", "number", "count"]) {
        Some(FactValue::Integer(number)) => Some(*number),
        _ => None,
    };
    Some(Held { on, number })
}

/// What was said of a review by its own name; a day ahead says that it has not been held.
fn said(facts: &Facts, name: &str, as_of: NaiveDate) -> Option<Known> {
    match facts.get(name)? {
        FactValue::None => Some(Known::None),
        value => value.as_date().map(|on| match on <= as_of {
            true => Known::Day(on),
            false => Known::None,
        }),
    }
}

fn numbered(held: &[Held], number: i64) -> Option<Known> {
    let found = held.iter().find(|review| review.number == Some(number))?;
    Some(Known::Day(found.on))
}

fn first(
    facts: &Facts,
    held: &[Held],
    care: Option<NaiveDate>,
    complete: bool,
    as_of: NaiveDate,
) -> Known {
    let in_time = |review: &&Held| {
        let due = care.and_then(|care| working_days::shift(care, FIRST_WITHIN));
        due.is_some_and(|due| review.on <= due)
    };
    let told = said(facts, "first_statutory_review_on", as_of).or_else(|| numbered(held, 1));
    match (told, held.first()) {
        (Some(told), _) => told,
        (None, None) if complete => Known::None,
        // Whichever it is, there was a review in time.
        (None, Some(earliest)) if earliest.number.is_none() && in_time(&earliest) => {
            Known::Day(earliest.on)
        }
        _ => Known::Unsaid,
    }
}

fn second(facts: &Facts, held: &[Held], first: Known, complete: bool, as_of: NaiveDate) -> Known {
    let told = said(facts, "second_statutory_review_on", as_of).or_else(|| numbered(held, 2));
    let all_numbered = held.iter().all(|review| review.number.is_some());
    match told {
        Some(told) => told,
        None if first == Known::None => Known::None,
        None if complete && all_numbered => Known::None,
        None => Known::Unsaid,
    }
}
