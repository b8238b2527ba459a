//! An invented policy with one rule, and questions to it.

use chrono::NaiveDate;
use permanence_core::rulebook::{CouncilPolicy, Policy};
use permanence_core::{Answer, Facts, NoCodedRules, PolicyDocument, Question};
use serde_json::{Value, json};

/// A policy with one clause `ANY-RULE-01` of a topic, a panel on every Tuesday whose papers are due on Thursday at 13:00,
/// and the rule given.
pub fn policy(topic: &str, rule: Value) -> Policy {
    let panel = json!({
        "code": "permanence_panel", "clauses": ["ANY-RULE-01"],
        "sits": { "every_week": "tuesday" }, "on_bank_holiday": "skip",
        "starts_from": "12:00:00", "starts_before": "18:00:00",
        "papers": { "at": { "weekday": "thursday", "time": "13:00:00" } },
        "request_types": ["permanent_fostering_match"]
    });
    policy_with_panel(topic, panel, rule)
}

/// The same, where the panel's day may be told with its hour.
pub fn policy_with_hours(topic: &str, mut rule: Value) -> Policy {
    rule["clauses"] = json!(["ANY-RULE-01"]);
    let panel = json!({
        "code": "permanence_panel", "clauses": ["ANY-RULE-01"],
        "sits": { "every_week": "tuesday" }, "on_bank_holiday": "skip",
        "starts_from": "12:00:00", "starts_before": "18:00:00",
        "papers": { "at": { "weekday": "thursday", "time": "13:00:00" } },
        "request_types": ["permanent_fostering_match"]
    });
    let own =
        json!({ "panel_date": { "type": { "one_of": ["date", "date_time"] }, "planned": true } });
    policy_of(
        topic,
        &json!({ "panels": [panel], "facts": own, "rules": [rule] }),
    )
}

/// A policy without a panel, with several rules of the one clause.
pub fn policy_with_rules(topic: &str, mut rules: Vec<Value>) -> Policy {
    for rule in &mut rules {
        rule["clauses"] = json!(["ANY-RULE-01"]);
    }
    policy_of(topic, &json!({ "rules": rules }))
}

/// A policy without a panel, with facts of its own.
pub fn policy_with_facts(topic: &str, facts: Value, mut rule: Value) -> Policy {
    rule["clauses"] = json!(["ANY-RULE-01"]);
    policy_of(topic, &json!({ "facts": facts, "rules": [rule] }))
}

/// The same with a panel on the last Wednesday of the month whose papers are due a week before.
pub fn monthly_policy(topic: &str, rule: Value) -> Policy {
    let panel = json!({
        "code": "permanence_panel", "clauses": ["ANY-RULE-01"],
        "sits": { "last_of_month": "wednesday" }, "on_bank_holiday": "keep",
        "papers": { "on": "-7 calendar_days" },
        "request_types": ["permanent_fostering_match"]
    });
    policy_with_panel(topic, panel, rule)
}

/// The same with a panel on every second Thursday from an anchor.
pub fn fortnightly_policy(topic: &str, rule: Value) -> Policy {
    let panel = json!({
        "code": "permanence_panel", "clauses": ["ANY-RULE-01"],
        "sits": { "every_days": { "days": 14, "weekday": "thursday" } }, "on_bank_holiday": "keep",
        "papers": { "on": "-14 calendar_days" },
        "request_types": ["permanent_fostering_match"]
    });
    policy_with_panel(topic, panel, rule)
}

fn policy_with_panel(topic: &str, panel: Value, mut rule: Value) -> Policy {
    rule["clauses"] = json!(["ANY-RULE-01"]);
    policy_of(topic, &json!({ "panels": [panel], "rules": [rule] }))
}

fn policy_of(topic: &str, more: &Value) -> Policy {
    let mut edition = json!({
        "edition": { "id": "1", "title": "Policy of Anytown" },
        "silent": [{ "topic": "appeals" }],
        "clauses": [{ "id": "ANY-RULE-01", "at": "1", "topic": topic, "kind": "rule", "says": "A rule." }]
    });
    for (name, value) in more.as_object().unwrap() {
        edition[name] = value.clone();
    }
    let document: PolicyDocument = serde_json::from_value(json!({
        "council": { "code": "anytown", "name": "Anytown", "gss": "E06000099" },
        "editions": [edition]
    }))
    .unwrap();
    CouncilPolicy::new(document).unwrap().editions()[0].clone()
}

/// Asks the only clause.
pub fn ask(policy: &Policy, as_of: &str, facts: Value) -> Answer {
    let facts = Facts::read(facts.as_object().unwrap(), policy.dictionary()).unwrap();
    let question = Question {
        as_of: as_of.parse().unwrap(),
        facts,
    };
    let clause = "ANY-RULE-01".parse().unwrap();
    permanence_core::evaluate_clause(policy, &clause, &question, &NoCodedRules).unwrap()
}

/// The codes of the findings.
pub fn codes(answer: &Answer) -> Vec<&str> {
    answer
        .findings
        .iter()
        .map(|finding| finding.code.as_str())
        .collect()
}

/// A day so many days after 2000-01-01.
pub fn day(number: i64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2000, 1, 1).unwrap() + chrono::Duration::days(number)
}
