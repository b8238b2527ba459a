//! What a care event says besides its days, and how a patch changes it.

use chrono::NaiveDate;
use permanence_api_macros::dto;
use serde_json::{Map, Value};
use validator::Validate as _;

use super::care_events::CareEventUpdate;
use crate::http::field_errors;
use crate::problem::{Place, Problem};
use crate::service::{Fault, ServiceError};
use crate::store::care_events::CareEvent;

/// A date of which the day, or day and month, may be unknown.
#[dto(both)]
pub struct PartialDate {
    /// The year.
    #[rule(range(1900, 2200))]
    #[schema(example = 2019)]
    pub year: i32,
    /// The month, if known.
    #[rule(range(1, 12))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 3)]
    pub month: Option<u32>,
    /// The day, if known; never without a month.
    #[rule(range(1, 31))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 14)]
    pub day: Option<u32>,
}

/// What an event says besides its days. Which members there are depends on its kind; a member of another kind is refused.
#[dto(both)]
#[derive(Default)]
pub struct CareEventDetails {
    /// Episode: what changed when it began, a code of the statutory return (RNE).
    #[rule(len(1, 10))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "S")]
    pub start: Option<String>,
    /// Episode: the legal status, a code of the statutory return (LS).
    #[rule(len(1, 10))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "C2")]
    pub legal_status: Option<String>,
    /// Episode: the placement, a code of the statutory return (PLACE).
    #[rule(len(1, 10))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "U6")]
    pub placement: Option<String>,
    /// Episode: whose provision the placement is, a code of the statutory return (PLACE_PROVIDER).
    #[rule(len(1, 10))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "PR1")]
    pub provider: Option<String>,
    /// Episode: why it ended, a code of the statutory return (REC).
    #[rule(len(1, 10))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "X1")]
    pub end: Option<String>,
    /// Episode: why the placement ended with it, as coded in the statutory return (REASON_PLACE_CHANGE).
    #[rule(len(1, 10))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "CARPL")]
    pub placement_change: Option<String>,
    /// Episode: category of need, as coded in the statutory return (CIN).
    #[rule(len(1, 10))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "N1")]
    pub need: Option<String>,
    /// Episode: Ofsted's number of the provision (URN).
    #[rule(len(1, 20))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "SC000001")]
    pub provision: Option<String>,
    /// Review: how the child took part, as coded in the statutory return.
    #[rule(len(1, 10))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "PN1")]
    pub participation: Option<String>,
    /// Placed for adoption: why it was decided otherwise, as coded in the statutory return.
    #[rule(len(1, 10))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "RD1")]
    pub reversal_reason: Option<String>,
    /// Adoption: the day of the match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matched_on: Option<NaiveDate>,
    /// Adoption: whether the adopters had fostered the child before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_former_foster_carer: Option<bool>,
    /// Previous permanence or plan: the option, a code.
    #[rule(len(1, 80))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "long_term_fostering")]
    pub option: Option<String>,
    /// Previous permanence: when the order was made, as far as it is known.
    #[rule(nested)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ordered: Option<PartialDate>,
    /// Missing, social worker, liberty order: what kind of stretch it is, as its source codes it.
    #[rule(len(1, 20))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "M")]
    pub kind: Option<String>,
    /// Plan: contingency options, codes.
    #[rule(items(0, 20))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["special_guardianship"]))]
    pub contingency: Option<Vec<String>>,
    /// Plan: orders sought, codes.
    #[rule(items(0, 20))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["care_order"]))]
    pub orders: Option<Vec<String>>,
    /// Plan: when it is to be reached.
    #[rule(len(1, 500))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "within six months")]
    pub timescale: Option<String>,
    /// Meeting: the roles that attended, codes.
    #[rule(items(0, 50))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["social_worker", "team_manager"]))]
    pub attended: Option<Vec<String>>,
    /// Meeting or assessment: what came of it.
    #[rule(len(1, 200))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "positive")]
    pub outcome: Option<String>,
    /// Assessment: what kind it is, a code.
    #[rule(len(1, 80))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "viability")]
    pub assessment: Option<String>,
    /// Assessment, connected person, sibling: who, as the council names people; not a name.
    #[rule(len(1, 200))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "P-3310")]
    pub person: Option<String>,
    /// Connected person, sibling: what they are to the child.
    #[rule(len(1, 80))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "grandmother")]
    pub relationship: Option<String>,
    /// Connected person, sibling: whether they live where the child lives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lives_with_child: Option<bool>,
    /// Any kind: anything to add.
    #[rule(len(1, 2000))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Agreed by all.")]
    pub note: Option<String>,
}

/// The details as the store keeps them.
pub(super) fn members(details: &CareEventDetails) -> Result<Map<String, Value>, Problem> {
    match serde_json::to_value(details).map_err(Problem::internal)? {
        Value::Object(members) => Ok(members),
        _ => Ok(Map::new()),
    }
}

/// Applies a merge patch to an event; the details are read as strictly as those of a new event.
pub(super) fn merge(event: &mut CareEvent, patch: CareEventUpdate) -> Result<(), ServiceError> {
    event.started_on = patch.started_on.apply(event.started_on);
    event.ended_on = patch.ended_on.apply(event.ended_on);
    event.withdrawn_on = patch.withdrawn_on.apply(event.withdrawn_on);
    let (Some(changes), Value::Object(details)) = (patch.details, &mut event.details) else {
        return Ok(());
    };
    for (name, value) in changes {
        match value {
            Value::Null => details.shift_remove(&name),
            value => details.insert(name, value),
        };
    }
    let mut told = details.clone();
    told.remove("source");
    let read: CareEventDetails =
        serde_path_to_error::deserialize(Value::Object(told)).map_err(|fault| {
            let place = fault.path().to_string().replace('.', "/");
            ServiceError::invalid(
                format!("/details/{place}"),
                "wrong_type",
                "This is not of the type that is expected here.",
            )
        })?;
    let Err(errors) = read.validate() else {
        return Ok(());
    };
    let faults = field_errors(Place::Body, &errors).into_iter().map(|error| {
        Fault::new(
            format!("/details{}", error.pointer),
            error.code,
            error.message,
        )
    });
    Err(ServiceError::Invalid(faults.collect()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;
    use crate::store::ids::{CareEventId, CaseId};

    #[test]
    fn a_patch_of_the_details_takes_no_list_for_an_object() {
        let mut event = CareEvent {
            id: CareEventId::generate(),
            case_id: CaseId::generate(),
            kind: "assessment".to_owned(),
            started_on: None,
            ended_on: None,
            details: json!({}),
            source: "api".to_owned(),
            source_key: None,
            withdrawn_on: None,
            version: 1,
            created_at: chrono::DateTime::default(),
            updated_at: chrono::DateTime::default(),
        };
        let patch = json!({ "details": { "ordered": [2019, 3, 14] } });
        let patch: CareEventUpdate = serde_json::from_value(patch).unwrap();
        let refused = merge(&mut event, patch).unwrap_err();
        let ServiceError::Invalid(faults) = refused else {
            unreachable!("{refused:?}");
        };
        let places: Vec<_> = faults
            .iter()
            .map(|fault| (fault.pointer.as_str(), fault.code.as_str()))
            .collect();
        assert_eq!(places, [("/details/ordered", "wrong_type")]);
    }
}
