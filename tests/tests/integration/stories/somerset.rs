//! Somerset: tracked from the second review, fortnights from an anchor, an emergency decision on its way back to the next
//! panel, late papers that cost no place, a match that waits for the carers' approval, and permanence at last.

use permanence_api::auth::Role;
use serde_json::{Value, json};

use crate::databases::TestDatabase;
use crate::panel_journey::{Day, codes, day, follow_ups, operations, refused, run_jobs};
use crate::support::Answered;

const CORE: [&str; 7] = [
    "operations_manager_cla",
    "family_finding_social_worker",
    "iro_manager",
    "childrens_finance_manager",
    "virtual_school_head",
    "foster_carer_representative",
    "operations_manager_leaving_care",
];

async fn at(database: &TestDatabase, now: &str) -> Day {
    Day::at(database, "somerset", now).await
}

async fn story(database: TestDatabase) {
    let case = into_care(&database).await;
    second_review(&database, &case).await;
    let sittings = calendar(&database).await;
    let on = |day: &str| -> &str {
        let found = sittings.iter().find(|(held, _)| held == day);
        &found.expect("a sitting").1
    };
    let urgent = emergency(&database, &case).await;
    brought_back(&database, &case, &urgent, on("2026-02-19")).await;
    let item = late_papers(&database, &case, on("2026-03-19")).await;
    waits_for_approval(&database, &case, &item, on("2026-03-19"), on("2026-04-02")).await;
    permanence(&database, &case, &item, on("2026-04-02")).await;
}

/// The child comes into care in September 2025.
async fn into_care(database: &TestDatabase) -> String {
    let first = at(database, "2025-09-02T09:00:00Z").await;
    let body = json!({
        "reference": "SOM-0001", "givenName": "Linnet", "familyName": "Invented", "dateOfBirth": "2018-03-11",
        "socialWorker": "test-social_worker", "team": "north"
    });
    let made = first.post(Role::SocialWorker, "/cases", &body).await;
    let case = id(&made.expect(201).json());
    let episode = json!({
        "kind": "episode", "startedOn": "2025-09-01",
        "details": { "start": "S", "legalStatus": "C2", "placement": "U6", "provider": "PR1", "need": "N1" }
    });
    let path = format!("/cases/{case}/care-events");
    let made = first.post(Role::SocialWorker, &path, &episode).await;
    made.expect(201);
    case
}

/// From the day of the second review a plan is wanted, and a place on the tracker.
async fn second_review(database: &TestDatabase, case: &str) {
    let review = at(database, "2026-01-14T16:00:00Z").await;
    say(
        &review,
        case,
        "secondStatutoryReviewOn",
        json!("2026-01-14"),
    )
    .await;
    let found = waiting(&review, case).await;
    assert_eq!(codes(&found), ["permanence_plan_missing", "not_on_tracker"]);
    assert_eq!(found[0]["clauses"], json!(["SOM-CHECKPOINT-01"]));
    assert_eq!(found[0]["since"], "2026-01-14");
    assert_eq!(found[1]["responsibleRole"], "panel_administrator");
    say(&review, case, "permanencePlanOn", json!("2026-01-14")).await;
    say(&review, case, "tracked", json!("2026-01-14")).await;
    assert_eq!(codes(&waiting(&review, case).await), [""; 0]);
}

/// Fortnights are counted from a Thursday that somebody has to name.
async fn calendar(database: &TestDatabase) -> Vec<(String, String)> {
    let day = at(database, "2026-01-15T09:00:00Z").await;
    let mut body =
        json!({ "from": "2026-01-16", "to": "2026-04-30", "location": "County Hall, Taunton" });
    day.post(Role::PanelAdministrator, "/sittings", &body)
        .await
        .expect(422);
    body["anchorOn"] = "2026-01-09".into();
    let wrong = day.post(Role::PanelAdministrator, "/sittings", &body).await;
    refused(&wrong, "anchor_not_thursday", "SOM-FREQUENCY-01");
    body["anchorOn"] = "2026-01-08".into();
    let made = day.post(Role::PanelAdministrator, "/sittings", &body).await;
    let made = made.expect(201).json();
    let sittings: Vec<(String, String)> = made["made"]
        .as_array()
        .expect("sittings")
        .iter()
        .map(|one| (text(&one["heldOn"]), text(&one["id"])))
        .collect();
    let days: Vec<&str> = sittings.iter().map(|(day, _)| day.as_str()).collect();
    assert_eq!(
        days,
        [
            "2026-01-22",
            "2026-02-05",
            "2026-02-19",
            "2026-03-05",
            "2026-03-19",
            "2026-04-02",
            "2026-04-16",
            "2026-04-30"
        ]
    );
    sittings
}

