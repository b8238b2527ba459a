//! Promise: of two that want the same thing at once one gets it, and what happens by itself happens once.

use permanence_api::auth::Role;
use serde_json::Value;

use super::{booking, case};
use crate::on_both_databases;
use crate::panel_journey::{Day, run_jobs};

/// How many of a kind a line of the jobs' report names.
fn number(said: &str, what: &str) -> u32 {
    let (before, _) = said
        .split_once(what)
        .unwrap_or_else(|| panic!("no {what:?} in {said:?}"));
    let digits = before.trim_end().rsplit(' ').next().expect("a number");
    digits.parse().expect("a number")
}

on_both_databases! {
    async fn of_two_bookings_for_one_slot_one_is_made(database: &TestDatabase) {
        let day = Day::at(database, "derby", "2026-03-02T09:30:00Z").await;
        let sittings = day.make_sittings("2026-03-01", "2026-03-31").await;
        let mut bodies = Vec::new();
        for reference in ["CH-1", "CH-2", "CH-3", "CH-4"] {
            let case = case(&day, reference).await;
            let mut body = booking(&case, &sittings[0].1, "permanent_fostering_match");
            body["slotStartTime"] = "10:00".into();
            body["slotEndTime"] = "10:30".into();
            bodies.push(body);
        }
        let asked = bodies.iter().map(|body| day.post(Role::PanelAdministrator, "/bookings", body));
        let answers = futures_util::future::join_all(asked).await;
        let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409, 409, 409]);
        for refused in answers.iter().filter(|answer| answer.status == 409) {
            refused.problem(409, "conflict");
        }
        let listed = day.get(Role::PanelAdministrator, "/bookings").await.expect(200).json();
        assert_eq!(listed["items"].as_array().map(Vec::len), Some(1));
    }

    async fn of_two_job_runners_each_thing_is_done_by_one(database: &TestDatabase) {
        let first = Day::at(database, "derby", "2026-03-02T09:30:00Z").await;
        let sittings = first.make_sittings("2026-03-01", "2026-03-31").await;
        for reference in ["CH-1", "CH-2", "CH-3", "CH-4", "CH-5"] {
            let case = case(&first, reference).await;
            let body = booking(&case, &sittings[0].1, "permanent_fostering_match");
            first.post(Role::PanelAdministrator, "/bookings", &body).await.expect(201);
        }
        drop(first);
        // Reminders are due from the 11th on, and on the 19th papers that are missing take the items off the list.
        for (as_of, what) in [("2026-03-11", " notices"), ("2026-03-19", " removed from the list")] {
            let now = format!("{as_of}T07:00:00Z");
            let (one, other) = tokio::join!(
                run_jobs(database, "derby", &now, as_of),
                run_jobs(database, "derby", &now, as_of)
            );
            let mut done = number(&one, what) + number(&other, what);
            // Who came second to an item leaves it for the next run, which finds it done.
            if number(&one, " left for") + number(&other, " left for") > 0 {
                done += number(&run_jobs(database, "derby", &now, as_of).await, what);
            }
            assert_eq!(done, 5, "{one}\n{other}");
            let third = run_jobs(database, "derby", &now, as_of).await;
            assert_eq!(number(&third, what), 0, "{third}");
        }
        let later = Day::at(database, "derby", "2026-03-19T09:00:00Z").await;
        let events = later.get(Role::Auditor, "/audit-events?operation=runJobs&limit=200").await;
        let removed = |event: &&Value| event["subjectKind"] == "booking";
        let page = events.expect(200).json();
        let items = page["items"].as_array().expect("events");
        assert_eq!(items.iter().filter(removed).count(), 5, "{page}");
    }
}
