//! DER-PAPERWORK-14: whether all required papers are there, life story work aside, and that its absence costs no place.
//!
//! Passes: the four papers of a match without life story work: complete, and the case stays listed.
//! Fails: three of them; or a financial form of agency carers that only a deputy approved.

use permanence_core::Code;
use permanence_plugin::{ClauseAnswer, Context};
use serde_json::Value;

use crate::finding::give;
use crate::papers;
use crate::rules::removal_from_list;

pub(crate) fn answer(context: &Context<'_>) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let missing = papers::missing_on(context, context.as_of());
    give(
        &mut answer,
        "paperworkComplete",
        missing.map_or(Value::Null, |missing| missing.is_empty().into()),
    );
    give(&mut answer, "itemStatus", status(context));
    answer
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
