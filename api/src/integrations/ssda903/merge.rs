//! From the rows of several years to one history a child.
//!
//! The same episode stands in every return whose year it was open in; it is known by child and first day. The later
//! return wins, because it was made knowing more; where an earlier one said something else there is a line about it,
//! except for the end of an episode that was still open then. Within one file the first row wins over a second one
//! about the same thing.

use std::collections::BTreeMap;

use permanence_core::care::{
    Adoption, AdoptionDecision, CareHistory, CollectionYear, Episode, PreviousPermanence, Review,
    Source, Stretch,
};

use super::ledger::{Ledger, RowAt};
use super::records::Record;
use super::report::{Action, Rule};

/// A child with everything that the files say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Child {
    /// `male`, `female` or `not_known`, as the latest return has it.
    pub sex: Option<String>,
    /// What has happened.
    pub history: CareHistory,
}

/// Rows of one child, each with its place.
pub(super) type Rows = Vec<(RowAt, Record)>;

/// A record that several returns may hold.
pub(super) trait Repeated: Clone + PartialEq {
    /// Two records with one key are about the same thing.
    type Key: Ord;

    fn key(&self) -> Self::Key;
    fn source(&self) -> &Source;
    fn source_mut(&mut self) -> &mut Source;
    /// Columns in which an earlier return says something else than this later one.
    fn differs_from(&self, earlier: &Self) -> Vec<&'static str>;
}

macro_rules! repeated {
    ($kind:ty, $key:ty, |$me:ident| $key_of:expr, |$later:ident, $earlier:ident| [$($column:literal: $differs:expr),* $(,)?]) => {
        impl Repeated for $kind {
            type Key = $key;
            fn key(&self) -> Self::Key {
                let $me = self;
                $key_of
            }
            fn source(&self) -> &Source {
                &self.source
            }
            fn source_mut(&mut self) -> &mut Source {
                &mut self.source
            }
            fn differs_from(&self, earlier: &Self) -> Vec<&'static str> {
                let ($later, $earlier) = (self, earlier);
                let mut columns = Vec::new();
                $(if $differs { columns.push($column); })*
                columns
            }
        }
    };
}

/// Whether a value that the earlier return had is another one now. What was still open or blank then is no difference.
fn changed<T: PartialEq>(later: &Option<T>, earlier: &Option<T>) -> bool {
    earlier.is_some() && later != earlier
}

repeated!(Episode, chrono::NaiveDate, |me| me.started_on, |later, earlier| [
    "DEC": changed(&later.ended_on, &earlier.ended_on),
    "REC": earlier.ended_on.is_some() && changed(&later.end, &earlier.end),
    "RNE": changed(&later.start, &earlier.start),
    "LS": changed(&later.legal_status, &earlier.legal_status),
    "PLACE": changed(&later.placement, &earlier.placement),
    // Some placements need no provider any more since 2025-26: one that is gone is no contradiction.
    "PLACE_PROVIDER": later.provider.is_some() && changed(&later.provider, &earlier.provider),
]);
repeated!(Review, chrono::NaiveDate, |me| me.held_on, |later, earlier| [
    "REVIEW_CODE": changed(&later.participation, &earlier.participation),
]);
repeated!(AdoptionDecision, chrono::NaiveDate, |me| me.decided_on, |later, earlier| [
    "DATE_PLACED_CEASED": changed(&later.reversed_on, &earlier.reversed_on),
]);
repeated!(Adoption, Option<chrono::NaiveDate>, |me| me.decided_on, |later, earlier| [
    "DATE_MATCH": changed(&later.matched_on, &earlier.matched_on),
]);
repeated!(PreviousPermanence, String, |me| me.option.clone(), |later, earlier| [
    "DATE_PERM": changed(&later.ordered, &earlier.ordered),
]);
// Three tables hold stretches; the ledger knows what each calls the end.
repeated!(Stretch, chrono::NaiveDate, |me| me.started_on, |later, earlier| [
    "": changed(&later.ended_on, &earlier.ended_on),
]);

