//! Bradford: every Tuesday afternoon, no sessions, papers by Thursday one o'clock or the chair may put the case off, a quorum.

use permanence_api::auth::Role;
use serde_json::{Value, json};

use super::{Day, booking_at, codes, day, follow_ups, operations, refused, run_jobs};
use crate::databases::TestDatabase;

async fn journey(database: TestDatabase) {
    let first = Day::at(&database, "bradford", "2026-03-02T09:30:00Z").await;
    let case = first.import().await;

    let finding = first
        .exception(&case, "placement_order_not_placed_over_26_weeks")
        .await;
    assert_eq!(finding["clauses"], json!(["BRA-EXCEPTION-01"]));
    assert_eq!(finding["since"], "2025-01-15");
    // "More than" 26 weeks: the day after 182 days.
    assert_eq!(finding["ranOutOn"], "2025-07-17");
    assert_eq!(finding["responsibleRole"], "social_worker");

    let sittings = first.make_sittings("2026-03-20", "2026-04-10").await;
    let days: Vec<&str> = sittings.iter().map(|(day, _)| day.as_str()).collect();
    assert_eq!(days, ["2026-03-24", "2026-03-31", "2026-04-07"]);
    let odd = json!({ "heldOn": "2026-04-08", "startTime": "10:00", "reason": "An urgent one." });
    let odd = first
        .post(Role::PanelAdministrator, "/sittings", &odd)
        .await
        .expect(201)
        .json();
    assert_eq!(odd["made"][0]["offPattern"], true);
    assert_eq!(
        codes(&odd["made"][0]["findings"]),
        ["off_pattern_panel_date", "off_pattern_panel_time"]
    );

    let booking = book(&first, &case, &sittings[0].1).await;
    let path = format!("/bookings/{booking}");
    drop(first);
    papers(&database, &path, &sittings[1].1).await;
    decision(&database, &sittings[1].1, &path).await;
    history(&database, &case, &booking).await;
}

/// Step 4: a booking on a Tuesday afternoon, with its checklist and dates.
async fn book(day_one: &Day, case: &str, sitting: &str) -> String {
    let mut body = json!({
        "caseId": case, "sittingId": sitting, "requestType": "private_fostering", "requestedBy": "social_worker"
    });
    let wrong = day_one.post(Role::SocialWorker, "/bookings", &body).await;
    refused(&wrong, "request_type_not_panel_business", "BRA-ROUTE-02");
    body["requestType"] = "permanent_fostering_match".into();
    let view = day_one
        .post(Role::SocialWorker, "/bookings", &body)
        .await
        .expect(201)
        .json();
    assert_eq!(view["booking"]["session"], Value::Null);
    assert_eq!(
        day(&view, "paperworkDueAt")["at"],
        "2026-03-19T13:00:00+00:00"
    );
    assert_eq!(day(&view, "minutesDueOn")["on"], "2026-03-27");
    assert_eq!(
        view["checklist"][0]["document"],
        "long_term_fostering_matching_report"
    );
    assert_eq!(view["checklist"][0]["status"], "missing");
    view["booking"]["id"].as_str().expect("an id").to_owned()
}

/// Step 5: papers come late; the item stays, and the chair may put it off to the next Tuesday.
async fn papers(database: &TestDatabase, path: &str, next: &str) {
    let late = Day::at(database, "bradford", "2026-03-20T09:00:00Z").await;
    let paper =
        json!({ "document": "long_term_fostering_matching_report", "approvals": ["team_manager"] });
    let view = late
        .post(Role::SocialWorker, &format!("{path}/papers"), &paper)
        .await
        .expect(201)
        .json();
    assert_eq!(view["papersComplete"], true);
    assert_eq!(view["checklist"][0]["late"], true);
    let found = codes(&view["findings"]);
    assert!(
        found.contains(&"paperwork_late") && found.contains(&"deferral_possible"),
        "{view}"
    );
    let said = run_jobs(database, "bradford", "2026-03-20T10:00:00Z", "2026-03-20").await;
    assert!(said.contains("0 removed from the list"), "{said}");

    let reason = json!({ "reason": "The papers came after Thursday." });
    let put_off = format!("{path}/deferral");
    late.change(Role::PanelAdministrator, path, &put_off, &reason)
        .await
        .problem(403, "forbidden");
    let view = late
        .change(Role::PanelChair, path, &put_off, &reason)
        .await
        .expect(200)
        .json();
    assert_eq!(view["booking"]["status"], "deferred");
    assert_eq!(
        view["target"],
        json!({ "on": "2026-03-31", "sittingId": next })
    );
    let to = json!({ "sittingId": next, "reason": "As the chair decided." });
    let view = late
        .change(
            Role::PanelAdministrator,
            path,
            &format!("{path}/relocation"),
            &to,
        )
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&view["booking"]["status"], &view["heldOn"]),
        (&json!("listed"), &json!("2026-03-31"))
    );
    assert_eq!(view["checklist"][0]["late"], false);
}

