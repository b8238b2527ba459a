//! A new import laid onto what earlier imports left: years that come again are replaced, other years stay.
//!
//! A record belongs to the years whose returns held it. When a year is imported again, its returns alone say what that
//! year held; a record that only that year had and has no more is gone.

use std::collections::{BTreeMap, BTreeSet};

use permanence_core::care::{CareHistory, CollectionYear};

use super::format::Table;
use super::merge::{Repeated, add_years};
use super::report::{Action, Issue, Rule};

/// Collection years by table.
pub type Years = BTreeMap<Table, BTreeSet<CollectionYear>>;

/// What earlier imports left of a child, with the new import laid onto it; and a line for each contradiction between
/// years that were imported apart.
#[must_use]
pub fn onto(
    reference: &str,
    stored: CareHistory,
    new: CareHistory,
    years: &Years,
) -> (CareHistory, Vec<Issue>) {
    let mut laying = Laying {
        reference,
        years,
        issues: Vec::new(),
    };
    let history = CareHistory {
        date_of_birth: new.date_of_birth.or(stored.date_of_birth),
        episodes: laying.lay(Table::Episodes, stored.episodes, new.episodes),
        reviews: laying.lay(Table::Reviews, stored.reviews, new.reviews),
        adoption_decisions: laying.lay(
            Table::PlacedForAdoption,
            stored.adoption_decisions,
            new.adoption_decisions,
        ),
        adoptions: laying.lay(Table::Ad1, stored.adoptions, new.adoptions),
        previous_permanence: laying.lay(
            Table::PreviousPermanence,
            stored.previous_permanence,
            new.previous_permanence,
        ),
        missing: laying.lay(Table::Missing, stored.missing, new.missing),
        social_workers: laying.lay(
            Table::SocialWorkers,
            stored.social_workers,
            new.social_workers,
        ),
        liberty_orders: laying.lay(
            Table::LibertyOrders,
            stored.liberty_orders,
            new.liberty_orders,
        ),
        asylum_status_ends_on: new.asylum_status_ends_on.or(stored.asylum_status_ends_on),
        coverage: new.coverage,
    };
    (history, laying.issues)
}

struct Laying<'a> {
    reference: &'a str,
    years: &'a Years,
    issues: Vec<Issue>,
}

impl Laying<'_> {
    fn lay<T: Repeated>(&mut self, table: Table, stored: Vec<T>, new: Vec<T>) -> Vec<T> {
        let none = BTreeSet::new();
        let again = self.years.get(&table).unwrap_or(&none);
        let mut records: BTreeMap<T::Key, T> = new
            .into_iter()
            .map(|record| (record.key(), record))
            .collect();
        for mut old in stored {
            let had_years = !old.source().years.is_empty();
            // Values came from the latest return: if that one comes again, they are no testimony any more.
            let replaced = old
                .source()
                .years
                .last()
                .is_some_and(|year| again.contains(year));
            old.source_mut().years.retain(|year| !again.contains(year));
            let left = &old.source().years;
            if had_years && left.is_empty() {
                continue;
            }
            match records.get_mut(&old.key()) {
                None => {
                    records.insert(old.key(), old);
                }
                Some(record) if !replaced && left.last() > record.source().years.last() => {
                    // The stored record is from a later return than this import.
                    let years = record.source().years.clone();
                    add_years(old.source_mut(), &years);
                    *record = old;
                }
                Some(record) => {
                    let differs = if replaced {
                        Vec::new()
                    } else {
                        record.differs_from(&old)
                    };
                    for column in differs {
                        self.issues.push(self.line(table, record, column));
                    }
                    let years = old.source().years.clone();
                    add_years(record.source_mut(), &years);
                }
            }
        }
        records.into_values().collect()
    }

    fn line<T: Repeated>(&self, table: Table, record: &T, column: &str) -> Issue {
        Issue {
            file: record.source().file.clone().unwrap_or_default(),
            table: Some(table),
            row: record.source().row,
            column: (!column.is_empty()).then(|| column.to_owned()),
            rule: Rule::SourcesDiffer,
            severity: Rule::SourcesDiffer.severity(),
            action: Action::LaterValueKept,
            rows: None,
            child: Some(self.reference.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::super::{Reading, SourceFile, read};
    use super::*;

    const EPISODES: &str = "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC\n";

    fn reading(name: &str, rows: &str) -> Reading {
        let text = format!("{EPISODES}{rows}");
        read(&[SourceFile {
            name,
            content: text.as_bytes().into(),
            year: None,
        }])
    }

    fn after(imports: &[(&str, &str)]) -> (CareHistory, Vec<Issue>) {
        imports.iter().fold(
            (CareHistory::default(), Vec::new()),
            |(stored, _), (name, rows)| {
                let reading = reading(name, rows);
                let new = reading.children["7"].history.clone();
                onto("7", stored, new, &reading.years)
            },
        )
    }

    const FIRST: (&str, &str) = (
        "2023.csv",
        "7,01/05/2023,S,V2,N1,U6,PR1,,\n8,01/05/2023,S,V2,N1,U6,PR1,01/06/2023,E8\n",
    );
    const SECOND: (&str, &str) = (
        "2024.csv",
        "7,01/05/2023,S,V2,N1,U6,PR1,01/09/2024,X1\n7,01/09/2024,L,C1,N1,U6,PR1,,\n",
    );

    #[test]
    fn years_that_come_one_after_the_other_add_up_in_either_order() {
        for imports in [[FIRST, SECOND], [SECOND, FIRST]] {
            let (history, issues) = after(&imports);
            assert_eq!(history.episodes.len(), 2);
            assert_eq!(history.episodes[0].ended_on, "2024-09-01".parse().ok());
            assert_eq!(history.episodes[0].source.years.len(), 2);
            assert!(issues.is_empty(), "{issues:?}");
        }
    }

    #[test]
    fn a_year_that_comes_again_replaces_itself_and_nothing_else() {
        let corrected = (
            "2024.csv",
            "7,01/05/2023,S,V2,N1,U6,PR1,15/09/2024,X1\n7,15/09/2024,L,C2,N1,U6,PR1,,\n",
        );
        let (history, issues) = after(&[FIRST, SECOND, corrected]);
        let starts: Vec<_> = history
            .episodes
            .iter()
            .map(|episode| episode.started_on.to_string())
            .collect();
        assert_eq!(starts, ["2023-05-01", "2024-09-15"]);
        assert_eq!(history.episodes[0].ended_on, "2024-09-15".parse().ok());
        assert!(issues.is_empty(), "{issues:?}");
        assert_eq!(after(&[FIRST, SECOND, SECOND]).0, after(&[FIRST, SECOND]).0);
    }

    #[test]
    fn years_that_contradict_each_other_are_reported() {
        let first = ("2023.csv", "7,01/05/2023,S,V2,N1,U6,PR1,31/03/2024,E4A\n");
        let (history, issues) = after(&[first, SECOND]);
        assert_eq!(history.episodes[0].ended_on, "2024-09-01".parse().ok());
        let lines: Vec<_> = issues
            .iter()
            .map(|issue| (issue.row, issue.column.as_deref()))
            .collect();
        assert_eq!(lines, [(Some(2), Some("DEC")), (Some(2), Some("REC"))]);
    }
}
