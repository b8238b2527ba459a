//! A case, as it is answered.

use chrono::{DateTime, NaiveDate, Utc};
use permanence_api_macros::dto;
use uuid::Uuid;

use crate::store::cases as stored;
use crate::store::cases::Case;

/// Whether a case is being worked on.
#[dto(code)]
pub enum CaseStatus {
    /// It is being worked on.
    Open,
    /// It is not worked on any more.
    Closed,
}

/// A child's case.
#[dto]
pub struct CaseView {
    /// Its id.
    pub id: Uuid,
    /// The council's own reference for it.
    #[rule(len(1, 100))]
    #[schema(example = "CH-20417")]
    pub reference: String,
    /// Given names.
    #[rule(len(1, 200))]
    #[schema(example = "Wren")]
    pub given_name: Option<String>,
    /// Family name.
    #[rule(len(1, 200))]
    #[schema(example = "Finch")]
    pub family_name: Option<String>,
    /// Date of birth.
    #[schema(example = "2017-05-04")]
    pub date_of_birth: Option<NaiveDate>,
    /// Sex as the council records it.
    #[rule(len(1, 50))]
    #[schema(example = "female")]
    pub sex: Option<String>,
    /// The social worker.
    #[rule(len(1, 200))]
    #[schema(example = "sw-104")]
    pub social_worker: Option<String>,
    /// The team.
    #[rule(len(1, 200))]
    #[schema(example = "north")]
    pub team: Option<String>,
    /// The service.
    #[rule(len(1, 200))]
    #[schema(example = "children_in_care")]
    pub service: Option<String>,
    /// Whether it is being worked on.
    pub status: CaseStatus,
    /// The day it was closed.
    pub closed_on: Option<NaiveDate>,
    /// Why it was closed.
    #[rule(len(1, 2000))]
    #[schema(example = "Adopted.")]
    pub closed_reason: Option<String>,
    /// Where it was first recorded: `api`, or the kind of import.
    #[rule(len(1, 50))]
    #[schema(example = "api")]
    pub source: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl From<&Case> for CaseView {
    fn from(case: &Case) -> Self {
        Self {
            id: case.id.into(),
            reference: case.reference.clone(),
            given_name: case.given_name.clone(),
            family_name: case.family_name.clone(),
            date_of_birth: case.date_of_birth,
            sex: case.sex.clone(),
            social_worker: case.social_worker.clone(),
            team: case.team.clone(),
            service: case.service.clone(),
            status: match case.status {
                stored::CaseStatus::Open => CaseStatus::Open,
                stored::CaseStatus::Closed => CaseStatus::Closed,
            },
            closed_on: case.closed_on,
            closed_reason: case.closed_reason.clone(),
            source: case.source.clone(),
            created_at: case.created_at,
            updated_at: case.updated_at,
        }
    }
}

impl From<CaseStatus> for stored::CaseStatus {
    fn from(status: CaseStatus) -> Self {
        match status {
            CaseStatus::Open => Self::Open,
            CaseStatus::Closed => Self::Closed,
        }
    }
}
