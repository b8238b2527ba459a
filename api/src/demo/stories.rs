//! The stories that invented children live through, and how many children live each.
//!
//! Dates are counted back from the day that the returns reach to, so that whoever is overdue is overdue on that day.
//! A story's clock is the one that its name speaks of.

use chrono::{Months, NaiveDate};
use permanence_core::care::{EndReason, Placement};
use serde_json::{Map, Value, json};

use super::chance::Chance;
use super::life::Life;
use super::teller::Teller;
use super::{Wanted, after, before};

macro_rules! stories {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $share:literal;)+) => {
        /// What an invented child in care lives through.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Story { $($(#[$doc])* $name,)+ }

        impl Story {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Its code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// How many children of a thousand.
            const fn share(self) -> u32 {
                match self { $(Self::$name => $share,)+ }
            }
        }
    };
}

stories! {
    /// A placement order 27 to 38 weeks ago, still with foster carers.
    PlacementOrderWaiting = "placement_order_waiting", 18;
    /// A placement order 42 to 80 weeks ago, still with foster carers.
    PlacementOrderWaitingLong = "placement_order_waiting_long", 12;
    /// A placement order over a year ago, and adoption is no longer the plan.
    PlacementOrderPlanChanged = "placement_order_plan_changed", 6;
    /// A placement order less than 26 weeks ago.
    PlacementOrderRecent = "placement_order_recent", 16;
    /// With adopters for 27 to 38 weeks, no application lodged.
    AdoptiveNoApplication = "adoptive_no_application", 8;
    /// With adopters for over 40 weeks, no application lodged.
    AdoptiveNoApplicationLong = "adoptive_no_application_long", 5;
    /// With adopters for over 26 weeks, and the application is lodged.
    AdoptiveApplied = "adoptive_applied", 8;
    /// With adopters for less than 26 weeks.
    AdoptiveRecent = "adoptive_recent", 12;
    /// With a relative or friend for over a year, no order.
    ConnectedOverAYear = "connected_over_a_year", 75;
    /// With a relative or friend for less than a year.
    ConnectedRecent = "connected_recent", 85;
    /// With the same foster carers for over two years, special guardianship never explored.
    SameCarersOverTwoYears = "same_carers_over_two_years", 95;
    /// The same, since long before the first return that is imported.
    SameCarersSinceBeforeReturns = "same_carers_since_before_returns", 40;
    /// With the same foster carers for over two years, matched, and special guardianship explored.
    SettledLongTerm = "settled_long_term", 130;
    /// With foster carers for less than two years.
    FosteredRecently = "fostered_recently", 180;
    /// In care for over a year without a permanence plan.
    NoPlanAtSecondReview = "no_plan_at_second_review", 30;
    /// With parents under a care order for over a year.
    WithParentsOverAYear = "with_parents_over_a_year", 24;
    /// With parents under a care order for less than a year.
    WithParentsRecent = "with_parents_recent", 36;
    /// In a children's home for 7 to 11 months.
    ResidentialOverSixMonths = "residential_over_six_months", 40;
    /// In a children's home for over a year.
    ResidentialOverAYear = "residential_over_a_year", 35;
    /// In a children's home for less than six months.
    ResidentialRecent = "residential_recent", 35;
    /// Accommodated by agreement; the letter before proceedings went out over four months ago.
    LetterOverFourMonths = "letter_over_four_months", 12;
    /// The same, less than four months ago.
    LetterRecent = "letter_recent", 14;
    /// Carers asked to be assessed as special guardians over twelve weeks ago, and the assessment is not finished.
    GuardianAssessmentOverdue = "guardian_assessment_overdue", 14;
    /// Sixteen or over, in supported accommodation.
    SupportedAccommodation = "supported_accommodation", 70;
}

/// The stories of a number of children, in fixed shares; what is left over after rounding is fostered recently.
pub(super) fn in_care(children: u32) -> Vec<Story> {
    let wanted = usize::try_from(children).unwrap_or(0);
    let mut stories: Vec<Story> = Story::ALL
        .iter()
        .flat_map(|story| {
            let count = (story.share() * children + 500) / 1000;
            // A small council still shows every kind of drift.
            std::iter::repeat_n(*story, usize::try_from(count.max(1)).unwrap_or(1))
        })
        .collect();
    stories.truncate(wanted);
    stories.resize(wanted, Story::FosteredRecently);
    stories
}

/// A told story.
pub(super) struct Told {
    pub(super) life: Life,
    pub(super) began_on: NaiveDate,
    pub(super) shown_on: NaiveDate,
    pub(super) facts: Map<String, Value>,
}

/// Tells the story of a child in care.
pub(super) fn tell(story: Story, reference: String, wanted: &Wanted, chance: &mut Chance) -> Told {
    let mut teller = Teller {
        reference,
        as_of: wanted.as_of,
        covered_from: wanted.covered_from(),
        chance,
        facts: Map::new(),
    };
    let (mut life, began_on) = teller.live(story);
    life.review_until(wanted.as_of, teller.chance);
    let shown_on = if story == Story::SameCarersSinceBeforeReturns {
        first_shown(&life, teller.covered_from)
    } else {
        began_on
    };
    teller.plan(story, &life);
    Told {
        life,
        began_on,
        shown_on,
        facts: teller.facts,
    }
}

