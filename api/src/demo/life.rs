//! One invented child's time in care, told in order. Whatever is told holds together: each episode ends on the day the
//! next one begins, and its codes say what changed.

use chrono::{Datelike, NaiveDate};
use permanence_core::care::{
    AdoptionDecision, EndReason, Episode, EpisodeStart, LegalStatus, Placement, PlacementGroup,
    Provider, Source,
};

use super::after;
use super::chance::Chance;

/// An invented child.
#[derive(Debug, Clone)]
pub(super) struct Life {
    pub(super) reference: String,
    pub(super) is_girl: bool,
    pub(super) born: NaiveDate,
    pub(super) episodes: Vec<Episode>,
    pub(super) reviews: Vec<NaiveDate>,
    pub(super) adoption_decisions: Vec<AdoptionDecision>,
    pub(super) matched_on: Option<NaiveDate>,
    need: &'static str,
    provisions: u64,
}

impl Life {
    /// A child who begins to be looked after.
    pub(super) fn begin(
        reference: String,
        born: NaiveDate,
        day: NaiveDate,
        status: LegalStatus,
        placement: Placement,
        chance: &mut Chance,
    ) -> Self {
        let mut life = Self {
            reference,
            is_girl: chance.once_in(2),
            born,
            episodes: Vec::new(),
            reviews: Vec::new(),
            adoption_decisions: Vec::new(),
            matched_on: None,
            // Abuse or neglect is the need of two children in three.
            need: chance.pick(&["N1", "N1", "N1", "N1", "N5", "N4", "N2", "N3"], "N1"),
            provisions: chance.between(1_000_000, 8_999_999),
        };
        let provider = provider_of(placement, chance);
        life.open(day, EpisodeStart::StartedCare, status, placement, provider);
        life
    }

    fn open(
        &mut self,
        day: NaiveDate,
        start: EpisodeStart,
        status: LegalStatus,
        placement: Placement,
        provider: Option<Provider>,
    ) {
        let stays = start.keeps_carer() && !matches!(start, EpisodeStart::StartedCare);
        if !stays {
            self.provisions += 1;
        }
        self.episodes.push(Episode {
            started_on: day,
            ended_on: None,
            start: Some(start),
            legal_status: Some(status),
            placement: Some(placement),
            provider,
            end: None,
            placement_change: None,
            need: Some(self.need.to_owned()),
            provision: needs_number(placement)
                .then(|| format!("SC{:06}", self.provisions % 1_000_000)),
            source: Source::default(),
        });
    }

    fn last(&self) -> Option<(LegalStatus, Placement, Option<Provider>)> {
        let last = self.episodes.last()?;
        Some((last.legal_status?, last.placement?, last.provider))
    }

    /// Closes the open episode; tells whether the day can be one on which something changes.
    fn close(&mut self, day: NaiveDate, reason: EndReason, change: Option<&str>) -> bool {
        match self.episodes.last_mut() {
            Some(last) if last.ended_on.is_none() && day > last.started_on => {
                last.ended_on = Some(day);
                last.end = Some(reason);
                last.placement_change = change.map(str::to_owned);
                true
            }
            _ => false,
        }
    }

    /// The legal status changes.
    pub(super) fn law(&mut self, day: NaiveDate, status: LegalStatus) {
        let Some((_, placement, provider)) = self.last() else {
            return;
        };
        if self.close(day, EndReason::NextEpisode, None) {
            self.open(day, EpisodeStart::LegalStatus, status, placement, provider);
        }
    }

    /// The child moves to somebody else.
    pub(super) fn moves(&mut self, day: NaiveDate, placement: Placement, chance: &mut Chance) {
        let Some((status, _, _)) = self.last() else {
            return;
        };
        let provider = provider_of(placement, chance);
        if self.close(day, EndReason::NextEpisode, Some("CARPL")) {
            self.open(
                day,
                EpisodeStart::PlacementAndCarer,
                status,
                placement,
                provider,
            );
        }
    }