/// The child has to move on a Friday night: who may decide that, and where it has to be heard.
async fn emergency(database: &TestDatabase, case: &str) -> String {
    let night = at(database, "2026-02-06T21:00:00Z").await;
    let mut body = json!({
        "caseId": case, "requestType": "placement_move", "decidedBy": "operations_manager_cla",
        "reason": "The carer was taken to hospital.", "outcome": "ratified", "timescale": "2026-02-07",
        "rationale": "The child needs a bed tonight."
    });
    let wrong = night
        .post(Role::PanelChair, "/urgent-decisions", &body)
        .await;
    refused(&wrong, "decision_maker_not_authorised", "SOM-URGENT-01");
    body["decidedBy"] = "strategic_manager_resources".into();
    let wrong = night
        .post(Role::PanelChair, "/urgent-decisions", &body)
        .await;
    refused(&wrong, "absence_not_recorded", "SOM-URGENT-01");
    body["facts"] = json!({ "deputyDirectorAbsent": true });
    let made = night
        .post(Role::PanelChair, "/urgent-decisions", &body)
        .await;
    let made = made.expect(201).json();
    assert_eq!(made["kind"], "urgent");
    let back = follow_ups(&made, "action")
        .into_iter()
        .find(|one| one["code"] == "ratify_urgent_decision")
        .expect("a way back");
    assert_eq!(
        (&back["dueOn"], &back["clauses"]),
        (&json!("2026-02-19"), &json!(["SOM-RETROSPECTIVE-01"]))
    );
    assert_eq!(made["ratification"]["status"], "awaited", "{made}");
    id(&made)
}

/// The next panel hears it with all its papers, however short the time was; each core seat is filled, or named.
async fn brought_back(database: &TestDatabase, case: &str, urgent: &str, sitting: &str) {
    let booked = at(database, "2026-02-09T09:00:00Z").await;
    let body = json!({
        "caseId": case, "sittingId": sitting, "requestType": "placement_move", "requestedBy": "social_worker",
        "facts": { "decidedOutsidePanel": true, "retrospective": true }
    });
    let view = booked.post(Role::SocialWorker, "/bookings", &body).await;
    let view = view.expect(201).json();
    assert_eq!(day(&view, "bookingEmailOn")["on"], "2026-02-10");
    assert_eq!(view["papersComplete"], false);
    let path = format!("/bookings/{}", id(&view["booking"]));
    drop(booked);

    let panel = at(database, "2026-02-19T15:00:00Z").await;
    let mut last = Value::Null;
    for document in [
        "child_and_family_assessment",
        "care_plan",
        "statutory_review_outcomes",
        "placement_support_meeting_minutes",
    ] {
        let papers = format!("{path}/papers");
        let paper = json!({ "document": document, "submittedBy": "social_worker" });
        let view = panel.post(Role::SocialWorker, &papers, &paper).await;
        last = view.expect(201).json();
    }
    assert_eq!(last["papersComplete"], true, "{last}");
    assert!(
        !codes(&last["findings"]).contains(&"paperwork_late"),
        "{last}"
    );

    let other = |grade: &str| {
        json!({
            "role": "operations_manager_other", "capacity": "substitute", "substituteFor": "virtual_school_head",
            "grade": grade, "memberGrade": "Grade 15"
        })
    };
    let without: Vec<&str> = CORE
        .iter()
        .copied()
        .filter(|role| *role != "virtual_school_head")
        .collect();
    let wrong = attend(&panel, sitting, &without, Some(other("14"))).await;
    refused(&wrong, "substitute_grade_differs", "SOM-SUBSTITUTION-01");
    let there = attend(&panel, sitting, &without, None)
        .await
        .expect(200)
        .json();
    assert_eq!(
        there["quorum"][0]["results"]["missingCoreRoles"],
        json!(["virtual_school_head"])
    );
    let there = attend(&panel, sitting, &without, Some(other("grade 15"))).await;
    let there = there.expect(200).json();
    assert_eq!(there["quorum"][0]["results"]["missingCoreRoles"], json!([]));

    let mut decision = json!({ "outcome": "approved", "rationale": "The move was right." });
    let wrong = ratify(&panel, urgent, &path, &decision).await;
    refused(&wrong, "outcome_not_allowed", "SOM-DECISION-01");
    decision["outcome"] = "ratified".into();
    let wrong = ratify(&panel, urgent, &path, &decision).await;
    refused(&wrong, "action_plan_timescale_missing", "SOM-DECISION-02");
    decision["timescale"] = "2026-03-31".into();
    decision["facts"] = json!({ "complexNeeds": true, "otherAgencySupportNeeded": true });
    let made = ratify(&panel, urgent, &path, &decision).await;
    let made = made.expect(201).json();
    let on = follow_ups(&made, "action")
        .into_iter()
        .find(|one| one["code"] == "refer_to_complex_cases_panel")
        .expect("a referral");
    assert_eq!(
        (&on["dueOn"], &on["responsibleRole"]),
        (&json!("2026-02-19"), &json!("social_worker"))
    );
    let notes = follow_ups(&made, "record")
        .into_iter()
        .find(|one| one["code"] == "minutes")
        .expect("notes");
    assert_eq!(notes["dueOn"], "2026-02-26");
}

