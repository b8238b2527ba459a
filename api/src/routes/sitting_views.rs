//! Sittings and agendas as they are answered.

use chrono::{DateTime, NaiveDate, Utc};
use permanence_api_macros::dto;
use permanence_core::Finding;
use serde_json::Value;
use uuid::Uuid;

use super::attendance::AttendanceView;
use super::panel::{NamedDayView, QuorumView, texts, time_text};
use crate::service::attendance;
use crate::service::booking_lists::Listed;
use crate::service::days::NamedDay;
use crate::store::sittings as stored;
use crate::store::sittings::{Sitting, SittingSession};
/// Whether a sitting takes place.
#[dto(code)]
pub enum SittingStatus {
    /// It is to come.
    Scheduled,
    /// It does not take place.
    Cancelled,
    /// It took place.
    Held,
    /// The pattern has it, and a bank holiday takes it out.
    Skipped,
}

/// A part of a sitting.
#[dto]
pub struct SessionView {
    /// Its code.
    #[rule(len(1, 80))]
    #[schema(example = "permanent_fostering")]
    pub session: String,
    /// Kinds of request heard in it.
    #[rule(items(0, 100))]
    #[schema(example = json!(["permanent_fostering_match"]))]
    pub request_types: Vec<String>,
    /// Services whose cases it hears; all where empty.
    #[rule(items(0, 100))]
    #[schema(example = json!([]))]
    pub services: Vec<String>,
    /// Who chairs it.
    #[rule(len(1, 80))]
    #[schema(example = "head_of_service")]
    pub chair_role: Option<String>,
    /// Whether the policy leaves the chair open and this one is assumed.
    pub chair_assumed: bool,
    /// Length of a slot in minutes.
    #[schema(example = 30)]
    pub slot_minutes: Option<u16>,
    /// When it starts.
    #[rule(len(5, 5))]
    #[schema(example = "12:00")]
    pub start_time: Option<String>,
}

