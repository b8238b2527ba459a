//! East Riding: assessment, plan and review by their days, a carer's order that goes to the Permanency Panel, a meeting
//! put off, a recommendation that another decides, a review that is forgotten, and Special Guardianship at last.

use permanence_api::auth::Role;
use serde_json::{Value, json};

use crate::databases::TestDatabase;
use crate::panel_journey::{Day, codes, operations, refused, run_jobs};

const COUNCIL: &str = "east-riding";

async fn at(database: &TestDatabase, now: &str) -> Day {
    Day::at(database, COUNCIL, now).await
}

async fn story(database: TestDatabase) {
    let (case, episode) = into_care(&database).await;
    assessment_and_contingency(&database, &case).await;
    second_review(&database, &case).await;
    let booking = booked_and_put_off(&database, &case).await;
    setback(&database, &case).await;
    recommended_and_decided(&database, &case, &booking).await;
    forgotten_review(&database, &case).await;
    permanence(&database, &case, &episode).await;
}

/// The child comes into care on the last day of January 2025.
async fn into_care(database: &TestDatabase) -> (String, String) {
    let day = at(database, "2025-02-03T09:00:00Z").await;
    let body = json!({
        "reference": "ERY-0001", "givenName": "Wren", "familyName": "Invented", "dateOfBirth": "2019-05-04",
        "socialWorker": "test-social_worker", "team": "north"
    });
    let case = id(&day
        .post(Role::SocialWorker, "/cases", &body)
        .await
        .expect(201)
        .json());
    let episode = json!({
        "kind": "episode", "startedOn": "2025-01-31",
        "details": { "start": "S", "legalStatus": "C1", "placement": "U4", "provider": "PR1", "need": "N1" }
    });
    let path = format!("/cases/{case}/care-events");
    let episode = day
        .post(Role::SocialWorker, &path, &episode)
        .await
        .expect(201)
        .json();
    (case, id(&episode))
}

/// The assessment runs late, and a doubt about the parents wants a contingency plan.
async fn assessment_and_contingency(database: &TestDatabase, case: &str) {
    let late = at(database, "2025-03-24T09:00:00Z").await;
    let found = waiting(&late, case).await;
    assert_eq!(codes(&found), ["single_assessment_overdue"]);
    assert_eq!(found[0]["clauses"], json!(["ERY-DEADLINE-02"]));
    assert_eq!(
        (
            &found[0]["since"],
            &found[0]["dueOn"],
            &found[0]["ranOutOn"]
        ),
        (
            &json!("2025-01-31"),
            &json!("2025-03-21"),
            &json!("2025-03-22")
        )
    );
    assert_eq!(found[0]["responsibleRole"], "social_worker");
    say(
        &late,
        case,
        "singleAssessmentCompletedOn",
        json!("2025-03-24"),
    )
    .await;
    assert_eq!(codes(&waiting(&late, case).await), [""; 0]);
    drop(late);

    let doubt = at(database, "2025-04-14T09:00:00Z").await;
    say(
        &doubt,
        case,
        "parentsUnlikelyToChangeOn",
        json!("2025-04-10"),
    )
    .await;
    assert_eq!(
        codes(&waiting(&doubt, case).await),
        ["contingency_plan_missing"]
    );
    say(&doubt, case, "contingencyPlanOn", json!("2025-04-14")).await;
    assert_eq!(codes(&waiting(&doubt, case).await), [""; 0]);
}

/// The second review endorses long-term fostering with an order that the carer applies for.
async fn second_review(database: &TestDatabase, case: &str) {
    let day = at(database, "2025-05-20T16:00:00Z").await;
    for (fact, value) in [
        ("option", json!("permanent_fostering")),
        ("legalOrders", json!(["special_guardianship_order"])),
        ("adoptionConsideredAppropriate", json!(false)),
        ("permanencePlanOn", json!("2025-05-12")),
        ("endorsedByRole", json!("team_manager")),
        ("amendedOn", json!("2025-05-19")),
        ("secondStatutoryReviewOn", json!("2025-05-20")),
        ("planDiscussed", json!(true)),
        ("planEndorsed", json!(true)),
        ("endorsingReviewOn", json!("2025-05-20")),
    ] {
        say(&day, case, fact, value).await;
    }
    let path = format!("/cases/{case}/checkpoints");
    let dates = day.get(Role::HeadOfService, &path).await.expect(200).json();
    assert_eq!(
        codes(&own(dates["findings"].clone())),
        ["cao_sgo_consideration_missing"]
    );
    assert_eq!(
        dates["results"]["byClause"]["ERY-DEADLINE-01"],
        json!({ "dueDate": "2025-05-31", "status": "completed_on_time", "nonWorkingDay": true })
    );
    say(&day, case, "caoSgoSupportConsidered", json!(true)).await;
    let dates = day.get(Role::HeadOfService, &path).await.expect(200).json();
    assert_eq!(codes(&own(dates["findings"].clone())), [""; 0]);

    // The record of the review lacks two of its six entries.
    let record = json!({ "facts": {
        "attendees": ["social_worker", "parent"], "consultedNotPresent": "none",
        "optionsConsidered": ["return_home", "permanent_fostering"], "weightGivenToViews": "Much."
    }});
    let path = "/clauses/ERY-RECORD-02/evaluations";
    let answer = day
        .post(Role::SocialWorker, path, &record)
        .await
        .expect(200)
        .json();
    assert_eq!(
        answer["results"]["missingFields"],
        json!(["reasons_for_option", "disagreements"])
    );

    let found = waiting(&day, case).await;
    assert_eq!(codes(&found), ["permanence_panel_presentation_missing"]);
    assert_eq!(found[0]["clauses"], json!(["ERY-ROUTE-02"]));
}

