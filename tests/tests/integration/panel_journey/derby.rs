//! Derby: the last Wednesday of the month, four sessions, papers a week before or off the list, no quorum.

use permanence_api::auth::Role;
use serde_json::{Value, json};

use super::{Day, booking_at, codes, day, follow_ups, operations, refused, run_jobs};
use crate::databases::TestDatabase;

const PAPERS: [&str; 4] = [
    "updated_single_assessment",
    "child_chronology",
    "last_statutory_review_minutes",
    "agency_ssw_report",
];

async fn journey(database: TestDatabase) {
    let first = Day::at(&database, "derby", "2026-03-02T09:30:00Z").await;
    let case = first.import().await;

    let finding = first.exception(&case, "sgo_exploration_due").await;
    assert_eq!(finding["clauses"], json!(["DER-CHECKPOINT-01"]));
    assert_eq!(finding["since"], "2023-05-01");
    assert_eq!(finding["ranOutOn"], "2025-05-02");
    assert_eq!(finding["certainty"], "cannot_be_known");
    assert!(
        finding["missing"]
            .as_array()
            .is_some_and(|missing| !missing.is_empty()),
        "{finding}"
    );

    let sittings = first.make_sittings("2026-03-01", "2026-06-30").await;
    let days: Vec<&str> = sittings.iter().map(|(day, _)| day.as_str()).collect();
    assert_eq!(
        days,
        ["2026-03-25", "2026-04-29", "2026-05-27", "2026-06-24"]
    );
    let sitting = &sittings[0].1;

    let booking = book(&first, &case, sitting).await;
    let path = format!("/bookings/{booking}");
    drop(first);

    let said = run_jobs(&database, "derby", "2026-03-11T07:00:00Z", "2026-03-11").await;
    assert!(said.starts_with("derby: 1 notices, 0 removed"), "{said}");
    let again = run_jobs(&database, "derby", "2026-03-11T07:05:00Z", "2026-03-11").await;
    assert!(again.starts_with("derby: 0 notices, 0 removed"), "{again}");

    papers(&database, &case, &path).await;
    decision(&database, &case, sitting, &path).await;
    history(&database, &case).await;
}

/// Step 4: a booking on a real sitting, in the right session, on a free slot, with its checklist and dates.
async fn book(day_one: &Day, case: &str, sitting: &str) -> String {
    let mut body = json!({
        "caseId": case, "sittingId": sitting, "requestType": "placement_move", "requestedBy": "social_worker",
        "slotStartTime": "10:00", "slotEndTime": "10:30"
    });
    let wrong = day_one.post(Role::SocialWorker, "/bookings", &body).await;
    refused(&wrong, "request_type_not_panel_business", "DER-ROLE-07");
    body["requestType"] = "permanent_fostering_match".into();
    let made = day_one
        .post_keyed(Role::SocialWorker, "/bookings", "booking-1", &body)
        .await
        .expect(201);
    let view = made.json();
    assert_eq!(view["booking"]["session"], "permanent_fostering");
    assert_eq!(view["booking"]["status"], "listed");
    assert_eq!(view["heldOn"], "2026-03-25");
    assert_eq!(day(&view, "paperworkDueOn")["on"], "2026-03-18");
    assert_eq!(day(&view, "reminderOn")["on"], "2026-03-11");
    assert_eq!(day(&view, "sendToChairOn")["on"], "2026-03-18");
    // Five working days after 25 March.
    assert_eq!(day(&view, "minutesDueOn")["on"], "2026-04-01");
    let checklist = view["checklist"].as_array().expect("a checklist");
    let required: Vec<&str> = checklist
        .iter()
        .filter(|one| one["required"] == true)
        .filter_map(|one| one["document"].as_str())
        .collect();
    assert_eq!(required, PAPERS);
    assert_eq!(view["policyStatus"], "listed");
    // The same request again is the same booking; another one in the slot is refused.
    let again = day_one
        .post_keyed(Role::SocialWorker, "/bookings", "booking-1", &body)
        .await
        .expect(201);
    assert_eq!(again.text, made.text);
    body["requestType"] = "staying_put".into();
    body["session"] = "permanent_fostering".into();
    day_one
        .post(Role::SocialWorker, "/bookings", &body)
        .await
        .problem(409, "conflict");
    // A wrong session is taken and flagged; the item is withdrawn again.
    body["slotStartTime"] = "11:00".into();
    body["slotEndTime"] = "11:30".into();
    let odd = day_one
        .post(Role::SocialWorker, "/bookings", &body)
        .await
        .expect(201)
        .json();
    assert!(codes(&odd["findings"]).contains(&"wrong_session"), "{odd}");
    let odd = format!(
        "/bookings/{}",
        odd["booking"]["id"].as_str().expect("an id")
    );
    let reason = json!({ "reason": "Booked into the wrong session." });
    let gone = day_one
        .change(
            Role::SocialWorker,
            &odd,
            &format!("{odd}/withdrawal"),
            &reason,
        )
        .await
        .expect(200);
    assert_eq!(gone.json()["booking"]["status"], "withdrawn");
    view["booking"]["id"].as_str().expect("an id").to_owned()
}

