//! Which possible carers were not contacted directly (BRA-FORM-06).
//!
//! An aunt with `contacted_directly` false, or without an answer, is named; an uncle with true is not.

use chrono::NaiveDate;
use permanence_core::facts::FactValue;
use permanence_plugin::answering::{flag, give, raise};
use permanence_plugin::reading::{member, value};
use permanence_plugin::{ClauseAnswer, Context, Rule};
use serde_json::Value;

use crate::ask::{unknown, yes};

/// Whether a row says so; a day that is still to come does not.
fn contacted(row: &FactValue, as_of: NaiveDate) -> bool {
    ["contacted_directly", "contacted_directly_on"]
        .into_iter()
        .filter_map(|name| row.member(name))
        .any(|said| said.is_yes() && said.as_date().is_none_or(|on| on <= as_of))
}

pub(super) fn answer(context: &Context<'_>, rule: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let rows = context.facts().list("potential_carers");
    let mut without: Vec<Value> = rows
        .iter()
        .filter(|row| !contacted(row, context.as_of()))
        .map(|row| {
            member(row, &["name", "relationship", "relation", "role"])
                .map_or(Value::Null, FactValue::to_json)
        })
        .collect();
    // A question about one carer tells the row without a table; who it is need not be said.
    let one = unknown(context, "potential_carers")
        && (!context.facts().is_absent("contacted_directly")
            || !unknown(context, "wants_assessment"));
    let name = value(context, "name").or_else(|| value(context, "relationship"));
    let open = one && !yes(context, "contacted_directly");
    without.extend(name.filter(|_| open).map(FactValue::to_json));
    if one && name.is_none() {
        give(&mut answer, "carer_not_contacted", open);
    } else {
        give(&mut answer, "carer_not_contacted", without.clone());
    }
    if open || !without.is_empty() {
        raise(&mut answer, flag(context, rule, "carer_not_contacted"));
    }
    answer
}