/// The meeting is called by hand and no paper has a day, so none is late; the chair puts the case off by a month.
async fn booked_and_put_off(database: &TestDatabase, case: &str) -> String {
    let day = at(database, "2025-05-21T09:00:00Z").await;
    let mut sittings = Vec::new();
    for held_on in ["2025-06-10", "2025-07-08"] {
        let body = json!({ "heldOn": held_on, "startTime": "12:45", "location": "Room 2" });
        let made = day
            .post(Role::PanelAdministrator, "/sittings", &body)
            .await
            .expect(201)
            .json();
        assert_eq!(made["made"][0]["offPattern"], false, "{made}");
        sittings.push(id(&made["made"][0]));
    }
    let mut body = json!({
        "caseId": case, "sittingId": sittings[0], "requestType": "staying_put", "requestedBy": "social_worker"
    });
    let wrong = day.post(Role::SocialWorker, "/bookings", &body).await;
    refused(&wrong, "request_type_not_panel_business", "ERY-ROLE-04");
    body["requestType"] = "special_guardianship_application".into();
    let view = day
        .post(Role::SocialWorker, "/bookings", &body)
        .await
        .expect(201)
        .json();
    assert_eq!(view["booking"]["status"], "listed");
    let path = format!("/bookings/{}", id(&view["booking"]));
    drop(day);

    let eve = at(database, "2025-06-09T15:00:00Z").await;
    let paper = json!({ "document": "sgo_assessment", "submittedBy": "social_worker" });
    let view = eve
        .post(Role::SocialWorker, &format!("{path}/papers"), &paper)
        .await
        .expect(201)
        .json();
    assert!(
        !codes(&view["findings"]).contains(&"paperwork_late"),
        "{view}"
    );
    let said = run_jobs(database, COUNCIL, "2025-06-09T16:00:00Z", "2025-06-09").await;
    assert!(said.contains("0 removed from the list"), "{said}");
    let reason = json!({ "reason": "The court's investigation is not finished." });
    let put_off = format!("{path}/deferral");
    let view = eve
        .change(Role::PanelChair, &path, &put_off, &reason)
        .await
        .expect(200)
        .json();
    assert_eq!(view["booking"]["status"], "deferred");
    let to = json!({ "sittingId": sittings[1], "reason": "The next meeting." });
    let view = eve
        .change(
            Role::PanelAdministrator,
            &path,
            &format!("{path}/relocation"),
            &to,
        )
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&view["booking"]["status"], &view["heldOn"]),
        (&json!("listed"), &json!("2025-07-08"))
    );
    path
}

/// Something goes wrong, and the reviewing officer is told three days later.
async fn setback(database: &TestDatabase, case: &str) {
    let day = at(database, "2025-06-30T09:00:00Z").await;
    say(&day, case, "setbackOn", json!("2025-06-27")).await;
    let found = waiting(&day, case).await;
    assert!(
        codes(&found).contains(&"independent_reviewing_officer_not_informed"),
        "{found}"
    );
    let told = "independentReviewingOfficerInformedOn";
    say(&day, case, told, json!("2025-06-30")).await;
    let found = waiting(&day, case).await;
    assert_eq!(codes(&found), ["permanence_panel_presentation_missing"]);
}

