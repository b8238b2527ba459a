//! The evaluator: what a question may carry, what an answer says.

use permanence_core::evaluation::Certainty;
use permanence_core::rulebook::CouncilPolicy;
use permanence_core::{Capability, Facts, NoCodedRules, PolicyDocument, Question, evaluate};
use serde_json::{Value, json};

use super::trial::{ask, codes, policy, policy_with_facts, policy_with_rules};

#[test]
fn a_due_date_is_met_on_its_day_and_flagged_the_day_after() {
    let policy = policy(
        "deadline",
        json!({ "rule": { "due_date": {
        "from": [{ "fact": "interest_expressed_on", "offset": "14 calendar_days" }],
        "met_by": ["information_visit_on"], "flag": "sgo_visit_overdue",
        "returns": { "due": "due_date", "status": "status" } } } }),
    );
    for (as_of, visit, status, flagged) in [
        ("2025-02-17", Value::Null, "open", false),
        ("2025-02-18", Value::Null, "overdue", true),
        (
            "2025-02-18",
            json!("2025-02-17"),
            "completed_on_time",
            false,
        ),
        ("2025-02-20", json!("2025-02-18"), "completed_late", false),
        // A visit after the day asked about does not exist yet.
        ("2025-02-18", json!("2025-02-19"), "overdue", true),
    ] {
        let facts = json!({ "interestExpressedOn": "2025-02-03", "informationVisitOn": visit });
        let answer = ask(&policy, as_of, facts);
        assert_eq!(answer.results["dueDate"], "2025-02-17");
        assert_eq!(answer.results["status"], status);
        assert_eq!(!answer.findings.is_empty(), flagged, "{as_of}");
        assert_eq!(answer.silent, ["appeals"]);
    }
    let answer = ask(&policy, "2025-02-18", json!({}));
    assert_eq!(answer.results["status"], "not_known");
    assert_eq!(answer.results["dueDate"], Value::Null);
}

#[test]
fn a_threshold_says_how_sure_it_is() {
    let policy = policy(
        "exception",
        json!({
        "when": { "fact": "placement_type", "is": "adoptive_placement" },
        "settled_by": ["adoption_application_lodged_on"],
        "rule": { "threshold": { "anchor": "placement_started_on", "limit": "26 weeks", "comparison": "more_than",
            "flag": "adoptive_placement_over_26_weeks", "returns": { "due": "due", "due_from": "due_from" } } } }),
    );
    let facts = json!({ "placementType": "adoptive_placement", "placementStartedOn": "2025-02-03",
        "adoptionApplicationLodgedOn": null });
    assert!(
        ask(&policy, "2025-08-04", facts.clone())
            .findings
            .is_empty()
    );
    let answer = ask(&policy, "2025-08-05", facts);
    assert_eq!(answer.results["dueFrom"], "2025-08-05");
    let finding = serde_json::to_value(&answer.findings[0]).unwrap();
    assert_eq!(finding["since"], "2025-02-03");
    assert_eq!(finding["ranOutOn"], "2025-08-05");
    assert_eq!(finding["certainty"], "certain");
    assert_eq!(finding["clauses"], json!(["ANY-RULE-01"]));
    let unknown = json!({ "placementType": "adoptive_placement", "placementStartedOn": "2025-02-03",
        "lowerBounds": ["placement_started_on"] });
    let answer = ask(&policy, "2025-08-05", unknown);
    let finding = serde_json::to_value(&answer.findings[0]).unwrap();
    assert_eq!(finding["certainty"], "cannot_be_known");
    assert_eq!(finding["missing"], json!(["adoptionApplicationLodgedOn"]));
}

