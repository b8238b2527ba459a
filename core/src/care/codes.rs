//! The code sets of the statutory return that a rule can depend on, as types.
//!
//! Each type speaks the return's own code (`U1`, `E4A`) in both directions, because that is what every council,
//! vendor and regional tool knows. Codes that are no longer collected stay readable: histories hold them.
//! Source: the children looked after return's technical specification (Department for Education, OGL v3).

use std::fmt;

use serde::{Deserialize, Serialize};

pub use placement::{Placement, PlacementGroup};

/// A code that is not in its set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a code of {set}")]
pub struct UnknownCareCode {
    /// Name of the column that the set belongs to.
    pub set: &'static str,
}

/// A value that is written as one code of the return.
pub trait CodedValue: Sized + Copy + 'static {
    /// Column of the return that holds it.
    const COLUMN: &'static str;
    /// Every value, in the order of the specification.
    const ALL: &'static [Self];

    /// The code.
    fn code(self) -> &'static str;

    /// Reads a code; letter case and blanks around it do not matter.
    ///
    /// # Errors
    /// When the code is not in the set.
    fn parse(text: &str) -> Result<Self, UnknownCareCode> {
        let wanted = text.trim();
        Self::ALL
            .iter()
            .copied()
            .find(|value| value.code().eq_ignore_ascii_case(wanted))
            .ok_or(UnknownCareCode { set: Self::COLUMN })
    }
}

macro_rules! coded {
    ($(#[$doc:meta])* $name:ident, $column:literal, { $($(#[$item:meta])* $variant:ident = $code:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$item])* #[serde(rename = $code)] $variant,)+
        }

        impl CodedValue for $name {
            const COLUMN: &'static str = $column;
            const ALL: &'static [Self] = &[$(Self::$variant,)+];

            fn code(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)+
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.code())
            }
        }
    };
}

mod placement;

coded! {
    /// What changed when an episode began (`RNE`).
    EpisodeStart, "RNE", {
        /// The child began to be looked after.
        StartedCare = "S",
        /// The legal status alone.
        LegalStatus = "L",
        /// Placement and carer.
        PlacementAndCarer = "P",
        /// The placement, with the carer staying.
        PlacementSameCarer = "T",
        /// Legal status, placement and carer.
        AllThree = "B",
        /// Legal status and placement, with the carer staying.
        LegalStatusAndPlacementSameCarer = "U",
    }
}

impl EpisodeStart {
    /// Whether the child stayed with the carer through this change.
    #[must_use]
    pub const fn keeps_carer(self) -> bool {
        matches!(
            self,
            Self::LegalStatus | Self::PlacementSameCarer | Self::LegalStatusAndPlacementSameCarer
        )
    }

    /// Whether the legal status is a new one.
    #[must_use]
    pub const fn changes_legal_status(self) -> bool {
        matches!(
            self,
            Self::StartedCare
                | Self::LegalStatus
                | Self::AllThree
                | Self::LegalStatusAndPlacementSameCarer
        )
    }
}

coded! {
    /// Legal status of a looked after child (`LS`).
    LegalStatus, "LS", {
        /// Interim care order.
        InterimCareOrder = "C1",
        /// Full care order.
        CareOrder = "C2",
        /// Freeing order, no longer made.
        FreeingOrder = "D1",
        /// Placement order; a care order may run beside it unseen.
        PlacementOrder = "E1",
        /// Accommodated by agreement under section 20.
        Section20 = "V2",
        /// Short breaks, each recorded.
        ShortBreaksEach = "V3",
        /// Short breaks, recorded as an agreement.
        ShortBreaksAgreement = "V4",
        /// On remand.
        Remand = "J1",
        /// Held under the Police and Criminal Evidence Act.
        PoliceDetention = "J2",
        /// Youth rehabilitation order with residence or intensive fostering.
        YouthRehabilitationOrder = "J3",
        /// Police protection.
        PoliceProtection = "L1",
        /// Emergency protection order.
        EmergencyProtectionOrder = "L2",
        /// Child assessment order.
        ChildAssessmentOrder = "L3",
    }
}

impl LegalStatus {
    /// Whether the child only has short breaks: no clock of a permanence policy runs.
    #[must_use]
    pub const fn is_short_breaks(self) -> bool {
        matches!(self, Self::ShortBreaksEach | Self::ShortBreaksAgreement)
    }

