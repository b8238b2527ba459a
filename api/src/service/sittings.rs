//! Making, reading, moving and cancelling sittings.

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveTime};
use permanence_core::calendar::Period;
use permanence_core::facts::FactValue;
use permanence_core::rulebook::Panel;
use permanence_core::{Capability, Code, Facts};
use serde::Serialize;
use serde_json::{Value, json};

use super::policy::{FactSheet, NamedDay, PanelDesk, known_code, named_days, papers_due};
use super::{Made, Once, ServiceError, Subject};
use crate::store::audit::audit_append_many_in_txn;
use crate::store::bookings::{
    Booking, BookingStatus, booking_list_of_sitting, booking_update_in_txn,
};
use crate::store::ids::SittingId;
use crate::store::sittings::{
    Sitting, SittingFilter, SittingPage, SittingSession, SittingStatus, sitting_create_in_txn,
    sitting_get, sitting_list, sitting_lock_in_txn, sitting_update_in_txn,
};
use crate::store::{Conn, StoreError, Tx};

/// Whether the caller means this version of a thing.
pub type Admits = Box<dyn Fn(i64) -> bool + Send>;

/// The most sittings that one request makes.
const MOST: usize = 120;

/// The sittings to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewSittings {
    /// Those of the panel's pattern in a period.
    ByPattern {
        /// The panel; the council's first where it is not named.
        panel: Option<Code>,
        /// First and last day.
        period: Period,
        /// A day from which a pattern of every so many days counts.
        anchor: Option<NaiveDate>,
        /// When they start.
        starts_at: Option<NaiveTime>,
        /// Where they sit.
        location: Option<String>,
    },
    /// One, on a day of the caller's choice.
    ByHand {
        /// The panel; the council's first where it is not named.
        panel: Option<Code>,
        /// The day.
        held_on: NaiveDate,
        /// When it starts.
        starts_at: Option<NaiveTime>,
        /// When it ends.
        ends_at: Option<NaiveTime>,
        /// Who chairs.
        chair_role: Option<Code>,
        /// Where it sits.
        location: Option<String>,
        /// Why it is there.
        reason: Option<String>,
    },
}

/// What became of a request for sittings.
#[derive(Debug, Clone, PartialEq)]
pub struct SittingsMade {
    /// Those that were made, in the order of their days.
    pub made: Vec<Sitting>,
    /// Days on which the panel has a sitting already.
    pub existing: Vec<NaiveDate>,
    /// Days of the pattern that a bank holiday takes out.
    pub skipped: Vec<NaiveDate>,
}

/// What is to change in a sitting: `None` keeps, `Some(None)` clears.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SittingChanges {
    /// The day.
    pub held_on: Option<NaiveDate>,
    /// When it starts.
    pub starts_at: Option<Option<NaiveTime>>,
    /// When it ends.
    pub ends_at: Option<Option<NaiveTime>>,
    /// Who chairs.
    pub chair_role: Option<Option<Code>>,
    /// Where it sits.
    pub location: Option<Option<String>>,
    /// It does not take place.
    pub cancelled: bool,
    /// Why.
    pub reason: Option<String>,
}

/// What the policy says of a sitting.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Deadlines {
    dates: Vec<NamedDay>,
    findings: Value,
    edition: String,
}

/// A sitting on one day as it is before it is stored.
struct Draft {
    held_on: NaiveDate,
    starts_at: Option<NaiveTime>,
    anchor: Option<NaiveDate>,
}

/// Makes sittings: those of the pattern, or one by hand. One off the pattern is taken and marked.
///
/// # Errors
/// [`ServiceError::Invalid`] for a panel or role that the council does not have, [`ServiceError::Refused`] where the policy
/// forbids it, [`ServiceError::AlreadyExists`] when the panel sits on that day already.
pub async fn create(
    desk: &PanelDesk,
    new: NewSittings,
    once: Once<SittingsMade>,
) -> Result<Made<SittingsMade>, ServiceError> {
    let now = desk.desk.now();
    let planned = plan(desk, &new).await;
    let by_hand = matches!(new, NewSittings::ByHand { .. });
    let by = desk.by.clone();
    let work = async move |tx: &mut Tx| {
        once.run_in_txn(tx, now, async |tx| {
            let (planned, skipped) = planned?;
            let mut outcome = SittingsMade {
                made: Vec::new(),
                existing: Vec::new(),
                skipped,
            };
            let mut events = Vec::new();
            for sitting in planned {
                let filter = SittingFilter {
                    from: Some(sitting.held_on),
                    to: Some(sitting.held_on),
                    panel: Some(sitting.panel.clone()),
                    status: vec![SittingStatus::Scheduled, SittingStatus::Held],
                };
                let page = SittingPage {
                    descending: false,
                    after: None,
                    limit: 1,
                };
                if let Some(there) = sitting_list(tx, &by.council, &filter, page).await?.first() {
                    if by_hand {
                        return Err(ServiceError::AlreadyExists(Some(there.id.untyped())));
                    }
                    outcome.existing.push(sitting.held_on);
                    continue;
                }
                sitting_create_in_txn(tx, &by.council, &sitting).await?;
                events.push(by.event(now, "createSitting", subject(&sitting), &sitting, None)?);
                outcome.made.push(sitting);
            }
            if !events.is_empty() {
                audit_append_many_in_txn(tx, &by.council, events).await?;
            }
            Ok(outcome)
        })
        .await
    };
    desk.desk.store.write(work).await
}

