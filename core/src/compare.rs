//! What two policies, or two editions of one, make of the same facts: which findings appear, vanish, move or change.
//!
//! A finding is told by its code, or by the group of its code where a list of the vocabulary groups codes that differ in
//! name only. Clauses do not count: the same finding under two policies always comes from two clauses.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::code::Code;
use crate::evaluation::Finding;
use crate::vocabulary::Vocabulary;

/// What becomes of a finding under the other policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// Only the other policy has it.
    Appears,
    /// The other policy does not have it.
    Vanishes,
    /// Both have it, with different days.
    Moves,
    /// Both have it on the same days, but another effect, severity or certainty.
    Changes,
}

/// A finding that is not the same under both policies.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// What tells the finding: its code, or the group of its code.
    pub code: Code,
    /// What becomes of it.
    pub change: Change,
    /// Under the first policy.
    pub own: Option<Finding>,
    /// Under the other.
    pub other: Option<Finding>,
}

/// Two policies' findings on the same facts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Comparison {
    /// What differs, in the order of the codes.
    pub differences: Vec<Difference>,
    /// Findings that both have alike, once for each.
    pub unchanged: Vec<Code>,
}

/// Lists whose codes findings bear.
const LISTS: [&str; 4] = ["flags", "reasons", "errors", "actions"];

/// What tells a finding from others: the group of its code, where there is one, else the code.
#[must_use]
pub fn identity(vocabulary: &Vocabulary, code: &Code) -> Code {
    LISTS
        .iter()
        .filter_map(|list| {
            vocabulary
                .lists()
                .get(*list)?
                .codes
                .get(code)?
                .group
                .clone()
        })
        .next()
        .unwrap_or_else(|| code.clone())
}

/// Compares findings; the same finding given twice by one policy counts once.
#[must_use]
pub fn findings(vocabulary: &Vocabulary, own: &[Finding], other: &[Finding]) -> Comparison {
    let mut told: BTreeMap<Code, (Vec<&Finding>, Vec<&Finding>)> = BTreeMap::new();
    for finding in own {
        let (own, _) = told.entry(identity(vocabulary, &finding.code)).or_default();
        add(own, finding);
    }
    for finding in other {
        let (_, other) = told.entry(identity(vocabulary, &finding.code)).or_default();
        add(other, finding);
    }
    let mut comparison = Comparison::default();
    for (code, (mut own, mut other)) in told {
        own.retain(
            |finding| match other.iter().position(|it| alike(finding, it)) {
                Some(at) => {
                    other.remove(at);
                    comparison.unchanged.push(code.clone());
                    false
                }
                None => true,
            },
        );
        // Those of the same days belong together, whatever else differs between them.
        own.retain(
            |finding| match other.iter().position(|it| days(finding) == days(it)) {
                Some(at) => {
                    let it = other.remove(at);
                    let differs = difference(&code, Some(finding), Some(it));
                    comparison.differences.push(differs);
                    false
                }
                None => true,
            },
        );
        own.sort_by_key(|finding| days(finding));
        other.sort_by_key(|finding| days(finding));
        let pairs = own.len().max(other.len());
        let (mut own, mut other) = (own.into_iter(), other.into_iter());
        for _ in 0..pairs {
            let differs = difference(&code, own.next(), other.next());
            comparison.differences.push(differs);
        }
    }
    comparison
}

fn add<'a>(to: &mut Vec<&'a Finding>, finding: &'a Finding) {
    let same = |known: &&Finding| known.code == finding.code && alike(known, finding);
    if !to.iter().any(same) {
        to.push(finding);
    }
}

type Days = (Option<NaiveDate>, Option<NaiveDate>, Option<NaiveDate>);

fn days(finding: &Finding) -> Days {
    (finding.since, finding.due_on, finding.ran_out_on)
}

fn alike(one: &Finding, other: &Finding) -> bool {
    days(one) == days(other)
        && one.effect == other.effect
        && one.severity == other.severity
        && one.certainty == other.certainty
}

