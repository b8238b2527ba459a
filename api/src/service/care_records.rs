//! The kinds of care events, and the shapes of those that no return holds.
//!
//! Events of the kinds that the statutory return knows have core's shapes (`care_history.rs` turns them into a history),
//! so that whoever records one by hand says the same as an import.

use chrono::NaiveDate;
use permanence_core::care::{
    CodedValue, EndReason, EpisodeStart, LegalStatus, Placement, Provider,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Fault, care_history};

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

    /// The members that its details may have, and those that they must have.
    #[must_use]
    pub fn members(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Self::Episode => (
                &[
                    "start",
                    "legalStatus",
                    "placement",
                    "provider",
                    "end",
                    "placementChange",
                    "need",
                    "provision",
                ],
                &["legalStatus", "placement"],
            ),
            Self::Review => (&["participation"], &[]),
            Self::PlacedForAdoption => (&["reversalReason"], &[]),
            Self::Adoption => (&["matchedOn", "byFormerFosterCarer"], &[]),
            Self::PreviousPermanence => (&["option", "ordered"], &["option"]),
            Self::Missing | Self::SocialWorker | Self::LibertyOrder => (&["kind"], &[]),
            Self::AsylumStatus => (&[], &[]),
            Self::PermanencePlan => (
                &["option", "contingency", "orders", "timescale"],
                &["option"],
            ),
            Self::PlanningMeeting => (&["attended", "outcome"], &[]),
            Self::Assessment => (&["assessment", "outcome", "person"], &["assessment"]),
            Self::ConnectedPerson | Self::Sibling => {
                (&["person", "relationship", "livesWithChild"], &["person"])
            }
        }
    }

    /// Whether it must have a first day, and whether it may have a last one.
    fn days(self) -> (bool, bool) {
        match self {
            Self::Episode
            | Self::PlacedForAdoption
            | Self::Missing
            | Self::SocialWorker
            | Self::LibertyOrder
            | Self::PermanencePlan => (true, true),
            Self::Review | Self::PlanningMeeting | Self::Adoption => (true, false),
            Self::PreviousPermanence => (false, false),
            Self::AsylumStatus | Self::Assessment | Self::ConnectedPerson | Self::Sibling => {
                (false, true)
            }
        }
    }
}

/// Checks an event against its kind; every fault is told, with its place in the body that the API takes.
#[must_use]
pub fn faults(
    kind: CareEventKind,
    started_on: Option<NaiveDate>,
    ended_on: Option<NaiveDate>,
    details: &Map<String, Value>,
) -> Vec<Fault> {
    let mut faults = Vec::new();
    let (needs_start, may_end) = kind.days();
    if needs_start && started_on.is_none() {
        faults.push(Fault::new(
            "/startedOn",
            "required",
            "An event of this kind has a first day.",
        ));
    }
    if !may_end && ended_on.is_some() {
        faults.push(Fault::new(
            "/endedOn",
            "not_of_this_kind",
            "An event of this kind is of one day.",
        ));
    }
    if started_on
        .zip(ended_on)
        .is_some_and(|(first, last)| last < first)
    {
        faults.push(Fault::new(
            "/endedOn",
            "before_start",
            "The last day is before the first one.",
        ));
    }
    let (may, must) = kind.members();
    for name in must.iter().filter(|name| !details.contains_key(**name)) {
        faults.push(Fault::new(
            format!("/details/{name}"),
            "required",
            "An event of this kind says this.",
        ));
    }
    for (name, value) in details {
        let pointer = format!("/details/{}", name.replace('~', "~0").replace('/', "~1"));
        if name != "note" && name != "source" && !may.contains(&name.as_str()) {
            faults.push(Fault::new(
                pointer,
                "not_of_this_kind",
                "Events of this kind do not say this.",
            ));
        } else if !is_of_its_set(name, value) {
            faults.push(Fault::new(
                pointer,
                "unknown_code",
                "This is no code of the statutory return's.",
            ));
        }
    }
    faults
}

/// Whether a member that is a code of the statutory return is one of its set.
fn is_of_its_set(name: &str, value: &Value) -> bool {
    fn known<T: CodedValue>(code: &str) -> bool {
        T::ALL.iter().any(|value| value.code() == code)
    }
    let Some(code) = value.as_str() else {
        return true;
    };
    match name {
        "start" => known::<EpisodeStart>(code),
        "legalStatus" => known::<LegalStatus>(code),
        "placement" => known::<Placement>(code),
        "provider" => known::<Provider>(code),
        "end" => known::<EndReason>(code),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(
        kind: CareEventKind,
        days: (Option<&str>, Option<&str>),
        details: Value,
    ) -> Vec<String> {
        let day = |text: Option<&str>| text.and_then(|text| text.parse().ok());
        let details = details.as_object().cloned().unwrap_or_default();
        faults(kind, day(days.0), day(days.1), &details)
            .into_iter()
            .map(|fault| fault.pointer)
            .collect()
    }

    #[test]
    fn every_fault_is_told_with_its_place() {
        let wrong = told(
            CareEventKind::Episode,
            (Some("2025-02-01"), Some("2025-01-31")),
            serde_json::json!({ "legalStatus": "C9", "attended": [] }),
        );
        assert_eq!(
            wrong,
            [
                "/endedOn",
                "/details/placement",
                "/details/legalStatus",
                "/details/attended"
            ]
        );
        assert_eq!(
            told(
                CareEventKind::Review,
                (None, Some("2025-01-31")),
                Value::Null
            ),
            ["/startedOn", "/endedOn"]
        );
    }

    #[test]
    fn a_whole_event_has_no_fault_and_may_be_of_one_day() {
        let day = Some("2025-02-01");
        let details = serde_json::json!({ "legalStatus": "C2", "placement": "U6", "note": "x" });
        assert!(told(CareEventKind::Episode, (day, day), details).is_empty());
    }
}
