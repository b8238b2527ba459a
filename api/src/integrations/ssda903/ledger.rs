//! The books of one reading: every row is used or has a line, and the counts prove it.

use permanence_core::care::{CollectionYear, Source};

use super::format::{Format, Table};
use super::report::{Action, Issue, Rule, Section};
use super::sheets::Sheet;

/// Where a row stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RowAt {
    /// Which section it belongs to.
    pub(super) section: usize,
    /// The row in its file.
    pub(super) row: u32,
    /// The child it is about, once that is known.
    pub(super) child: Option<String>,
}

/// Sections and lines of a report while it is being made.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    pub(super) sections: Vec<Section>,
    pub(super) issues: Vec<Issue>,
}

impl Ledger {
    /// Opens a section for a sheet and says which one it is.
    pub(super) fn open(&mut self, sheet: &Sheet, year: Option<CollectionYear>) -> usize {
        let not_used = if sheet
            .table
            .is_some_and(|table| Format::get().is_kept(table))
        {
            0
        } else {
            sheet.read
        };
        self.sections.push(Section {
            file: sheet.file.clone(),
            table: sheet.table,
            year,
            read: sheet.read,
            used: 0,
            not_used,
            columns_not_kept: sheet
                .table
                .map(|table| {
                    Format::get()
                        .columns_not_kept(table)
                        .map(str::to_owned)
                        .collect()
                })
                .unwrap_or_default(),
        });
        self.sections.len() - 1
    }

    /// Adds a line about one row.
    pub(super) fn line(&mut self, at: &RowAt, rule: Rule, action: Action, column: Option<&str>) {
        let section = self.sections.get(at.section);
        self.issues.push(Issue {
            file: section
                .map(|section| section.file.clone())
                .unwrap_or_default(),
            table: section.and_then(|section| section.table),
            row: Some(at.row),
            column: column.map(str::to_owned),
            rule,
            severity: rule.severity(),
            action,
            rows: None,
            child: at.child.clone(),
        });
    }

    /// Adds a line about a section as a whole.
    pub(super) fn section_line(
        &mut self,
        section: usize,
        rule: Rule,
        action: Action,
        rows: Option<u32>,
    ) {
        if let Some(about) = self.sections.get(section) {
            self.issues.push(Issue {
                file: about.file.clone(),
                table: about.table,
                row: None,
                column: None,
                rule,
                severity: rule.severity(),
                action,
                rows,
                child: None,
            });
        }
    }

    /// Leaves a row out that was not counted yet.
    pub(super) fn refuse(&mut self, at: &RowAt, rule: Rule, column: Option<&str>) {
        if let Some(section) = self.sections.get_mut(at.section) {
            section.not_used += 1;
        }
        self.line(at, rule, Action::RowNotUsed, column);
    }

    /// Counts a row as used.
    pub(super) fn accept(&mut self, at: &RowAt) {
        if let Some(section) = self.sections.get_mut(at.section) {
            section.used += 1;
        }
    }

    /// Leaves a row out that was counted as used.
    pub(super) fn take_back(&mut self, at: &RowAt, rule: Rule) {
        if let Some(section) = self.sections.get_mut(at.section) {
            section.used = section.used.saturating_sub(1);
            section.not_used += 1;
        }
        self.line(at, rule, Action::RowNotUsed, None);
    }

    /// The collection year that a row counts for.
    pub(super) fn year(&self, at: &RowAt) -> Option<CollectionYear> {
        self.sections.get(at.section)?.year
    }

    /// What the row's table calls the end of a stretch.
    pub(super) fn end_column(&self, at: &RowAt) -> &'static str {
        match self
            .sections
            .get(at.section)
            .and_then(|section| section.table)
        {
            Some(Table::SocialWorkers) => "SW_DEC",
            Some(Table::LibertyOrders) => "DOLO_END",
            _ => "MIS_END",
        }
    }

    /// Where a record was read.
    pub(super) fn source(&self, at: &RowAt) -> Source {
        Source {
            file: self
                .sections
                .get(at.section)
                .map(|section| section.file.clone()),
            row: Some(at.row),
            years: self.year(at).into_iter().collect(),
        }
    }
}
