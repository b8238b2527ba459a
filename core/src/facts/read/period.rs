//! How long the period may be that a question is about.

use chrono::NaiveDate;
use serde_json::{Map, Value};

use super::At;
use crate::calendar::Period;
use crate::facts::{Dictionary, FactError, Facts};

/// The fault of a period that is too long, where its last day is told, else its first. An end that is not told is the day asked
/// about.
pub(in crate::facts) fn fault(
    members: &Map<String, Value>,
    dictionary: &Dictionary,
    facts: &Facts,
    as_of: NaiveDate,
) -> Option<FactError> {
    let (from, to) = (facts.date("from"), facts.date("to"));
    let told = if to.is_some() { "to" } else { "from" };
    let period = Period {
        from: from.unwrap_or(as_of),
        to: to.unwrap_or(as_of),
    };
    period.is_too_long().then(|| FactError {
        pointer: place(members, dictionary, told),
        code: "too_long",
        message: format!(
            "the period ends at most {} days after its first day",
            Period::LONGEST_DAYS
        ),
    })
}

/// Where a fact is told: under a name of its own, or by a record that stands for several.
fn place(members: &Map<String, Value>, dictionary: &Dictionary, told: &str) -> String {
    let mut within = None;
    for (wire, value) in members {
        let at = At::Fact(wire);
        let Some((name, fact)) = dictionary.by_wire_name(wire) else {
            continue;
        };
        if *name == *told {
            return at.pointer();
        }
        let tells = fact.kind.tells();
        for member in value.as_object().into_iter().flat_map(Map::keys) {
            let stands_for = tells.and_then(|tells| {
                let mut named = tells.iter();
                named.find(|(name, _)| **name == *member.as_str() || name.is_camel(member))
            });
            if stands_for.is_some_and(|(_, fact)| *fact == *told) {
                within = Some(At::Member(&at, member).pointer());
            }
        }
    }
    within.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::vocabulary::Vocabulary;

    /// Where these facts are refused when a question about 2 March 2026 is asked with them.
    fn refused(facts: Value) -> Option<String> {
        let dictionary = Dictionary::new(Vocabulary::shared(), &BTreeMap::new());
        let as_of = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
        let fault = Facts::read_asked(facts.as_object().unwrap(), &dictionary, as_of).err()?;
        assert_eq!(fault[0].code, "too_long");
        assert!(fault[0].message.contains("14610"), "{}", fault[0].message);
        Some(fault[0].pointer.clone())
    }

    #[test]
    fn forty_years_are_taken_and_a_day_more_is_refused_where_it_is_told() {
        for (facts, place) in [
            (json!({ "from": "2000-01-01", "to": "2040-01-01" }), None),
            (
                json!({ "from": "2000-01-01", "to": "2040-01-02" }),
                Some("/to"),
            ),
            (json!({ "from": "2040-01-02", "to": "2000-01-01" }), None),
            (
                json!({ "period": { "start": "2000-01-01", "end": "2040-01-02" } }),
                Some("/period/end"),
            ),
            (
                json!({ "rangeFrom": "2000-01-01", "endDate": "2040-01-02" }),
                Some("/endDate"),
            ),
            (json!({ "from": "1986-03-02" }), None),
            (json!({ "from": "1986-03-01" }), Some("/from")),
            (json!({ "to": "2066-03-02" }), None),
            (json!({ "to": "2066-03-03" }), Some("/to")),
            (json!({}), None),
        ] {
            assert_eq!(refused(facts.clone()).as_deref(), place, "{facts}");
        }
    }
}
