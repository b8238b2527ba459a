//! SOM-RECORD-01, SOM-RECORD-02: once the Chair has agreed to the notes they are filed, for each child and where carers are concerned.
//!
//! Passes: notes of a panel with two children, two actions; a match, an action for the carers' file.
//! Fails: notes that the Chair has not agreed to; carers where the item is about none.

use std::collections::BTreeSet;

use permanence_core::evaluation::Effect;
use permanence_core::facts::FactValue;
use permanence_plugin::answering::{finding, give};
use permanence_plugin::reading::value;
use permanence_plugin::{ClauseAnswer, Context, Rule};
use serde_json::{Map, Value, json};

/// Kinds of case that are about certain carers (SOM-RECORD-02).
const ABOUT_CARERS: [&str; 5] = [
    "permanent_fostering_match",
    "staying_put",
    "special_guardianship_support",
    "sgo_financial_assessment",
    "connected_person_temporary_approval",
];

/// One action for each child on the agenda.
pub(crate) fn child_files(context: &Context<'_>, rule: &Rule) -> ClauseAnswer {
    let children = match context.facts().get("agenda") {
        Some(FactValue::Integer(count)) => {
            vec![None; usize::try_from(*count).unwrap_or(0).min(1_000)]
        }
        Some(FactValue::List(items)) => once_each(items, |item| {
            ["child", "child_id", "child_reference"]
                .into_iter()
                .find_map(|name| reference(item, name))
        }),
        Some(FactValue::None) => Vec::new(),
        // A question about one item, or about its child.
        _ => vec![None],
    };
    let more = json!({ "system": "LCS", "place": "forms_tab/permanence_panel_meeting_form" });
    actions(
        context,
        rule,
        "add_minutes_to_child_file",
        ("child", &children),
        &more,
    )
}

/// One action for each item that is about certain carers.
pub(crate) fn carer_files(context: &Context<'_>, rule: &Rule) -> ClauseAnswer {
    let facts = context.facts();
    let carers = match facts.get("agenda") {
        Some(FactValue::List(items)) => {
            let concerned: Vec<FactValue> = items
                .iter()
                .filter(|item| {
                    let kind = ["request_type", "item_type"]
                        .into_iter()
                        .find_map(|name| item.member(name).and_then(FactValue::as_code))
                        .or_else(|| item.as_code());
                    kind.is_some_and(|code| ABOUT_CARERS.contains(&code.as_str()))
                        || ["carer", "carers", "carer_id", "names_carer", "carer_named"]
                            .into_iter()
                            .any(|name| item.member(name).is_some_and(FactValue::is_yes))
                })
                .cloned()
                .collect();
            once_each(&concerned, |item| {
                ["carer", "carers", "carer_id"]
                    .into_iter()
                    .find_map(|name| reference(item, name))
            })
        }
        _ => {
            let about = facts
                .code("request_type")
                .is_some_and(|code| ABOUT_CARERS.contains(&code.as_str()))
                || facts.get("carer").is_some_and(FactValue::is_yes);
            if about { vec![None] } else { Vec::new() }
        }
    };
    actions(
        context,
        rule,
        "add_minutes_to_carer_file",
        ("carer", &carers),
        &json!({}),
    )
}

/// Whom an item names, where it names somebody.
fn reference(item: &FactValue, name: &str) -> Option<String> {
    match item.member(name) {
        Some(FactValue::Text(text)) => Some(text.clone()),
        Some(FactValue::Code(code)) => Some(code.to_string()),
        // Two carers of one home are one set.
        Some(FactValue::List(several)) if !several.is_empty() => {
            let texts = several.iter().filter_map(|one| match one {
                FactValue::Text(text) => Some(text.as_str()),
                _ => None,
            });
            Some(texts.collect::<Vec<_>>().join(", "))
        }
        Some(_) => None,
        None => match item {
            FactValue::Text(text) if name == "child" => Some(text.clone()),
            _ => None,
        },
    }
}

/// Each of those named once; an item that names nobody stands for itself.
fn once_each(
    items: &[FactValue],
    reference: impl Fn(&FactValue) -> Option<String>,
) -> Vec<Option<String>> {
    let mut seen = BTreeSet::new();
    items
        .iter()
        .map(reference)
        .filter(|named| {
            named
                .as_ref()
                .is_none_or(|named| seen.insert(named.clone()))
        })
        .collect()
}

fn actions(
    context: &Context<'_>,
    rule: &Rule,
    action: &str,
    (name, whose): (&str, &[Option<String>]),
    more: &Value,
) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let agreed = value(context, "approved_by_chair_on").is_some_and(FactValue::is_yes);
    let mut list = Vec::new();
    for one in whose.iter().filter(|_| agreed) {
        let mut evidence: Map<String, Value> = more.as_object().cloned().unwrap_or_default();
        if let Some(one) = one {
            evidence.insert(name.to_owned(), one.clone().into());
        }
        let mut entry = Map::from_iter([
            ("action".to_owned(), Value::from(action)),
            ("responsible".to_owned(), "panel_administrator".into()),
            ("responsibleAssumed".to_owned(), true.into()),
            ("dueOn".to_owned(), Value::Null),
        ]);
        entry.extend(evidence.clone());
        list.push(Value::Object(entry));
        let message = "The notes that the Chair agreed to go on this file.";
        if let Some(mut finding) = finding(context, rule, action, Effect::CreateAction, message) {
            finding.responsible_role = permanence_core::Code::new("panel_administrator").ok();
            finding.evidence = evidence;
            answer.findings.push(finding);
        }
    }
    give(&mut answer, "actions", list);
    answer
}