/// The sittings to be made, and the days that a bank holiday takes out.
async fn plan(
    desk: &PanelDesk,
    new: &NewSittings,
) -> Result<(Vec<Sitting>, Vec<NaiveDate>), ServiceError> {
    let today = desk.desk.today();
    let (panel, drafts, skipped) = drafts(desk, new, today)?;
    let panel = panel.clone();
    let deadlines = judge(desk, &panel, &drafts).await?;
    let now = desk.desk.now();
    let mut planned = Vec::new();
    for (draft, said) in drafts.iter().zip(deadlines) {
        let mut sitting = Sitting {
            id: SittingId::generate(),
            panel: panel.code.clone(),
            held_on: draft.held_on,
            starts_at: draft.starts_at,
            ends_at: None,
            sessions: sessions(&panel),
            chair_role: panel.chair.first().cloned(),
            location: None,
            status: SittingStatus::Scheduled,
            off_pattern: is_off_pattern(&panel, draft),
            off_pattern_reason: None,
            moved_from: None,
            deadlines: serde_json::to_value(said).map_err(StoreError::from)?,
            details: json!({}),
            version: 1,
            created_at: now,
            updated_at: now,
        };
        match new {
            NewSittings::ByPattern { location, .. } => sitting.location = location.clone(),
            NewSittings::ByHand {
                ends_at,
                chair_role,
                location,
                reason,
                ..
            } => {
                sitting.ends_at = *ends_at;
                sitting.chair_role = chair_role.clone().or(sitting.chair_role);
                sitting.location = location.clone();
                sitting.off_pattern_reason = reason.clone();
            }
        }
        planned.push(sitting);
    }
    Ok((planned, skipped))
}

fn drafts<'a>(
    desk: &'a PanelDesk,
    new: &NewSittings,
    today: NaiveDate,
) -> Result<(&'a Panel, Vec<Draft>, Vec<NaiveDate>), ServiceError> {
    match new {
        NewSittings::ByPattern {
            panel,
            period,
            anchor,
            starts_at,
            ..
        } => {
            let panel = desk.panel(period.from.max(today), panel.as_ref().map(Code::as_str))?;
            let dates = panel.sits.dates(*period, *anchor, panel.on_bank_holiday);
            if dates.sittings.len() > MOST {
                return Err(ServiceError::invalid(
                    "/to",
                    "too_long",
                    format!("A request makes at most {MOST} sittings."),
                ));
            }
            let starts_at = starts_at.or(panel.starts_from);
            let draft = |held_on| Draft {
                held_on,
                starts_at,
                anchor: *anchor,
            };
            Ok((
                panel,
                dates.sittings.into_iter().map(draft).collect(),
                dates.skipped,
            ))
        }
        NewSittings::ByHand {
            panel,
            held_on,
            starts_at,
            chair_role,
            ..
        } => {
            let policy = desk.policy(*held_on)?;
            let panel = desk.panel(*held_on, panel.as_ref().map(Code::as_str))?;
            if let Some(role) = chair_role {
                known_code(policy, "roles", "/chairRole", role)?;
            }
            let draft = Draft {
                held_on: *held_on,
                starts_at: starts_at.or(panel.starts_from),
                anchor: None,
            };
            Ok((panel, vec![draft], Vec::new()))
        }
    }
}