/// The first day of the first episode that a return since then holds.
fn first_shown(life: &Life, covered_from: NaiveDate) -> NaiveDate {
    life.episodes
        .iter()
        .find(|episode| episode.ended_on.is_none_or(|end| end >= covered_from))
        .map_or(covered_from, |episode| episode.started_on)
}

impl Teller<'_> {
    fn live(&mut self, story: Story) -> (Life, NaiveDate) {
        match story {
            Story::PlacementOrderWaiting => self.waiting(27, 38),
            Story::PlacementOrderWaitingLong => self.waiting(42, 80),
            Story::PlacementOrderRecent => self.waiting(4, 24),
            Story::PlacementOrderPlanChanged => {
                let order = self.months_ago(13, 20);
                let mut life = self.as_far_as_placement_order(order);
                life.decide_on_adoption(before(order, 30), Some(after(order, 150)));
                self.fact("option", json!("permanent_fostering"));
                (life, order)
            }
            Story::AdoptiveNoApplication => {
                let placed = self.weeks_ago(27, 38);
                self.fact("adoption_application_lodged_on", Value::Null);
                (self.adoptive(placed), placed)
            }
            Story::AdoptiveNoApplicationLong => {
                let placed = self.weeks_ago(42, 60);
                self.fact("adoption_application_lodged_on", Value::Null);
                (self.adoptive(placed), placed)
            }
            Story::AdoptiveApplied => {
                let placed = self.weeks_ago(30, 50);
                let lodged = after(placed, self.chance.between(80, 150));
                self.fact("adoption_application_lodged_on", json!(lodged));
                (self.adoptive(placed), placed)
            }
            Story::AdoptiveRecent => {
                let placed = self.weeks_ago(3, 24);
                self.fact("adoption_application_lodged_on", Value::Null);
                (self.adoptive(placed), placed)
            }
            Story::ConnectedOverAYear => self.connected(13, 40),
            Story::ConnectedRecent => self.connected(1, 11),
            Story::SameCarersOverTwoYears => self.fostered(25, 40, false),
            Story::NoPlanAtSecondReview => self.fostered(13, 22, false),
            Story::FosteredRecently => self.fostered(1, 22, false),
            Story::SettledLongTerm => self.fostered(26, 44, true),
            Story::SameCarersSinceBeforeReturns => self.fostered_for_ages(),
            Story::WithParentsOverAYear => self.with_parents(13, 30),
            Story::WithParentsRecent => self.with_parents(1, 11),
            Story::ResidentialOverSixMonths => self.residential(7, 11),
            Story::ResidentialOverAYear => self.residential(13, 36),
            Story::ResidentialRecent => self.residential(1, 5),
            Story::LetterOverFourMonths => self.letter(5, 9),
            Story::LetterRecent => self.letter(1, 3),
            Story::GuardianAssessmentOverdue => self.guardians(),
            Story::SupportedAccommodation => self.supported(),
        }
    }

    /// The permanence plan, which no return holds: there in good time, or not at all.
    fn plan(&mut self, story: Story, life: &Life) {
        let Some(second) = life.second_review() else {
            return;
        };
        let planned = (story != Story::NoPlanAtSecondReview).then(|| before(second, 14));
        self.fact("permanence_plan_on", json!(planned));
        if story == Story::SettledLongTerm {
            // Every review since then has talked about it.
            let explored = self.facts.get("special_guardianship_explored_on").cloned();
            let reviews: Value = life
                .reviews
                .iter()
                .map(|on| {
                    let heard = explored
                        .as_ref()
                        .and_then(Value::as_str)
                        .is_some_and(|day| *day <= *on.to_string());
                    let discussed: &[&str] = if heard {
                        &["special_guardianship"]
                    } else {
                        &[]
                    };
                    json!({ "reviewOn": on, "discussed": discussed })
                })
                .collect();
            self.fact("reviews", reviews);
        }
    }
}

/// The story of a child who left care within the years that the returns cover.
pub(super) fn left_care(reference: String, wanted: &Wanted, chance: &mut Chance) -> Life {
    let (from, until) = (wanted.covered_from(), before(wanted.as_of, 30));
    let span = u64::try_from((until - from).num_days()).unwrap_or(0);
    let left = after(from, chance.between(10, span.max(11)));
    let mut teller = Teller {
        reference,
        as_of: left,
        covered_from: from,
        chance,
        facts: Map::new(),
    };
    let mut life = match teller.chance.between(1, 10) {
        1 | 2 => {
            let placed = teller.weeks_ago(28, 50);
            let mut life = teller.adoptive(placed);
            life.leaves(left, EndReason::AdoptedConsentDispensed);
            life
        }
        3 | 4 => {
            let (mut life, _) = teller.connected(7, 20);
            life.leaves(left, EndReason::GuardianshipFormerCarerRelative);
            life
        }
        5..=8 => {
            let (mut life, _) = teller.fostered(3, 20, false);
            life.leaves(left, EndReason::HomePlanned);
            life
        }
        _ => {
            let (mut life, _) = teller.supported();
            life.born = left
                .checked_sub_months(Months::new(18 * 12))
                .unwrap_or(life.born);
            // Supported accommodation has its code since 2024 only.
            if let Some(only) = life.episodes.last_mut() {
                only.placement = Some(Placement::ChildrensHome);
            }
            life.leaves(left, EndReason::IndependentSupported);
            life
        }
    };
    life.review_until(left, teller.chance);
    life
}
