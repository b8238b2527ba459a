//! A child's care history: what has happened, as plain dated records.
//!
//! The record kinds follow the statutory return of looked after children (SSDA903), because every English council
//! keeps them; other sources (Annex A lists, SSD rows, the case system itself) are turned into the same records.
//! A history says nothing about policy: [`mod@facts`] turns it into the named facts that a rulebook asks for.
//!
//! Invariant: a record is kept as its source gave it, with that source. Where two sources differ, the history holds
//! what the later one says and the difference is reported by whoever merged them.

mod codes;
mod facts;
mod spells;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use codes::{
    CodedValue, EndReason, EpisodeStart, LegalStatus, Placement, PlacementGroup, Provider,
    UnknownCareCode,
};
pub use facts::{CareFact, CareFacts, CareValue, ReviewOn, facts};

/// A collection year of the return: 1 April of its first calendar year to 31 March of the next.
///
/// `CollectionYear::starting(2024)` is written `2024-25`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CollectionYear(i32);

impl CollectionYear {
    /// The year that begins on 1 April of `year`.
    #[must_use]
    pub const fn starting(year: i32) -> Self {
        Self(year)
    }

    /// The year that holds a day.
    #[must_use]
    pub fn holding(day: NaiveDate) -> Self {
        use chrono::Datelike;
        Self(if day.month() >= 4 {
            day.year()
        } else {
            day.year() - 1
        })
    }

    /// Its first calendar year.
    #[must_use]
    pub const fn first_year(self) -> i32 {
        self.0
    }

    /// 1 April, its first day.
    #[must_use]
    pub fn first_day(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.0, 4, 1).unwrap_or(NaiveDate::MIN)
    }

    /// 31 March, its last day.
    #[must_use]
    pub fn last_day(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.0 + 1, 3, 31).unwrap_or(NaiveDate::MAX)
    }

    /// The year before it.
    #[must_use]
    pub const fn previous(self) -> Self {
        Self(self.0 - 1)
    }
}

impl std::fmt::Display for CollectionYear {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{:02}", self.0, (self.0 + 1).rem_euclid(100))
    }
}

/// Where a record was read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Source {
    /// Name of the file that gave the values kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Row in that file; the heading is row 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<u32>,
    /// Collection years whose files hold the record, earliest first. Empty when the year is not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub years: Vec<CollectionYear>,
}

/// One episode of care: an unbroken stretch with one legal status and one placement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Episode {
    /// First day (`DECOM`).
    pub started_on: NaiveDate,
    /// Last day (`DEC`); `None` while it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_on: Option<NaiveDate>,
    /// What changed when it began (`RNE`); `None` when the source gave no usable code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<EpisodeStart>,
    /// Legal status (`LS`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legal_status: Option<LegalStatus>,
    /// Placement (`PLACE`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placement: Option<Placement>,
    /// Whose provision the placement is (`PLACE_PROVIDER`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<Provider>,
    /// Why it ended (`REC`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<EndReason>,
    /// Why the placement ended with it (`REASON_PLACE_CHANGE`), as coded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placement_change: Option<String>,
    /// Category of need (`CIN`), as coded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub need: Option<String>,
    /// Ofsted's number of the provision (`URN`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provision: Option<String>,
    /// Where it was read.
    #[serde(default)]
    pub source: Source,
}

/// A statutory review that was held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Review {
    /// Day it was held.
    pub held_on: NaiveDate,
    /// How the child took part, as coded (`PN0` to `PN7`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub participation: Option<String>,
    /// Where it was read.
    #[serde(default)]
    pub source: Source,
}

/// The council's decision that a child should be placed for adoption. It is not the placement itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AdoptionDecision {
    /// Day of the decision (`DATE_PLACED`).
    pub decided_on: NaiveDate,
    /// Day on which it was decided otherwise (`DATE_PLACED_CEASED`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reversed_on: Option<NaiveDate>,
    /// Why, as coded (`RD1` to `RD4`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reversal_reason: Option<String>,
    /// Where it was read.
    #[serde(default)]
    pub source: Source,
}

/// An adoption that took place in a collection year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Adoption {
    /// Day of the decision that the child should be placed for adoption (`DATE_INT`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_on: Option<NaiveDate>,
    /// Day of the match (`DATE_MATCH`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matched_on: Option<NaiveDate>,
    /// Whether the adopters had fostered the child before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_former_foster_carer: Option<bool>,
    /// Where it was read.
    #[serde(default)]
    pub source: Source,
}

