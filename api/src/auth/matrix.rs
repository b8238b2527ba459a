//! The one table of roles and rights.

use super::Reach;

macro_rules! rights {
    ($($name:ident = $text:literal, $who:literal;)*) => {
        /// Something that a caller may or may not do; operations name one each, as their scope.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Right { $(#[doc = $who] $name,)* }

        impl Right {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its name, as in the description's `security`.
            pub fn as_str(self) -> &'static str { match self { $(Self::$name => $text,)* } }

            /// What it is for, in a few words.
            pub fn about(self) -> &'static str { match self { $(Self::$name => $who,)* } }
        }

        /// Rights as types, for handlers' signatures.
        pub mod scope {
            $(
                #[doc = $who]
                #[derive(Debug, Clone, Copy)]
                pub struct $name;

                impl crate::auth::extract::Scope for $name {
                    const RIGHT: super::Right = super::Right::$name;
                }
            )*
        }
    };
}

rights! {
    PolicyRead = "policy.read", "read policies and code lists, ask policy questions";
    CasesRead = "cases.read", "read cases and their care history";
    CasesWrite = "cases.write", "open, change and close cases";
    PanelRead = "panel.read", "read sittings, bookings, attendance and decisions";
    PanelBook = "panel.book", "bring a case to a sitting, hand in its papers, withdraw it";
    PanelManage = "panel.manage", "arrange sittings, record attendance, move bookings";
    PanelDecide = "panel.decide", "record decisions, defer, override a removal";
    ActionsWrite = "actions.write", "complete actions, letters and records that follow from a decision";
    FormsRead = "forms.read", "read the forms that were handed in";
    FormsWrite = "forms.write", "hand in the forms that the policy asks for, and change them";
    LegalAdvice = "legal.write", "record legal advice";
    PrivilegedRead = "minutes.privileged.read", "read legally privileged minutes and advice";
    ExceptionsRead = "exceptions.read", "read due dates and drift, child by child";
    ExceptionsWrite = "exceptions.write", "write and sign reports on children who wait too long";
    TrackersWrite = "trackers.write", "put children on trackers, move them there and report on them";
    ReportsRead = "reports.read", "read aggregates that name no child";
    ImportsRead = "imports.read", "follow imports and read their reports";
    ImportsWrite = "imports.write", "send returns and other data of the council's systems";
    AuditRead = "audit.read", "read who did and saw what";
}

/// What a caller is at their council.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Holds cases.
    SocialWorker,
    /// Leads a team of social workers.
    TeamManager,
    /// Reviews the plans of looked-after children.
    IndependentReviewingOfficer,
    /// Chairs the panel.
    PanelChair,
    /// Sits on the panel.
    PanelMember,
    /// Prepares and minutes the panel.
    PanelAdministrator,
    /// Advises the panel on law.
    LegalAdviser,
    /// Answers for a service.
    HeadOfService,
    /// Counts, and sees no child.
    PerformanceAnalyst,
    /// The council's own case system.
    IntegrationClient,
    /// Checks who did and saw what.
    Auditor,
    /// Looks after the council's policy; sees no child.
    CouncilOfficer,
}

impl Role {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::SocialWorker,
        Self::TeamManager,
        Self::IndependentReviewingOfficer,
        Self::PanelChair,
        Self::PanelMember,
        Self::PanelAdministrator,
        Self::LegalAdviser,
        Self::HeadOfService,
        Self::PerformanceAnalyst,
        Self::IntegrationClient,
        Self::Auditor,
        Self::CouncilOfficer,
    ];

    /// Its code.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SocialWorker => "social_worker",
            Self::TeamManager => "team_manager",
            Self::IndependentReviewingOfficer => "independent_reviewing_officer",
            Self::PanelChair => "panel_chair",
            Self::PanelMember => "panel_member",
            Self::PanelAdministrator => "panel_administrator",
            Self::LegalAdviser => "legal_adviser",
            Self::HeadOfService => "head_of_service",
            Self::PerformanceAnalyst => "performance_analyst",
            Self::IntegrationClient => "integration_client",
            Self::Auditor => "auditor",
            Self::CouncilOfficer => "council_officer",
        }
    }

    /// The role with this code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.as_str() == code)
    }
}

/// Which cases this right reaches for this role. What is not in this table is not allowed.
pub fn reach(role: Role, right: Right) -> Reach {
    rights_of(role)
        .iter()
        .find(|(held, _)| *held == right)
        .map_or(Reach::NONE, |(_, reach)| *reach)
}

