//! Who stands on a council's trackers: the entries, and how many there are in each section.

use permanence_core::Code;
use permanence_core::rulebook::Tracker;

use super::pages::page_of_cases;
use super::policy::PanelDesk;
use super::{Acting, ServiceError};
use crate::store::Conn;
use crate::store::ids::{CaseId, TrackerEntryId};
use crate::store::tracker_entries::{
    EntryFilter, TrackerEntry, tracker_entry_counts, tracker_entry_list,
};

/// A section of a tracker with how many children stand in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SectionCount {
    /// The tracker.
    pub tracker: Code,
    /// What the tracker is called.
    pub tracker_title: String,
    /// The section; none on a tracker without sections.
    pub section: Option<Code>,
    /// What it is called.
    pub title: String,
    /// Who leads it.
    pub lead: Vec<Code>,
    /// The clauses that describe it.
    pub clauses: Vec<permanence_core::ClauseId>,
    /// How many entries there are in it, among the cases that the caller may see.
    pub entries: i64,
}

/// Lists entries; the second part is where the next page begins, if there is one.
///
/// # Errors
/// Those of the store.
pub async fn list(
    desk: &PanelDesk,
    filter: EntryFilter,
    after: Option<TrackerEntryId>,
    limit: u16,
) -> Result<(Vec<TrackerEntry>, Option<TrackerEntryId>), ServiceError> {
    let rows = async move |conn: &mut Conn, by: &Acting, rows: i64| {
        tracker_entry_list(conn, &by.council, &by.scope, &filter, after, rows).await
    };
    let of = |entry: &TrackerEntry| (entry.case_id, entry.id);
    page_of_cases(desk, "listTrackerEntries", limit, rows, of).await
}

/// The sections of every tracker of today's policy, each with its leads and how many entries there are in it: of all cases
/// that the caller may see, or of one.
///
/// # Errors
/// Those of the store.
pub async fn sections(
    desk: &PanelDesk,
    tracker: Option<&Code>,
    case_id: Option<CaseId>,
) -> Result<Vec<SectionCount>, ServiceError> {
    let by = desk.by.clone();
    let counted = desk
        .desk
        .store
        .list(async move |conn: &mut Conn| {
            tracker_entry_counts(conn, &by.council, &by.scope, case_id).await
        })
        .await?;
    let count = |tracker: &Code, section: Option<&Code>| {
        let of_section = |(of, at, _): &&(String, Option<String>, i64)| {
            *of == tracker.as_str() && at.as_deref() == section.map(Code::as_str)
        };
        counted
            .iter()
            .find(of_section)
            .map_or(0, |(_, _, count)| *count)
    };
    let policy = desk.policy(desk.desk.today())?;
    let mut sections = Vec::new();
    let wanted = |it: &&Tracker| tracker.is_none_or(|code| it.code == *code);
    for it in policy.rulebook.trackers.iter().filter(wanted) {
        let whole = SectionCount {
            tracker: it.code.clone(),
            tracker_title: it.title.clone(),
            section: None,
            title: it.title.clone(),
            lead: Vec::new(),
            clauses: it.clauses.clone(),
            entries: count(&it.code, None),
        };
        if it.sections.is_empty() {
            sections.push(whole);
            continue;
        }
        sections.extend(it.sections.iter().map(|section| SectionCount {
            section: Some(section.code.clone()),
            title: section.title.clone(),
            lead: section.lead.clone(),
            clauses: section.clauses.clone(),
            entries: count(&it.code, Some(&section.code)),
            ..whole.clone()
        }));
    }
    desk.desk
        .record_read(&desk.by, "listTrackerSections", case_id)?;
    Ok(sections)
}
