//! DER-PAPERWORK-14: whether all required papers are there, life story work aside, and that its absence costs no place.
//!
//! Passes: the four papers of a match without life story work: complete, and the case stays listed.
//! Fails: three of them; or a financial form of agency carers that only a deputy approved.

use permanence_core::facts::FactValue;
use permanence_core::{Code, FactName, Facts};
use permanence_plugin::answering::give;
use permanence_plugin::{ClauseAnswer, Context};
use serde_json::Value;

use crate::papers;
use crate::rules::removal_from_list;

pub(crate) fn answer(context: &Context<'_>) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let facts = as_of_a_match(context);
    let context = &Context::new(context.policy(), context.as_of(), &facts);
    let missing = papers::missing_on(context, context.as_of());
    give(
        &mut answer,
        "paperwork_complete",
        missing.map_or(Value::Null, |missing| missing.is_empty().into()),
    );
    give(&mut answer, "item_status", status(context));
    answer
}

/// The facts, where nobody said what is asked for and no paper speaks against it as those of a permanent fostering
/// match: the clause stands among the papers of one.
fn as_of_a_match(context: &Context<'_>) -> Facts {
    const MATCH: &str = "permanent_fostering_match";
    let mut facts = context.facts().clone();
    let of_a_match = papers::required_for(context, MATCH);
    let paper = |entry: &FactValue| {
        entry
            .member("document")
            .and_then(FactValue::as_code)
            .cloned()
    };
    let told = facts.list("documents");
    let fits = told
        .iter()
        .filter_map(paper)
        .all(|paper| papers::OPTIONAL == paper.as_str() || of_a_match.contains(&paper));
    if facts.is_absent("request_type")
        && !facts.is_absent("documents")
        && fits
        && let (Ok(name), Ok(code)) = (FactName::new("request_type"), Code::new(MATCH))
    {
        facts.insert(name, FactValue::Code(code));
    }
    facts
}

/// Where the case stands by the clause on removal; without a sitting nothing can have taken it off a list.
fn status(context: &Context<'_>) -> Value {
    let by_removal = removal_from_list::answer(context)
        .results
        .remove("itemStatus");
    match by_removal {
        Some(status) if !status.is_null() => status,
        _ if context.facts().is_absent("panel_date") => context
            .facts()
            .code("item_status")
            .map_or("listed", Code::as_str)
            .into(),
        _ => Value::Null,
    }
}
