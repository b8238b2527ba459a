//! From a care history to the named facts that rules ask for, as of a day.
//!
//! A fact that the history cannot tell is left out (not known); one that it tells is none is `None`.
//! Records dated after the day do not exist yet. Facts whose true date may be earlier are marked, so that a finding on
//! them says `at_least`.

mod told;

use chrono::NaiveDate;

pub use told::{CareFact, CareFacts, CareValue, ReviewOn};

use super::codes::{LegalStatus, PlacementGroup, Provider};
use super::spells::Standing;
use super::{CareHistory, CollectionYear, Coverage};

/// The facts of a history as of a day.
#[must_use]
pub fn facts(history: &CareHistory, as_of: NaiveDate) -> CareFacts {
    let mut facts = CareFacts::default();
    if let Some(born) = history.date_of_birth.filter(|born| *born <= as_of) {
        facts.set("date_of_birth", CareValue::Day(born), None);
    }
    let standing = Standing::on(history, as_of);
    if standing.current().is_some() {
        if is_vouched_for(history, &standing) {
            in_care(&mut facts, &standing);
        }
    } else if !standing.is_empty() {
        out_of_care(&mut facts, &standing);
    } else if history
        .episodes
        .iter()
        .any(|episode| episode.started_on <= as_of)
    {
        short_breaks(&mut facts, history, as_of);
    }
    reviews(&mut facts, history, &standing, as_of);
    adoption_decision(&mut facts, history, &standing, as_of);
    facts
}

/// An open episode counts only while the latest return still had it: one that later returns leave out has ended on a
/// day that nobody recorded, so nothing about the present is known.
fn is_vouched_for(history: &CareHistory, standing: &Standing<'_>) -> bool {
    let (Some(current), Some(latest)) =
        (standing.current(), history.coverage.episodes.iter().max())
    else {
        return true;
    };
    current.ended_on.is_some()
        || current
            .source
            .years
            .last()
            .is_none_or(|seen| seen >= latest)
}

fn in_care(facts: &mut CareFacts, standing: &Standing<'_>) {
    facts.set(
        "looked_after",
        CareValue::Answer(true),
        standing.current().map(|episode| &episode.source),
    );
    for name in [
        "adoption_order_on",
        "special_guardianship_order_on",
        "child_arrangements_order_on",
    ] {
        facts.none(name);
    }
    if let Some(start) = standing.care() {
        facts.start("became_looked_after_on", start);
    }
    if let Some((start, status)) = standing.legal_status() {
        facts.set(
            "legal_status",
            CareValue::Code(status.fact()),
            Some(&start.shown_by.source),
        );
        if status == LegalStatus::PlacementOrder {
            facts.start("placement_order_on", start);
            facts.none("placement_order_revoked_on");
        } else if let Some(ended) = standing.placement_order_ended() {
            facts.none("placement_order_on");
            facts.set(
                "placement_order_revoked_on",
                CareValue::Day(ended.started_on),
                Some(&ended.source),
            );
        } else {
            facts.none("placement_order_on");
            if standing.period_is_whole() && !standing.period_has(LegalStatus::PlacementOrder) {
                facts.none("placement_order_revoked_on");
            }
        }
    }
    placement(facts, standing);
}

fn placement(facts: &mut CareFacts, standing: &Standing<'_>) {
    let Some((start, latest)) = standing.placement() else {
        return;
    };
    let Some(placement) = latest.placement else {
        return;
    };
    let group = placement.group();
    let Some(kind) = group.fact() else { return };
    facts.set(
        "placement_type",
        CareValue::Code(kind),
        Some(&latest.source),
    );
    facts.start("placement_started_on", start);
    match group {
        PlacementGroup::Adoptive => facts.start("placed_for_adoption_on", start),
        _ => facts.none("placed_for_adoption_on"),
    }
    if let Some(value) = provider_type(group, latest.provider) {
        facts.set("provider_type", value, Some(&latest.source));
    }
    if let Some(matched) = placement.is_long_term_fostering() {
        facts.set("matched", CareValue::Answer(matched), Some(&latest.source));
    }
}

fn provider_type(group: PlacementGroup, provider: Option<Provider>) -> Option<CareValue> {
    match (group, provider) {
        (PlacementGroup::ConnectedPerson, _) => Some(CareValue::Code("connected_person")),
        (PlacementGroup::Foster, Some(Provider::Own)) => Some(CareValue::Code("in_house")),
        (PlacementGroup::Foster, Some(Provider::Private | Provider::Voluntary)) => {
            Some(CareValue::Code("ifa"))
        }
        (PlacementGroup::Foster, Some(Provider::OtherCouncil | Provider::OtherPublic)) => {
            Some(CareValue::Code("other_council"))
        }
        // Foster carers of a provider that is not known, or not possible.
        (PlacementGroup::Foster, _) => None,
        _ => Some(CareValue::None),
    }
}