/// Settles an urgent decision by what the panel decides on the item that brings it back.
async fn ratify(day: &Day, urgent: &str, booking: &str, decision: &Value) -> Answered {
    let place = format!("/decisions/{urgent}");
    let seen = day.get(Role::PanelChair, &place).await.expect(200);
    let booking = booking.trim_start_matches("/bookings/");
    let body = json!({ "bookingId": booking, "decision": decision });
    let post = day
        .app
        .post(&day.path(&format!("{place}/ratification")))
        .token(&day.token(Role::PanelChair));
    post.if_match(seen.etag()).json(&body).send().await
}

/// A match is booked while the carers are not approved for it; a paper that comes late costs no place.
async fn late_papers(database: &TestDatabase, case: &str, sitting: &str) -> String {
    let booked = at(database, "2026-02-24T09:00:00Z").await;
    say(&booked, case, "carersApprovedLongTerm", json!(false)).await;
    let body = json!({
        "caseId": case, "sittingId": sitting, "requestType": "residential_match", "requestedBy": "social_worker"
    });
    let wrong = booked.post(Role::SocialWorker, "/bookings", &body).await;
    refused(&wrong, "request_type_not_panel_business", "SOM-ROLE-09");
    let body = json!({
        "caseId": case, "sittingId": sitting, "requestType": "permanent_fostering_match",
        "requestedBy": "social_worker", "facts": { "formFCompletedOn": "2024-03-19" }
    });
    let view = booked.post(Role::SocialWorker, "/bookings", &body).await;
    let view = view.expect(201).json();
    assert_eq!(day(&view, "paperworkDueOn")["on"], "2026-03-05");
    assert_eq!(day(&view, "bookingEmailOn")["on"], "2026-03-10");
    let wanted = view["checklist"].as_array().expect("a checklist");
    assert!(
        wanted
            .iter()
            .any(|one| one["document"] == "form_f_assessment" && one["required"] == true),
        "{view}"
    );
    let todo = booked
        .get(Role::HeadOfService, &format!("/actions?caseId={case}"))
        .await;
    let todo = todo.expect(200).json();
    let first = todo["items"].as_array().and_then(|all| {
        all.iter()
            .find(|one| one["code"] == "present_carers_to_fostering_panel")
    });
    let first = first.unwrap_or_else(|| panic!("no action: {todo}"));
    assert_eq!(first["responsibleRole"], "supervising_social_worker");
    let item = format!("/bookings/{}", id(&view["booking"]));
    drop(booked);

    let late = at(database, "2026-03-06T09:00:00Z").await;
    let paper = json!({ "document": "care_plan", "submittedBy": "social_worker" });
    let view = late
        .post(Role::SocialWorker, &format!("{item}/papers"), &paper)
        .await;
    let view = view.expect(201).json();
    assert!(
        codes(&view["findings"]).contains(&"paperwork_late"),
        "{view}"
    );
    drop(late);
    let said = run_jobs(database, "somerset", "2026-03-06T10:00:00Z", "2026-03-06").await;
    assert!(said.contains("0 removed from the list"), "{said}");
    item
}

