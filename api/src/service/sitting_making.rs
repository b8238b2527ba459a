//! Making sittings: those of a panel's pattern in a period, or one by hand.

use chrono::{NaiveDate, NaiveTime};
use permanence_core::calendar::{Pattern, Period};
use permanence_core::rulebook::Panel;
use permanence_core::{Capability, Code};
use serde_json::json;

use super::codes::known_code;
use super::fact_sheet::FactSheet;
use super::policy::{PanelDesk, refuse_blocked};
use super::sitting_deadlines::{Draft, is_off_pattern, judge};
use super::sittings::{in_order, subject};
use super::{Fault, Made, Once, ServiceError};
use crate::store::audit::audit_record_in_txn;
use crate::store::ids::SittingId;
use crate::store::sittings::{
    Sitting, SittingFilter, SittingPage, SittingSession, SittingStatus, sitting_create_in_txn,
    sitting_list,
};
use crate::store::{StoreError, Tx};

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

/// Makes sittings: those of the pattern, or one by hand. One off the pattern is taken and marked.
///
/// # Errors
/// [`ServiceError::Invalid`] for a panel or role that the council does not have, [`ServiceError::Refused`] where the policy
/// forbids it or has no sitting in the period, [`ServiceError::AlreadyExists`] when the panel sits on that day already.
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
                for event in events {
                    audit_record_in_txn(tx, event);
                }
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
    if let NewSittings::ByPattern {
        period,
        anchor: Some(anchor),
        ..
    } = new
    {
        let mut sheet = FactSheet::default();
        sheet
            .code("panel", Some(&panel.code))
            .day("from", Some(period.from))
            .day("to", Some(period.to))
            .day("anchor_date", Some(*anchor));
        let answer = desk
            .ask(Capability::Sittings, today, sheet.into_facts())
            .await?;
        refuse_blocked([&answer], "/anchorOn")?;
    }
    if drafts.is_empty() && skipped.is_empty() {
        return Err(ServiceError::Refused(vec![no_sitting(&panel)]));
    }
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

/// Why a panel's pattern gives no day of a period. Nothing would be made, and nobody would be told why.
fn no_sitting(panel: &Panel) -> Fault {
    let message = match panel.sits {
        Pattern::AsCalled => {
            "This panel sits when it is called: name the day of a sitting as heldOn."
        }
        Pattern::LastOfMonth(_) | Pattern::EveryWeek(_) | Pattern::EveryDays { .. } => {
            "By its pattern the panel does not sit in this period."
        }
    };
    Fault::new("/to", "no_sitting_in_period", message).citing(panel.clauses.iter().cloned())
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
            if panel.sits.needs_anchor() && anchor.is_none() {
                return Err(ServiceError::invalid(
                    "/anchorOn",
                    "required",
                    "This panel's sittings are counted from a day: name one on which it sits.",
                ));
            }
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
            ends_at,
            chair_role,
            ..
        } => {
            let policy = desk.policy(*held_on)?;
            let panel = desk.panel(*held_on, panel.as_ref().map(Code::as_str))?;
            if let Some(role) = chair_role {
                known_code(policy, "roles", "/chairRole", role)?;
            }
            let starts_at = starts_at.or(panel.starts_from);
            in_order(starts_at, *ends_at)?;
            let draft = Draft {
                held_on: *held_on,
                starts_at,
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