fn out_of_care(facts: &mut CareFacts, standing: &Standing<'_>) {
    let Some(latest) = standing.latest() else {
        return;
    };
    let (Some(ended_on), Some(end)) = (latest.ended_on, latest.end) else {
        return;
    };
    if !end.ends_care() {
        // The next episode is missing from the sources: whether the child is still in care is not known.
        return;
    }
    let source = Some(&latest.source);
    facts.set("looked_after", CareValue::Answer(false), source);
    facts.none("legal_status");
    facts.none("placement_type");
    facts.none("placement_started_on");
    facts.none("placement_order_on");
    for (name, made) in [
        ("adoption_order_on", end.is_adoption()),
        (
            "special_guardianship_order_on",
            end.is_special_guardianship(),
        ),
        (
            "child_arrangements_order_on",
            end == super::EndReason::ChildArrangementsOrder,
        ),
    ] {
        if made {
            facts.set(name, CareValue::Day(ended_on), source);
        }
    }
}

/// Short breaks alone are not a time in care that permanence is planned for.
fn short_breaks(facts: &mut CareFacts, history: &CareHistory, as_of: NaiveDate) {
    let open = history.episodes.iter().rev().find(|episode| {
        episode.started_on <= as_of && episode.ended_on.is_none_or(|end| end > as_of)
    });
    facts.set(
        "looked_after",
        CareValue::Answer(false),
        open.map(|episode| &episode.source),
    );
    if let Some(open) = open {
        facts.set(
            "legal_status",
            CareValue::Code("short_breaks"),
            Some(&open.source),
        );
    }
    for name in [
        "became_looked_after_on",
        "placement_type",
        "placement_started_on",
        "placement_order_on",
    ] {
        facts.none(name);
    }
}

/// Reviews of the present period of care. They are numbered only if the returns reach back to its first day.
fn reviews(
    facts: &mut CareFacts,
    history: &CareHistory,
    standing: &Standing<'_>,
    as_of: NaiveDate,
) {
    let Some(care) = standing.care() else { return };
    let counted_from = Coverage::unbroken_from(&history.coverage.reviews);
    let all_known = !care.may_be_earlier && counted_from.is_some_and(|from| from <= care.on);
    let held: Vec<_> = history
        .reviews
        .iter()
        .filter(|review| review.held_on >= care.on && review.held_on <= as_of)
        .collect();
    let list = held
        .iter()
        .zip(1..)
        .map(|(review, number)| ReviewOn {
            number: all_known.then_some(number),
            on: review.held_on,
        })
        .collect();
    // An empty list says that there was none, as far as the returns reach; without returns nothing is said.
    if !held.is_empty() || all_known {
        facts.set(
            "reviews",
            CareValue::Reviews(list),
            held.last().map(|review| &review.source),
        );
    }
    let covered_to = history.coverage.reviews.iter().map(|year| year.last_day());
    let known_to = covered_to
        .chain(held.last().map(|review| review.held_on))
        .max();
    if let Some(to) = known_to.filter(|to| *to < as_of) {
        facts.set("reviews_known_to", CareValue::Day(to), None);
    }
    if all_known {
        match held.get(1) {
            Some(second) => {
                facts.set(
                    "second_statutory_review_on",
                    CareValue::Day(second.held_on),
                    Some(&second.source),
                );
            }
            // None yet, as far as the returns reach; a review held since then is not in them.
            None if covers(&history.coverage.reviews, as_of) => {
                facts.none("second_statutory_review_on")
            }
            None => {}
        }
    }
}

/// Whether the returns reach up to a day.
fn covers(years: &[CollectionYear], day: NaiveDate) -> bool {
    years.iter().any(|year| year.last_day() >= day)
}

/// The decision that a child should be placed for adoption. While it stands, adoption is the plan.
fn adoption_decision(
    facts: &mut CareFacts,
    history: &CareHistory,
    standing: &Standing<'_>,
    as_of: NaiveDate,
) {
    let latest = history
        .adoption_decisions
        .iter()
        .rev()
        .find(|decision| decision.decided_on <= as_of);
    match latest {
        Some(decision) if decision.reversed_on.is_none_or(|on| on > as_of) => {
            facts.set(
                "shobpa_decision",
                CareValue::Answer(true),
                Some(&decision.source),
            );
            facts.set(
                "shobpa_decision_on",
                CareValue::Day(decision.decided_on),
                Some(&decision.source),
            );
            facts.set(
                "option",
                CareValue::Code("adoption"),
                Some(&decision.source),
            );
        }
        Some(decision) => {
            facts.set(
                "shobpa_decision",
                CareValue::Answer(false),
                Some(&decision.source),
            );
            facts.none("shobpa_decision_on");
        }
        // A return lists every decision that stands in its year, so a child in care without one has none.
        None if standing.current().is_some()
            && covers(&history.coverage.adoption_decisions, as_of) =>
        {
            facts.set("shobpa_decision", CareValue::Answer(false), None);
            facts.none("shobpa_decision_on");
        }
        None => {}
    }
}

#[cfg(test)]
mod tests;
