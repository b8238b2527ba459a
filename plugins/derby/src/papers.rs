//! Which required papers of a case are not in: the checklists of the rulebook, asked from code.

use chrono::NaiveDate;
use permanence_core::facts::FactValue;
use permanence_core::mechanism::{Item, Mechanism};
use permanence_core::{ClauseId, Code};
use permanence_plugin::Context;
use permanence_plugin::reading::member_day;

use crate::rules::financial_form;

/// The clause whose checklists say what is required.
const REQUIRED: &str = "DER-PAPERWORK-13";
/// Stands for a required paper that is missing and was not named.
const UNNAMED: &str = "required_document";
/// Welcome and never required (DER-PAPERWORK-05, DER-PAPERWORK-14).
pub(crate) const OPTIONAL: &str = "life_story_work";

/// What of the required papers was missing at the end of a day, in the policy's order.
///
/// `None` where it cannot be known: neither the kind of request nor the missing papers are.
pub(crate) fn missing_on(context: &Context<'_>, day: NaiveDate) -> Option<Vec<String>> {
    let facts = context.facts();
    match facts.get("missing_documents") {
        Some(FactValue::List(named)) => {
            let codes = named.iter().filter_map(FactValue::as_code);
            let required = codes.map(Code::as_str).filter(|code| *code != OPTIONAL);
            return Some(required.map(str::to_owned).collect());
        }
        Some(FactValue::None | FactValue::Boolean(false)) => return Some(Vec::new()),
        Some(FactValue::Boolean(true)) => return Some(vec![UNNAMED.to_owned()]),
        _ => {}
    }
    facts.code("request_type")?;
    let then = Context::new(context.policy(), day, facts);
    let clause = ClauseId::new(REQUIRED).ok()?;
    let mut missing: Vec<String> = context
        .policy()
        .rules_of(&clause)
        .filter_map(|rule| match &rule.rule {
            Mechanism::Checklist(list) => Some(list.missing(&then)),
            _ => None,
        })
        .flatten()
        .collect();
    missing.extend(financial_form::missing(&then));
    Some(missing)
}

/// The papers that a kind of request requires, without those that hang on a condition.
pub(crate) fn required_for(context: &Context<'_>, kind: &str) -> Vec<Code> {
    let Ok(clause) = ClauseId::new(REQUIRED) else {
        return Vec::new();
    };
    context
        .policy()
        .rules_of(&clause)
        .filter_map(|rule| match &rule.rule {
            Mechanism::Checklist(list) => list.required_by.as_ref()?.lists.get(kind),
            _ => None,
        })
        .flatten()
        .filter_map(|item| match item {
            Item::Code(paper) => Some(paper.clone()),
            Item::Detailed(_) => None,
        })
        .collect()
}

/// Whether anything was told about single papers: a list of them, or a required one by its own name.
pub(crate) fn are_told(context: &Context<'_>) -> bool {
    let facts = context.facts();
    if !facts.is_absent("documents") || !facts.is_absent("missing_documents") {
        return true;
    }
    let Ok(clause) = ClauseId::new(REQUIRED) else {
        return false;
    };
    let kind = facts.code("request_type");
    context
        .policy()
        .rules_of(&clause)
        .filter_map(|rule| match &rule.rule {
            Mechanism::Checklist(list) => list.required_by.as_ref()?.lists.get(kind?),
            _ => None,
        })
        .flatten()
        .any(|item| matches!(item, Item::Code(paper) if !facts.is_absent(paper.as_str())))
}

/// Days on which papers came, life story work aside.
pub(crate) fn received(context: &Context<'_>) -> Vec<NaiveDate> {
    let facts = context.facts();
    let mut days: Vec<NaiveDate> = facts
        .list("documents")
        .iter()
        .filter(|paper| {
            paper
                .member("document")
                .and_then(FactValue::as_code)
                .is_none_or(|code| *code != OPTIONAL)
        })
        .filter_map(|paper| member_day(paper, &["received_on", "received_at"]))
        .collect();
    if facts.code("document").is_none_or(|code| *code != OPTIONAL) {
        days.extend(facts.date("document_received_on"));
    }
    days.retain(|day| *day <= context.as_of());
    days
}
