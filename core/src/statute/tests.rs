#![allow(clippy::unwrap_used)]

use serde_json::{Map, Value, json};

use super::*;
use crate::evaluation::{Certainty, Finding};
use crate::facts::{Dictionary, Facts};
use crate::vocabulary::Vocabulary;

/// What the law adds to an answer without results and findings.
fn ask(capability: Capability, as_of: &str, facts: Value) -> Answer {
    let dictionary = Dictionary::new(Vocabulary::shared(), &Default::default());
    let question = Question {
        as_of: as_of.parse().unwrap(),
        facts: Facts::read(facts.as_object().unwrap(), &dictionary).unwrap(),
    };
    let mut answers = [Answer {
        council: "anytown".parse().unwrap(),
        edition: "1".into(),
        as_of: question.as_of,
        results: Map::new(),
        because: Default::default(),
        findings: Vec::new(),
        silent: Vec::new(),
        statute: Default::default(),
    }];
    beside([(capability, Extent::Whole)], &question, &mut answers);
    let [answer] = answers;
    answer
}

fn found(as_of: &str, facts: Value) -> Vec<Finding> {
    ask(Capability::Exceptions, as_of, facts).findings
}

/// The clauses of the findings that are certain.
fn certain(as_of: &str, facts: Value) -> Vec<String> {
    found(as_of, facts)
        .into_iter()
        .filter(|finding| finding.certainty == Certainty::Certain)
        .map(|finding| finding.clauses.first().unwrap().to_string())
        .collect()
}

fn dates(as_of: &str, facts: Value, clause: &str) -> Value {
    let answer = ask(Capability::Checkpoints, as_of, facts);
    Value::Object(answer.statute.get(clause).unwrap().clone())
}

#[test]
fn the_embedded_rulebook_is_sound_and_every_flag_has_its_label() {
    let law = read().unwrap();
    assert_eq!(law.editions().len(), 1);
    for clause in &law.editions()[0].rulebook.clauses {
        assert!(clause.id.as_str().starts_with("ENG-"));
        assert!(law.editions()[0].rules_of(&clause.id).count() == 1);
    }
    let vocabulary = Vocabulary::shared();
    let flags = &vocabulary.lists()["flags"].codes;
    for code in [
        "statutory_first_review_overdue",
        "statutory_second_review_overdue",
        "statutory_review_overdue",
        "statutory_permanence_plan_overdue",
        "care_proceedings_over_26_weeks",
        "care_proceedings_over_extension",
    ] {
        assert!(!flags[code].label.is_empty(), "{code}");
    }
}

#[test]
fn the_first_review_is_due_in_twenty_working_days() {
    // Over Christmas: 25 and 26 December and 1 January do not count.
    let facts = json!({ "becameLookedAfterOn": "2025-12-10", "reviews": [] });
    assert_eq!(
        dates("2025-12-11", facts.clone(), "ENG-REVIEW-01"),
        json!({ "firstStatutoryReviewDueOn": "2026-01-12", "firstStatutoryReviewStatus": "open" })
    );
    assert_eq!(certain("2026-01-12", facts.clone()), Vec::<String>::new());
    assert_eq!(certain("2026-01-13", facts.clone()), ["ENG-REVIEW-01"]);
    let finding = found("2026-01-13", facts).remove(0);
    assert_eq!(finding.since, Some("2025-12-10".parse().unwrap()));
    assert_eq!(finding.ran_out_on, Some("2026-01-13".parse().unwrap()));
    // Over Easter: Good Friday and Easter Monday do not count either.
    let facts = json!({ "becameLookedAfterOn": "2026-03-16", "reviews": [] });
    assert_eq!(
        dates("2026-03-17", facts, "ENG-REVIEW-01")["firstStatutoryReviewDueOn"],
        "2026-04-15"
    );
}