#[test]
fn a_checklist_names_what_is_missing_in_the_order_of_the_clause() {
    let policy = policy(
        "attendance",
        json!({ "rule": { "checklist": {
        "given": ["attended"],
        "required": ["supervising_social_worker", { "any_of": ["children_in_care_social_worker", "locality_social_worker"] }],
        "flag": "required_attendee_missing",
        "returns": { "missing": "missing_roles", "complete": "attendance_complete" } } } }),
    );
    let answer = ask(
        &policy,
        "2025-05-01",
        json!({ "attended": ["adoption_social_worker"] }),
    );
    assert_eq!(
        answer.results["missingRoles"],
        json!([
            "supervising_social_worker",
            "children_in_care_social_worker|locality_social_worker"
        ])
    );
    assert_eq!(codes(&answer), ["required_attendee_missing"]);
    let all =
        json!({ "attended": ["supervising_social_worker", { "role": "locality_social_worker" }] });
    assert!(ask(&policy, "2025-05-01", all).findings.is_empty());
}

#[test]
fn a_closed_list_refuses_what_it_does_not_have() {
    let policy = policy(
        "decision",
        json!({ "rule": { "closed_list": {
        "fact": "outcome", "allowed": ["approved", "rejected"], "error": "outcome_not_allowed",
        "returns": { "accepted": "accepted", "error": "error" } } } }),
    );
    let answer = ask(
        &policy,
        "2025-05-01",
        json!({ "outcome": "approved_with_conditions" }),
    );
    assert_eq!(codes(&answer), ["outcome_not_allowed"]);
    assert_eq!(answer.results["accepted"], false);
    assert!(
        ask(&policy, "2025-05-01", json!({ "outcome": "approved" }))
            .findings
            .is_empty()
    );
}

#[test]
fn a_cut_off_is_met_to_the_minute() {
    let policy = policy(
        "deadline",
        json!({ "rule": { "cut_off": {
        "sitting": "panel_date", "at": { "weekday": "thursday", "time": "13:00:00" }, "submitted": ["submitted_at"],
        "flag_late": "paperwork_late", "returns": { "due_at": "paperwork_due_at", "on_time": "on_time" } } } }),
    );
    for (at, on_time) in [
        ("2025-06-19T13:00:00+01:00", true),
        ("2025-06-19T13:01:00+01:00", false),
    ] {
        let facts = json!({ "panelDate": "2025-06-24", "submittedAt": at });
        let answer = ask(&policy, "2025-06-20", facts);
        assert_eq!(
            answer.results["paperworkDueAt"],
            "2025-06-19T13:00:00+01:00"
        );
        assert_eq!(answer.results["onTime"], on_time);
    }
    // Nothing has come: on the day itself the hour of the question decides.
    for (asked, on_time) in [
        (json!("2025-06-19T13:00:00+01:00"), Value::Null),
        (json!("2025-06-19T13:01:00+01:00"), json!(false)),
    ] {
        let facts = json!({ "panelDate": "2025-06-24", "askedAt": asked });
        let answer = ask(&policy, "2025-06-19", facts);
        assert_eq!(answer.results["onTime"], on_time);
    }
    // No sitting, no deadline.
    let answer = ask(&policy, "2025-06-19", json!({ "panelDate": null }));
    assert_eq!(answer.results["paperworkDueAt"], Value::Null);
    assert_eq!(answer.results["onTime"], Value::Null);
    // Where nothing was told of the papers, they may have come.
    for (facts, certainty) in [
        (
            json!({ "panelDate": "2025-06-24" }),
            Certainty::CannotBeKnown,
        ),
        (
            json!({ "panelDate": "2025-06-24", "submittedAt": null }),
            Certainty::Certain,
        ),
    ] {
        let answer = ask(&policy, "2025-06-20", facts);
        assert_eq!(codes(&answer), ["paperwork_late"]);
        assert_eq!(answer.findings[0].certainty, certainty);
    }
    // What arrives tomorrow is neither in time nor late.
    let facts = json!({ "panelDate": "2025-06-24", "submittedAt": "2025-06-19T13:01:00+01:00" });
    let answer = ask(&policy, "2025-06-18", facts);
    assert_eq!(answer.results["onTime"], Value::Null);
    assert!(answer.findings.is_empty());
}

