//! What a history tells and what it cannot, on the days around each change.

#![allow(clippy::unwrap_used)]
use std::collections::BTreeMap;

use super::super::{
    AdoptionDecision, CodedValue, EndReason, Episode, EpisodeStart, Placement, Review, Source,
};
use super::*;
use crate::facts::{Dictionary, Facts};
use crate::vocabulary::Vocabulary;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// `start reason legal-status placement provider end reason`, with `-` for an open end.
fn episode(line: &str) -> Episode {
    let cells: Vec<&str> = line.split_whitespace().collect();
    let [start, reason, status, placement, provider, end, end_reason] = cells[..] else {
        panic!("{line}")
    };
    Episode {
        started_on: day(start),
        ended_on: (end != "-").then(|| day(end)),
        start: EpisodeStart::parse(reason).ok(),
        legal_status: LegalStatus::parse(status).ok(),
        placement: Placement::parse(placement).ok(),
        provider: Provider::parse(provider).ok(),
        end: EndReason::parse(end_reason).ok(),
        placement_change: None,
        need: None,
        provision: None,
        source: Source::default(),
    }
}

fn history(lines: &[&str]) -> CareHistory {
    CareHistory {
        episodes: lines.iter().map(|line| episode(line)).collect(),
        ..CareHistory::default()
    }
}

fn shown(history: &CareHistory, as_of: &str, name: &str) -> String {
    facts(history, day(as_of)).get(name).map_or_else(
        || "not known".to_owned(),
        |fact| {
            let bound = if fact.may_be_earlier {
                " or earlier"
            } else {
                ""
            };
            format!(
                "{}{bound}",
                fact.value.to_json().to_string().trim_matches('"')
            )
        },
    )
}

#[test]
fn a_placement_goes_on_through_same_carer_changes_and_temporary_stays() {
    let history = history(&[
        "2023-01-10 S C1 U6 PR1 2023-03-01 X1",
        "2023-03-01 P C1 U6 PR4 2023-09-01 X1",
        "2023-09-01 L C2 U6 PR4 2024-02-01 X1",
        "2024-02-01 P C2 T3 PR1 2024-02-10 X1",
        "2024-02-10 P C2 U6 PR4 2024-08-01 X1",
        "2024-08-01 T C2 U4 PR4 - -",
    ]);
    for as_of in ["2024-02-05", "2025-01-01"] {
        assert_eq!(shown(&history, as_of, "placement_started_on"), "2023-03-01");
        assert_eq!(shown(&history, as_of, "placement_type"), "foster_placement");
        assert_eq!(shown(&history, as_of, "provider_type"), "ifa");
    }
    assert_eq!(
        shown(&history, "2023-02-01", "placement_started_on"),
        "2023-01-10"
    );
    assert_eq!(
        shown(&history, "2023-03-01", "placement_started_on"),
        "2023-03-01"
    );
    assert_eq!(
        shown(&history, "2025-01-01", "became_looked_after_on"),
        "2023-01-10"
    );
    assert_eq!(shown(&history, "2025-01-01", "legal_status"), "care_order");
    assert_eq!(shown(&history, "2023-01-09", "looked_after"), "not known");
}

#[test]
fn a_foster_carer_who_becomes_the_adopter_starts_a_new_clock() {
    let history = history(&[
        "2023-01-10 S C1 U5 PR1 2024-01-15 X1",
        "2024-01-15 L E1 U5 PR1 2024-06-03 X1",
        "2024-06-03 T E1 A5 PR1 2025-02-20 E11",
    ]);
    assert_eq!(
        shown(&history, "2024-06-02", "placement_started_on"),
        "2023-01-10"
    );
    assert_eq!(
        shown(&history, "2024-06-02", "placement_order_on"),
        "2024-01-15"
    );
    assert_eq!(
        shown(&history, "2024-06-02", "placed_for_adoption_on"),
        "null"
    );
    assert_eq!(
        shown(&history, "2024-06-03", "placement_started_on"),
        "2024-06-03"
    );
    assert_eq!(
        shown(&history, "2024-06-03", "placed_for_adoption_on"),
        "2024-06-03"
    );
    assert_eq!(shown(&history, "2024-06-03", "adoption_order_on"), "null");
    assert_eq!(
        shown(&history, "2025-02-20", "adoption_order_on"),
        "2025-02-20"
    );
    assert_eq!(shown(&history, "2025-02-20", "looked_after"), "false");
    assert_eq!(
        shown(&history, "2025-02-20", "special_guardianship_order_on"),
        "not known"
    );
}

#[test]
fn what_began_before_the_first_return_is_a_lower_bound() {
    let continued = history(&["2024-05-01 L E1 U3 PR1 - -"]);
    assert_eq!(
        shown(&continued, "2025-03-31", "placement_started_on"),
        "2024-05-01 or earlier"
    );
    assert_eq!(
        shown(&continued, "2025-03-31", "became_looked_after_on"),
        "2024-05-01 or earlier"
    );
    assert_eq!(
        shown(&continued, "2025-03-31", "placement_order_on"),
        "2024-05-01"
    );
    let moved = history(&["2024-05-01 P E1 P1 PR0 - -"]);
    assert_eq!(
        shown(&moved, "2025-03-31", "placement_started_on"),
        "2024-05-01"
    );
    assert_eq!(
        shown(&moved, "2025-03-31", "placement_order_on"),
        "2024-05-01 or earlier"
    );
    assert_eq!(
        facts(&moved, day("2025-03-31")).lower_bounds(),
        ["became_looked_after_on", "placement_order_on"]
    );
}

