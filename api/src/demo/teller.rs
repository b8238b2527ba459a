//! How the parts of a story are lived: into care, with whom, under which law, and since when.

use chrono::{Months, NaiveDate};
use permanence_core::care::{LegalStatus, Placement};
use serde_json::{Map, Value, json};

use super::chance::Chance;
use super::life::Life;
use super::{after, before};

/// Where a story stands when it is being told.
pub(super) struct Teller<'a> {
    pub(super) reference: String,
    pub(super) as_of: NaiveDate,
    pub(super) covered_from: NaiveDate,
    pub(super) chance: &'a mut Chance,
    pub(super) facts: Map<String, Value>,
}

impl Teller<'_> {
    pub(super) fn weeks_ago(&mut self, low: u64, high: u64) -> NaiveDate {
        // Not on the very edge: what is just over or under a limit is for the tests of the rules.
        before(self.as_of, self.chance.between(low * 7, high * 7))
    }

    pub(super) fn months_ago(&mut self, low: u32, high: u32) -> NaiveDate {
        let months = self.chance.between(u64::from(low), u64::from(high) - 1);
        let months = u32::try_from(months).unwrap_or(low);
        let day = self
            .as_of
            .checked_sub_months(Months::new(months))
            .unwrap_or(self.as_of);
        before(day, self.chance.between(2, 26))
    }

    /// A date of birth that makes the child so many years old on a day.
    pub(super) fn born(&mut self, on: NaiveDate, low: u64, high: u64) -> NaiveDate {
        before(on, self.chance.between(low * 365 + 10, high * 365))
    }

    pub(super) fn fact(&mut self, name: &str, value: Value) {
        self.facts.insert(name.to_owned(), value);
    }

    /// Into care under an interim care order that becomes a full one, with foster carers first.
    pub(super) fn under_care_order(
        &mut self,
        day: NaiveDate,
        young: u64,
        old: u64,
        first: Placement,
    ) -> Life {
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
    pub(super) fn as_far_as_placement_order(&mut self, order: NaiveDate) -> Life {
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

    pub(super) fn adoptive(&mut self, placed: NaiveDate) -> Life {
        let order = before(placed, self.chance.between(90, 150));
        let mut life = self.as_far_as_placement_order(order);
        life.decide_on_adoption(before(order, 30), None);
        life.matched_on = Some(before(placed, 20));
        life.moves(placed, Placement::AdoptiveOrder, self.chance);
        life
    }

    pub(super) fn waiting(&mut self, low: u64, high: u64) -> (Life, NaiveDate) {
        let order = self.weeks_ago(low, high);
        let mut life = self.as_far_as_placement_order(order);
        life.decide_on_adoption(before(order, self.chance.between(20, 45)), None);
        (life, order)
    }

    pub(super) fn connected(&mut self, low: u32, high: u32) -> (Life, NaiveDate) {
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
    pub(super) fn replay_with_move(&mut self, told: Life, day: NaiveDate, to: Placement) -> Life {
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

    pub(super) fn fostered(&mut self, low: u32, high: u32, settled: bool) -> (Life, NaiveDate) {
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
    pub(super) fn fostered_for_ages(&mut self) -> (Life, NaiveDate) {
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

    pub(super) fn with_parents(&mut self, low: u32, high: u32) -> (Life, NaiveDate) {
        let home = self.months_ago(low, high);
        let day = before(home, self.chance.between(240, 500));
        let mut life = self.under_care_order(day, 0, 12, Placement::Foster);
        life.moves(home, Placement::Parents, self.chance);
        (life, home)
    }

    pub(super) fn residential(&mut self, low: u32, high: u32) -> (Life, NaiveDate) {
        let moved = self.months_ago(low, high);
        let day = before(moved, self.chance.between(240, 500));
        let mut life = self.under_care_order(day, 9, 13, Placement::Foster);
        life.moves(moved, Placement::ChildrensHome, self.chance);
        (life, moved)
    }

    pub(super) fn letter(&mut self, low: u32, high: u32) -> (Life, NaiveDate) {
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

    pub(super) fn guardians(&mut self) -> (Life, NaiveDate) {
        let asked = self.weeks_ago(13, 24);
        let day = before(asked, self.chance.between(60, 120));
        let life = self.under_care_order(day, 0, 10, Placement::Relative);
        self.fact("interest_expressed_on", json!(before(asked, 20)));
        self.fact("information_visit_on", json!(before(asked, 12)));
        self.fact("formal_request_received_on", json!(asked));
        self.fact("assessment_completed_on", Value::Null);
        (life, asked)
    }

    pub(super) fn supported(&mut self) -> (Life, NaiveDate) {
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
}