#[test]
fn papers_that_the_request_wants_and_that_are_all_there_are_not_missing() {
    let policy = policy_with_rules(
        "paperwork",
        vec![
            json!({ "rule": { "cut_off": { "sitting": "panel_date", "at": { "weekday": "thursday", "time": "13:00:00" },
                "submitted": ["submitted_at"], "submitted_in": "documents", "flag_late": "paperwork_late",
                "returns": { "on_time": "on_time" } } } }),
            json!({ "rule": { "checklist": { "given": ["documents"], "required_by": { "fact": "request_type",
                "lists": { "permanent_fostering_match": ["care_plan", "form_f_assessment"], "staying_put": [] } } } } }),
        ],
    );
    let paper = |document: &str, day: &str| json!({ "document": document, "receivedOn": day });
    for (request, documents, on_time, late) in [
        (
            "permanent_fostering_match",
            json!([
                paper("care_plan", "2025-06-18"),
                paper("form_f_assessment", "2025-06-19")
            ]),
            json!(true),
            false,
        ),
        (
            "permanent_fostering_match",
            json!([
                paper("care_plan", "2025-06-18"),
                paper("form_f_assessment", "2025-06-20")
            ]),
            json!(false),
            true,
        ),
        (
            "permanent_fostering_match",
            json!([paper("care_plan", "2025-06-18")]),
            json!(false),
            true,
        ),
        // Both are there; nobody says since when.
        (
            "permanent_fostering_match",
            json!(["care_plan", "form_f_assessment"]),
            Value::Null,
            false,
        ),
        ("staying_put", json!([]), Value::Null, false),
        ("residential_match", json!([]), json!(false), true),
    ] {
        let facts =
            json!({ "panelDate": "2025-06-24", "requestType": request, "documents": documents });
        let answer = ask(&policy, "2025-06-21", facts);
        assert_eq!(
            answer.results["onTime"], on_time,
            "{request} with {documents}"
        );
        assert_eq!(codes(&answer).contains(&"paperwork_late"), late);
    }
}

#[test]
fn an_item_goes_to_the_first_sitting_whose_papers_are_not_yet_due() {
    let policy = policy(
        "booking",
        json!({ "rule": { "target_sitting": {
        "earliest": { "papers_due_from": "papers_ready_at" }, "returns": { "target": "target_panel_on" } } } }),
    );
    for (ready, target) in [
        ("2025-08-07T12:10:00+01:00", "2025-08-12"),
        ("2025-08-07T13:05:00+01:00", "2025-08-19"),
    ] {
        let answer = ask(&policy, "2025-08-07", json!({ "papersReadyAt": ready }));
        assert_eq!(answer.results["targetPanelOn"], target);
    }
}

#[test]
fn unknown_facts_and_codes_are_refused_all_at_once() {
    let policy = policy(
        "booking",
        json!({ "rule": { "checklist": { "given": ["attended"], "required": ["team_manager"] } } }),
    );
    let facts = json!({ "attended": ["wizard"], "panelDate": "2025-02-30", "shoeSize": 4 });
    let errors = Facts::read(facts.as_object().unwrap(), policy.dictionary()).unwrap_err();
    let pointers: Vec<_> = errors
        .iter()
        .map(|error| (error.pointer.as_str(), error.code))
        .collect();
    assert_eq!(
        pointers,
        [
            ("/attended/0", "unknown_code"),
            ("/panelDate", "wrong_type"),
            ("/shoeSize", "unknown_fact")
        ]
    );
}

