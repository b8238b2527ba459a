//! The caller, as the token describes them.

use std::collections::BTreeSet;

use permanence_core::CouncilCode;

use super::{Right, Role, matrix};

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// Who vouches for them.
    pub issuer: String,
    /// Their lasting name with the issuer; never an address of theirs.
    pub subject: String,
    /// The councils that they act for.
    pub councils: BTreeSet<CouncilCode>,
    /// Their roles.
    pub roles: BTreeSet<Role>,
    /// Their teams, by the council's own names.
    pub teams: BTreeSet<String>,
}

/// Which cases a right reaches. Several roles add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reach {
    /// Every case of the council.
    pub council: bool,
    /// Cases allocated to the caller.
    pub own: bool,
    /// Cases of the caller's teams.
    pub teams: bool,
    /// Cases on sittings that the caller sits on.
    pub sittings: bool,
}

impl Reach {
    /// Nothing at all.
    pub const NONE: Self = Self {
        council: false,
        own: false,
        teams: false,
        sittings: false,
    };
    /// Every case of the council.
    pub const COUNCIL: Self = Self {
        council: true,
        ..Self::NONE
    };
    /// Cases allocated to the caller.
    pub const OWN: Self = Self {
        own: true,
        ..Self::NONE
    };
    /// Cases allocated to the caller or to one of their teams.
    pub const TEAMS: Self = Self {
        own: true,
        teams: true,
        ..Self::NONE
    };
    /// Cases on sittings that the caller sits on.
    pub const SITTINGS: Self = Self {
        sittings: true,
        ..Self::NONE
    };

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            council: self.council || other.council,
            own: self.own || other.own,
            teams: self.teams || other.teams,
            sittings: self.sittings || other.sittings,
        }
    }

    /// Whether it reaches nothing: the right is not held at all.
    pub fn is_none(self) -> bool {
        self == Self::NONE
    }
}

impl Principal {
    /// Which cases this right reaches for them.
    pub fn reach(&self, right: Right) -> Reach {
        self.roles.iter().fold(Reach::NONE, |reach, role| {
            reach.and(matrix::reach(*role, right))
        })
    }
}
