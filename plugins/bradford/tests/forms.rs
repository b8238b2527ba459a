//! What is written on a form is read as facts, and judged by the rules that check it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use permanence_core::rulebook::{CouncilPolicy, Form};
use permanence_core::{Answer, Capability, Facts};
use permanence_council_bradford::{Bradford, RULEBOOK};
use permanence_plugin::proof::{self, Proof};
use serde_json::{Map, Value, json};

fn proof() -> Proof<Bradford> {
    Proof::new(RULEBOOK, env!("CARGO_MANIFEST_DIR")).unwrap()
}

fn form<'a>(policy: &'a CouncilPolicy, code: &str) -> &'a Form {
    let forms = &policy.editions()[0].rulebook.forms;
    forms.iter().find(|form| form.code == *code).unwrap()
}

/// The fields of a submission that the council's dictionary has as facts.
fn as_facts(policy: &CouncilPolicy, code: &str, submitted: &Value) -> Map<String, Value> {
    let fields: Vec<&str> = form(policy, code).fields().map(|(name, _)| name).collect();
    let submitted = submitted.as_object().unwrap();
    for name in submitted.keys() {
        assert!(fields.contains(&name.as_str()), "{code} has no {name}");
    }
    let dictionary = policy.editions()[0].dictionary();
    submitted
        .iter()
        .filter(|(name, _)| dictionary.by_wire_name(name).is_some())
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn judged(proof: &Proof<Bradford>, code: &str, as_of: &str, submitted: &Value) -> Answer {
    let facts = as_facts(proof.policy(), code, submitted);
    proof.ask(Capability::PlanCheck, as_of, &facts).unwrap()
}

fn codes(answer: &Answer) -> Vec<&str> {
    let mut codes = proof::codes(answer);
    codes.sort_unstable();
    codes
}

#[test]
fn the_record_of_a_planning_meeting_is_judged_by_the_rules_of_the_meeting() {
    let proof = proof();
    let record = json!({
        "childName": "Mina Ashdown", "lcsNumber": "L-1", "meetingKind": "review", "meetingDate": "2025-03-20",
        "legalStatus": "interim_care_order",
        "present": [
            { "name": "Ada Brook", "relation": "social worker", "role": "social_worker", "attended": "attended" },
            { "name": "Tom Field", "relation": "team manager", "role": "team_manager", "attended": "apologies" },
            { "name": "Joan Ashdown", "relation": "grandmother", "attended": "attended" }
        ],
        "background": "Neglect.",
        "potentialCarers": [
            { "name": "Joan Ashdown", "relationship": "grandmother", "wantsAssessment": true, "contactedDirectly": true,
              "viabilityCompletedOn": "2025-03-10", "viabilityOutcome": "negative", "opposesDecision": false,
              "advisedInWriting": true, "assessmentCopySent": false },
            { "name": "Ben Ashdown", "relationship": "uncle", "wantsAssessment": false, "contactedDirectly": false }
        ],
        "currentAndFutureNeeds": "A home near school.", "placementType": "foster_placement",
        "siblingGroup": true, "siblingsPlacedApart": 1,
        "options": [
            { "option": "adoption", "considered": true, "comment": "likely" },
            { "option": "family_and_friends_cao_or_sgo", "considered": false }
        ],
        "shobpaTargetDate": "2025-05-01", "mostLikelyOption": "adoption", "selectedPlan": "adoption",
        "permanenceAchievedMeetingsNoLongerRequired": false,
        "recommendations": [
            { "action": "Call the school", "byWhom": "social worker", "targetDate": "2025-04-01", "completedOrUpdated": "Completed" },
            { "action": "Book a medical", "byWhom": "foster carer", "targetDate": "2025-04-10", "completedOrUpdated": "booked" },
            { "action": "Ask the uncle", "completedOrUpdated": false }
        ],
        "nextMeetingOn": "2025-05-01"
    });
    let answer = judged(
        &proof,
        "permanence_planning_meeting_form",
        "2025-03-21",
        &record,
    );
    assert_eq!(
        codes(&answer),
        [
            "carer_not_contacted",
            "contingency_plan_missing",
            "siblings_apart_without_reason"
        ]
    );
    let results = &answer.results;
    assert_eq!(results["carerNotContacted"], json!(["Ben Ashdown"]));
    assert_eq!(results["missingSteps"], json!(["assessment_copy_sent"]));
    assert_eq!(
        results["carriedActions"],
        json!(["Book a medical", "Ask the uncle"])
    );
    assert_eq!(
        results["missingCoreRoles"],
        json!(["team_manager", "fostering_or_adoption"])
    );
    assert_eq!(results["earlyPermanenceConsiderationRequired"], true);
    assert_eq!(
        results["missingUpdates"],
        json!(["permanence_plan", "care_plan"])
    );
}

#[test]
fn a_permanence_plan_is_judged_by_the_rules_of_the_plan() {
    let proof = proof();
    let plan = json!({
        "permanencePlanOn": "2025-06-05", "lookedAfter": true, "option": "residential",
        "contingencyOptions": ["permanent_fostering"], "ordersSought": ["care_order", "no_order"],
        "legal": "Under a Care Order.", "psychological": "A key worker.", "physical": "Near the family.",
        "stability": "Two moves so far.", "supportNeedsChild": "Weekly sessions.",
        "placementType": "residential", "needIdentifiedInCarePlan": true, "substituteFamilyCareAppropriate": true,
        "earlyPermanenceSituations": ["first_child_no_proactive_return_plan"],
        "earlyPermanenceCarerKind": "concurrent_carers",
        "changeOn": "2025-06-20", "ratifiedAtMeetingOn": "2025-06-19"
    });
    let answer = judged(&proof, "permanence_plan", "2025-07-01", &plan);
    assert_eq!(
        codes(&answer),
        ["family_care_not_ruled_out", "parents_not_informed"]
    );
    assert_eq!(answer.results["container"], "care_plan");
    assert_eq!(answer.results["ratified"], false);
    assert_eq!(answer.results["contingencyPlanMissing"], false);
}

#[test]
fn an_exception_report_says_which_signature_is_missing_and_where_it_goes() {
    let proof = proof();
    let mut report = json!({
        "childName": "Mina Ashdown", "cassNumber": "C-1",
        "circumstances": [{ "circumstance": "placement_order_over_26_weeks", "date": "2025-01-06" }],
        "reasonsForLackOfProgress": [{ "reason": "Illness", "actionsTakenToMitigate": "Search goes on", "targetDate": "2025-10-01" }],
        "socialWorkerSignature": { "name": "Ada Brook", "signedOn": "2025-09-10" }
    });
    let answer = judged(&proof, "exception_report_form", "2025-09-11", &report);
    assert_eq!(answer.results["missingSignatures"], json!(["team_manager"]));
    assert_eq!(answer.results["targetPanelOn"], Value::Null);
    report["teamManagerSignature"] = json!({ "name": "Tom Field", "signedOn": "2025-09-11", "signedAt": "2025-09-11T13:00:00+01:00" });
    let answer = judged(&proof, "exception_report_form", "2025-09-11", &report);
    assert_eq!(answer.results["readyForPanel"], true);
    assert_eq!(answer.results["targetPanelOn"], "2025-09-16");
    report["teamManagerSignature"]["signedAt"] = json!("2025-09-11T13:01:00+01:00");
    let answer = judged(&proof, "exception_report_form", "2025-09-11", &report);
    assert_eq!(answer.results["targetPanelOn"], "2025-09-23");
}

#[test]
fn the_other_forms_are_read_as_they_are_written() {
    let proof = proof();
    let policy = proof.policy();
    let updates = json!({ "panelDate": "2025-05-20", "presentedBy": "team_manager", "verbalUpdate": "Settled.",
        "writtenUpdate": "See the report.", "teamManagerHasSufficientKnowledge": true });
    let facts = as_facts(policy, "case_update", &updates);
    assert_eq!(facts["teamManagerHasSufficientKnowledge"], true);
    let dictionary = policy.editions()[0].dictionary();
    assert!(Facts::read(&facts, dictionary).is_ok());
    let summary = json!({ "panelDate": "2025-05-20", "summary": "Approved.", "summaryRecordedOn": "2025-05-20" });
    assert!(Facts::read(&as_facts(policy, "decision_summary", &summary), dictionary).is_ok());
}

/// A form whose field is called like a fact but takes another type would be refused when it is judged.
#[test]
fn a_choice_on_a_form_offers_only_codes_that_the_fact_can_take() {
    let proof = proof();
    let policy = proof.policy();
    let dictionary = policy.editions()[0].dictionary();
    for form in &policy.editions()[0].rulebook.forms {
        for (name, schema) in form.fields() {
            if dictionary.by_wire_name(name).is_none() {
                continue;
            }
            let single = schema.get("enum").and_then(Value::as_array);
            let listed = schema
                .pointer("/items/enum")
                .and_then(Value::as_array)
                .filter(|_| schema["type"] == "array");
            for code in single.into_iter().flatten() {
                let facts = json!({ name: code });
                let read = Facts::read(facts.as_object().unwrap(), dictionary);
                assert!(read.is_ok(), "{}.{name}: {code}", form.code);
            }
            for code in listed.into_iter().flatten() {
                let facts = json!({ name: [code] });
                let read = Facts::read(facts.as_object().unwrap(), dictionary);
                assert!(read.is_ok(), "{}.{name}: {code}", form.code);
            }
        }
    }
}