/// No decision on the match before the approval: it is put off to the next fortnight.
async fn waits_for_approval(
    database: &TestDatabase,
    case: &str,
    item: &str,
    sitting: &str,
    next: &str,
) {
    let panel = at(database, "2026-03-19T15:00:00Z").await;
    attend(&panel, sitting, &CORE, None).await.expect(200);
    let decide = format!("{item}/decision");
    let body =
        json!({ "outcome": "ratified", "rationale": "A good match.", "timescale": "2026-06-30" });
    let wrong = panel.change(Role::PanelChair, item, &decide, &body).await;
    refused(&wrong, "carers_not_approved_long_term", "SOM-CHECKPOINT-03");
    let reason = json!({ "reason": "The carers' approval has to be changed first." });
    let put_off = format!("{item}/deferral");
    let view = panel
        .change(Role::PanelChair, item, &put_off, &reason)
        .await;
    let view = view.expect(200).json();
    assert_eq!(
        view["target"],
        json!({ "on": "2026-04-02", "sittingId": next })
    );
    drop(panel);

    let later = at(database, "2026-03-26T09:00:00Z").await;
    let to = json!({ "sittingId": next, "reason": "The Fostering Panel met." });
    let moved = format!("{item}/relocation");
    let view = later
        .change(Role::PanelAdministrator, item, &moved, &to)
        .await;
    assert_eq!(view.expect(200).json()["heldOn"], "2026-04-02");
    let fact = format!("/cases/{case}/facts/carersApprovedLongTerm");
    let etag = later
        .get(Role::SocialWorker, &fact)
        .await
        .expect(200)
        .etag()
        .to_owned();
    let put = later
        .app
        .put(&later.path(&fact))
        .token(&later.token(Role::SocialWorker));
    let said = put
        .if_match(&etag)
        .json(&json!({ "value": true }))
        .send()
        .await;
    said.expect(200);
    say(
        &later,
        case,
        "carersApprovedLongTermOn",
        json!("2026-03-25"),
    )
    .await;
}

/// The match is ratified, and the history shows how it came about.
async fn permanence(database: &TestDatabase, case: &str, item: &str, sitting: &str) {
    let panel = at(database, "2026-04-02T15:00:00Z").await;
    attend(&panel, sitting, &CORE, None).await.expect(200);
    let decide = format!("{item}/decision");
    let mut body = json!({ "outcome": "deferred", "rationale": "Not yet.", "facts": { "informationRequired": "Health." } });
    let wrong = panel.change(Role::PanelChair, item, &decide, &body).await;
    refused(&wrong, "deferral_details_missing", "SOM-DECISION-04");
    body = json!({ "outcome": "ratified", "rationale": "The child stays where it belongs.", "timescale": "2026-06-30" });
    let made = panel.change(Role::PanelChair, item, &decide, &body).await;
    let made = made.expect(201).json();
    let notes = follow_ups(&made, "record")
        .into_iter()
        .find(|one| one["code"] == "minutes")
        .expect("notes");
    // Good Friday and Easter Monday lie between.
    assert_eq!(notes["dueOn"], "2026-04-13");
    let done = operations(&panel, case).await;
    for name in [
        "createBooking",
        "deferBooking",
        "moveBooking",
        "recordDecision",
        "recordUrgentDecision",
    ] {
        assert!(done.iter().any(|own| own == name), "{name}: {done:?}");
    }
    assert_eq!(codes(&waiting(&panel, case).await), [""; 0]);
}

fn id(view: &Value) -> String {
    text(&view["id"])
}

fn text(value: &Value) -> String {
    value.as_str().expect("text").to_owned()
}

/// A fact of the case, said for the first time.
async fn say(day: &Day, case: &str, fact: &str, value: Value) {
    let path = day.path(&format!("/cases/{case}/facts/{fact}"));
    let asked = day.app.put(&path).token(&day.token(Role::SocialWorker));
    let answer = asked.json(&json!({ "value": value })).send().await;
    assert!(
        [200, 201].contains(&answer.status),
        "{fact}: {}",
        answer.text
    );
}

/// Why the child waits, as of today.
async fn waiting(day: &Day, case: &str) -> Value {
    let path = format!("/exceptions?caseId={case}");
    let page = day.get(Role::HeadOfService, &path).await.expect(200).json();
    let items = page["items"].as_array().expect("items");
    items.iter().map(|item| item["finding"].clone()).collect()
}

/// Those who came, the social worker among them, and perhaps somebody for somebody else.
async fn attend(day: &Day, sitting: &str, members: &[&str], more: Option<Value>) -> Answered {
    let place = format!("/sittings/{sitting}");
    let etag = day
        .get(Role::PanelAdministrator, &place)
        .await
        .expect(200)
        .etag()
        .to_owned();
    let members = members
        .iter()
        .map(|role| json!({ "role": role, "capacity": "member" }));
    let worker =
        json!({ "role": "social_worker", "capacity": "presenter", "mode": "conference_call" });
    let present: Vec<Value> = members.chain([worker]).chain(more).collect();
    let put = day
        .app
        .put(&day.path(&format!("{place}/attendance")))
        .token(&day.token(Role::PanelAdministrator));
    let list = json!({ "chair": "operations_manager_cla", "present": present });
    put.if_match(&etag).json(&list).send().await
}

#[tokio::test]
async fn sqlite() {
    story(TestDatabase::sqlite()).await;
}

#[tokio::test]
async fn postgres() {
    story(TestDatabase::postgres()).await;
}