fn sessions(panel: &Panel) -> Vec<SittingSession> {
    let session = |session: &permanence_core::rulebook::Session| SittingSession {
        session: session.code.clone(),
        request_types: session.request_types.clone(),
        services: session.services.clone(),
        chair_role: session.chair.first().cloned(),
        chair_assumed: session.chair_assumed,
        slot_minutes: session.slot_minutes,
        starts_at: session.starts_from,
        capacity: None,
    };
    panel.sessions.iter().map(session).collect()
}

fn is_off_pattern(panel: &Panel, draft: &Draft) -> bool {
    let outside = |start: NaiveTime| {
        panel.starts_from.is_some_and(|from| start < from)
            || panel.starts_before.is_some_and(|before| start >= before)
    };
    // A pattern that counts from an anchor cannot be held against a day without one.
    let dated = draft.anchor.is_some()
        || !matches!(
            panel.sits,
            permanence_core::calendar::Pattern::EveryDays { .. }
        );
    (dated && !panel.sits.matches(draft.held_on, draft.anchor))
        || draft.starts_at.is_some_and(outside)
}

/// Asks the policy about each day: its own deadlines, and what it says of day and hour.
async fn judge(
    desk: &PanelDesk,
    panel: &Panel,
    drafts: &[Draft],
) -> Result<Vec<Deadlines>, ServiceError> {
    let today = desk.desk.today();
    let facts: Vec<Facts> = drafts
        .iter()
        .map(|draft| sitting_facts(panel, draft))
        .collect();
    let mut all: Vec<Deadlines> = drafts.iter().map(|_| Deadlines::default()).collect();
    for capability in [
        Capability::Sittings,
        Capability::Paperwork,
        Capability::FollowUp,
    ] {
        let answers = desk.ask_each(capability, today, facts.clone()).await?;
        for (deadlines, answer) in all.iter_mut().zip(answers) {
            for day in named_days(&answer) {
                if !deadlines
                    .dates
                    .iter()
                    .any(|known| known.name == day.name && known.on == day.on)
                {
                    deadlines.dates.push(day);
                }
            }
            if capability == Capability::Sittings {
                deadlines.findings =
                    serde_json::to_value(&answer.findings).map_err(StoreError::from)?;
            }
            deadlines.edition = answer.edition;
        }
    }
    for (deadlines, draft) in all.iter_mut().zip(drafts) {
        let own = papers_due(panel, draft.held_on);
        deadlines
            .dates
            .extend(own.filter(|own| !deadlines.dates.iter().any(|known| known.name == own.name)));
        deadlines
            .dates
            .sort_by(|one, other| (one.on, &one.name).cmp(&(other.on, &other.name)));
    }
    Ok(all)
}

fn sitting_facts(panel: &Panel, draft: &Draft) -> Facts {
    let mut sheet = FactSheet::default();
    let day = Some(draft.held_on);
    sheet
        .code("panel", Some(&panel.code))
        .day("panel_date", day)
        .day("from", day)
        .day("to", day)
        .day("anchor_date", draft.anchor)
        .set("starts_at", draft.starts_at.map(FactValue::Time));
    sheet.into_facts()
}

/// Reads a sitting.
///
/// # Errors
/// [`ServiceError::NotFound`].
pub async fn get(desk: &PanelDesk, id: SittingId) -> Result<Sitting, ServiceError> {
    let council = &desk.by.council;
    let found = desk
        .desk
        .store
        .read(async |conn: &mut Conn| sitting_get(conn, council, id).await)
        .await?;
    found.ok_or(ServiceError::NotFound)
}

/// Lists sittings by day; the second part is where the next page begins.
///
/// # Errors
/// Those of the store.
pub async fn list(
    desk: &PanelDesk,
    filter: SittingFilter,
    descending: bool,
    after: Option<(NaiveDate, SittingId)>,
    limit: u16,
) -> Result<(Vec<Sitting>, Option<(NaiveDate, SittingId)>), ServiceError> {
    let council = desk.by.council.clone();
    let mut sittings = desk
        .desk
        .store
        .list(async move |conn: &mut Conn| {
            let page = SittingPage {
                descending,
                after: after.as_ref(),
                limit: i64::from(limit) + 1,
            };
            sitting_list(conn, &council, &filter, page).await
        })
        .await?;
    let more = sittings.len() > usize::from(limit);
    sittings.truncate(usize::from(limit));
    let next = sittings
        .last()
        .filter(|_| more)
        .map(|last| (last.held_on, last.id));
    Ok((sittings, next))
}

