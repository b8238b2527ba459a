//! Which edition judges a day, and what is wrong with editions that overlap.

use chrono::NaiveDate;
use permanence_core::PolicyDocument;
use permanence_core::rulebook::CouncilPolicy;
use serde_json::{Value, json};

fn document(editions: &[(&str, Value, Value)]) -> PolicyDocument {
    let editions: Vec<Value> = editions
        .iter()
        .map(|(id, from, to)| {
            let mut edition = json!({ "id": id, "title": "Policy" });
            if !from.is_null() {
                edition["effective_from"] = from.clone();
            }
            if !to.is_null() {
                edition["effective_to"] = to.clone();
            }
            json!({ "edition": edition })
        })
        .collect();
    serde_json::from_value(json!({
        "council": { "code": "anytown", "name": "Anytown", "gss": "E06000099" }, "editions": editions
    }))
    .unwrap()
}

#[test]
fn the_edition_of_the_day_judges_and_the_first_all_days_before() {
    let policy = CouncilPolicy::new(document(&[
        ("1", Value::Null, json!("2025-11-30")),
        ("2", json!("2025-12-01"), Value::Null),
    ]))
    .unwrap();
    let on = |day: &str| {
        policy
            .on(day.parse::<NaiveDate>().unwrap())
            .unwrap()
            .rulebook
            .edition
            .id
            .clone()
    };
    assert_eq!(on("2000-01-01"), "1");
    assert_eq!(on("2025-11-30"), "1");
    assert_eq!(on("2025-12-01"), "2");
    assert_eq!(policy.edition("1").unwrap().rulebook.edition.id, "1");
    assert!(policy.edition("3").is_none());
}

#[test]
fn editions_may_neither_overlap_nor_leave_gaps() {
    for (editions, problem) in [
        (
            vec![
                ("1", Value::Null, json!("2025-12-01")),
                ("2", json!("2025-12-01"), Value::Null),
            ],
            "before the edition before it ends",
        ),
        (
            vec![
                ("1", Value::Null, json!("2025-11-01")),
                ("2", json!("2025-12-01"), Value::Null),
            ],
            "gap",
        ),
        (
            vec![
                ("1", Value::Null, Value::Null),
                ("2", Value::Null, Value::Null),
            ],
            "needs effective_from",
        ),
        (
            vec![
                ("1", Value::Null, Value::Null),
                ("1", json!("2025-12-01"), Value::Null),
            ],
            "this id",
        ),
        (vec![], "at least one edition"),
    ] {
        let problems = CouncilPolicy::new(document(&editions)).unwrap_err();
        assert!(
            problems.iter().any(|found| found.text.contains(problem)),
            "{problems:?}"
        );
    }
}