    /// The legal status as policies name it.
    #[must_use]
    pub const fn fact(self) -> &'static str {
        match self {
            Self::InterimCareOrder => "interim_care_order",
            Self::CareOrder => "care_order",
            Self::FreeingOrder => "freeing_order",
            Self::PlacementOrder => "placement_order",
            Self::Section20 => "section_20",
            Self::ShortBreaksEach | Self::ShortBreaksAgreement => "short_breaks",
            Self::Remand => "remand",
            Self::PoliceDetention => "police_detention",
            Self::YouthRehabilitationOrder => "youth_rehabilitation_order",
            Self::PoliceProtection => "police_protection",
            Self::EmergencyProtectionOrder => "emergency_protection_order",
            Self::ChildAssessmentOrder => "child_assessment_order",
        }
    }
}

coded! {
    /// Whose provision a placement is (`PLACE_PROVIDER`).
    Provider, "PLACE_PROVIDER", {
        /// Parents.
        Parents = "PR0",
        /// The council's own.
        Own = "PR1",
        /// Another council's.
        OtherCouncil = "PR2",
        /// Another public body's.
        OtherPublic = "PR3",
        /// Private.
        Private = "PR4",
        /// Voluntary.
        Voluntary = "PR5",
    }
}

coded! {
    /// Why an episode ended (`REC`).
    EndReason, "REC", {
        /// Another episode began on the same day.
        NextEpisode = "X1",
        /// Adopted, nobody opposed.
        AdoptedUnopposed = "E11",
        /// Adopted, the court dispensed with consent.
        AdoptedConsentDispensed = "E12",
        /// Died.
        Died = "E2",
        /// Another council took over.
        OtherCouncil = "E3",
        /// Went home as planned.
        HomePlanned = "E4A",
        /// Went home, not as planned.
        HomeUnplanned = "E4B",
        /// Went to live with somebody who has no parental responsibility.
        OtherHome = "E13",
        /// Child arrangements order.
        ChildArrangementsOrder = "E41",
        /// Special guardianship to the former carer, until 2017-18.
        GuardianshipFormerCarer = "E43",
        /// Special guardianship to others, until 2017-18.
        GuardianshipOther = "E44",
        /// Special guardianship to the former carer, who is a relative or friend.
        GuardianshipFormerCarerRelative = "E45",
        /// Special guardianship to the former carer, who is not.
        GuardianshipFormerCarerUnrelated = "E46",
        /// Special guardianship to another carer, who is a relative or friend.
        GuardianshipOtherRelative = "E47",
        /// Special guardianship to another carer, who is not.
        GuardianshipOtherUnrelated = "E48",
        /// Independent living with support.
        IndependentSupported = "E5",
        /// Independent living without.
        IndependentUnsupported = "E6",
        /// Residential care of adult services.
        AdultServices = "E7",
        /// Another reason.
        OtherReason = "E8",
        /// Sentenced to custody.
        Custody = "E9",
        /// Remand ended.
        RemandEnded = "E14",
        /// Found to be 18 or over.
        FoundAdult = "E15",
        /// Moved abroad.
        MovedAbroad = "E16",
        /// Stayed with the carers after 18.
        StayedPut = "E17",
    }
}

impl EndReason {
    /// Whether the child stopped being looked after.
    #[must_use]
    pub const fn ends_care(self) -> bool {
        !matches!(self, Self::NextEpisode)
    }

    /// Whether it records an adoption order.
    #[must_use]
    pub const fn is_adoption(self) -> bool {
        matches!(self, Self::AdoptedUnopposed | Self::AdoptedConsentDispensed)
    }

    /// Whether it records a special guardianship order.
    #[must_use]
    pub const fn is_special_guardianship(self) -> bool {
        matches!(
            self,
            Self::GuardianshipFormerCarer
                | Self::GuardianshipOther
                | Self::GuardianshipFormerCarerRelative
                | Self::GuardianshipFormerCarerUnrelated
                | Self::GuardianshipOtherRelative
                | Self::GuardianshipOtherUnrelated
        )
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn round_trip<T: CodedValue + PartialEq + fmt::Debug>() {
        for value in T::ALL {
            assert_eq!(
                T::parse(&format!(" {} ", value.code().to_lowercase())).unwrap(),
                *value
            );
        }
        let mut codes: Vec<_> = T::ALL.iter().map(|value| value.code()).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(
            codes.len(),
            T::ALL.len(),
            "two values of {} share a code",
            T::COLUMN
        );
        assert!(T::parse("*DUMMY*").is_err());
    }

    #[test]
    fn every_code_reads_back() {
        round_trip::<EpisodeStart>();
        round_trip::<LegalStatus>();
        round_trip::<Placement>();
        round_trip::<Provider>();
        round_trip::<EndReason>();
    }

    #[test]
    fn codes_are_written_as_the_return_writes_them() {
        assert_eq!(
            serde_json::to_string(&EndReason::HomePlanned).unwrap(),
            "\"E4A\""
        );
        assert_eq!(
            serde_json::from_str::<Placement>("\"U1\"").unwrap(),
            Placement::RelativeLongTerm
        );
    }
}
