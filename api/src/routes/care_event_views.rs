//! Something that happened in a child's care, as it is answered.

use chrono::{DateTime, NaiveDate, Utc};
use permanence_api_macros::dto;
use serde_json::Value;
use uuid::Uuid;

use super::care_event_details::CareEventDetails;
use crate::problem::Problem;
use crate::service::care_records;
use crate::store::care_events::CareEvent;

/// What kind of event it is.
#[dto(code)]
pub enum CareEventKind {
    /// An unbroken stretch of care with one legal status and one placement.
    Episode,
    /// A statutory review that was held.
    Review,
    /// The decision that the child should be placed for adoption.
    PlacedForAdoption,
    /// An adoption.
    Adoption,
    /// Permanence before this time in care.
    PreviousPermanence,
    /// A time missing from care or away without authority.
    Missing,
    /// An allocated social worker's time with the child.
    SocialWorker,
    /// A deprivation of liberty order.
    LibertyOrder,
    /// Time as an unaccompanied child seeking asylum.
    AsylumStatus,
    /// A permanence plan as it was agreed.
    PermanencePlan,
    /// A permanence planning meeting that was held.
    PlanningMeeting,
    /// An assessment.
    Assessment,
    /// Somebody connected to the child.
    ConnectedPerson,
    /// A brother or sister.
    Sibling,
}

/// Something that happened in a child's care.
#[dto]
pub struct CareEventView {
    /// Its id.
    pub id: Uuid,
    /// The case it belongs to.
    pub case_id: Uuid,
    /// What kind of event it is.
    pub kind: CareEventKind,
    /// The day it happened, or its first day.
    pub started_on: Option<NaiveDate>,
    /// Its last day.
    pub ended_on: Option<NaiveDate>,
    /// What it says besides.
    pub details: CareEventDetails,
    /// Where it comes from: `api`, a person's word, or the kind of import.
    #[rule(len(1, 50))]
    #[schema(example = "ssda903")]
    pub source: String,
    /// The day on which it was found to be wrong; it counts no more.
    pub withdrawn_on: Option<NaiveDate>,
    /// When it was recorded.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl CareEventView {
    /// The event on the wire; where it was read (`source` in the details of an import) is left out.
    pub(super) fn of(event: &CareEvent) -> Result<Self, Problem> {
        let mut details = event.details.clone();
        if let Some(members) = details.as_object_mut() {
            members.remove("source");
        }
        Ok(Self {
            id: event.id.into(),
            case_id: event.case_id.into(),
            kind: serde_json::from_value(Value::from(event.kind.as_str()))
                .map_err(Problem::internal)?,
            started_on: event.started_on,
            ended_on: event.ended_on,
            details: serde_json::from_value(details).map_err(Problem::internal)?,
            source: event.source.clone(),
            withdrawn_on: event.withdrawn_on,
            created_at: event.created_at,
            updated_at: event.updated_at,
        })
    }
}

impl CareEventKind {
    pub(super) fn known(self) -> Result<care_records::CareEventKind, Problem> {
        care_records::CareEventKind::parse(self.as_str())
            .ok_or_else(|| Problem::internal("a kind of event is unknown"))
    }
}