#[test]
fn a_placement_order_that_gave_way_is_none_now_and_shows_its_end() {
    let history = history(&[
        "2023-01-10 S C2 U6 PR1 2023-06-01 X1",
        "2023-06-01 L E1 U6 PR1 2024-06-01 X1",
        "2024-06-01 L C2 U6 PR1 - -",
    ]);
    assert_eq!(shown(&history, "2024-06-01", "placement_order_on"), "null");
    assert_eq!(
        shown(&history, "2024-06-01", "placement_order_revoked_on"),
        "2024-06-01"
    );
    assert_eq!(
        shown(&history, "2024-05-31", "placement_order_revoked_on"),
        "null"
    );
}

#[test]
fn short_breaks_run_no_clock() {
    let history = history(&["2023-01-10 S V4 U6 PR1 - -"]);
    assert_eq!(shown(&history, "2024-01-10", "looked_after"), "false");
    assert_eq!(
        shown(&history, "2024-01-10", "legal_status"),
        "short_breaks"
    );
    assert_eq!(
        shown(&history, "2024-01-10", "placement_started_on"),
        "null"
    );
}

#[test]
fn an_open_episode_that_a_later_return_leaves_out_tells_nothing_of_today() {
    let mut history = history(&["2018-01-10 S C2 U6 PR1 - -"]);
    history.episodes[0].source.years = vec![CollectionYear::starting(2017)];
    history.coverage.episodes = vec![
        CollectionYear::starting(2017),
        CollectionYear::starting(2018),
    ];
    assert_eq!(shown(&history, "2019-03-31", "looked_after"), "not known");
    history.episodes[0]
        .source
        .years
        .push(CollectionYear::starting(2018));
    assert_eq!(shown(&history, "2019-03-31", "looked_after"), "true");
}

#[test]
fn reviews_are_numbered_only_when_all_of_them_can_be_known() {
    let mut history = history(&["2024-05-01 S C2 U6 PR1 - -"]);
    history.reviews = ["2024-05-24", "2024-08-20", "2025-02-10"]
        .map(|on| Review {
            held_on: day(on),
            participation: None,
            source: Source::default(),
        })
        .to_vec();
    assert_eq!(
        shown(&history, "2025-03-31", "second_statutory_review_on"),
        "not known"
    );
    history.coverage.reviews = vec![CollectionYear::starting(2024)];
    assert_eq!(
        shown(&history, "2025-03-31", "second_statutory_review_on"),
        "2024-08-20"
    );
    assert_eq!(
        shown(&history, "2024-08-19", "second_statutory_review_on"),
        "null"
    );
    assert_eq!(
        shown(&history, "2024-08-19", "reviews"),
        r#"[{"reviewOn":"2024-05-24","reviewNumber":1}]"#
    );
    history.coverage.reviews = vec![CollectionYear::starting(2025)];
    assert_eq!(
        shown(&history, "2025-03-31", "second_statutory_review_on"),
        "not known"
    );
}

#[test]
fn the_decision_to_place_for_adoption_is_the_plan_until_it_is_reversed() {
    let mut history = history(&["2023-05-01 S E1 U6 PR1 - -"]);
    assert_eq!(
        shown(&history, "2024-03-31", "shobpa_decision"),
        "not known"
    );
    history.coverage.adoption_decisions = vec![CollectionYear::starting(2023)];
    assert_eq!(shown(&history, "2024-03-31", "shobpa_decision"), "false");
    history.adoption_decisions = vec![AdoptionDecision {
        decided_on: day("2023-08-01"),
        reversed_on: Some(day("2024-02-01")),
        reversal_reason: None,
        source: Source::default(),
    }];
    assert_eq!(shown(&history, "2023-07-31", "shobpa_decision"), "false");
    assert_eq!(
        shown(&history, "2024-01-31", "shobpa_decision_on"),
        "2023-08-01"
    );
    assert_eq!(shown(&history, "2024-01-31", "option"), "adoption");
    assert_eq!(shown(&history, "2024-02-01", "shobpa_decision_on"), "null");
    assert_eq!(shown(&history, "2024-02-01", "option"), "not known");
}

#[test]
fn every_fact_and_every_code_is_in_the_shared_dictionary() {
    let dictionary = Dictionary::new(Vocabulary::shared(), &BTreeMap::new());
    for status in LegalStatus::ALL {
        for placement in Placement::ALL {
            for provider in Provider::ALL {
                let mut history = history(&["2023-05-01 L C2 U6 PR1 - -"]);
                history.episodes[0].legal_status = Some(*status);
                history.episodes[0].placement = Some(*placement);
                history.episodes[0].provider = Some(*provider);
                history.reviews = vec![Review {
                    held_on: day("2023-06-01"),
                    participation: None,
                    source: Source::default(),
                }];
                let told = facts(&history, day("2024-05-01")).to_json();
                assert_eq!(Facts::read(&told, &dictionary).err(), None, "{told:?}");
            }
        }
    }
}