fn difference(code: &Code, own: Option<&Finding>, other: Option<&Finding>) -> Difference {
    let change = match (own, other) {
        (None, _) => Change::Appears,
        (_, None) => Change::Vanishes,
        (Some(own), Some(other)) if days(own) != days(other) => Change::Moves,
        _ => Change::Changes,
    };
    Difference {
        code: code.clone(),
        change,
        own: own.cloned(),
        other: other.cloned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeMap;

    use super::*;
    use crate::evaluation::{Certainty, Effect, Severity};
    use crate::vocabulary::{CodeEntry, CodeList};

    fn finding(code: &str, due: Option<&str>) -> Finding {
        let mut finding = Finding::new(Code::new(code).unwrap(), Effect::Flag, "Said.");
        finding.due_on = due.map(|day| day.parse().unwrap());
        finding
    }

    fn told(own: &[Finding], other: &[Finding]) -> Vec<(String, Change)> {
        findings(&Vocabulary::shared(), own, other)
            .differences
            .into_iter()
            .map(|difference| (difference.code.to_string(), difference.change))
            .collect()
    }

    #[test]
    fn findings_appear_vanish_move_and_change() {
        let own = [
            finding("a", Some("2026-01-01")),
            finding("b", Some("2026-01-01")),
            finding("c", None),
            finding("d", None),
        ];
        let mut graver = finding("d", None);
        graver.severity = Severity::Escalated;
        let other = [
            finding("b", Some("2026-02-01")),
            finding("c", None),
            graver,
            finding("e", None),
        ];
        let expected = [
            ("a", Change::Vanishes),
            ("b", Change::Moves),
            ("d", Change::Changes),
            ("e", Change::Appears),
        ];
        assert_eq!(
            told(&own, &other),
            expected.map(|(code, change)| (code.to_owned(), change))
        );
        let same = findings(&Vocabulary::shared(), &own, &other).unchanged;
        assert_eq!(same, [Code::new("c").unwrap()]);
        assert!(told(&own, &own).is_empty());
    }

    #[test]
    fn turned_round_what_appears_vanishes_and_what_moves_moves() {
        let own = [finding("a", None), finding("b", Some("2026-01-01"))];
        let other = [finding("b", Some("2026-01-02"))];
        assert_eq!(
            told(&own, &other),
            [
                ("a".to_owned(), Change::Vanishes),
                ("b".to_owned(), Change::Moves)
            ]
        );
        assert_eq!(
            told(&other, &own),
            [
                ("a".to_owned(), Change::Appears),
                ("b".to_owned(), Change::Moves)
            ]
        );
    }

    #[test]
    fn several_of_one_code_are_paired_and_the_same_one_twice_counts_once() {
        let one = finding("a", Some("2026-01-01"));
        let two = finding("a", Some("2026-02-01"));
        assert!(told(&[one.clone(), one.clone()], std::slice::from_ref(&one)).is_empty());
        let found = told(&[one.clone(), two.clone()], std::slice::from_ref(&two));
        assert_eq!(found, [("a".to_owned(), Change::Vanishes)]);
        let mut unsure = two.clone();
        unsure.certainty = Certainty::CannotBeKnown;
        let found = told(&[one, two], &[unsure]);
        assert_eq!(
            found,
            [
                ("a".to_owned(), Change::Changes),
                ("a".to_owned(), Change::Vanishes)
            ]
        );
    }

    #[test]
    fn codes_of_one_group_are_one_finding() {
        let entry = |group: &str| CodeEntry {
            label: String::new(),
            group: Some(Code::new(group).unwrap()),
        };
        let codes = [("papers_late", "late"), ("paperwork_late", "late")]
            .map(|(code, group)| (Code::new(code).unwrap(), entry(group)));
        let flags = CodeList {
            title: String::new(),
            open: false,
            codes: BTreeMap::from(codes),
        };
        let vocabulary = Vocabulary::default()
            .with_lists(&BTreeMap::from([(Code::new("flags").unwrap(), flags)]));
        let own = [finding("papers_late", None)];
        let other = [finding("paperwork_late", None)];
        let comparison = findings(&vocabulary, &own, &other);
        assert_eq!(comparison.unchanged, [Code::new("late").unwrap()]);
        assert_eq!(comparison.differences, []);
    }
}
