//! What only a whole history shows: gaps, overlaps, ends without a next beginning. All of it is kept as it stands; a
//! line tells whoever reads a finding that its ground is shaky.

use permanence_core::care::{
    CareHistory, EndReason, Episode, EpisodeStart, LegalStatus, PlacementGroup,
};

use super::ledger::Ledger;
use super::report::{Action, Issue, Rule, Severity};

/// Adds the lines about one child's history.
pub(super) fn check(reference: &str, history: &CareHistory, ledger: &mut Ledger) {
    let mut lines = Vec::new();
    first_episode(history, &mut lines);
    for pair in history.episodes.windows(2) {
        if let [earlier, later] = pair {
            neighbours(earlier, later, &mut lines);
        }
    }
    if let Some(last) = history.episodes.last() {
        if last.end == Some(EndReason::NextEpisode) {
            lines.push((Rule::NoNextEpisode, "REC", last));
        }
        let latest = history.coverage.episodes.iter().max();
        if last.ended_on.is_none()
            && latest
                .is_some_and(|latest| last.source.years.last().is_some_and(|seen| seen < latest))
        {
            lines.push((Rule::EpisodeNotContinued, "DEC", last));
        }
    }
    adoption(history, &mut lines);
    for (rule, column, episode) in lines {
        ledger.issues.push(line(reference, rule, column, episode));
    }
}

fn line(reference: &str, rule: Rule, column: &str, episode: &Episode) -> Issue {
    Issue {
        file: episode.source.file.clone().unwrap_or_default(),
        table: Some(super::format::Table::Episodes),
        row: episode.source.row,
        column: Some(column.to_owned()),
        rule,
        severity: if rule == Rule::HistoryBeginsEarlier {
            Severity::Notice
        } else {
            rule.severity()
        },
        action: Action::KeptAsItStands,
        rows: None,
        child: Some(reference.to_owned()),
    }
}

type Lines<'a> = Vec<(Rule, &'static str, &'a Episode)>;

fn group(episode: &Episode) -> Option<PlacementGroup> {
    episode.placement.map(|placement| placement.group())
}

fn first_episode<'a>(history: &'a CareHistory, lines: &mut Lines<'a>) {
    let Some(first) = history.episodes.first() else {
        return;
    };
    if first.start != Some(EpisodeStart::StartedCare) {
        lines.push((Rule::HistoryBeginsEarlier, "RNE", first));
    } else if group(first) == Some(PlacementGroup::Temporary) {
        lines.push((Rule::BeginsTemporary, "PLACE", first));
    }
    if let Some(born) = history.date_of_birth {
        if first.started_on < born {
            lines.push((Rule::StartBeforeBirth, "DECOM", first));
        }
        let eighteen = born.checked_add_months(chrono::Months::new(18 * 12));
        if first.start == Some(EpisodeStart::StartedCare)
            && eighteen.is_some_and(|day| first.started_on >= day)
        {
            lines.push((Rule::StartedAsAdult, "DECOM", first));
        }
    }
}

fn neighbours<'a>(earlier: &'a Episode, later: &'a Episode, lines: &mut Lines<'a>) {
    match earlier.ended_on {
        None => lines.push((Rule::PreviousNotEnded, "DEC", earlier)),
        Some(end) if end > later.started_on => lines.push((Rule::EpisodesOverlap, "DECOM", later)),
        Some(end) if end < later.started_on && earlier.end == Some(EndReason::NextEpisode) => {
            lines.push((Rule::NoNextEpisode, "REC", earlier));
        }
        Some(_) => {}
    }
    let left_care = earlier.end.is_some_and(EndReason::ends_care);
    if left_care && group(earlier) == Some(PlacementGroup::Temporary) {
        lines.push((Rule::EndsTemporary, "PLACE", earlier));
    }
}

/// A placement order or an adoptive placement goes back to a decision, if decisions were sent at all.
fn adoption<'a>(history: &'a CareHistory, lines: &mut Lines<'a>) {
    if history.coverage.adoption_decisions.is_empty() || !history.adoption_decisions.is_empty() {
        return;
    }
    let first =
        |wanted: fn(&Episode) -> bool| history.episodes.iter().find(|episode| wanted(episode));
    if let Some(episode) = first(|episode| group(episode) == Some(PlacementGroup::Adoptive)) {
        lines.push((Rule::PlacedWithoutDecision, "PLACE", episode));
    }
    if let Some(episode) =
        first(|episode| episode.legal_status == Some(LegalStatus::PlacementOrder))
    {
        lines.push((Rule::OrderWithoutDecision, "LS", episode));
    }
}