#[test]
fn times_and_moments_are_read_with_seconds_and_without_and_a_day_is_only_a_day() {
    let own = json!({
        "day": { "type": "date" }, "hour": { "type": "time" }, "moment": { "type": "date_time" },
        "either": { "type": { "one_of": ["date", "date_time"] } }, "told": { "type": "answer" } });
    let rule = json!({ "rule": { "checklist": { "given": ["told"], "required": ["told"] } } });
    let policy = policy_with_facts("form", own, rule);
    let read = |name: &str, text: &str| {
        let facts = json!({ name: text });
        Facts::read(facts.as_object().unwrap(), policy.dictionary())
            .ok()
            .map(|facts| facts.to_json()[name].clone())
    };
    for text in ["13:00", "13:00:00"] {
        assert_eq!(read("hour", text), Some(json!("13:00")), "{text}");
    }
    let summer = json!("2025-03-31T13:00:00+01:00");
    for text in [
        "2025-03-31T13:00:00",
        "2025-03-31T13:00",
        "2025-03-31T12:00:00Z",
        "2025-03-31T12:00Z",
        "2025-03-31T13:00:00+01:00",
        "2025-03-31T13:00+01:00",
        "2025-03-31T12:00:00.000Z",
    ] {
        for name in ["moment", "either", "told"] {
            assert_eq!(read(name, text), Some(summer.clone()), "{name} {text}");
        }
        assert_eq!(read("day", text), None, "{text}");
    }
    for text in [
        "2025-3-31",
        "2025-02-29",
        "+2025-3-01",
        "2025- 3-01",
        "31/03/2025",
    ] {
        assert_eq!(read("day", text), None, "{text}");
    }
    for text in ["1:00", "13:0", "24:00", " 1:00", "13:00:0"] {
        assert_eq!(read("hour", text), None, "{text}");
    }
}

#[test]
fn a_record_may_tell_other_facts_and_their_own_names_stand_over_it() {
    let own = json!({
        "transfer": { "type": { "tells": { "to": "transferred_to", "on": "transferred_on" } } },
        "transferred_to": { "type": { "one_of": [{ "code": null }, { "tells": { "service": "transferred_to" } }] } },
        "transferred_on": { "type": "date", "planned": true },
        "told": { "type": "answer" } });
    let rule =
        json!({ "rule": { "checklist": { "given": ["told"], "required": ["transferred_to"] } } });
    let policy = policy_with_facts("form", own, rule);
    let read = |facts: Value| {
        Facts::read(facts.as_object().unwrap(), policy.dictionary())
            .map(|facts| Value::Object(facts.to_json()))
            .map_err(|errors| errors[0].pointer.clone())
    };
    let plain = json!({ "transferredTo": "children_in_care", "transferredOn": "2025-07-01" });
    for facts in [
        json!({ "transfer": { "to": "children_in_care", "on": "2025-07-01" } }),
        json!({ "transferredTo": { "service": "children_in_care" }, "transferredOn": "2025-07-01" }),
        json!({ "transfer": { "to": "elsewhere", "on": "2025-07-01" }, "transferredTo": "children_in_care" }),
    ] {
        assert_eq!(read(facts), Ok(plain.clone()));
    }
    assert_eq!(
        read(json!({ "transfer": { "on": null } })),
        Ok(json!({ "transferredOn": null }))
    );
    for (facts, pointer) in [
        (json!({ "transfer": { "on": "July" } }), "/transfer/on"),
        (json!({ "transfer": { "by": "x" } }), "/transfer/by"),
        (json!({ "transfer": "2025-07-01" }), "/transfer"),
    ] {
        assert_eq!(read(facts), Err(pointer.to_owned()));
    }
    let (day, _) = policy.dictionary().by_wire_name("transferredOn").unwrap();
    let schema = policy.dictionary().schema([day]);
    assert!(schema["properties"]["transfer"].is_object());
}

#[test]
fn a_rulebook_that_contradicts_itself_is_refused_with_every_problem() {
    let document: PolicyDocument = serde_json::from_value(json!({
        "council": { "code": "anytown", "name": "Anytown", "gss": "E06000099" },
        "editions": [{
            "edition": { "id": "1", "title": "Policy" },
            "clauses": [{ "id": "ANY-TEXT-01", "at": "1", "topic": "guidance", "kind": "text", "says": "A text." }],
            "rules": [
                { "clauses": ["ANY-NONE-01"], "rule": { "count": { "events": "reviews", "returns": "count" } } },
                { "clauses": ["ANY-TEXT-01"], "rule": { "count": { "events": "unheard_of", "returns": "count" } } }
            ]
        }]
    }))
    .unwrap();
    let problems = CouncilPolicy::new(document).unwrap_err();
    assert_eq!(problems.len(), 3, "{problems:?}");
}

