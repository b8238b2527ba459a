//! The stories that invented children live through, and how many children live each.
//!
//! Dates are counted back from the day that the returns reach to, so that whoever is overdue is overdue on that day.
//! A story's clock is the one that its name speaks of.

use chrono::{Months, NaiveDate};
use permanence_core::care::{EndReason, LegalStatus, Placement};
use serde_json::{Map, Value, json};

use super::chance::Chance;
use super::life::Life;
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

/// Where a story stands when it is being told.
struct Teller<'a> {
    reference: String,
    as_of: NaiveDate,
    covered_from: NaiveDate,
    chance: &'a mut Chance,
    facts: Map<String, Value>,
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
    fn weeks_ago(&mut self, low: u64, high: u64) -> NaiveDate {
        // Not on the very edge: what is just over or under a limit is for the tests of the rules.
        before(self.as_of, self.chance.between(low * 7, high * 7))
    }

    fn months_ago(&mut self, low: u32, high: u32) -> NaiveDate {
        let months = self.chance.between(u64::from(low), u64::from(high) - 1);
        let months = u32::try_from(months).unwrap_or(low);
        let day = self
            .as_of
            .checked_sub_months(Months::new(months))
            .unwrap_or(self.as_of);
        before(day, self.chance.between(2, 26))
    }

    /// A date of birth that makes the child so many years old on a day.
    fn born(&mut self, on: NaiveDate, low: u64, high: u64) -> NaiveDate {
        before(on, self.chance.between(low * 365 + 10, high * 365))
    }

    fn fact(&mut self, name: &str, value: Value) {
        self.facts.insert(name.to_owned(), value);
    }

    /// Into care under an interim care order that becomes a full one, with foster carers first.
    fn under_care_order(&mut self, day: NaiveDate, young: u64, old: u64, first: Placement) -> Life {
        let born = self.born(day, young, old);
        let mut life = Life::begin(
            self.reference.clone(),
            born,
            day,
            LegalStatus::InterimCareOrder,
            first,
            self.chance,
        );
        let order = after(day, self.chance.between(160, 230));
        if order < self.as_of {
            life.law(order, LegalStatus::CareOrder);
        }
        life
    }

    /// As far as the placement order: decision first, then the order.
    fn as_far_as_placement_order(&mut self, order: NaiveDate) -> Life {
        let day = before(order, self.chance.between(200, 260));
        let born = self.born(day, 0, 3);
        let status = LegalStatus::InterimCareOrder;
        let foster = self.chance.pick(
            &[Placement::Foster, Placement::FosterEarlyPermanence],
            Placement::Foster,
        );
        let mut life = Life::begin(
            self.reference.clone(),
            born,
            day,
            status,
            foster,
            self.chance,
        );
        if self.chance.once_in(4) {
            life.stays_away(
                after(day, 60),
                self.chance.between(4, 7),
                Placement::TemporaryShort,
            );
        }
        life.law(order, LegalStatus::PlacementOrder);
        life
    }

    fn adoptive(&mut self, placed: NaiveDate) -> Life {
        let order = before(placed, self.chance.between(90, 150));
        let mut life = self.as_far_as_placement_order(order);
        life.decide_on_adoption(before(order, 30), None);
        life.matched_on = Some(before(placed, 20));
        life.moves(placed, Placement::AdoptiveOrder, self.chance);
        life
    }

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

    fn waiting(&mut self, low: u64, high: u64) -> (Life, NaiveDate) {
        let order = self.weeks_ago(low, high);
        let mut life = self.as_far_as_placement_order(order);
        life.decide_on_adoption(before(order, self.chance.between(20, 45)), None);
        (life, order)
    }

    fn connected(&mut self, low: u32, high: u32) -> (Life, NaiveDate) {
        let moved = self.months_ago(low, high);
        let day = before(moved, self.chance.between(0, 1) * 90);
        let kin = self.chance.pick(
            &[
                Placement::Relative,
                Placement::Relative,
                Placement::RelativeLongTerm,
            ],
            Placement::Relative,
        );
        let mut life = self.under_care_order(
            day,
            0,
            13,
            if day == moved { kin } else { Placement::Foster },
        );
        if day < moved {
            // The order may have come meanwhile; a move keeps whatever the legal status is.
            life = self.replay_with_move(life, moved, kin);
        }
        (life, moved)
    }

    /// Puts a move into a life whose later episodes are already told.
    fn replay_with_move(&mut self, told: Life, day: NaiveDate, to: Placement) -> Life {
        let law: Vec<(NaiveDate, LegalStatus)> = told
            .episodes
            .iter()
            .skip(1)
            .filter_map(|episode| Some((episode.started_on, episode.legal_status?)))
            .collect();
        let Some(first) = told.episodes.first() else {
            return told;
        };
        let (Some(status), Some(placement)) = (first.legal_status, first.placement) else {
            return told;
        };
        let mut life = Life::begin(
            self.reference.clone(),
            told.born,
            first.started_on,
            status,
            placement,
            self.chance,
        );
        for (on, status) in law.iter().copied().filter(|(on, _)| *on < day) {
            life.law(on, status);
        }
        life.moves(day, to, self.chance);
        for (on, status) in law.into_iter().filter(|(on, _)| *on > day) {
            life.law(on, status);
        }
        life
    }

    fn fostered(&mut self, low: u32, high: u32, settled: bool) -> (Life, NaiveDate) {
        let moved = self.months_ago(low, high);
        let day = before(moved, self.chance.between(0, 2) * 60);
        let mut life = self.under_care_order(day, 1, 13, Placement::Foster);
        if day < moved {
            life = self.replay_with_move(life, moved, Placement::Foster);
        }
        if settled {
            let matched = after(moved, 400);
            life.becomes(matched, Placement::FosterLongTerm);
            self.fact("match_approved_on", json!(matched));
            self.fact("in_long_term_care", json!(true));
            self.fact("special_guardianship_explored_on", json!(after(moved, 420)));
            return (life, moved);
        }
        // Whoever is asked knows: nobody has talked with these carers about it.
        self.fact("special_guardianship_explored_on", Value::Null);
        if self.chance.once_in(5) {
            let away = before(self.as_of, self.chance.between(40, 60));
            life.stays_away(
                away,
                self.chance.between(8, 14),
                Placement::TemporaryCarerHoliday,
            );
        }
        (life, moved)
    }

    /// With the same carers since before the first return, with a change of law in between, so that the returns begin
    /// in the middle of the placement.
    fn fostered_for_ages(&mut self) -> (Life, NaiveDate) {
        let day = before(self.covered_from, self.chance.between(700, 1500));
        let born = self.born(day, 1, 7);
        let status = LegalStatus::InterimCareOrder;
        self.fact("special_guardianship_explored_on", Value::Null);
        let mut life = Life::begin(
            self.reference.clone(),
            born,
            day,
            status,
            Placement::Foster,
            self.chance,
        );
        let moved = after(day, self.chance.between(20, 60));
        life.moves(moved, Placement::Foster, self.chance);
        life.law(
            after(moved, self.chance.between(150, 240)),
            LegalStatus::CareOrder,
        );
        (life, moved)
    }

    fn with_parents(&mut self, low: u32, high: u32) -> (Life, NaiveDate) {
        let home = self.months_ago(low, high);
        let day = before(home, self.chance.between(240, 500));
        let mut life = self.under_care_order(day, 0, 12, Placement::Foster);
        life.moves(home, Placement::Parents, self.chance);
        (life, home)
    }

    fn residential(&mut self, low: u32, high: u32) -> (Life, NaiveDate) {
        let moved = self.months_ago(low, high);
        let day = before(moved, self.chance.between(240, 500));
        let mut life = self.under_care_order(day, 9, 13, Placement::Foster);
        life.moves(moved, Placement::ChildrensHome, self.chance);
        (life, moved)
    }

    fn letter(&mut self, low: u32, high: u32) -> (Life, NaiveDate) {
        let letter = self.months_ago(low, high);
        let day = before(letter, self.chance.between(20, 60));
        let born = self.born(day, 0, 14);
        let life = Life::begin(
            self.reference.clone(),
            born,
            day,
            LegalStatus::Section20,
            Placement::Foster,
            self.chance,
        );
        self.fact("plo_letter_sent_on", json!(letter));
        self.fact("in_pre_proceedings", json!(true));
        self.fact("proceedings_issued_on", Value::Null);
        (life, letter)
    }

    fn guardians(&mut self) -> (Life, NaiveDate) {
        let asked = self.weeks_ago(13, 24);
        let day = before(asked, self.chance.between(60, 120));
        let life = self.under_care_order(day, 0, 10, Placement::Relative);
        self.fact("interest_expressed_on", json!(before(asked, 20)));
        self.fact("information_visit_on", json!(before(asked, 12)));
        self.fact("formal_request_received_on", json!(asked));
        self.fact("assessment_completed_on", Value::Null);
        (life, asked)
    }

    fn supported(&mut self) -> (Life, NaiveDate) {
        let day = before(self.as_of, self.chance.between(200, 300));
        let born = before(
            self.as_of,
            self.chance.between(16 * 366 + 320, 17 * 365 + 340),
        );
        let status = LegalStatus::Section20;
        let placement = Placement::SupportedAccommodation;
        (
            Life::begin(
                self.reference.clone(),
                born,
                day,
                status,
                placement,
                self.chance,
            ),
            day,
        )
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
