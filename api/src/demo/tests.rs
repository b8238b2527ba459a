//! The promise of the generator: what it writes reads back without a complaint, and what it planted is there.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};

use permanence_core::care::{CareFacts, CareValue, CollectionYear, facts};

use super::*;
use crate::integrations::ssda903::report::Severity;
use crate::integrations::ssda903::{Reading, SourceFile, read};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn reading(invented: &Invented) -> Reading {
    let files: Vec<SourceFile<'_>> = invented
        .files
        .iter()
        .map(|file| SourceFile {
            name: &file.name,
            content: file.text.as_bytes().into(),
            year: None,
        })
        .collect();
    read(&files)
}

fn told(reading: &Reading, as_of: NaiveDate) -> BTreeMap<String, CareFacts> {
    reading
        .children
        .iter()
        .map(|(child, known)| (child.clone(), facts(&known.history, as_of)))
        .collect()
}

#[test]
fn a_council_reads_back_without_a_complaint() {
    for (children, as_of) in [
        (545, "2026-11-22"),
        (1366, "2026-03-31"),
        (60, "2024-04-01"),
    ] {
        let wanted = Wanted::new(children, day(as_of));
        let reading = reading(&invent(&wanted));
        let complaints: Vec<_> = reading
            .issues
            .iter()
            .filter(|issue| issue.severity != Severity::Notice)
            .map(|issue| (&issue.file, issue.row, issue.rule))
            .collect();
        assert!(
            complaints.is_empty(),
            "{children}: {} {:?}",
            complaints.len(),
            &complaints[..complaints.len().min(5)]
        );
        for section in &reading.sections {
            assert_eq!(section.read, section.used, "{section:?}");
        }
        let in_care = told(&reading, wanted.as_of)
            .values()
            .filter(|facts| {
                facts.get("looked_after").map(|fact| &fact.value) == Some(&CareValue::Answer(true))
            })
            .count();
        assert_eq!(in_care, usize::try_from(children).unwrap());
    }
}

#[test]
fn the_years_are_known_from_the_files_alone() {
    let wanted = Wanted::new(100, day("2026-11-22"));
    let invented = invent(&wanted);
    let reading = reading(&invented);
    assert_eq!(
        reading.coverage.episodes,
        [2022, 2023, 2024, 2025, 2026].map(CollectionYear::starting)
    );
    for section in &reading.sections {
        let file = invented
            .files
            .iter()
            .find(|file| file.name == section.file)
            .unwrap();
        assert_eq!(section.year, Some(file.year));
    }
}

#[test]
fn one_seed_one_council() {
    let wanted = Wanted::new(120, day("2026-11-22"));
    assert_eq!(invent(&wanted), invent(&wanted));
    let other = Wanted { seed: 2, ..wanted };
    assert_ne!(invent(&wanted).files, invent(&other).files);
    let references: BTreeSet<_> = invent(&Wanted::new(1366, wanted.as_of))
        .planted
        .into_iter()
        .map(|planted| planted.child)
        .collect();
    assert_eq!(references.len(), 1366);
    assert!(
        references
            .iter()
            .any(|reference| reference.starts_with('0'))
    );
}

/// The fact in which each story's clock shows.
fn clock(story: Story) -> Option<(&'static str, &'static str)> {
    use Story::*;
    Some(match story {
        PlacementOrderWaiting
        | PlacementOrderWaitingLong
        | PlacementOrderPlanChanged
        | PlacementOrderRecent => ("placement_order_on", "foster_placement"),
        AdoptiveNoApplication | AdoptiveNoApplicationLong | AdoptiveApplied | AdoptiveRecent => {
            ("placed_for_adoption_on", "adoptive_placement")
        }
        ConnectedOverAYear | ConnectedRecent => ("placement_started_on", "connected_person"),
        SameCarersOverTwoYears
        | SameCarersSinceBeforeReturns
        | SettledLongTerm
        | FosteredRecently
        | NoPlanAtSecondReview => ("placement_started_on", "foster_placement"),
        WithParentsOverAYear | WithParentsRecent => ("placement_started_on", "with_parents"),
        ResidentialOverSixMonths | ResidentialOverAYear | ResidentialRecent => {
            ("placement_started_on", "residential")
        }
        SupportedAccommodation => ("placement_started_on", "supported_accommodation"),
        // Clocks that only facts outside a return show.
        LetterOverFourMonths | LetterRecent | GuardianAssessmentOverdue => return None,
    })
}

#[test]
fn what_was_planted_is_there_to_the_day() {
    let wanted = Wanted::new(545, day("2026-11-22"));
    let invented = invent(&wanted);
    let told = told(&reading(&invented), wanted.as_of);
    let mut stories = BTreeSet::new();
    for planted in &invented.planted {
        stories.insert(planted.story);
        let facts = &told[&planted.child];
        let Some((name, kind)) = clock(planted.story) else {
            continue;
        };
        let fact = facts
            .get(name)
            .unwrap_or_else(|| panic!("{planted:?} has no {name}"));
        assert_eq!(
            fact.value.day(),
            Some(planted.shown_on),
            "{planted:?} {name}"
        );
        assert_eq!(
            fact.may_be_earlier,
            planted.shown_on != planted.began_on,
            "{planted:?}"
        );
        let Some(CareValue::Code(shown)) = facts.get("placement_type").map(|fact| &fact.value)
        else {
            panic!("{planted:?} has no placement")
        };
        assert_eq!(*shown, kind, "{planted:?}");
    }
    assert_eq!(stories.len(), Story::ALL.len(), "every story is told");
    let late = invented
        .planted
        .iter()
        .filter(|planted| planted.shown_on != planted.began_on)
        .count();
    assert!(late > 10, "{late} clocks began before the returns do");
}

#[test]
fn adoption_stands_as_the_plan_where_it_was_decided_and_not_reversed() {
    let wanted = Wanted::new(545, day("2026-11-22"));
    let invented = invent(&wanted);
    let told = told(&reading(&invented), wanted.as_of);
    for planted in &invented.planted {
        let option = told[&planted.child].get("option").map(|fact| &fact.value);
        match planted.story {
            Story::PlacementOrderWaiting
            | Story::PlacementOrderWaitingLong
            | Story::AdoptiveRecent => {
                assert_eq!(option, Some(&CareValue::Code("adoption")));
            }
            Story::PlacementOrderPlanChanged => assert_eq!(option, None),
            _ => {}
        }
    }
}

#[test]
fn every_other_fact_is_one_that_the_dictionary_knows() {
    use permanence_core::facts::{Dictionary, Facts};
    let dictionary = Dictionary::new(
        permanence_core::vocabulary::Vocabulary::shared(),
        &BTreeMap::new(),
    );
    let invented = invent(&Wanted::new(545, day("2026-11-22")));
    for other in &invented.facts {
        let wire = other
            .facts
            .iter()
            .map(|(name, value)| (permanence_core::code::camel(name), value.clone()))
            .collect();
        assert_eq!(Facts::read(&wire, &dictionary).err(), None, "{other:?}");
    }
    assert!(invented.facts.len() > 400);
}