fn rights_of(role: Role) -> &'static [(Right, Reach)] {
    use Right::*;
    const ALL: Reach = Reach::COUNCIL;
    const OWN: Reach = Reach::OWN;
    const TEAM: Reach = Reach::TEAMS;
    const SEAT: Reach = Reach::SITTINGS;
    match role {
        Role::SocialWorker => &[
            (PolicyRead, ALL),
            (CasesRead, OWN),
            (CasesWrite, OWN),
            (PanelRead, OWN),
            (PanelBook, OWN),
            (FormsRead, OWN),
            (FormsWrite, OWN),
            (ActionsWrite, OWN),
            (ExceptionsRead, OWN),
            (ExceptionsWrite, OWN),
        ],
        Role::TeamManager => &[
            (PolicyRead, ALL),
            (CasesRead, TEAM),
            (CasesWrite, TEAM),
            (PanelRead, TEAM),
            (PanelBook, TEAM),
            (FormsRead, TEAM),
            (FormsWrite, TEAM),
            (ActionsWrite, TEAM),
            (ExceptionsRead, TEAM),
            (ExceptionsWrite, TEAM),
            (TrackersWrite, TEAM),
        ],
        Role::IndependentReviewingOfficer => &[
            (PolicyRead, ALL),
            (CasesRead, ALL),
            (PanelRead, ALL),
            (FormsRead, ALL),
            (FormsWrite, ALL),
            (ExceptionsRead, ALL),
            (ReportsRead, ALL),
        ],
        Role::PanelChair => &[
            (PolicyRead, ALL),
            (CasesRead, SEAT),
            (PanelRead, ALL),
            (PanelManage, ALL),
            (PanelDecide, ALL),
            (FormsRead, ALL),
            (FormsWrite, ALL),
            (ActionsWrite, ALL),
            (PrivilegedRead, SEAT),
            (ExceptionsRead, ALL),
            (ReportsRead, ALL),
        ],
        Role::PanelMember => &[
            (PolicyRead, ALL),
            (CasesRead, SEAT),
            (PanelRead, SEAT),
            (FormsRead, SEAT),
        ],
        Role::PanelAdministrator => &[
            (PolicyRead, ALL),
            (CasesRead, ALL),
            (PanelRead, ALL),
            (PanelBook, ALL),
            (PanelManage, ALL),
            (FormsRead, ALL),
            (FormsWrite, ALL),
            (ActionsWrite, ALL),
            (ExceptionsRead, ALL),
            (ExceptionsWrite, ALL),
            (TrackersWrite, ALL),
        ],
        Role::LegalAdviser => &[
            (PolicyRead, ALL),
            (CasesRead, ALL),
            (PanelRead, ALL),
            (FormsRead, ALL),
            (FormsWrite, ALL),
            (LegalAdvice, ALL),
            (PrivilegedRead, ALL),
        ],
        Role::HeadOfService => &[
            (PolicyRead, ALL),
            (CasesRead, ALL),
            (CasesWrite, ALL),
            (PanelRead, ALL),
            (PanelBook, ALL),
            (PanelManage, ALL),
            (PanelDecide, ALL),
            (FormsRead, ALL),
            (FormsWrite, ALL),
            (ActionsWrite, ALL),
            (PrivilegedRead, ALL),
            (ExceptionsRead, ALL),
            (ExceptionsWrite, ALL),
            (TrackersWrite, ALL),
            (ReportsRead, ALL),
            (ImportsRead, ALL),
        ],
        Role::PerformanceAnalyst => &[(PolicyRead, ALL), (ReportsRead, ALL)],
        Role::IntegrationClient => &[
            (PolicyRead, ALL),
            (CasesRead, ALL),
            (CasesWrite, ALL),
            (PanelRead, ALL),
            (PanelBook, ALL),
            (FormsRead, ALL),
            (FormsWrite, ALL),
            (ActionsWrite, ALL),
            (ExceptionsRead, ALL),
            (ExceptionsWrite, ALL),
            (TrackersWrite, ALL),
            (ReportsRead, ALL),
            (ImportsRead, ALL),
            (ImportsWrite, ALL),
        ],
        Role::Auditor => &[(PolicyRead, ALL), (AuditRead, ALL), (ReportsRead, ALL)],
        Role::CouncilOfficer => &[(PolicyRead, ALL), (ReportsRead, ALL)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_right_is_held_by_somebody_and_none_by_everybody_but_policy() {
        for right in Right::ALL {
            let holders = Role::ALL
                .iter()
                .filter(|role| !reach(**role, *right).is_none())
                .count();
            assert!(holders > 0, "{}", right.as_str());
            assert!(
                *right == Right::PolicyRead || holders < Role::ALL.len(),
                "{}",
                right.as_str()
            );
        }
    }

    #[test]
    fn who_counts_sees_no_child() {
        for role in [
            Role::PerformanceAnalyst,
            Role::CouncilOfficer,
            Role::Auditor,
        ] {
            for right in [
                Right::CasesRead,
                Right::PanelRead,
                Right::FormsRead,
                Right::ExceptionsRead,
                Right::PrivilegedRead,
            ] {
                assert!(
                    reach(role, right).is_none(),
                    "{} {}",
                    role.as_str(),
                    right.as_str()
                );
            }
        }
    }

    #[test]
    fn roles_are_read_by_their_codes() {
        assert!(
            Role::ALL
                .iter()
                .all(|role| Role::parse(role.as_str()) == Some(*role))
        );
        assert_eq!(Role::parse("caretaker"), None);
    }
}