#[test]
fn a_review_on_the_last_day_is_in_time_and_one_ahead_has_not_been_held() {
    let facts =
        |on: &str| json!({ "becameLookedAfterOn": "2025-09-01", "firstStatutoryReviewOn": on });
    let status =
        |as_of, on| dates(as_of, facts(on), "ENG-REVIEW-01")["firstStatutoryReviewStatus"].clone();
    assert_eq!(status("2025-10-10", "2025-09-29"), "completed_on_time");
    assert_eq!(status("2025-10-10", "2025-09-30"), "completed_late");
    assert_eq!(status("2025-09-28", "2025-09-29"), "open");
    assert_eq!(
        certain("2025-10-10", facts("2025-10-11")),
        ["ENG-REVIEW-01"]
    );
}

#[test]
fn the_second_review_counts_from_the_first_as_it_was_held() {
    let one = |as_of, on: &str| {
        let facts = json!({ "becameLookedAfterOn": "2025-11-03",
            "reviews": [{ "reviewOn": on, "reviewNumber": 1 }] });
        (
            dates(as_of, facts.clone(), "ENG-REVIEW-02"),
            certain(as_of, facts),
        )
    };
    // The month is clamped: there is no 30 February.
    let (told, flagged) = one("2026-02-28", "2025-11-30");
    assert_eq!(told["secondStatutoryReviewDueOn"], "2026-02-28");
    assert_eq!(flagged, Vec::<String>::new());
    let (_, flagged) = one("2026-03-01", "2025-11-30");
    assert_eq!(flagged, ["ENG-REVIEW-02"]);
    let (told, _) = one("2024-02-29", "2023-11-29");
    assert_eq!(
        told["secondStatutoryReviewDueOn"],
        Value::Null,
        "of an earlier period of care"
    );
}

#[test]
fn later_reviews_follow_every_six_months() {
    let facts = json!({ "becameLookedAfterOn": "2025-01-06", "permanencePlanOn": "2025-04-01", "reviews": [
        { "reviewOn": "2025-01-31", "reviewNumber": 1 },
        { "reviewOn": "2025-04-28", "reviewNumber": 2 },
        { "reviewOn": "2025-08-31", "reviewNumber": 3 }] });
    assert_eq!(
        dates("2026-01-01", facts.clone(), "ENG-REVIEW-03"),
        json!({ "nextStatutoryReviewDueOn": "2026-02-28", "nextStatutoryReviewStatus": "open" })
    );
    assert_eq!(certain("2026-02-28", facts.clone()), Vec::<String>::new());
    assert_eq!(certain("2026-03-01", facts), ["ENG-REVIEW-03"]);
}

#[test]
fn what_the_records_do_not_reach_cannot_be_known() {
    let unsure = |facts: Value| -> Vec<(String, Vec<String>)> {
        found("2026-03-01", facts)
            .into_iter()
            .map(|finding| {
                assert_eq!(finding.certainty, Certainty::CannotBeKnown);
                (
                    finding.clauses.first().unwrap().to_string(),
                    finding.missing,
                )
            })
            .collect()
    };
    let one = |clause: &str, fact: &str| vec![(clause.to_owned(), vec![fact.to_owned()])];
    // Nothing about reviews.
    assert_eq!(
        unsure(json!({ "becameLookedAfterOn": "2025-09-01" })),
        one("ENG-REVIEW-01", "firstStatutoryReviewOn")
    );
    // A return ends before the day asked about: a review since then is not in it.
    assert_eq!(
        unsure(
            json!({ "becameLookedAfterOn": "2025-01-06", "permanencePlanOn": "2025-04-01",
            "reviewsKnownTo": "2025-05-31", "reviews": [
            { "reviewOn": "2025-01-31", "reviewNumber": 1 }, { "reviewOn": "2025-04-28", "reviewNumber": 2 }] })
        ),
        one("ENG-REVIEW-03", "reviews")
    );
    // Reviews without numbers: the first is not known, the next is due all the same.
    assert_eq!(
        unsure(
            json!({ "becameLookedAfterOn": "2023-01-06", "permanencePlanOn": "2023-04-01",
            "reviewsKnownTo": "2025-03-31", "reviews": [{ "reviewOn": "2025-01-31" }] })
        ),
        one("ENG-REVIEW-03", "reviews")
    );
    assert_eq!(found("2026-03-01", json!({})), []);
}