/// Moves or cancels a sitting, or changes its hours, chair or place.
///
/// Items of a cancelled sitting are put off, each with its own event.
///
/// # Errors
/// [`ServiceError::NotFound`], [`ServiceError::Stale`], [`ServiceError::Conflict`] when it is over or cancelled already.
pub async fn update(
    desk: &PanelDesk,
    id: SittingId,
    admits: Admits,
    changes: SittingChanges,
) -> Result<Sitting, ServiceError> {
    let before = get(desk, id).await?;
    if !admits(before.version) {
        return Err(ServiceError::Stale);
    }
    if before.status != SittingStatus::Scheduled {
        return Err(ServiceError::Conflict(
            "The sitting is over or cancelled, and cannot be changed.".into(),
        ));
    }
    let now = desk.desk.now();
    let mut after = before.clone();
    changes.clone().apply(&mut after);
    let policy = desk.policy(after.held_on)?;
    if let Some(Some(role)) = &changes.chair_role {
        known_code(policy, "roles", "/chairRole", role)?;
    }
    if let Some(panel) = policy.panel(Some(after.panel.as_str())) {
        let draft = Draft {
            held_on: after.held_on,
            starts_at: after.starts_at,
            anchor: None,
        };
        after.off_pattern = is_off_pattern(panel, &draft);
        let said = judge(desk, panel, std::slice::from_ref(&draft))
            .await?
            .pop()
            .unwrap_or_default();
        after.deadlines = serde_json::to_value(said).map_err(StoreError::from)?;
    }
    after.updated_at = now;
    let by = desk.by.clone();
    let why = changes.reason.clone();
    let work = async move |tx: &mut Tx| {
        sitting_lock_in_txn(tx, &by.council, id).await?;
        let bookings = booking_list_of_sitting(tx, &by.council, id).await?;
        let changed = sitting_update_in_txn(tx, &by.council, after)
            .await?
            .ok_or(ServiceError::Stale)?;
        let mut events = vec![by.event(
            now,
            "updateSitting",
            subject(&changed),
            &changed,
            why.clone(),
        )?];
        if changed.status == SittingStatus::Cancelled {
            for mut booking in bookings.into_iter().filter(is_standing) {
                booking.status = BookingStatus::Deferred;
                booking.status_reason = Some("sitting_cancelled".into());
                booking.updated_at = now;
                let booking = booking_update_in_txn(tx, &by.council, booking)
                    .await?
                    .ok_or(ServiceError::Stale)?;
                events.push(by.event(
                    now,
                    "updateSitting",
                    super::bookings::subject(&booking),
                    &booking,
                    why.clone(),
                )?);
            }
        }
        audit_append_many_in_txn(tx, &by.council, events).await?;
        Ok(changed)
    };
    desk.desk.store.write(work).await
}

fn is_standing(booking: &Booking) -> bool {
    matches!(
        booking.status,
        BookingStatus::Listed | BookingStatus::RemovedFromList
    )
}

impl SittingChanges {
    fn apply(self, sitting: &mut Sitting) {
        if let Some(day) = self.held_on.filter(|day| *day != sitting.held_on) {
            sitting.moved_from = Some(sitting.held_on);
            sitting.held_on = day;
        }
        if let Some(starts_at) = self.starts_at {
            sitting.starts_at = starts_at;
        }
        if let Some(ends_at) = self.ends_at {
            sitting.ends_at = ends_at;
        }
        if let Some(role) = self.chair_role {
            sitting.chair_role = role;
        }
        if let Some(location) = self.location {
            sitting.location = location;
        }
        if self.cancelled {
            sitting.status = SittingStatus::Cancelled;
        }
        if self.reason.is_some() {
            sitting.off_pattern_reason = self.reason;
        }
    }
}

/// A sitting in the audit.
#[must_use]
pub fn subject(sitting: &Sitting) -> Subject {
    Subject {
        kind: "sitting",
        id: sitting.id.untyped(),
        version: sitting.version,
        case_id: None,
    }
}

/// The first sitting of the same panel after a day that takes place; the first of the pattern where none is stored yet.
///
/// # Errors
/// Those of the store.
pub async fn next_after(
    desk: &PanelDesk,
    panel: &Code,
    day: NaiveDate,
    full: &BTreeSet<NaiveDate>,
) -> Result<Option<Sitting>, ServiceError> {
    let filter = SittingFilter {
        from: day.succ_opt(),
        to: None,
        panel: Some(panel.clone()),
        status: vec![SittingStatus::Scheduled],
    };
    let (sittings, _) = list(desk, filter, false, None, 50).await?;
    Ok(sittings
        .into_iter()
        .find(|sitting| !full.contains(&sitting.held_on)))
}
