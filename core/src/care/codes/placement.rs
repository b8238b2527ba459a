//! Where a child is placed: the codes of the return, and the kinds between which a clock starts again.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::CodedValue;

/// Kinds of placement between which a clock on a placement starts again, even with the same carer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PlacementGroup {
    /// With foster carers who are not connected to the child.
    Foster,
    /// Fostered by a relative, friend or other connected person.
    ConnectedPerson,
    /// With prospective adopters.
    Adoptive,
    /// With parents or others who have parental responsibility.
    Parents,
    /// In a children's home, open or secure.
    Residential,
    /// In supported accommodation.
    SupportedAccommodation,
    /// Living independently.
    IndependentLiving,
    /// In a residential school.
    ResidentialSchool,
    /// In a care home, hospital, family centre or the like.
    CareEstablishment,
    /// In custody.
    Custody,
    /// Anywhere else.
    Other,
    /// Away from the placement for a short time: no clock starts or stops.
    Temporary,
}

impl PlacementGroup {
    /// The type of placement as policies name it; nothing for a temporary one.
    #[must_use]
    pub const fn fact(self) -> Option<&'static str> {
        Some(match self {
            Self::Foster => "foster_placement",
            Self::ConnectedPerson => "connected_person",
            Self::Adoptive => "adoptive_placement",
            Self::Parents => "with_parents",
            Self::Residential => "residential",
            Self::SupportedAccommodation => "supported_accommodation",
            Self::IndependentLiving => "independent_living",
            Self::ResidentialSchool => "residential_school",
            Self::CareEstablishment => "care_establishment",
            Self::Custody => "custody",
            Self::Other => "other",
            Self::Temporary => return None,
        })
    }
}

coded! {
    /// Placement (`PLACE`), with the codes of earlier years.
    Placement, "PLACE", {
        /// Adoptive, by consent, with the present foster carer.
        AdoptiveConsentSameCarer = "A3",
        /// Adoptive, by consent, with others.
        AdoptiveConsent = "A4",
        /// Adoptive, under a placement order, with the present foster carer.
        AdoptiveOrderSameCarer = "A5",
        /// Adoptive, under a placement order, with others.
        AdoptiveOrder = "A6",
        /// Semi-independent living outside the regulations for children's homes.
        SemiIndependent = "H5",
        /// Secure children's home.
        SecureHome = "K1",
        /// Children's home.
        ChildrensHome = "K2",
        /// Registered supported accommodation.
        SupportedAccommodation = "K3",
        /// With parents.
        Parents = "P1",
        /// Independent living.
        IndependentLiving = "P2",
        /// Residential employment.
        ResidentialEmployment = "P3",
        /// Residential care home.
        CareHome = "R1",
        /// Hospital or other health establishment.
        HealthEstablishment = "R2",
        /// Family centre, or mother and baby unit.
        FamilyCentre = "R3",
        /// Young offender institution, secure training centre or prison.
        Prison = "R5",
        /// Residential school.
        ResidentialSchool = "S1",
        /// Temporary, any kind.
        Temporary = "T0",
        /// Temporary, in hospital.
        TemporaryHospital = "T1",
        /// Temporary, on holiday.
        TemporaryHoliday = "T2",
        /// Temporary, while the carer is on holiday.
        TemporaryCarerHoliday = "T3",
        /// Temporary, seven days or less for another reason.
        TemporaryShort = "T4",
        /// Fostered by a relative or friend, long term.
        RelativeLongTerm = "U1",
        /// Fostered by a relative or friend who is approved to adopt.
        RelativeEarlyPermanence = "U2",
        /// Fostered by a relative or friend, other.
        Relative = "U3",
        /// Fostered by others, long term.
        FosterLongTerm = "U4",
        /// Fostered by others who are approved to adopt.
        FosterEarlyPermanence = "U5",
        /// Fostered by others, other.
        Foster = "U6",
        /// Other, until 2024-25.
        OtherUntil2025 = "Z1",
        /// Other, first kind from 2025-26.
        Other11 = "Z11",
        /// Other, second kind from 2025-26.
        Other12 = "Z12",
        /// Other, third kind from 2025-26.
        Other13 = "Z13",
        /// Other, fourth kind from 2025-26.
        Other14 = "Z14",
        /// Adoptive, not with the former carer, before 2005.
        OldAdoptive = "A1",
        /// Adoptive, with the former carer, before 2005.
        OldAdoptiveSameCarer = "A2",
        /// Fostered by a relative or friend, before 2015.
        OldRelative = "Q1",
        /// Fostered by others, before 2015.
        OldFoster = "Q2",
    }
}

impl Placement {
    /// The group that the placement belongs to.
    #[must_use]
    pub const fn group(self) -> PlacementGroup {
        match self {
            Self::AdoptiveConsentSameCarer
            | Self::AdoptiveConsent
            | Self::AdoptiveOrderSameCarer
            | Self::AdoptiveOrder
            | Self::OldAdoptive
            | Self::OldAdoptiveSameCarer => PlacementGroup::Adoptive,
            Self::SecureHome | Self::ChildrensHome => PlacementGroup::Residential,
            Self::SupportedAccommodation | Self::SemiIndependent => {
                PlacementGroup::SupportedAccommodation
            }
            Self::IndependentLiving => PlacementGroup::IndependentLiving,
            Self::Parents => PlacementGroup::Parents,
            Self::CareHome | Self::HealthEstablishment | Self::FamilyCentre => {
                PlacementGroup::CareEstablishment
            }
            Self::Prison => PlacementGroup::Custody,
            Self::ResidentialSchool => PlacementGroup::ResidentialSchool,
            Self::Temporary
            | Self::TemporaryHospital
            | Self::TemporaryHoliday
            | Self::TemporaryCarerHoliday
            | Self::TemporaryShort => PlacementGroup::Temporary,
            Self::RelativeLongTerm
            | Self::RelativeEarlyPermanence
            | Self::Relative
            | Self::OldRelative => PlacementGroup::ConnectedPerson,
            Self::FosterLongTerm | Self::FosterEarlyPermanence | Self::Foster | Self::OldFoster => {
                PlacementGroup::Foster
            }
            Self::ResidentialEmployment
            | Self::OtherUntil2025
            | Self::Other11
            | Self::Other12
            | Self::Other13
            | Self::Other14 => PlacementGroup::Other,
        }
    }

    /// Whether the return marks a fostering arrangement as long term; `None` where that is no question.
    #[must_use]
    pub const fn is_long_term_fostering(self) -> Option<bool> {
        match self {
            Self::RelativeLongTerm | Self::FosterLongTerm => Some(true),
            Self::RelativeEarlyPermanence
            | Self::Relative
            | Self::FosterEarlyPermanence
            | Self::Foster => Some(false),
            _ => None,
        }
    }
}
