//! ERY-ROUTE-02: a plan that rests on the carer's application for Child Arrangements or Special Guardianship goes to the
//! Permanency Panel.
//!
//! Passes: a Special Guardianship Order is needed, the review has endorsed the plan, the panel has had it.
//! Fails: the review has endorsed it, and the panel has not had it.
//! Does not apply: somebody else applies, a parent or the council.

use permanence_core::facts::FactValue;
use permanence_plugin::answering::{flag, give};
use permanence_plugin::reading::{day, entries, value};
use permanence_plugin::{ClauseAnswer, Context, Rule};

use crate::reading::word;

const ORDERS: [&str; 2] = ["child_arrangements_order", "special_guardianship_order"];

/// Carers, and the relatives and friends who may be caring for the child.
const CARERS: [&str; 13] = [
    "aunt",
    "carer",
    "current_carer",
    "extended_family_member",
    "family_friend",
    "foster_carer",
    "grandfather",
    "grandmother",
    "grandparent",
    "other_significant_person",
    "previous_carer",
    "sibling",
    "uncle",
];

/// The panel that the plan goes to.
pub(crate) fn forum(context: &Context<'_>) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let forums: &[&str] = if rests_on_carers_order(context) {
        &["permanence_panel"]
    } else {
        &[]
    };
    give(&mut answer, "required_forum", forums.to_vec());
    answer
}

/// Whether it has been there; the rulebook asks once the plan is endorsed.
pub(crate) fn presented(context: &Context<'_>, rule: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let presented = ["presented_to_permanence_panel_on", "presented_at_panel_on"]
        .into_iter()
        .any(|name| day(context, name).is_some());
    if rests_on_carers_order(context)
        && !presented
        && let Some(mut finding) = flag(context, rule, "permanence_panel_presentation_missing")
    {
        let endorsed = day(context, "endorsing_review_on");
        finding.since = endorsed;
        finding.ran_out_on = endorsed;
        if let Some(endorsed) = endorsed {
            finding
                .evidence
                .insert("endorsingReviewOn".into(), endorsed.to_string().into());
        }
        answer.findings.push(finding);
    }
    answer
}

fn rests_on_carers_order(context: &Context<'_>) -> bool {
    entries(context, "legal_orders")
        .into_iter()
        .any(|entry| is_one_of_the_orders(entry) && carer_applies(context, entry))
}

fn is_one_of_the_orders(entry: &FactValue) -> bool {
    word(entry.member("order").unwrap_or(entry)).is_some_and(|order| ORDERS.contains(&order))
}

/// Who applies is taken to be the carer unless somebody else is named, for the order or for all of them.
fn carer_applies(context: &Context<'_>, entry: &FactValue) -> bool {
    let own = ["applicant", "applied_for_by"]
        .into_iter()
        .filter_map(|name| entry.member(name))
        .find_map(word);
    if let Some(applicant) = own.or_else(|| value(context, "applicant").and_then(word)) {
        return CARERS.contains(&applicant);
    }
    context.facts().boolean("carer_applies") != Some(false)
}