/// Step 6: without a quorum nothing is decided; with one the outcome must fit, and dissent needs the chair's decision.
async fn decision(database: &TestDatabase, sitting: &str, path: &str) {
    let panel = Day::at(database, "bradford", "2026-03-31T16:00:00Z").await;
    let two = attend(
        &panel,
        sitting,
        &[
            "head_of_service",
            "through_care_service_manager",
            "social_worker",
        ],
    )
    .await;
    let quorum = &two["quorum"][0];
    assert_eq!(quorum["state"], "not_quorate");
    assert_eq!(
        quorum["results"]["reasons"],
        json!(["fewer_than_three_members"])
    );
    let decide = format!("{path}/decision");
    let mut body = json!({ "outcome": "approved", "rationale": "The match is right for the child.", "consensus": "reached" });
    let wrong = panel.change(Role::PanelChair, path, &decide, &body).await;
    refused(&wrong, "fewer_than_three_members", "BRA-QUORUM-01");

    let roles = [
        "head_of_service",
        "through_care_service_manager",
        "iro_manager",
        "court_consultant",
        "team_manager",
        "social_worker",
    ];
    let four = attend(&panel, sitting, &roles).await;
    assert_eq!(four["quorum"][0]["state"], "quorate");
    assert_eq!(four["quorum"][0]["results"]["membersPresent"], 4);
    body["outcome"] = "agreed".into();
    let wrong = panel.change(Role::PanelChair, path, &decide, &body).await;
    refused(&wrong, "outcome_not_allowed", "BRA-DECISION-01");
    body["outcome"] = "approved".into();
    body["memberViews"] =
        json!([{ "role": "iro_manager", "view": "Contact is not settled.", "dissents": true }]);
    let wrong = panel.change(Role::PanelChair, path, &decide, &body).await;
    refused(&wrong, "chair_decision_required", "BRA-DECISION-02");
    body["chairDecision"] = "approved".into();
    body["actions"] = json!([{ "action": "settle_contact", "description": "Settle contact.", "dueOn": "2026-04-30" }]);
    let made = panel
        .change(Role::PanelChair, path, &decide, &body)
        .await
        .expect(201)
        .json();
    assert_eq!(
        (&made["kind"], &made["consensus"]),
        (&json!("chair"), &json!("not_reached"))
    );

    let summary = follow_ups(&made, "record")
        .into_iter()
        .find(|one| one["code"] == "summary")
        .expect("a summary");
    assert_eq!(
        (&summary["dueOn"], &summary["responsibleRole"]),
        (&json!("2026-03-31"), &json!("court_consultant"))
    );
    let minutes = follow_ups(&made, "record")
        .into_iter()
        .find(|one| one["code"] == "minutes")
        .expect("minutes");
    // Good Friday and Easter Monday lie between.
    assert_eq!(
        (&minutes["dueOn"], &minutes["responsibleRole"]),
        (&json!("2026-04-07"), &json!("panel_administrator"))
    );
    let round = follow_ups(&made, "distribution")
        .into_iter()
        .next()
        .expect("distribution");
    assert_eq!(round["dueOn"], "2026-04-07");
    let action = follow_ups(&made, "action")
        .into_iter()
        .find(|one| one["code"] == "settle_contact")
        .expect("an action");
    assert_eq!(
        (&action["dueOn"], &action["responsibleRole"]),
        (&json!("2026-04-30"), &json!("team_manager"))
    );
    assert_eq!(action["clauses"], json!(["BRA-ACTION-01"]));
}

async fn attend(panel: &Day, sitting: &str, roles: &[&str]) -> Value {
    let place = format!("/sittings/{sitting}");
    let etag = panel
        .get(Role::PanelAdministrator, &place)
        .await
        .expect(200)
        .etag()
        .to_owned();
    let present: Vec<Value> = roles
        .iter()
        .map(|role| json!({ "role": role, "capacity": "member" }))
        .collect();
    let list = json!({ "chair": "head_of_service", "present": present });
    let put = panel
        .app
        .put(&panel.path(&format!("{place}/attendance")))
        .token(&panel.token(Role::PanelAdministrator));
    put.if_match(&etag)
        .json(&list)
        .send()
        .await
        .expect(200)
        .json()
}

/// Step 7: the history shows all of it, as of any moment.
async fn history(database: &TestDatabase, case: &str, booking: &str) {
    let later = Day::at(database, "bradford", "2026-04-01T09:00:00Z").await;
    let names = operations(&later, case).await;
    for name in [
        "createBooking",
        "submitPaperwork",
        "deferBooking",
        "moveBooking",
        "recordAttendance",
        "recordDecision",
    ] {
        assert!(
            names.iter().any(|known| known == name),
            "{name} is not in {names:?}"
        );
    }
    assert_eq!(
        booking_at(&later, case, booking, "2026-03-05T00:00:00Z")
            .await
            .as_deref(),
        Some("listed")
    );
    assert_eq!(
        booking_at(&later, case, booking, "2026-03-31T20:00:00Z")
            .await
            .as_deref(),
        Some("decided")
    );
}

#[tokio::test]
async fn sqlite() {
    journey(TestDatabase::sqlite()).await;
}

#[tokio::test]
async fn postgres() {
    journey(TestDatabase::postgres()).await;
}
