//! The kinds of care events, and the shapes of those that no return holds.
//!
//! Events of the kinds that the statutory return knows have core's shapes (`care_history.rs` turns them into a history),
//! so that whoever records one by hand says the same as an import.

use serde::{Deserialize, Serialize};

use super::care_history;

/// The kinds of care events, and the shape of each one's details.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
    /// [`PlanRecord`].
    PermanencePlan,
    /// [`MeetingRecord`].
    PlanningMeeting,
    /// [`AssessmentRecord`].
    Assessment,
    /// [`PersonRecord`]: somebody connected to the child.
    ConnectedPerson,
    /// [`PersonRecord`]: a brother or sister.
    Sibling,
}

/// A permanence plan as recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlanRecord {
    /// The selected option, a code.
    pub option: String,
    /// Contingency options, codes.
    #[serde(default)]
    pub contingency: Vec<String>,
    /// Orders sought, codes.
    #[serde(default)]
    pub orders: Vec<String>,
    /// When it is to be reached.
    #[serde(default)]
    pub timescale: Option<String>,
    /// Anything to add.
    #[serde(default)]
    pub note: Option<String>,
}

/// A permanence planning meeting that was held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MeetingRecord {
    /// Roles that attended, codes.
    #[serde(default)]
    pub attended: Vec<String>,
    /// What came of it.
    #[serde(default)]
    pub outcome: Option<String>,
    /// Anything to add.
    #[serde(default)]
    pub note: Option<String>,
}

/// An assessment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AssessmentRecord {
    /// What kind, a code.
    pub assessment: String,
    /// Its outcome, a code.
    #[serde(default)]
    pub outcome: Option<String>,
    /// Of whom, as the council names people.
    #[serde(default)]
    pub person: Option<String>,
    /// Anything to add.
    #[serde(default)]
    pub note: Option<String>,
}

/// Somebody in the child's life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PersonRecord {
    /// Who, as the council names people; not a name.
    pub person: String,
    /// What they are to the child.
    #[serde(default)]
    pub relationship: Option<String>,
    /// Whether they live where the child lives.
    #[serde(default)]
    pub lives_with_child: Option<bool>,
    /// Anything to add.
    #[serde(default)]
    pub note: Option<String>,
}

impl CareEventKind {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Episode,
        Self::Review,
        Self::PlacedForAdoption,
        Self::Adoption,
        Self::PreviousPermanence,
        Self::Missing,
        Self::SocialWorker,
        Self::LibertyOrder,
        Self::AsylumStatus,
        Self::PermanencePlan,
        Self::PlanningMeeting,
        Self::Assessment,
        Self::ConnectedPerson,
        Self::Sibling,
    ];

    /// The kind as it is written everywhere.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Episode => care_history::EPISODE,
            Self::Review => care_history::REVIEW,
            Self::PlacedForAdoption => care_history::PLACED_FOR_ADOPTION,
            Self::Adoption => care_history::ADOPTION,
            Self::PreviousPermanence => care_history::PREVIOUS_PERMANENCE,
            Self::Missing => care_history::MISSING,
            Self::SocialWorker => care_history::SOCIAL_WORKER,
            Self::LibertyOrder => care_history::LIBERTY_ORDER,
            Self::AsylumStatus => care_history::ASYLUM_STATUS,
            Self::PermanencePlan => "permanence_plan",
            Self::PlanningMeeting => "planning_meeting",
            Self::Assessment => "assessment",
            Self::ConnectedPerson => "connected_person",
            Self::Sibling => "sibling",
        }
    }

    /// The kind of this code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == code)
    }
}
