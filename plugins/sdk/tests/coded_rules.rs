//! A coded rule reads what is known on the day asked about, in whichever way it is written, and its answer has wire names.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use permanence_core::evaluation::Effect;
use permanence_core::facts::FactValue;
use permanence_core::rulebook::CouncilPolicy;
use permanence_core::{Code, Facts};
use permanence_plugin::answering::{finding, flag, give, json_day, overdue, raise};
use permanence_plugin::reading::{
    contains, day, entries, integer, member, member_day, named, papers_due_on, text, to_come, value,
};
use permanence_plugin::{ClauseAnswer, Context, Rule};
use serde_json::{Value, json};

fn policy() -> CouncilPolicy {
    let document = json!({
        "council": { "code": "anytown", "name": "Anytown Council", "gss": "E06000099" },
        "editions": [{
            "edition": { "id": "1.0", "title": "Anytown permanence policy" },
            "clauses": [{ "id": "ANY-PAPERWORK-01", "at": "1", "topic": "paperwork", "kind": "rule", "says": "A week before." }],
            "panels": [{
                "code": "permanence_panel", "clauses": ["ANY-PAPERWORK-01"],
                "sits": { "every_days": { "days": 7, "weekday": "wednesday" } }, "on_bank_holiday": "keep", "request_types": [], "papers": { "on": "-7 calendar_days" }
            }],
            "rules": [{
                "clauses": ["ANY-PAPERWORK-01"],
                "rule": { "coded": { "name": "papers", "reads": [] } }
            }]
        }]
    });
    CouncilPolicy::new(serde_json::from_value(document).unwrap()).unwrap()
}

/// What a rule finds out on 18 September 2025 from these facts.
fn asked<T>(facts: Value, rule: impl FnOnce(&Context<'_>, &Rule) -> T) -> T {
    let policy = policy();
    let edition = &policy.editions()[0];
    let facts = Facts::read(facts.as_object().unwrap(), edition.dictionary()).unwrap();
    let as_of = "2025-09-18".parse().unwrap();
    let context = Context::new(edition, as_of, &facts);
    rule(&context, &edition.rulebook.rules[0])
}

fn record(members: Value) -> FactValue {
    let policy = policy();
    let facts = json!({ "documents": [members] });
    let dictionary = policy.editions()[0].dictionary();
    let facts = Facts::read(facts.as_object().unwrap(), dictionary).unwrap();
    facts.list("documents")[0].clone()
}

#[test]
fn a_fact_is_read_as_it_stood_on_the_day() {
    let facts = json!({ "becameLookedAfterOn": "2025-09-18", "decidedOn": "2025-09-19" });
    asked(facts, |context, _| {
        let today = day(context, "became_looked_after_on").unwrap();
        assert_eq!(today.to_string(), "2025-09-18");
        assert!(!to_come(context, "became_looked_after_on"));
        assert_eq!(value(context, "decided_on"), None);
        assert!(to_come(context, "decided_on"));
        assert!(!to_come(context, "permanence_plan_on"));
        assert_eq!(value(context, "No name"), None);
    });
}

#[test]
fn papers_are_due_before_the_sitting_that_the_question_names() {
    let due = |facts: Value| asked(facts, |context, _| papers_due_on(context));
    let sitting = json!({ "panelDate": "2025-09-24" });
    assert_eq!(due(sitting).unwrap().to_string(), "2025-09-17");
    assert_eq!(due(json!({})), None);
}

#[test]
fn a_list_has_the_entries_that_exist_by_then() {
    let facts = json!({ "documents": [
        "child_chronology", { "document": "care_plan", "receivedOn": "2025-09-19" }
    ], "option": "adoption", "legalOrders": ["care_order"] });
    asked(facts, |context, _| {
        assert_eq!(entries(context, "documents").len(), 1);
        assert!(contains(context, "option", "adoption"));
        assert!(contains(context, "legal_orders", "care_order"));
        assert!(!contains(context, "legal_orders", "placement_order"));
        assert!(entries(context, "No name").is_empty());
    });
}

#[test]
fn a_code_and_a_text_are_words_and_nothing_else_is() {
    let code = FactValue::Code(Code::new("care_plan").unwrap());
    assert_eq!(text(&code), Some("care_plan"));
    assert_eq!(text(&FactValue::Text("A plan".to_owned())), Some("A plan"));
    assert_eq!(text(&FactValue::Integer(2)), None);
    assert_eq!(integer(&FactValue::Integer(2)), Some(2));
    assert_eq!(integer(&FactValue::Boolean(true)), None);
}

#[test]
fn of_the_names_of_a_member_the_first_that_says_something_counts() {
    let paper = record(
        json!({ "document": "care_plan", "receivedOn": null, "receivedAt": "2025-09-17T10:00:00+01:00" }),
    );
    let received = ["received_on", "received_at"];
    assert_eq!(
        member(&paper, &received),
        paper.member("received_at"),
        "a null is no answer"
    );
    assert_eq!(
        member_day(&paper, &received).unwrap().to_string(),
        "2025-09-17"
    );
    assert_eq!(member_day(&paper, &["document"]), None);
    assert_eq!(named(&paper, &["id", "document"]), Some(json!("care_plan")));
    assert_eq!(named(&paper, &["id"]), None);
    let bare = FactValue::Text("Anna".to_owned());
    assert_eq!(named(&bare, &["id"]), Some(json!("Anna")));
}

#[test]
fn an_answer_has_the_names_of_the_wire() {
    let mut answer = ClauseAnswer::default();
    give(&mut answer, "due_on", json_day(None));
    assert_eq!(answer.results["dueOn"], Value::Null);
    give(&mut answer, "due_on", json_day("2025-09-17".parse().ok()));
    assert_eq!(answer.results["dueOn"], "2025-09-17");
}

#[test]
fn a_finding_says_when_time_ran_out_and_no_code_raises_nothing() {
    let answer = asked(json!({}), |context, rule| {
        let mut answer = ClauseAnswer::default();
        let late = flag(context, rule, "paperwork_late");
        let raised = raise(&mut answer, late).unwrap();
        overdue(raised, "2025-09-17".parse().ok());
        let blocked = finding(context, rule, "paperwork_late", Effect::Block, "Too late.");
        raise(&mut answer, blocked);
        let none = finding(context, rule, "No code", Effect::Block, "Too late.");
        assert_eq!(raise(&mut answer, none), None);
        answer
    });
    let [late, blocked] = answer.findings.as_slice() else {
        panic!("{:?}", answer.findings);
    };
    assert!(late.message.ends_with('.'), "{}", late.message);
    assert_eq!(late.effect, Effect::Flag);
    assert_eq!(late.due_on, "2025-09-17".parse().ok());
    assert_eq!(late.ran_out_on, "2025-09-18".parse().ok());
    assert_eq!(blocked.message, "Too late.");
    assert_eq!(blocked.effect, Effect::Block);
}
