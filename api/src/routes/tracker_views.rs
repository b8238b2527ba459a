//! A child's entry on a tracker, as it is answered.

use chrono::{DateTime, NaiveDate, Utc};
use permanence_api_macros::dto;
use permanence_core::Finding;
use serde_json::Value;
use uuid::Uuid;

use crate::store::tracker_entries::{Feedback, Move, TrackerEntry};

/// A child's entry on a tracker.
#[dto]
pub struct TrackerEntryView {
    /// Its id.
    pub id: Uuid,
    /// The case.
    pub case_id: Uuid,
    /// The tracker.
    #[rule(len(1, 80))]
    #[schema(example = "permanence_tracker")]
    pub tracker: String,
    /// The section; null on a tracker without sections.
    #[rule(len(1, 80))]
    #[schema(example = "plan_agreed")]
    pub section: Option<String>,
    /// Who leads it for this child.
    #[rule(len(1, 80))]
    #[schema(example = "team_manager")]
    pub lead: Option<String>,
    /// The day the child joined the section.
    pub joined_on: NaiveDate,
    /// The role that added the child.
    #[rule(len(1, 80))]
    #[schema(example = "team_manager")]
    pub added_by: Option<String>,
    /// The day the child left the tracker; null while it is there.
    pub left_on: Option<NaiveDate>,
    /// What is held there, under the names of the tracker's schema.
    #[schema(value_type = Object, example = json!({"nextStep": "A match is sought."}))]
    pub content: Value,
    /// What was reported, in the order of its days.
    #[rule(items(0, 500))]
    pub feedback: Vec<TrackerFeedbackView>,
    /// How the child moved, the first move first.
    #[rule(items(0, 500))]
    pub moves: Vec<TrackerMoveView>,
    /// The edition of the policy whose tracker it is.
    #[rule(len(1, 80))]
    #[schema(example = "1")]
    pub edition: String,
    /// The library that brought the policy.
    #[rule(len(1, 200))]
    #[schema(example = "permanence-council-anytown")]
    pub plugin: String,
    /// The SHA-256 of its file.
    #[rule(len(64, 64))]
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub plugin_sha256: String,
    /// When it was recorded.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// A report on a child in a section.
#[dto]
pub struct TrackerFeedbackView {
    /// Its day.
    pub given_on: NaiveDate,
    /// The role that gave it.
    #[rule(len(1, 80))]
    #[schema(example = "team_manager")]
    pub given_by: String,
    /// What it says.
    #[rule(len(1, 20000))]
    #[schema(example = "Two families were seen; a match is likely in May.")]
    pub text: String,
}

/// A move on a tracker.
#[dto]
pub struct TrackerMoveView {
    /// Its day.
    pub moved_on: NaiveDate,
    /// The section before.
    #[rule(len(1, 80))]
    #[schema(example = "plan_agreed")]
    pub from_section: Option<String>,
    /// The section after; null off the tracker.
    #[rule(len(1, 80))]
    #[schema(example = "matched")]
    pub to_section: Option<String>,
    /// The lead before.
    #[rule(len(1, 80))]
    #[schema(example = "team_manager")]
    pub from_lead: Option<String>,
    /// The lead after.
    #[rule(len(1, 80))]
    #[schema(example = "service_manager")]
    pub to_lead: Option<String>,
    /// The day of the meeting that decided it.
    pub meeting_on: Option<NaiveDate>,
    /// Why.
    #[rule(len(1, 2000))]
    #[schema(example = "The match was approved.")]
    pub reason: Option<String>,
    /// The edition that judged.
    #[rule(len(1, 80))]
    #[schema(example = "1")]
    pub edition: String,
    /// What the policy said of it.
    #[rule(items(0, 200))]
    #[schema(example = json!([]))]
    pub findings: Vec<Finding>,
}

impl From<&TrackerEntry> for TrackerEntryView {
    fn from(entry: &TrackerEntry) -> Self {
        Self {
            id: entry.id.into(),
            case_id: entry.case_id.into(),
            tracker: entry.tracker.to_string(),
            section: entry.section.as_ref().map(ToString::to_string),
            lead: entry.lead.as_ref().map(ToString::to_string),
            joined_on: entry.joined_on,
            added_by: entry.added_by.as_ref().map(ToString::to_string),
            left_on: entry.left_on,
            content: Value::Object(entry.content.clone()),
            feedback: entry
                .feedback
                .iter()
                .map(TrackerFeedbackView::from)
                .collect(),
            moves: entry.moves.iter().map(TrackerMoveView::from).collect(),
            edition: entry.judged_by.edition.clone(),
            plugin: entry.judged_by.plugin_id.clone(),
            plugin_sha256: entry.judged_by.plugin_digest.clone(),
            created_at: entry.created_at,
            updated_at: entry.updated_at,
        }
    }
}

impl From<&Feedback> for TrackerFeedbackView {
    fn from(feedback: &Feedback) -> Self {
        Self {
            given_on: feedback.given_on,
            given_by: feedback.given_by.to_string(),
            text: feedback.text.clone(),
        }
    }
}

impl From<&Move> for TrackerMoveView {
    fn from(one: &Move) -> Self {
        let text = |code: &Option<permanence_core::Code>| code.as_ref().map(ToString::to_string);
        Self {
            moved_on: one.moved_on,
            from_section: text(&one.from_section),
            to_section: text(&one.to_section),
            from_lead: text(&one.from_lead),
            to_lead: text(&one.to_lead),
            meeting_on: one.meeting_on,
            reason: one.reason.clone(),
            edition: one.edition.clone(),
            findings: one.findings.clone(),
        }
    }
}
