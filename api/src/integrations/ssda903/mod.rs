//! The statutory return of looked after children (SSDA903): from files to one care history a child.
//!
//! Pure: bytes in, histories and a report out. Files are known by their columns, several collection years become one
//! history, and every row is either used or has its line in the report ([`report`]).
//!
//! Readings:
//! - `DATE_PLACED` is the day of the decision to place for adoption, not of the placement.
//! - A child is known by the reference that the council uses in its returns, kept as text.
//! - Postcodes, ethnicity, pupil numbers, health and care-leaver tables are not kept: no rule of permanence asks for them.

mod cells;
mod checks;
pub mod format;
mod ledger;
mod merge;
mod onto;
mod records;
pub mod report;
pub mod sheets;
mod xml;
mod years;

use std::collections::BTreeMap;

use permanence_core::care::{CollectionYear, Coverage};

pub use merge::Child;
pub use onto::{Years, onto};
pub use sheets::SourceFile;

use format::{Format, Table};
use ledger::{Ledger, RowAt};
use report::{Action, Issue, Rule, Section};

/// What several files of the return say together.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// Every child by its reference.
    pub children: BTreeMap<String, Child>,
    /// What the files cover.
    pub coverage: Coverage,
    /// What was read, by file and table.
    pub sections: Vec<Section>,
    /// The collection years of each table that was read.
    pub years: Years,
    /// One line for whatever was not taken as it stood, in the order of files and rows.
    pub issues: Vec<Issue>,
}

/// Reads the files of one import together. It never fails: what cannot be used is in the report.
#[must_use]
pub fn read(files: &[SourceFile<'_>]) -> Reading {
    let mut ledger = Ledger::default();
    let mut sheets = Vec::new();
    for file in files {
        sheets.extend(sheets::read(file, &mut ledger.issues));
    }
    let years = years::of(&sheets);
    let mut coverage = Coverage::default();
    let mut read_years = Years::new();
    let mut rows: BTreeMap<String, merge::Rows> = BTreeMap::new();
    for (sheet, year) in sheets.iter().zip(years) {
        let section = ledger.open(sheet, year);
        let Some(table) = sheet.table else { continue };
        if !Format::get().is_kept(table) {
            ledger.section_line(
                section,
                Rule::TableNotKept,
                Action::TableNotKept,
                Some(sheet.read),
            );
            continue;
        }
        match year {
            Some(year) => {
                cover(&mut coverage, table, year);
                read_years.entry(table).or_default().insert(year);
            }
            None => ledger.section_line(section, Rule::YearUnknown, Action::KeptAsItStands, None),
        }
        for row in &sheet.rows {
            let mut at = RowAt {
                section,
                row: row.number,
                child: None,
            };
            if let Some(record) = records::read(table, row, &mut at, &mut ledger) {
                rows.entry(row.text("CHILD").to_owned())
                    .or_default()
                    .push((at, record));
            }
        }
    }
    let mut children = BTreeMap::new();
    for (reference, rows) in rows {
        let mut child = merge::child(rows, &mut ledger);
        child.history.coverage = coverage.clone();
        checks::check(&reference, &child.history, &mut ledger);
        children.insert(reference, child);
    }
    let Ledger {
        sections,
        mut issues,
    } = ledger;
    let place: BTreeMap<&str, usize> = files
        .iter()
        .enumerate()
        .map(|(place, file)| (file.name, place))
        .collect();
    issues.sort_by(|one, other| {
        let key = |issue: &Issue| {
            (
                place.get(issue.file.as_str()).copied(),
                issue.table,
                issue.row,
            )
        };
        key(one).cmp(&key(other))
    });
    Reading {
        children,
        coverage,
        sections,
        years: read_years,
        issues,
    }
}

fn cover(coverage: &mut Coverage, table: Table, year: CollectionYear) {
    let years = match table {
        Table::Episodes => &mut coverage.episodes,
        Table::Reviews => &mut coverage.reviews,
        Table::PlacedForAdoption => &mut coverage.adoption_decisions,
        _ => return,
    };
    if !years.contains(&year) {
        years.push(year);
        years.sort_unstable();
    }
}

#[cfg(test)]
mod tests;
