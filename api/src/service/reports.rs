//! The reports of a rulebook: those that it defines, and clauses on reports that no definition covers.

use permanence_core::Capability;
use permanence_core::rulebook::{Clause, Report, Rulebook};

/// Where a report is described.
#[derive(Debug, Clone, Copy)]
pub enum Defined<'a> {
    /// The rulebook defines it.
    Report(&'a Report),
    /// A clause speaks of it, and no definition takes the clause up.
    Clause(&'a Clause),
}

/// Every report of a rulebook; no clause on reports is left out.
#[must_use]
pub fn definitions(rulebook: &Rulebook) -> Vec<Defined<'_>> {
    let taken_up = |clause: &Clause| {
        rulebook
            .reports
            .iter()
            .any(|report| report.clauses.contains(&clause.id))
    };
    let on_reports = |clause: &&Clause| {
        matches!(clause.topic.as_str(), "report" | "kpi")
            || clause.capability() == Some(Capability::Reports)
    };
    let alone = rulebook
        .clauses
        .iter()
        .filter(on_reports)
        .filter(|clause| !taken_up(clause));
    rulebook
        .reports
        .iter()
        .map(Defined::Report)
        .chain(alone.map(Defined::Clause))
        .collect()
}
