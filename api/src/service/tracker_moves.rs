//! Moving a child on a tracker: to another section, to another lead, or off it; what the council's rules refuse is refused.

use chrono::NaiveDate;
use permanence_core::mechanism::Mechanism;
use permanence_core::rulebook::{Policy, TrackerSection};
use permanence_core::{Answer, Capability, Code, Effect, Finding};
use serde_json::{Map, Value};

use super::ServiceError;
use super::cases::Admits;
use super::codes::known_code;
use super::fact_sheet::read_sent;
use super::policy::{PanelDesk, refuse_blocked};
use super::trackers::{child_facts, find, future, gone, keep, placed, tracker_of};
use crate::store::ids::TrackerEntryId;
use crate::store::tracker_entries::{Move, TrackerEntry};

/// Moves of one entry that are kept with it.
const MOST_MOVES: usize = 500;

/// Given where the policy names the sections that a child belongs to, and the new one is none of them.
const NOT_DUE: &str = "transfer_not_due";

/// Where a child goes, and who decided so.
#[derive(Debug, Clone, PartialEq)]
pub struct Transfer {
    /// Where to.
    pub to: Destination,
    /// The day; today where it is not said.
    pub moved_on: Option<NaiveDate>,
    /// The day of the meeting that decided it.
    pub meeting_on: Option<NaiveDate>,
    /// That meeting, as the council names it.
    pub meeting_ref: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// What else the policy asks about, by the names of its dictionary.
    pub facts: Map<String, Value>,
}

/// Where a child goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// To a section, or to another lead in the same.
    Section {
        /// The section; the one that the child is in where none is named.
        section: Option<Code>,
        /// The lead; the section's own where none is named.
        lead: Option<Code>,
    },
    /// Off the tracker.
    Off,
}

/// Moves a child on a tracker.
///
/// # Errors
/// [`ServiceError::Refused`] with the clause, [`ServiceError::NotFound`], [`ServiceError::Stale`],
/// [`ServiceError::Invalid`], [`ServiceError::Conflict`] when the child has left the tracker.
pub async fn transfer(
    desk: &PanelDesk,
    id: TrackerEntryId,
    admits: Admits,
    transfer: Transfer,
) -> Result<TrackerEntry, ServiceError> {
    let (mut entry, child) = find(desk, id).await?;
    if !admits(entry.version) {
        return Err(ServiceError::Stale);
    }
    if entry.left_on.is_some() {
        let message = "The child has left this tracker.";
        return Err(ServiceError::Conflict(message.into()));
    }
    let today = desk.desk.today();
    let moved_on = transfer.moved_on.or(transfer.meeting_on).unwrap_or(today);
    if moved_on > today {
        return Err(future("/movedOn"));
    }
    if moved_on < entry.joined_on {
        let message = "The child came there on a later day.";
        return Err(ServiceError::invalid(
            "/movedOn",
            "before_its_start",
            message,
        ));
    }
    let policy = desk.policy(moved_on)?;
    let (section, lead) = destination(policy, &entry, &transfer.to)?;
    let sent = read_sent("/facts", &transfer.facts, policy.dictionary())?;
    let outcome = match transfer.to {
        Destination::Off => "archived",
        Destination::Section { .. } => "transferred",
    };
    let mut sheet = child_facts(&child, &entry.content, policy, moved_on)?;
    sheet
        .text("section", entry.section.as_ref().map(Code::as_str))
        .text("to_section", section.as_ref().map(Code::as_str))
        .code("outcome", Code::new(outcome).ok().as_ref())
        .day("tracker_meeting", transfer.meeting_on)
        .text("tracker_meeting_id", transfer.meeting_ref.as_deref());
    for (name, value) in sent.iter() {
        sheet.set(name.as_str(), Some(value.clone()));
    }
    let answer = desk
        .ask(Capability::Tracking, moved_on, sheet.into_facts())
        .await?;
    refuse_blocked([&answer], "/toSection")?;
    let mut findings = flags(&answer);
    if let (Some(section), true) = (&section, section != entry.section) {
        let tracker = tracker_of(policy, Some(&entry.tracker)).ok_or_else(gone)?;
        let known = tracker.section(section);
        findings.extend(known.and_then(|section| not_due(policy, &answer, section)));
    }
    if entry.moves.len() >= MOST_MOVES {
        let message = "There are as many moves of this entry as it can hold.";
        return Err(ServiceError::Conflict(message.into()));
    }
    entry.moves.push(Move {
        moved_on,
        from_section: entry.section.clone(),
        to_section: section.clone(),
        from_lead: entry.lead.clone(),
        to_lead: lead.clone(),
        meeting_on: transfer.meeting_on,
        reason: transfer.reason.clone(),
        findings,
        edition: answer.edition,
    });
    match transfer.to {
        Destination::Off => entry.left_on = Some(moved_on),
        Destination::Section { .. } => {
            if section != entry.section {
                entry.joined_on = moved_on;
            }
            entry.section = section;
            entry.lead = lead;
        }
    }
    entry.judged_by = desk.judged_by(policy);
    keep(desk, entry, "transferTrackerEntry", transfer.reason).await
}

/// The section and the lead after a transfer; none off the tracker.
fn destination(
    policy: &Policy,
    entry: &TrackerEntry,
    to: &Destination,
) -> Result<(Option<Code>, Option<Code>), ServiceError> {
    let Destination::Section { section, lead } = to else {
        return Ok((None, None));
    };
    let tracker = tracker_of(policy, Some(&entry.tracker)).ok_or_else(gone)?;
    if let Some(lead) = lead {
        known_code(policy, "roles", "/toLead", lead)?;
    }
    let section = section.clone().or_else(|| entry.section.clone());
    let lead = placed(tracker, "/toSection", section.as_ref(), lead.clone())?;
    if section == entry.section && lead == entry.lead {
        let message = "The child stands there already.";
        return Err(ServiceError::invalid("/toSection", "no_change", message));
    }
    Ok((section, lead))
}

/// What the policy says of a move besides refusing it.
fn flags(answer: &Answer) -> Vec<Finding> {
    let flagged = |finding: &&Finding| finding.effect == Effect::Flag;
    answer.findings.iter().filter(flagged).cloned().collect()
}

/// The flag on a move into a section that the policy does not propose for the child; none where it proposes none at all.
fn not_due(policy: &Policy, answer: &Answer, to: &TrackerSection) -> Option<Finding> {
    for rule in policy.rules(Capability::Tracking) {
        let Mechanism::Candidates(candidates) = &rule.rule else {
            continue;
        };
        let Some(Value::Array(proposed)) = answer.results.get(&candidates.returns.camel()) else {
            continue;
        };
        let named = |name: &str| to.code == *name || to.called.iter().any(|called| called == name);
        // A list that never names the section, such as the routes of another rule, says nothing of it.
        if !candidates.of.iter().any(|one| named(&one.name)) {
            continue;
        }
        if proposed.iter().filter_map(Value::as_str).any(named) {
            continue;
        }
        let code = Code::new(NOT_DUE).ok()?;
        let message = "On these facts the policy does not propose this section for the child.";
        let mut finding = Finding::new(code, Effect::Flag, message);
        finding.clauses.clone_from(&rule.clauses);
        let at = candidates.returns.camel();
        finding.evidence.insert(at, Value::Array(proposed.clone()));
        return Some(finding);
    }
    None
}
