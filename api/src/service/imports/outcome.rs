//! What came of an import: its figures, and the lines of its report.

use std::collections::HashMap;

use permanence_core::care::Coverage;

use super::ImportResult;
use super::apply::Applied;
use crate::integrations::ssda903::Reading;
use crate::integrations::ssda903::report::{Issue, Severity};
use crate::store::ids::CaseId;
use crate::store::import_issues::ImportIssue;

/// A line of the report.
pub(super) fn line(seq: i64, issue: &Issue, case_of: &HashMap<&str, CaseId>) -> ImportIssue {
    let text = issue.rule.text();
    ImportIssue {
        seq,
        file: (!issue.file.is_empty()).then(|| issue.file.clone()),
        line: issue.row.map(i64::from),
        field: issue.column.clone(),
        rule: issue.rule.id().to_owned(),
        severity: issue.severity.as_str().to_owned(),
        action: issue.action.as_str().to_owned(),
        message: issue
            .rows
            .map_or_else(|| text.to_owned(), |rows| format!("{text} Rows: {rows}.")),
        case_id: issue
            .child
            .as_deref()
            .and_then(|child| case_of.get(child).copied()),
    }
}

/// The figures.
pub(super) fn result_of(
    reading: &Reading,
    applied: &Applied,
    issues: &[&Issue],
    earlier: Coverage,
    children: u32,
) -> ImportResult {
    let count = |severity| {
        let lines = issues
            .iter()
            .filter(|issue| issue.severity == severity)
            .count();
        u32::try_from(lines).unwrap_or(u32::MAX)
    };
    let mut coverage = earlier;
    coverage.add(&reading.coverage);
    let sum = |of: fn(&crate::integrations::ssda903::report::Section) -> u32| {
        reading.sections.iter().map(of).sum()
    };
    ImportResult {
        rows_read: sum(|section| section.read),
        rows_used: sum(|section| section.used),
        rows_not_used: sum(|section| section.not_used),
        children,
        cases_created: applied.cases_created,
        cases_updated: applied.cases_updated,
        cases_closed: applied.cases_closed,
        cases_reopened: applied.cases_reopened,
        events_created: applied.events_created,
        events_changed: applied.events_changed,
        events_withdrawn: applied.events_withdrawn,
        errors: count(Severity::Error),
        warnings: count(Severity::Warning),
        notices: count(Severity::Notice),
        collection_years: reading
            .coverage
            .episodes
            .iter()
            .map(ToString::to_string)
            .collect(),
        sections: reading.sections.clone(),
        coverage,
    }
}
