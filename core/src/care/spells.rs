//! Unbroken stretches within a history: the period of care, the placement with one carer, one legal status.
//!
//! Readings, because the return records episodes and not stretches:
//! - An episode that ended on the day in question is over; one that ends later is still open on that day.
//! - Of two episodes open on the same day the later one counts.
//! - A temporary placement (T0 to T4) neither starts nor stops a placement: coming back to the same placement goes on
//!   with it, whatever code the return gives the move.
//! - A change with the same carer goes on with the placement, unless its group changes, as when a foster carer
//!   becomes an adopter.
//! - A stretch whose first known episode did not begin with the thing in question began earlier than can be seen.

use chrono::NaiveDate;

use super::codes::{EpisodeStart, LegalStatus, PlacementGroup};
use super::{CareHistory, Episode};

/// A start, and whether the true one may be earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Start<'a> {
    pub(super) on: NaiveDate,
    pub(super) may_be_earlier: bool,
    /// The episode that gives the date.
    pub(super) shown_by: &'a Episode,
}

/// The state of a child's care on one day.
pub(super) struct Standing<'a> {
    as_of: NaiveDate,
    /// Episodes that began on or before the day, in order, the latest last.
    known: Vec<&'a Episode>,
}

impl<'a> Standing<'a> {
    /// The history as it stood on a day. Short breaks are left out: no clock runs in them.
    pub(super) fn on(history: &'a CareHistory, as_of: NaiveDate) -> Self {
        let mut known: Vec<&Episode> = history
            .episodes
            .iter()
            .filter(|episode| episode.started_on <= as_of)
            .filter(|episode| {
                !episode
                    .legal_status
                    .is_some_and(LegalStatus::is_short_breaks)
            })
            .collect();
        known.sort_by_key(|episode| episode.started_on);
        Self { as_of, known }
    }

    /// Whether nothing is known before or on the day.
    pub(super) fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// The latest episode, open or not.
    pub(super) fn latest(&self) -> Option<&'a Episode> {
        self.known.last().copied()
    }

    /// The episode that is open on the day.
    pub(super) fn current(&self) -> Option<&'a Episode> {
        self.known
            .iter()
            .rev()
            .copied()
            .find(|episode| self.is_open(episode))
    }

    fn is_open(&self, episode: &Episode) -> bool {
        episode.ended_on.is_none_or(|end| end > self.as_of)
    }

    /// The episodes of the period of care that the current episode belongs to, latest first.
    fn period(&self) -> Vec<&'a Episode> {
        let Some(current) = self.current() else {
            return Vec::new();
        };
        let mut period: Vec<&Episode> = Vec::new();
        for episode in self
            .known
            .iter()
            .rev()
            .copied()
            .filter(|episode| episode.started_on <= current.started_on)
        {
            let broken = period.last().is_some_and(|next| {
                episode.end.is_some_and(|end| end.ends_care())
                    || episode
                        .ended_on
                        .is_some_and(|end| (next.started_on - end).num_days() > 1)
            });
            if broken {
                break;
            }
            period.push(episode);
            if episode.start == Some(EpisodeStart::StartedCare) {
                break;
            }
        }
        period
    }

    /// When the child became looked after, this time.
    pub(super) fn care(&self) -> Option<Start<'a>> {
        let period = self.period();
        let first = period.last().copied()?;
        Some(Start {
            on: first.started_on,
            may_be_earlier: first.start != Some(EpisodeStart::StartedCare),
            shown_by: first,
        })
    }

    /// When the present placement began, and its last episode that was not temporary.
    pub(super) fn placement(&self) -> Option<(Start<'a>, &'a Episode)> {
        let period = self.period();
        let lasting: Vec<(usize, &Episode)> = period
            .iter()
            .copied()
            .enumerate()
            .filter(|(_, episode)| group(episode) != Some(PlacementGroup::Temporary))
            .collect();
        let &(_, latest) = lasting.first()?;
        let mut first = latest;
        let mut place = lasting.first()?.0;
        for &(at, earlier) in lasting.iter().skip(1) {
            let temporary_between = at > place + 1;
            if !goes_on(earlier, first, temporary_between) {
                return Some((
                    Start {
                        on: first.started_on,
                        may_be_earlier: false,
                        shown_by: first,
                    },
                    latest,
                ));
            }
            first = earlier;
            place = at;
        }
        let start = Start {
            on: first.started_on,
            may_be_earlier: first.start.is_none_or(EpisodeStart::keeps_carer),
            shown_by: first,
        };
        Some((start, latest))
    }

    /// When the present legal status began.
    pub(super) fn legal_status(&self) -> Option<(Start<'a>, LegalStatus)> {
        let status = self.current()?.legal_status?;
        let period = self.period();
        let run: Vec<&Episode> = period
            .iter()
            .copied()
            .take_while(|episode| episode.legal_status == Some(status))
            .collect();
        let first = run.last().copied()?;
        let reaches_the_edge = run.len() == period.len();
        let start = Start {
            on: first.started_on,
            may_be_earlier: reaches_the_edge
                && !first.start.is_some_and(EpisodeStart::changes_legal_status),
            shown_by: first,
        };
        Some((start, status))
    }

    /// The day in this period of care on which a placement order gave way to another legal status.
    pub(super) fn placement_order_ended(&self) -> Option<&'a Episode> {
        let period = self.period();
        period
            .iter()
            .zip(period.iter().skip(1))
            .find(|(later, earlier)| {
                earlier.legal_status == Some(LegalStatus::PlacementOrder)
                    && later
                        .legal_status
                        .is_some_and(|status| status != LegalStatus::PlacementOrder)
            })
            .map(|(later, _)| *later)
    }

    /// Whether the whole period of care is known, from its first day.
    pub(super) fn period_is_whole(&self) -> bool {
        self.care().is_some_and(|start| !start.may_be_earlier)
    }

    /// Whether any episode of the period has this legal status.
    pub(super) fn period_has(&self, status: LegalStatus) -> bool {
        self.period()
            .iter()
            .any(|episode| episode.legal_status == Some(status))
    }
}

fn group(episode: &Episode) -> Option<PlacementGroup> {
    episode.placement.map(super::Placement::group)
}

/// Whether the placement of `earlier` goes on in `later`, the next one that is not temporary.
fn goes_on(earlier: &Episode, later: &Episode, temporary_between: bool) -> bool {
    if let (Some(before), Some(after)) = (group(earlier), group(later))
        && before != after
    {
        return false;
    }
    let same_place = earlier.placement == later.placement
        && match (&earlier.provision, &later.provision) {
            (Some(before), Some(after)) => before == after,
            _ => earlier.provider == later.provider,
        };
    match later.start {
        _ if temporary_between && same_place => true,
        Some(start) => start.keeps_carer() && !temporary_between,
        None => same_place,
    }
}