/// Makes one history of a child's rows. Rows come in the order of files and lines.
pub(super) fn child(mut rows: Rows, ledger: &mut Ledger) -> Child {
    // Stable: rows of one year keep the order of files. Rows of an unknown year come first, so that any year wins.
    rows.sort_by_key(|(at, _)| ledger.year(at));
    let mut child = Child::default();
    let mut headers = Vec::new();
    let mut episodes = Vec::new();
    let mut reviews = Vec::new();
    let mut decisions = Vec::new();
    let mut adoptions = Vec::new();
    let mut previous = Vec::new();
    let mut missing = Vec::new();
    let mut workers = Vec::new();
    let mut liberty = Vec::new();
    let mut asylum = Vec::new();
    let mut no_previous = Vec::new();
    for (at, record) in rows {
        match record {
            Record::Header(header) => headers.push((at, header)),
            Record::Episode(episode) => episodes.push((at, episode)),
            Record::Review(review) => reviews.push((at, review)),
            Record::AdoptionDecision(decision) => decisions.push((at, decision)),
            Record::Adoption(adoption) => adoptions.push((at, adoption)),
            Record::PreviousPermanence(Some(option)) => previous.push((at, option)),
            Record::PreviousPermanence(None) => no_previous.push((at, ())),
            Record::Missing(stretch) => missing.push((at, stretch)),
            Record::SocialWorker(stretch) => workers.push((at, stretch)),
            Record::LibertyOrder(stretch) => liberty.push((at, stretch)),
            Record::AsylumEnd(day) => asylum.push((at, day)),
        }
    }
    header(headers, &mut child, ledger);
    repeats(&no_previous, ledger);
    repeats(&asylum, ledger);
    let history = &mut child.history;
    history.asylum_status_ends_on = asylum.last().and_then(|(_, day)| *day);
    history.episodes = merged(episodes, ledger);
    history.reviews = merged(reviews, ledger);
    history.adoption_decisions = merged(decisions, ledger);
    history.adoptions = merged(adoptions, ledger);
    history.previous_permanence = merged(previous, ledger);
    history.missing = merged(missing, ledger);
    history.social_workers = merged(workers, ledger);
    history.liberty_orders = merged(liberty, ledger);
    child
}

fn merged<T: Repeated>(rows: Vec<(RowAt, T)>, ledger: &mut Ledger) -> Vec<T> {
    let mut kept: BTreeMap<T::Key, (RowAt, T)> = BTreeMap::new();
    for (at, mut record) in rows {
        let key = record.key();
        let Some((kept_at, before)) = kept.get_mut(&key) else {
            kept.insert(key, (at, record));
            continue;
        };
        let differs = record.differs_from(before);
        if kept_at.section == at.section {
            let rule = if same_but_for_source(&record, before) {
                Rule::RowRepeated
            } else {
                Rule::RowContradicted
            };
            ledger.take_back(&at, rule);
            continue;
        }
        for column in differs {
            let column = if column.is_empty() {
                ledger.end_column(&at)
            } else {
                column
            };
            ledger.line(
                &at,
                Rule::SourcesDiffer,
                Action::LaterValueKept,
                Some(column),
            );
        }
        add_years(record.source_mut(), &before.source().years);
        *kept_at = at;
        *before = record;
    }
    kept.into_values().map(|(_, record)| record).collect()
}

fn same_but_for_source<T: Repeated>(one: &T, other: &T) -> bool {
    let mut copy = one.clone();
    *copy.source_mut() = other.source().clone();
    copy == *other
}

/// Adds the years in which an earlier return held the record.
pub(super) fn add_years(source: &mut Source, years: &[CollectionYear]) {
    source.years.extend_from_slice(years);
    source.years.sort_unstable();
    source.years.dedup();
}

/// Rows of which a child has one a file: all but the first of each file are taken back.
fn repeats<T>(rows: &[(RowAt, T)], ledger: &mut Ledger) {
    let mut seen = Vec::new();
    for (at, _) in rows {
        if seen.contains(&at.section) {
            ledger.take_back(at, Rule::RowRepeated);
        } else {
            seen.push(at.section);
        }
    }
}

fn header(rows: Vec<(RowAt, super::records::Header)>, child: &mut Child, ledger: &mut Ledger) {
    let mut seen: Vec<(usize, super::records::Header)> = Vec::new();
    for (at, header) in rows {
        if let Some((_, first)) = seen.iter().find(|(section, _)| *section == at.section) {
            let rule = if *first == header {
                Rule::RowRepeated
            } else {
                Rule::RowContradicted
            };
            ledger.take_back(&at, rule);
            continue;
        }
        if changed(&header.date_of_birth, &child.history.date_of_birth)
            && header.date_of_birth.is_some()
        {
            ledger.line(&at, Rule::BirthDiffers, Action::LaterValueKept, Some("DOB"));
        }
        child.history.date_of_birth = header.date_of_birth.or(child.history.date_of_birth);
        child.sex = header.sex.clone().or_else(|| child.sex.take());
        seen.push((at.section, header));
    }
}
