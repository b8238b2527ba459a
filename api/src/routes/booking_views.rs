//! Bookings as they are answered.

use chrono::{DateTime, NaiveDate, Utc};
use permanence_api_macros::dto;
use permanence_core::{CouncilCode, Finding};
use serde_json::Value;
use uuid::Uuid;

use super::follow_ups::FollowUpView;
use super::panel::{NamedDayView, texts, time_text};
use crate::http::{Created, Tagged};
use crate::service::booking_lists::Listed;
use crate::service::bookings::Judged;
use crate::service::item_judgement::ChecklistEntry;
use crate::store::bookings as stored;
use crate::store::bookings::Booking;
use crate::store::ids::DecisionId;

/// Where a booking stands.
#[dto(code)]
pub enum BookingStatus {
    /// It is on the list.
    Listed,
    /// It came off the list because of its papers.
    RemovedFromList,
    /// It was put off to another sitting.
    Deferred,
    /// It was taken back.
    Withdrawn,
    /// It was decided.
    Decided,
}

/// A booking as lists show it.
#[dto]
pub struct BookingSummary {
    /// Its id.
    pub id: Uuid,
    /// The case.
    pub case_id: Uuid,
    /// The sitting.
    pub sitting_id: Uuid,
    /// The part of the sitting.
    #[rule(len(1, 80))]
    #[schema(example = "permanent_fostering")]
    pub session: Option<String>,
    /// Start of its slot.
    #[rule(len(5, 5))]
    #[schema(example = "10:00")]
    pub slot_start_time: Option<String>,
    /// End of its slot.
    #[rule(len(5, 5))]
    #[schema(example = "10:30")]
    pub slot_end_time: Option<String>,
    /// What is asked of the panel.
    #[rule(len(1, 80))]
    #[schema(example = "permanent_fostering_match")]
    pub request_type: String,
    /// Where it stands.
    pub status: BookingStatus,
    /// The decision on it, as `getDecision` reads it; null while it is not decided.
    #[schema(example = json!(null))]
    pub decision_id: Option<Uuid>,
    /// Why it stands there.
    #[rule(len(1, 2000))]
    #[schema(example = "The carers asked for more time.")]
    pub status_reason: Option<String>,
    /// Whether the chair kept it on the list although papers were missing.
    pub maintained_by_chair: bool,
    /// The role that asked.
    #[rule(len(1, 80))]
    #[schema(example = "social_worker")]
    pub requested_by: String,
    /// The day it was booked.
    #[schema(example = "2026-03-02")]
    pub booked_on: NaiveDate,
    /// The sitting it was moved from.
    pub moved_from_id: Option<Uuid>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// A paper on the checklist.
#[dto]
pub struct ChecklistEntryView {
    /// What it is; alternatives are joined by `|`.
    #[rule(len(1, 200))]
    #[schema(example = "child_chronology")]
    pub document: String,
    /// Where it stands.
    pub status: PaperStatus,
    /// Whether it must be there.
    pub required: bool,
    /// When it came in.
    pub received_at: Option<DateTime<Utc>>,
    /// Whether it came later than papers are due.
    pub late: bool,
    /// Roles that approved it.
    #[rule(items(0, 50))]
    #[schema(example = json!(["team_manager"]))]
    pub approvals: Vec<String>,
}

/// Where a paper stands.
#[dto(code)]
pub enum PaperStatus {
    /// It is there.
    Received,
    /// It is not.
    Missing,
}

/// Where an item that was put off should go.
#[dto]
pub struct TargetSitting {
    /// The day.
    #[schema(example = "2026-04-29")]
    pub on: NaiveDate,
    /// The sitting of that day, where it is in the calendar already.
    pub sitting_id: Option<Uuid>,
}

/// A booking with its checklist, its dates and what the council's policy says of it as of a day.
#[dto]
pub struct BookingView {
    /// The booking.
    pub booking: BookingSummary,
    /// The day of its sitting.
    #[schema(example = "2026-03-25")]
    pub held_on: NaiveDate,
    /// Facts given with it.
    #[schema(value_type = Object, example = json!({"providerType": "in_house"}))]
    pub facts: Value,
    /// The day as of which it is judged.
    #[schema(example = "2026-03-02")]
    pub as_of: NaiveDate,
    /// The edition of the policy that judged.
    #[rule(len(1, 80))]
    #[schema(example = "2025")]
    pub edition: String,
    /// Each paper with where it stands, in the order of the policy.
    #[rule(items(0, 200))]
    pub checklist: Vec<ChecklistEntryView>,
    /// Whether every required paper is there.
    pub papers_complete: bool,
    /// Every date of the item, in their order.
    #[rule(items(0, 200))]
    pub dates: Vec<NamedDayView>,
    /// Where the policy puts it on the list as of that day; null where the policy does not say.
    #[rule(len(1, 80))]
    #[schema(example = "listed")]
    pub policy_status: Option<String>,
    /// What the policy says of it.
    #[rule(items(0, 500))]
    pub findings: Vec<Finding>,
    /// Topics on which the policy is silent.
    #[rule(items(0, 100))]
    #[schema(example = json!([]))]
    pub silent: Vec<String>,
    /// Where it should go, once it was put off.
    pub target: Option<TargetSitting>,
    /// What somebody was told of it, such as a reminder.
    #[rule(items(0, 500))]
    pub notices: Vec<FollowUpView>,
}

impl From<stored::BookingStatus> for BookingStatus {
    fn from(status: stored::BookingStatus) -> Self {
        match status {
            stored::BookingStatus::Listed => Self::Listed,
            stored::BookingStatus::RemovedFromList => Self::RemovedFromList,
            stored::BookingStatus::Deferred => Self::Deferred,
            stored::BookingStatus::Withdrawn => Self::Withdrawn,
            stored::BookingStatus::Decided => Self::Decided,
        }
    }
}

impl From<BookingStatus> for stored::BookingStatus {
    fn from(status: BookingStatus) -> Self {
        match status {
            BookingStatus::Listed => Self::Listed,
            BookingStatus::RemovedFromList => Self::RemovedFromList,
            BookingStatus::Deferred => Self::Deferred,
            BookingStatus::Withdrawn => Self::Withdrawn,
            BookingStatus::Decided => Self::Decided,
        }
    }
}

impl BookingSummary {
    fn new(booking: &Booking, decision_id: Option<DecisionId>) -> Self {
        Self {
            id: booking.id.into(),
            case_id: booking.case_id.into(),
            sitting_id: booking.sitting_id.into(),
            session: booking.session.as_ref().map(ToString::to_string),
            slot_start_time: time_text(booking.slot_starts_at),
            slot_end_time: time_text(booking.slot_ends_at),
            request_type: booking.request_type.to_string(),
            status: booking.status.into(),
            decision_id: decision_id.map(Uuid::from),
            status_reason: booking.status_reason.clone(),
            maintained_by_chair: booking.maintained_by_chair,
            requested_by: booking.booked_by.clone(),
            booked_on: booking.booked_on,
            moved_from_id: booking.moved_from.map(Uuid::from),
            created_at: booking.created_at,
            updated_at: booking.updated_at,
        }
    }
}

impl From<&Listed> for BookingSummary {
    fn from(listed: &Listed) -> Self {
        Self::new(&listed.booking, listed.decision_id)
    }
}

impl From<&ChecklistEntry> for ChecklistEntryView {
    fn from(entry: &ChecklistEntry) -> Self {
        Self {
            document: entry.document.to_string(),
            status: if entry.received_at.is_some() {
                PaperStatus::Received
            } else {
                PaperStatus::Missing
            },
            required: entry.required,
            received_at: entry.received_at,
            late: entry.late,
            approvals: texts(&entry.approvals),
        }
    }
}

impl From<&Judged> for BookingView {
    fn from(judged: &Judged) -> Self {
        let (item, judgement) = (&judged.item, &judged.judgement);
        let target = item.booking.details.get("target");
        let target = target.and_then(|target| {
            Some(TargetSitting {
                on: target.get("on")?.as_str()?.parse().ok()?,
                sitting_id: target
                    .get("sittingId")
                    .and_then(Value::as_str)
                    .and_then(|id| id.parse().ok()),
            })
        });
        let today = judgement.as_of;
        Self {
            booking: BookingSummary::new(&item.booking, item.decision_id),
            held_on: item.sitting.held_on,
            facts: Value::Object(item.booking.facts.clone()),
            as_of: judgement.as_of,
            edition: judgement.edition.clone(),
            checklist: judgement
                .checklist
                .iter()
                .map(ChecklistEntryView::from)
                .collect(),
            papers_complete: judgement.papers_complete,
            dates: judgement.dates.iter().map(NamedDayView::from).collect(),
            policy_status: judgement.item_status.as_ref().map(ToString::to_string),
            findings: judgement.findings.clone(),
            silent: judgement.silent.clone(),
            target,
            notices: item
                .notices
                .iter()
                .map(|notice| FollowUpView::new(notice, today))
                .collect(),
        }
    }
}

impl BookingView {
    /// The answer to something that was made for a booking.
    pub fn created(council: &CouncilCode, judged: &Judged) -> Created<Self> {
        let location = format!("/v1/councils/{council}/bookings/{}", judged.item.booking.id);
        Created::new(Self::from(judged), location, judged.item.booking.version)
    }

    /// The item as it is now.
    pub fn tagged(judged: &Judged) -> Tagged<Self> {
        Tagged::computed(Self::from(judged), judged.item.booking.version)
    }
}