/// Step 5: papers come late, the item comes off the list, the team manager asks and the chair keeps it.
async fn papers(database: &TestDatabase, case: &str, path: &str) {
    let late = Day::at(database, "derby", "2026-03-19T07:00:00Z").await;
    let paper = json!({ "document": PAPERS[0], "submittedBy": "social_worker", "approvals": ["team_manager"] });
    let view = late
        .post(Role::SocialWorker, &format!("{path}/papers"), &paper)
        .await
        .expect(201)
        .json();
    let entry = view["checklist"]
        .as_array()
        .and_then(|list| list.iter().find(|one| one["document"] == PAPERS[0]));
    assert_eq!(
        entry.map(|one| one["late"].clone()),
        Some(Value::Bool(true)),
        "{view}"
    );
    drop(late);

    let said = run_jobs(database, "derby", "2026-03-19T08:00:00Z", "2026-03-19").await;
    assert!(said.contains("1 removed from the list"), "{said}");
    let again = run_jobs(database, "derby", "2026-03-19T08:05:00Z", "2026-03-19").await;
    assert!(
        again.starts_with("derby: 0 notices, 0 removed from the list"),
        "{again}"
    );

    let kept = Day::at(database, "derby", "2026-03-19T10:00:00Z").await;
    let view = kept.get(Role::TeamManager, path).await.expect(200).json();
    assert_eq!(view["booking"]["status"], "removed_from_list");
    let told = view["notices"]
        .as_array()
        .expect("notices")
        .iter()
        .find(|one| one["code"] == "removed_from_list");
    assert_eq!(told.expect("a notice")["responsibleRole"], "team_manager");
    assert_eq!(
        told.expect("a notice")["clauses"],
        json!(["DER-PAPERWORK-14", "DER-REMOVAL-01"])
    );

    let over = format!("{path}/removal-override");
    let mut ask = json!({
        "requestedBy": "social_worker", "decidedBy": "head_of_service_specialist_services",
        "reason": "The chronology is promised for Friday."
    });
    let by_worker = kept.change(Role::PanelChair, path, &over, &ask).await;
    refused(&by_worker, "role_not_authorised", "DER-REMOVAL-02");
    ask["requestedBy"] = "team_manager".into();
    ask["decidedBy"] = "deputy_head_of_service_fieldwork".into();
    let by_other = kept.change(Role::PanelChair, path, &over, &ask).await;
    refused(&by_other, "decision_maker_not_authorised", "DER-REMOVAL-02");
    ask["decidedBy"] = "head_of_service_specialist_services".into();
    kept.change(Role::TeamManager, path, &over, &ask)
        .await
        .problem(403, "forbidden");
    let view = kept
        .change(Role::PanelChair, path, &over, &ask)
        .await
        .expect(200)
        .json();
    assert_eq!(view["booking"]["status"], "listed");
    assert_eq!(view["booking"]["maintainedByChair"], true);
    kept.change(Role::PanelChair, path, &over, &ask)
        .await
        .problem(409, "conflict");
    drop(kept);

    let said = run_jobs(database, "derby", "2026-03-19T11:00:00Z", "2026-03-19").await;
    assert!(
        said.contains("0 removed from the list, 1 sent to the chair"),
        "{said}"
    );
    let shown = Day::at(database, "derby", "2026-03-19T12:00:00Z").await;
    let booking = path.trim_start_matches("/bookings/");
    let then = booking_at(&shown, case, booking, "2026-03-19T09:00:00Z").await;
    assert_eq!(then.as_deref(), Some("removed_from_list"));
    let now = booking_at(&shown, case, booking, "2026-03-19T12:00:00Z").await;
    assert_eq!(now.as_deref(), Some("listed"));
}