#[test]
fn rules_of_one_capability_are_put_together_and_differences_stand_by_clause() {
    let due = |clause: &str, fact: &str, documents: Value| {
        json!([
            { "clauses": [clause], "rule": { "due_date": {
                "from": [{ "fact": fact, "offset": "1 weeks" }], "returns": { "due": "due_date" } } } },
            { "clauses": [clause], "rule": { "checklist": {
                "given": ["documents"], "required": documents,
                "returns": { "missing": "missing_documents", "complete": "paperwork_complete" } } } }
        ])
    };
    let mut rules = due("ANY-RULE-01", "panel_date", json!(["baaf_form_c"]))
        .as_array()
        .unwrap()
        .clone();
    rules.extend(
        due("ANY-RULE-02", "booked_on", json!(["sgo_support_plan"]))
            .as_array()
            .unwrap()
            .clone(),
    );
    let clause = |id: &str| json!({ "id": id, "at": "1", "topic": "deadline", "kind": "rule", "says": "A rule." });
    let document: PolicyDocument = serde_json::from_value(json!({
        "council": { "code": "anytown", "name": "Anytown", "gss": "E06000099" },
        "editions": [{ "edition": { "id": "1", "title": "Policy" },
            "clauses": [clause("ANY-RULE-01"), clause("ANY-RULE-02")], "rules": rules }]
    }))
    .unwrap();
    let council = CouncilPolicy::new(document).unwrap();
    let policy = &council.editions()[0];
    let facts = json!({ "panelDate": "2025-05-28", "bookedOn": "2025-05-01", "documents": ["baaf_form_c"] });
    let facts = Facts::read(facts.as_object().unwrap(), policy.dictionary()).unwrap();
    let question = Question {
        as_of: "2025-06-01".parse().unwrap(),
        facts,
    };
    let answer = evaluate(policy, Capability::Checkpoints, &question, &NoCodedRules).unwrap();
    assert!(!answer.results.contains_key("dueDate"));
    assert_eq!(
        answer.results["byClause"]["ANY-RULE-01"]["dueDate"],
        "2025-06-04"
    );
    assert_eq!(
        answer.results["byClause"]["ANY-RULE-02"]["dueDate"],
        "2025-05-08"
    );
    assert_eq!(
        answer.results["missingDocuments"],
        json!(["sgo_support_plan"])
    );
    assert_eq!(answer.results["paperworkComplete"], false);
    assert_eq!(
        serde_json::to_value(&answer.because["dueDate"]).unwrap(),
        json!(["ANY-RULE-01", "ANY-RULE-02"])
    );
}
#[test]
fn requirements_give_every_reason_in_the_order_of_the_clause() {
    let policy = policy(
        "confidentiality",
        json!({ "rule": { "requirements": {
            "all": [
                { "reason": "no_legal_advice", "requires": { "fact": "legal_advice_taken", "yes": true } },
                { "reason": "no_chair_consent", "requires": { "fact": "chair_consent", "yes": true } }
            ],
            "returns": { "met": "disclosure_allowed", "reasons": "reasons" } } } }),
    );
    for (facts, allowed, reasons) in [
        (
            json!({ "legalAdviceTaken": true, "chairConsent": true }),
            true,
            json!([]),
        ),
        (
            json!({ "chairConsent": true, "legalAdviceTaken": null }),
            false,
            json!(["no_legal_advice"]),
        ),
        (
            json!({ "chairConsent": false }),
            false,
            json!(["no_legal_advice", "no_chair_consent"]),
        ),
    ] {
        let answer = ask(&policy, "2025-10-02", facts);
        assert_eq!(answer.results["disclosureAllowed"], allowed);
        assert_eq!(answer.results["reasons"], reasons);
        assert_eq!(codes(&answer).len(), reasons.as_array().unwrap().len());
    }
}