/// The panel recommends. It cannot approve, and its chair cannot decide; the Head of Children's Social Care can.
async fn recommended_and_decided(database: &TestDatabase, case: &str, path: &str) {
    let day = at(database, "2025-07-08T14:00:00Z").await;
    let booking = day.get(Role::PanelChair, path).await.expect(200).json();
    let sitting = booking["booking"]["sittingId"]
        .as_str()
        .expect("a sitting")
        .to_owned();
    let led = attend(&day, &sitting, "team_manager").await;
    assert_eq!(led["quorum"][0]["state"], "no_quorum_rule");
    assert_eq!(
        codes(&led["quorum"][0]["findings"]),
        ["chair_not_as_policy"]
    );
    let led = attend(&day, &sitting, "deputy_chair").await;
    assert_eq!(codes(&led["quorum"][0]["findings"]), [""; 0]);

    let decide = format!("{path}/decision");
    let mut body = json!({
        "outcome": "approved", "rationale": "The child has lived there for two years and wants to stay.",
        "consensus": "reached"
    });
    let wrong = day.change(Role::PanelChair, path, &decide, &body).await;
    refused(&wrong, "outcome_not_allowed", "ERY-DECISION-02");
    body["outcome"] = "recommend_support".into();
    body["facts"] = json!({ "decision": "supported" });
    body["decidedBy"] = "panel_chair".into();
    let wrong = day.change(Role::PanelChair, path, &decide, &body).await;
    refused(&wrong, "decision_maker_not_authorised", "ERY-DECISION-02");
    drop(day);

    let day = at(database, "2025-07-10T10:00:00Z").await;
    body["decidedBy"] = "head_of_childrens_social_care".into();
    body["decidedOn"] = "2025-07-10".into();
    let made = day
        .change(Role::HeadOfService, path, &decide, &body)
        .await
        .expect(201)
        .json();
    assert_eq!(
        (&made["outcome"], &made["decidedBy"]),
        (
            &json!("recommend_support"),
            &json!("head_of_childrens_social_care")
        )
    );
    let presented = "presentedToPermanencePanelOn";
    say(&day, case, presented, json!("2025-07-08")).await;
    assert_eq!(codes(&waiting(&day, case).await), [""; 0]);
}

/// The review after six months is forgotten, and held four days late.
async fn forgotten_review(database: &TestDatabase, case: &str) {
    let day = at(database, "2025-11-21T09:00:00Z").await;
    let found = waiting(&day, case).await;
    assert_eq!(codes(&found), ["next_review_overdue"]);
    assert_eq!(
        (&found[0]["dueOn"], &found[0]["ranOutOn"]),
        (&json!("2025-11-20"), &json!("2025-11-21"))
    );
    drop(day);
    let day = at(database, "2025-11-24T16:00:00Z").await;
    say(&day, case, "previousReviewOn", json!("2025-11-24")).await;
    assert_eq!(codes(&waiting(&day, case).await), [""; 0]);
}

/// The order is made, the child is no longer looked after, and the whole way is in the history.
async fn permanence(database: &TestDatabase, case: &str, episode: &str) {
    let day = at(database, "2026-02-02T12:00:00Z").await;
    let path = format!("/cases/{case}/care-events/{episode}");
    let etag = day
        .get(Role::HeadOfService, &path)
        .await
        .expect(200)
        .etag()
        .to_owned();
    let end = json!({ "endedOn": "2026-02-02", "details": { "end": "E46" } });
    let changed = day
        .app
        .patch(&day.path(&path))
        .token(&day.token(Role::SocialWorker))
        .if_match(&etag);
    changed.merge_patch(&end).send().await.expect(200);
    drop(day);

    let day = at(database, "2026-08-03T09:00:00Z").await;
    assert_eq!(codes(&waiting(&day, case).await), [""; 0]);
    let names = operations(&day, case).await;
    for name in [
        "createCase",
        "createCareEvent",
        "putCaseFact",
        "createBooking",
        "deferBooking",
        "moveBooking",
        "recordDecision",
        "updateCareEvent",
    ] {
        assert!(
            names.iter().any(|known| known == name),
            "{name} is not in {names:?}"
        );
    }
}

/// Says a fact of the child.
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

/// Why the child waits by this policy, as of today; the law for every council stands beside it.
async fn waiting(day: &Day, case: &str) -> Value {
    let path = format!("/exceptions?caseId={case}");
    let page = day.get(Role::HeadOfService, &path).await.expect(200).json();
    let items = page["items"].as_array().expect("items");
    let findings = items.iter().map(|item| item["finding"].clone());
    own(findings.collect())
}

/// The findings of the council's own clauses.
fn own(findings: Value) -> Value {
    let all = findings.as_array().expect("findings").iter();
    let of_policy = |finding: &&Value| {
        let clause = finding["clauses"][0].as_str().unwrap_or_default();
        clause.starts_with("ERY-")
    };
    all.filter(of_policy).cloned().collect()
}

/// Two members of the central list come, and a role takes the chair.
async fn attend(day: &Day, sitting: &str, chair: &str) -> Value {
    let place = format!("/sittings/{sitting}");
    let etag = day
        .get(Role::PanelAdministrator, &place)
        .await
        .expect(200)
        .etag()
        .to_owned();
    let present: Vec<Value> = ["medical_adviser", "adoption_experience_member", chair]
        .iter()
        .map(|role| json!({ "role": role, "capacity": "member" }))
        .collect();
    let put = day
        .app
        .put(&day.path(&format!("{place}/attendance")))
        .token(&day.token(Role::PanelAdministrator));
    put.if_match(&etag)
        .json(&json!({ "chair": chair, "present": present }))
        .send()
        .await
        .expect(200)
        .json()
}

fn id(view: &Value) -> String {
    view["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn sqlite() {
    story(TestDatabase::sqlite()).await;
}

#[tokio::test]
async fn postgres() {
    story(TestDatabase::postgres()).await;
}
