//! Who decided, and whether the chair still has to (BRA-DECISION-02).
//!
//! All agree: the panel decided. One member dissents, the views are on record and the Head of Service in the chair
//! approves: the chair decided. Without the views, the chair's decision or an eligible chair the record is refused.

use permanence_core::Effect;
use permanence_core::facts::FactValue;
use permanence_plugin::answering::{give, labelled, raise};
use permanence_plugin::reading::{entries, member, text, value};
use permanence_plugin::{ClauseAnswer, Context, Rule};
use serde_json::Value;

use crate::ask::{role, unknown, word, yes};

const CHAIRS: [&str; 3] = [
    "head_of_service",
    "through_care_service_manager",
    "panel_chair",
];

fn dissents(view: &FactValue) -> bool {
    let is = |name: &str, answer: bool| view.member(name) == Some(&FactValue::Boolean(answer));
    let says = match view {
        FactValue::Record(_) => member(view, &["view", "opinion"]).and_then(text),
        single => text(single),
    };
    is("dissents", true)
        || is("dissent", true)
        || is("opposes", true)
        || is("agrees", false)
        || is("supports", false)
        || says.is_some_and(|view| {
            [
                "opposes",
                "opposed",
                "oppose",
                "dissents",
                "dissented",
                "dissent",
                "dissenting",
                "against",
                "disagrees",
                "disagreed",
                "disagree",
                "objects",
                "objected",
                "object",
                "no",
                "not_agreed",
                "not_approved",
                "rejected",
                "reject",
            ]
            .contains(&view)
        })
}

/// Whoever is said to be in the chair; where nobody is, whoever of those present takes it (BRA-CHAIR-01).
fn chair<'a>(context: &Context<'a>) -> Option<&'a str> {
    if !context.facts().is_absent("chair") {
        return word(context, "chair");
    }
    let present: Vec<&str> = entries(context, "present")
        .into_iter()
        .filter_map(role)
        .collect();
    ["head_of_service", "through_care_service_manager"]
        .into_iter()
        .find(|chair| present.contains(chair))
}

/// Whether the members agreed; none where nothing is known about it. Any dissent means that they did not.
fn consensus(context: &Context<'_>) -> Option<bool> {
    let views: Vec<&FactValue> = match value(context, "member_views") {
        Some(FactValue::List(views)) => views.iter().collect(),
        Some(FactValue::Record(by_role)) => by_role.values().collect(),
        _ => Vec::new(),
    };
    if views.iter().copied().any(dissents) || yes(context, "dissenting_members") {
        return Some(false);
    }
    let stated = context.facts().boolean("consensus");
    stated.or_else(|| (!views.is_empty()).then_some(true))
}

pub(super) fn answer(context: &Context<'_>, rule: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let json = |name: &str| value(context, name).map_or(Value::Null, FactValue::to_json);
    let agreed = consensus(context);
    let chair_decided = match value(context, "chair_decision") {
        Some(record @ FactValue::Record(_)) => member(record, &["outcome"]).and_then(text),
        Some(single) => text(single),
        None => None,
    };
    let chair = chair(context);
    let chair_may = match chair {
        Some(role) => CHAIRS.contains(&role),
        None => context.facts().is_absent("chair"),
    };
    let heard = !unknown(context, "member_views") || yes(context, "dissenting_members");
    give(&mut answer, "chair", chair);
    give(&mut answer, "consensus", agreed);
    give(&mut answer, "error", Value::Null);
    match agreed {
        None => {
            give(&mut answer, "accepted", Value::Null);
            give(&mut answer, "decided_by", Value::Null);
            give(&mut answer, "outcome", json("outcome"));
        }
        Some(true) => {
            give(&mut answer, "accepted", true);
            give(&mut answer, "decided_by", "panel");
            let outcome = match (json("outcome"), chair_decided) {
                (Value::Null, Some(same)) => same.into(),
                (outcome, _) => outcome,
            };
            give(&mut answer, "outcome", outcome);
        }
        Some(false) if chair_may && heard && chair_decided.is_some() => {
            give(&mut answer, "accepted", true);
            give(&mut answer, "decided_by", "panel_chair");
            give(&mut answer, "outcome", chair_decided);
        }
        Some(false) => {
            give(&mut answer, "accepted", false);
            give(&mut answer, "decided_by", Value::Null);
            give(&mut answer, "outcome", Value::Null);
            give(&mut answer, "error", "chair_decision_required");
            raise(
                &mut answer,
                labelled(context, rule, "chair_decision_required", Effect::Block),
            );
        }
    }
    answer
}