#[test]
fn the_plan_for_permanence_is_there_by_the_second_review() {
    let facts = |plan: Value| {
        json!({ "becameLookedAfterOn": "2025-01-06", "firstStatutoryReviewOn": "2025-01-31",
            "secondStatutoryReviewOn": "2025-04-28", "permanencePlanOn": plan,
            "reviews": [{ "reviewOn": "2025-01-31", "reviewNumber": 1 }, { "reviewOn": "2025-04-28", "reviewNumber": 2 }] })
    };
    let status = |as_of, plan| {
        dates(as_of, facts(plan), "ENG-PLAN-01")["statutoryPermanencePlanStatus"].clone()
    };
    assert_eq!(
        status("2025-04-29", json!("2025-04-28")),
        "completed_on_time"
    );
    assert_eq!(status("2025-04-30", json!("2025-04-29")), "completed_late");
    assert_eq!(status("2025-04-28", Value::Null), "open");
    assert_eq!(
        status("2025-04-27", Value::Null),
        "open",
        "the review is arranged"
    );
    assert_eq!(
        certain("2025-04-28", facts(Value::Null)),
        Vec::<String>::new()
    );
    assert_eq!(certain("2025-04-29", facts(Value::Null)), ["ENG-PLAN-01"]);
    let mut denied = facts(Value::Null);
    denied.as_object_mut().unwrap().remove("permanencePlanOn");
    assert_eq!(certain("2025-04-29", denied.clone()), Vec::<String>::new());
    denied["hasPermanencePlan"] = json!(false);
    assert_eq!(certain("2025-04-29", denied), ["ENG-PLAN-01"]);
}

#[test]
fn proceedings_last_twenty_six_weeks_beginning_with_the_day_of_issue() {
    let facts = json!({ "proceedingsIssuedOn": "2025-09-01", "proceedingsConcludedOn": null });
    assert_eq!(
        dates("2025-09-02", facts.clone(), "ENG-PROCEEDINGS-01"),
        json!({ "careProceedingsDueOn": "2026-03-01", "careProceedingsStatus": "open" })
    );
    assert_eq!(certain("2026-03-01", facts.clone()), Vec::<String>::new());
    assert_eq!(certain("2026-03-02", facts), ["ENG-PROCEEDINGS-01"]);
    let over =
        json!({ "proceedingsIssuedOn": "2025-09-01", "proceedingsConcludedOn": "2026-03-01" });
    assert_eq!(found("2026-04-01", over), []);
    let extended = json!({ "proceedingsIssuedOn": "2025-09-01", "proceedingsConcludedOn": null,
        "proceedingsExtendedTo": "2026-04-26" });
    assert_eq!(
        certain("2026-04-26", extended.clone()),
        Vec::<String>::new()
    );
    assert_eq!(certain("2026-04-27", extended), ["ENG-PROCEEDINGS-02"]);
}

#[test]
fn a_child_who_is_not_looked_after_any_more_is_owed_no_review() {
    let facts = json!({ "becameLookedAfterOn": "2025-09-01", "lookedAfter": false, "reviews": [] });
    assert_eq!(found("2026-03-01", facts), []);
}

#[test]
fn other_questions_and_the_councils_results_stay_as_they_are() {
    let facts = json!({ "becameLookedAfterOn": "2025-09-01", "reviews": [] });
    for capability in Capability::ALL {
        let answer = ask(capability, "2026-03-01", facts.clone());
        let asked = matches!(capability, Capability::Checkpoints | Capability::Exceptions);
        assert_eq!(!answer.findings.is_empty(), asked, "{capability}");
        assert_eq!(
            !answer.statute.is_empty(),
            capability == Capability::Checkpoints
        );
        assert!(answer.results.is_empty() && answer.because.is_empty());
    }
}