/// Step 6: who is missing is shown, a forbidden outcome refused, an allowed one stored with all that follows.
async fn decision(database: &TestDatabase, case: &str, sitting: &str, path: &str) {
    let panel = Day::at(database, "derby", "2026-03-25T16:00:00Z").await;
    let place = format!("/sittings/{sitting}");
    let etag = panel
        .get(Role::PanelAdministrator, &place)
        .await
        .expect(200)
        .etag()
        .to_owned();
    let list = json!({
        "chair": "head_of_service_specialist_services",
        "present": [
            { "role": "head_of_service_specialist_services", "capacity": "member" },
            { "role": "deputy_head_of_service_specialist_services", "capacity": "member" },
            { "role": "social_worker", "capacity": "presenter", "mode": "remote" }
        ]
    });
    let put = panel
        .app
        .put(&panel.path(&format!("{place}/attendance")))
        .token(&panel.token(Role::PanelAdministrator));
    let attended = put
        .if_match(&etag)
        .json(&list)
        .send()
        .await
        .expect(200)
        .json();
    assert_eq!(attended["sitting"]["status"], "held");
    let quorum = &attended["quorum"][0];
    assert_eq!(quorum["session"], "permanent_fostering");
    assert_eq!(quorum["state"], "no_quorum_rule");
    assert_eq!(
        quorum["results"]["missingRequired"],
        json!(["iro_representative"])
    );
    assert!(
        codes(&quorum["findings"]).contains(&"required_member_missing"),
        "{quorum}"
    );

    let decide = format!("{path}/decision");
    let mut body =
        json!({ "outcome": "agreed", "rationale": "The carers meet the child's needs." });
    let wrong = panel.change(Role::PanelChair, path, &decide, &body).await;
    refused(&wrong, "outcome_not_allowed", "DER-DECISION-01");
    body["outcome"] = "approved".into();
    panel
        .change(Role::SocialWorker, path, &decide, &body)
        .await
        .problem(403, "forbidden");
    let made = panel
        .change(Role::PanelChair, path, &decide, &body)
        .await
        .expect(201)
        .json();
    assert_eq!(
        (&made["outcome"], &made["kind"]),
        (&json!("approved"), &json!("panel"))
    );
    assert!(
        made["judgedBy"]["pluginDigest"]
            .as_str()
            .is_some_and(|digest| digest.len() == 64),
        "{made}"
    );
    let actions: Vec<&str> = follow_ups(&made, "action")
        .iter()
        .filter_map(|one| one["code"].as_str())
        .collect();
    assert_eq!(
        actions,
        [
            "visit_child",
            "send_decision_letter",
            "update_child_file",
            "change_carer_approval_long_term",
            "my_life_my_journey_note"
        ]
    );
    assert!(
        follow_ups(&made, "action")
            .iter()
            .all(|one| one["clauses"] == json!(["DER-ACTION-PF-APPROVED-00"]))
    );
    let minutes = follow_ups(&made, "record")
        .into_iter()
        .find(|one| one["code"] == "minutes")
        .expect("minutes");
    assert_eq!(minutes["dueOn"], "2026-04-01");
    assert_eq!(minutes["responsibleRole"], "panel_administrator");
    let letter = follow_ups(&made, "letter")
        .into_iter()
        .next()
        .expect("a letter");
    assert_eq!(letter["details"]["to"], json!(["foster_carer"]));
    let round = follow_ups(&made, "distribution")
        .into_iter()
        .next()
        .expect("distribution");
    assert!(
        round["details"]["recipients"]
            .as_array()
            .is_some_and(|list| list.contains(&json!("team_manager"))),
        "{round}"
    );
    panel
        .change(Role::PanelChair, path, &decide, &body)
        .await
        .problem(409, "conflict");

    let open = panel
        .get(
            Role::SocialWorker,
            "/actions?role=social_worker&status=open",
        )
        .await
        .expect(200)
        .json();
    let first = open["items"][0].clone();
    assert_eq!(first["caseId"].as_str(), Some(case));
    let action = first["id"].as_str().expect("an id");
    let done = panel
        .app
        .post(&panel.path(&format!("/actions/{action}/completion")))
        .token(&panel.token(Role::SocialWorker));
    let done = done
        .if_match("\"v1\"")
        .json(&json!({ "note": "Told at home." }))
        .send()
        .await
        .expect(200)
        .json();
    assert_eq!(done["status"], "completed_on_time");
}

/// Step 7: overdue work is marked once, and the history shows all of it as of any moment.
async fn history(database: &TestDatabase, case: &str) {
    let said = run_jobs(database, "derby", "2026-04-02T06:00:00Z", "2026-04-02").await;
    assert!(said.contains(" 1 overdue"), "{said}");
    let again = run_jobs(database, "derby", "2026-04-02T06:05:00Z", "2026-04-02").await;
    assert!(again.contains(" 0 overdue"), "{again}");
    let later = Day::at(database, "derby", "2026-04-02T09:00:00Z").await;
    let names = operations(&later, case).await;
    for name in [
        "createBooking",
        "submitPaperwork",
        "runJobs",
        "overridePaperworkRemoval",
        "recordAttendance",
        "recordDecision",
        "completeAction",
        "updateCase",
    ] {
        assert!(
            names.iter().any(|known| known == name),
            "{name} is not in {names:?}"
        );
    }
    let overdue = later
        .get(Role::PanelAdministrator, "/records?overdue=true")
        .await
        .expect(200)
        .json();
    assert_eq!(overdue["items"][0]["status"], "overdue");
    let chain = later
        .get(Role::Auditor, "/audit-chain")
        .await
        .expect(200)
        .json();
    assert_eq!(chain["intact"], true, "{chain}");
}

#[tokio::test]
async fn sqlite() {
    journey(TestDatabase::sqlite()).await;
}

#[tokio::test]
async fn postgres() {
    journey(TestDatabase::postgres()).await;
}