/// A sitting of the panel.
#[dto]
pub struct SittingView {
    /// Its id.
    pub id: Uuid,
    /// The panel that sits.
    #[rule(len(1, 80))]
    #[schema(example = "permanence_panel")]
    pub panel: String,
    /// The day.
    #[schema(example = "2026-03-25")]
    pub held_on: NaiveDate,
    /// When it starts, in local time.
    #[rule(len(5, 5))]
    #[schema(example = "13:30")]
    pub start_time: Option<String>,
    /// When it ends.
    #[rule(len(5, 5))]
    #[schema(example = "16:30")]
    pub end_time: Option<String>,
    /// Its parts; none where the panel has none.
    #[rule(items(0, 50))]
    pub sessions: Vec<SessionView>,
    /// Who chairs, where its sessions do not say.
    #[rule(len(1, 80))]
    #[schema(example = "head_of_service")]
    pub chair_role: Option<String>,
    /// Where it sits.
    #[rule(len(1, 200))]
    #[schema(example = "Committee room 2")]
    pub location: Option<String>,
    /// Whether it takes place.
    pub status: SittingStatus,
    /// Whether it lies outside the policy's pattern.
    pub off_pattern: bool,
    /// Why it was moved, cancelled or put there.
    #[rule(len(1, 2000))]
    #[schema(example = "Moved ahead of the holidays.")]
    pub reason: Option<String>,
    /// The day it was moved from.
    pub moved_from: Option<NaiveDate>,
    /// Its own deadlines, such as when papers are due and when minutes are.
    #[rule(items(0, 100))]
    pub dates: Vec<NamedDayView>,
    /// What the policy says of its day and hour.
    #[rule(items(0, 200))]
    pub findings: Vec<Finding>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// A sitting with who was there.
#[dto]
pub struct SittingDetail {
    /// The sitting.
    pub sitting: SittingView,
    /// Everybody who is recorded as there.
    #[rule(items(0, 500))]
    pub attendance: Vec<AttendanceView>,
    /// What the policy says of them, for each session with items; nothing while nobody is recorded.
    #[rule(items(0, 50))]
    pub quorum: Vec<QuorumView>,
}

/// What became of a request for sittings.
#[dto]
pub struct SittingsMadeView {
    /// Those that were made, in the order of their days.
    #[rule(items(0, 120))]
    pub made: Vec<SittingView>,
    /// Days on which the panel has a sitting already.
    #[rule(items(0, 120))]
    #[schema(example = json!([]))]
    pub existing: Vec<NaiveDate>,
    /// Days of the pattern that a bank holiday takes out.
    #[rule(items(0, 120))]
    #[schema(example = json!([]))]
    pub skipped: Vec<NaiveDate>,
}

/// The list of a sitting.
#[dto]
pub struct Agenda {
    /// The sitting.
    pub sitting: SittingView,
    /// Its items in the order of sessions and slots.
    #[rule(items(0, 500))]
    pub entries: Vec<AgendaEntry>,
}

/// An item of the list.
#[dto]
pub struct AgendaEntry {
    /// The booking.
    pub booking_id: Uuid,
    /// The case.
    pub case_id: Uuid,
    /// The council's own reference for the case.
    #[rule(len(1, 100))]
    #[schema(example = "CH-20417")]
    pub reference: String,
    /// The part of the sitting.
    #[rule(len(1, 80))]
    #[schema(example = "permanent_fostering")]
    pub session: Option<String>,
    /// Start of its slot.
    #[rule(len(5, 5))]
    #[schema(example = "13:30")]
    pub slot_start_time: Option<String>,
    /// End of its slot.
    #[rule(len(5, 5))]
    #[schema(example = "14:00")]
    pub slot_end_time: Option<String>,
    /// What is asked of the panel.
    #[rule(len(1, 80))]
    #[schema(example = "permanent_fostering_match")]
    pub request_type: String,
    /// The outcome, once it is decided.
    #[rule(len(1, 80))]
    #[schema(example = "approved")]
    pub outcome: Option<String>,
    /// The decision, as `getDecision` reads it; null while it is not decided.
    pub decision_id: Option<Uuid>,
}

impl From<&SittingSession> for SessionView {
    fn from(session: &SittingSession) -> Self {
        Self {
            session: session.session.to_string(),
            request_types: texts(&session.request_types),
            services: texts(&session.services),
            chair_role: session.chair_role.as_ref().map(ToString::to_string),
            chair_assumed: session.chair_assumed,
            slot_minutes: session.slot_minutes,
            start_time: time_text(session.starts_at),
        }
    }
}

impl From<&Sitting> for SittingView {
    fn from(sitting: &Sitting) -> Self {
        let read = |name: &str| sitting.deadlines.get(name).cloned().unwrap_or(Value::Null);
        let dates: Vec<NamedDay> = serde_json::from_value(read("dates")).unwrap_or_default();
        Self {
            id: sitting.id.into(),
            panel: sitting.panel.to_string(),
            held_on: sitting.held_on,
            start_time: time_text(sitting.starts_at),
            end_time: time_text(sitting.ends_at),
            sessions: sitting.sessions.iter().map(SessionView::from).collect(),
            chair_role: sitting.chair_role.as_ref().map(ToString::to_string),
            location: sitting.location.clone(),
            status: match sitting.status {
                stored::SittingStatus::Scheduled => SittingStatus::Scheduled,
                stored::SittingStatus::Cancelled => SittingStatus::Cancelled,
                stored::SittingStatus::Held => SittingStatus::Held,
                stored::SittingStatus::Skipped => SittingStatus::Skipped,
            },
            off_pattern: sitting.off_pattern,
            reason: sitting.off_pattern_reason.clone(),
            moved_from: sitting.moved_from,
            dates: dates.iter().map(NamedDayView::from).collect(),
            findings: serde_json::from_value(read("findings")).unwrap_or_default(),
            created_at: sitting.created_at,
            updated_at: sitting.updated_at,
        }
    }
}

impl SittingDetail {
    /// The sitting with who was there.
    pub fn new(attended: &attendance::Attended) -> Self {
        Self {
            sitting: SittingView::from(&attended.sitting),
            attendance: attended
                .attendance
                .iter()
                .map(AttendanceView::from)
                .collect(),
            quorum: attended
                .quorum
                .iter()
                .map(|(session, answer)| QuorumView::new(session.as_ref(), answer))
                .collect(),
        }
    }
}

impl AgendaEntry {
    pub(super) fn new(listed: &Listed, reference: &str) -> Self {
        let booking = &listed.booking;
        let decided = booking.status == crate::store::bookings::BookingStatus::Decided;
        Self {
            booking_id: booking.id.into(),
            case_id: booking.case_id.into(),
            reference: reference.to_owned(),
            session: booking.session.as_ref().map(ToString::to_string),
            slot_start_time: time_text(booking.slot_starts_at),
            slot_end_time: time_text(booking.slot_ends_at),
            request_type: booking.request_type.to_string(),
            outcome: booking.status_reason.clone().filter(|_| decided),
            decision_id: listed.decision_id.map(Uuid::from),
        }
    }
}

impl From<SittingStatus> for stored::SittingStatus {
    fn from(status: SittingStatus) -> Self {
        match status {
            SittingStatus::Scheduled => Self::Scheduled,
            SittingStatus::Cancelled => Self::Cancelled,
            SittingStatus::Held => Self::Held,
            SittingStatus::Skipped => Self::Skipped,
        }
    }
}