    /// The placement changes its kind and the carer stays.
    pub(super) fn becomes(&mut self, day: NaiveDate, placement: Placement) {
        let Some((status, _, provider)) = self.last() else {
            return;
        };
        if self.close(day, EndReason::NextEpisode, Some("PLACE")) {
            self.open(
                day,
                EpisodeStart::PlacementSameCarer,
                status,
                placement,
                provider,
            );
        }
    }

    /// A few days elsewhere, and back to the same carer.
    pub(super) fn stays_away(&mut self, day: NaiveDate, days: u64, away: Placement) {
        let Some((status, placement, provider)) = self.last() else {
            return;
        };
        let number = self.episodes.last().and_then(|last| last.provision.clone());
        if !self.close(day, EndReason::NextEpisode, Some("OTHER")) {
            return;
        }
        self.open(
            day,
            EpisodeStart::PlacementAndCarer,
            status,
            away,
            Some(Provider::Own),
        );
        let back = after(day, days);
        if self.close(back, EndReason::NextEpisode, Some("OTHER")) {
            self.open(
                back,
                EpisodeStart::PlacementAndCarer,
                status,
                placement,
                provider,
            );
            if let Some(last) = self.episodes.last_mut() {
                last.provision = number;
            }
        }
    }

    /// The child leaves care.
    pub(super) fn leaves(&mut self, day: NaiveDate, reason: EndReason) {
        self.close(day, reason, None);
    }

    /// Decides that the child should be placed for adoption.
    pub(super) fn decide_on_adoption(&mut self, day: NaiveDate, reversed_on: Option<NaiveDate>) {
        self.adoption_decisions.push(AdoptionDecision {
            decided_on: day,
            reversed_on,
            reversal_reason: reversed_on.map(|_| "RD3".to_owned()),
            source: Source::default(),
        });
    }

    /// Holds the statutory reviews: within 20 working days, then within three months, then every six.
    pub(super) fn review_until(&mut self, day: NaiveDate, chance: &mut Chance) {
        let Some(first) = self.episodes.first() else {
            return;
        };
        let last_day = self
            .episodes
            .last()
            .and_then(|last| last.ended_on)
            .unwrap_or(day);
        let mut on = after(first.started_on, chance.between(18, 26));
        let mut held = 0_u32;
        while on <= last_day.min(day) {
            self.reviews.push(weekday(on));
            held += 1;
            on = after(
                on,
                if held == 1 {
                    chance.between(75, 88)
                } else {
                    chance.between(165, 180)
                },
            );
        }
    }

    /// The second review, if it was held.
    pub(super) fn second_review(&self) -> Option<NaiveDate> {
        self.reviews.get(1).copied()
    }
}

/// A day on which an office is open.
fn weekday(day: NaiveDate) -> NaiveDate {
    let past_friday = day.weekday().num_days_from_monday().saturating_sub(4);
    super::before(day, u64::from(past_friday))
}

fn provider_of(placement: Placement, chance: &mut Chance) -> Option<Provider> {
    match placement.group() {
        PlacementGroup::Parents => Some(Provider::Parents),
        PlacementGroup::ConnectedPerson | PlacementGroup::Adoptive => Some(Provider::Own),
        PlacementGroup::Foster => Some(chance.pick(
            &[
                Provider::Own,
                Provider::Own,
                Provider::Own,
                Provider::Private,
                Provider::Private,
                Provider::Voluntary,
            ],
            Provider::Own,
        )),
        _ => Some(chance.pick(
            &[
                Provider::Private,
                Provider::Private,
                Provider::Own,
                Provider::Voluntary,
            ],
            Provider::Private,
        )),
    }
}

fn needs_number(placement: Placement) -> bool {
    !matches!(
        placement.group(),
        PlacementGroup::Parents | PlacementGroup::ConnectedPerson | PlacementGroup::Temporary
    )
}