#[test]
fn candidates_are_all_that_fit_on_the_day() {
    let policy = policy(
        "tracker",
        json!({ "rule": { "candidates": { "returns": "candidate_sections", "of": [
            { "name": "E", "when": { "fact": "date_of_birth", "after": { "fact": "as_of", "offset": "-16 years" } } },
            { "name": "F", "when": { "fact": "legal_status", "is": "section_20" } },
            { "name": "Z", "when": { "fact": "as_of", "on_or_after": "2025-06-01" } }
        ] } } }),
    );
    let facts = json!({ "dateOfBirth": "2010-03-01", "legalStatus": "section_20" });
    let sections =
        |as_of: &str| ask(&policy, as_of, facts.clone()).results["candidateSections"].clone();
    assert_eq!(sections("2025-05-01"), json!(["E", "F"]));
    assert_eq!(sections("2026-02-28"), json!(["E", "F", "Z"]));
    assert_eq!(sections("2026-03-01"), json!(["F", "Z"]));
}

#[test]
fn without_a_quorum_an_outcome_is_refused_and_a_deferral_is_not() {
    let policy = policy(
        "quorum",
        json!({ "rule": { "seats": {
            "present": "present", "minimum": 2, "too_few": "fewer_than_three_members",
            "seats": [{ "seat": "head_of_service" }, { "seat": "social_work_service_manager" }, { "seat": "iro_manager" }],
            "chair": ["head_of_service"], "no_chair": "no_eligible_chair",
            "second_grade": { "seats": ["social_work_service_manager"], "with_first_chair": 0, "missing": "no_service_manager",
                "with_delegated_chair": 2, "missing_delegated": "delegated_chair_needs_two_service_managers" },
            "blocks": { "fact": "outcome", "unless": ["deferred"] } } } }),
    );
    let alone = json!(["head_of_service", { "role": "iro_manager", "substituteFor": "social_work_service_manager" },
        { "role": "social_work_service_manager", "attendanceType": "presenter" }]);
    for (outcome, effect) in [
        ("approved", permanence_core::Effect::Block),
        ("deferred", permanence_core::Effect::Reason),
    ] {
        let facts = json!({ "present": alone.clone(), "outcome": outcome });
        let answer = ask(&policy, "2025-09-16", facts);
        assert_eq!(answer.results["membersPresent"], 1);
        assert_eq!(
            answer.results["notCounted"],
            json!(["iro_manager", "social_work_service_manager"])
        );
        assert_eq!(answer.findings[0].effect, effect);
    }
}

#[test]
fn a_flag_is_certain_where_what_is_known_settles_it() {
    let policy = policy(
        "checkpoint",
        json!({
        "settled_by": ["plan_discussed", "plan_endorsed"],
        "certain_when": { "any": [{ "fact": "plan_discussed", "is": false }, { "fact": "plan_endorsed", "is": false }] },
        "rule": { "must_be_recorded": {
            "requires": { "all": [{ "fact": "plan_discussed", "yes": true }, { "fact": "plan_endorsed", "yes": true }] },
            "flag": "plan_not_endorsed_at_second_review" } } }),
    );
    for (facts, certainty) in [
        (json!({}), "cannot_be_known"),
        (json!({ "planDiscussed": true }), "cannot_be_known"),
        (json!({ "planEndorsed": false }), "certain"),
        (
            json!({ "planDiscussed": true, "planEndorsed": false }),
            "certain",
        ),
    ] {
        let answer = ask(&policy, "2025-01-01", facts.clone());
        let finding = serde_json::to_value(&answer.findings[0]).unwrap();
        assert_eq!(finding["certainty"], certainty, "{facts}");
    }
}

#[test]
fn a_capability_without_a_rule_is_named_as_silent_and_nothing_is_forbidden() {
    let policy = policy(
        "deadline",
        json!({ "rule": { "due_date": { "from": [{ "fact": "interest_expressed_on", "offset": "2 weeks" }] } } }),
    );
    let question = Question {
        as_of: "2025-02-18".parse().unwrap(),
        facts: Facts::default(),
    };
    for capability in Capability::ALL {
        let answer = evaluate(&policy, capability, &question, &NoCodedRules).unwrap();
        let silent: Vec<&str> = match capability {
            Capability::Checkpoints => vec!["appeals"],
            _ => vec![capability.as_str(), "appeals"],
        };
        assert_eq!(answer.silent, silent);
        assert!(answer.findings.is_empty() && answer.results.is_empty());
    }
}