/// A permanence option that the child had before the present time in care.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PreviousPermanence {
    /// The option, as coded (`P1` adoption, `P2` special guardianship, `P3` child arrangements, `P4` not known).
    pub option: String,
    /// Day of the order, as far as it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ordered: Option<PartialDate>,
    /// Where it was read.
    #[serde(default)]
    pub source: Source,
}

/// A date of which the day, or day and month, may be unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PartialDate {
    /// Year.
    pub year: i32,
    /// Month, 1 to 12, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub month: Option<u32>,
    /// Day, if known; never without a month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<u32>,
}

/// A stretch of days with a start and perhaps an end: missing from care, one social worker, loss of liberty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stretch {
    /// First day.
    pub started_on: NaiveDate,
    /// Last day; `None` while it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_on: Option<NaiveDate>,
    /// What kind of stretch, as coded by its source (`M` or `A` for missing, the reason for a change of worker).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Where it was read.
    #[serde(default)]
    pub source: Source,
}

/// What the sources of a history cover. Without it nothing can be concluded from a record that is not there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Coverage {
    /// Collection years whose episodes were read.
    #[serde(default)]
    pub episodes: Vec<CollectionYear>,
    /// Collection years whose reviews were read.
    #[serde(default)]
    pub reviews: Vec<CollectionYear>,
    /// Collection years whose decisions on placing for adoption were read.
    #[serde(default)]
    pub adoption_decisions: Vec<CollectionYear>,
}

impl Coverage {
    /// Adds what another source covers.
    pub fn add(&mut self, other: &Self) {
        for (mine, theirs) in [
            (&mut self.episodes, &other.episodes),
            (&mut self.reviews, &other.reviews),
            (&mut self.adoption_decisions, &other.adoption_decisions),
        ] {
            mine.extend(theirs.iter().copied());
            mine.sort_unstable();
            mine.dedup();
        }
    }

    /// First day of the latest unbroken run of years: from then on a record that is missing did not happen.
    #[must_use]
    pub fn unbroken_from(years: &[CollectionYear]) -> Option<NaiveDate> {
        let mut first = *years.iter().max()?;
        while years.contains(&first.previous()) {
            first = first.previous();
        }
        Some(first.first_day())
    }
}

/// Everything that is known of one child's care.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CareHistory {
    /// Date of birth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date_of_birth: Option<NaiveDate>,
    /// Episodes, in the order of their first day.
    #[serde(default)]
    pub episodes: Vec<Episode>,
    /// Statutory reviews, in order.
    #[serde(default)]
    pub reviews: Vec<Review>,
    /// Decisions that the child should be placed for adoption, in order.
    #[serde(default)]
    pub adoption_decisions: Vec<AdoptionDecision>,
    /// Adoptions.
    #[serde(default)]
    pub adoptions: Vec<Adoption>,
    /// Permanence before the present time in care.
    #[serde(default)]
    pub previous_permanence: Vec<PreviousPermanence>,
    /// Times missing from care or away without authority.
    #[serde(default)]
    pub missing: Vec<Stretch>,
    /// Allocated social workers.
    #[serde(default)]
    pub social_workers: Vec<Stretch>,
    /// Deprivation of liberty orders.
    #[serde(default)]
    pub liberty_orders: Vec<Stretch>,
    /// Time as an unaccompanied child seeking asylum: the day it ended, when there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asylum_status_ends_on: Option<NaiveDate>,
    /// What the sources cover.
    #[serde(default)]
    pub coverage: Coverage,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_collection_year_runs_from_april_to_march() {
        let year = CollectionYear::holding(NaiveDate::from_ymd_opt(2025, 3, 31).unwrap());
        assert_eq!(year, CollectionYear::starting(2024));
        assert_eq!(year.to_string(), "2024-25");
        assert_eq!(CollectionYear::starting(1999).to_string(), "1999-00");
        assert_eq!(
            CollectionYear::holding(year.last_day().succ_opt().unwrap()).first_year(),
            2025
        );
    }

    #[test]
    fn coverage_reaches_back_to_the_first_gap() {
        let years = [2017, 2019, 2020, 2021].map(CollectionYear::starting);
        assert_eq!(
            Coverage::unbroken_from(&years),
            NaiveDate::from_ymd_opt(2019, 4, 1)
        );
        assert_eq!(Coverage::unbroken_from(&[]), None);
    }
}
