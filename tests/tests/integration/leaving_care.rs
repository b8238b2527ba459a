//! Promise: a return that tells of the end of care ends the case with it, says so, and nothing of it counts as drift.

use permanence_api::auth::Role;
use serde_json::{Value, json};

use crate::on_both_databases;
use crate::panel_journey::Day;

const COLUMNS: &str = "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,HOME_POST,PL_POST,URN\r\n";
const IN_CARE: &str =
    "WENT,01/05/2023,S,C2,N1,U4,PR1,,,,,,SC1\r\nSTAYED,01/05/2023,S,C2,N1,U4,PR1,,,,,,SC1\r\n";
const WENT_HOME: &str = "WENT,01/05/2023,S,C2,N1,U4,PR1,20/11/2025,E4A,,,,SC1\r\nSTAYED,01/05/2023,S,C2,N1,U4,PR1,,,,,,SC1\r\n";
const CAME_BACK: &str = "WENT,01/05/2023,S,C2,N1,U4,PR1,20/11/2025,E4A,,,,SC1\r\n\
    WENT,02/02/2026,S,C2,N1,U4,PR1,,,,,,SC1\r\nSTAYED,01/05/2023,S,C2,N1,U4,PR1,,,,,,SC1\r\n";

async fn import(day: &Day, rows: &str) -> Value {
    let file = json!({ "name": "episodes.csv", "content": format!("{COLUMNS}{rows}"), "collectionYear": "2025-26" });
    let body = json!({ "kind": "ssda903", "files": [file] });
    let sent = day.post(Role::IntegrationClient, "/imports", &body).await;
    let import = day.follow(&sent.expect(202)).await;
    assert_eq!(import["status"], "succeeded", "{import}");
    import
}

async fn case(day: &Day, reference: &str) -> Value {
    let path = format!("/cases?reference={reference}");
    day.get(Role::HeadOfService, &path).await.expect(200).json()["items"][0].clone()
}

/// The references of children with a finding.
async fn drifting(day: &Day) -> Vec<String> {
    let page = day
        .get(Role::HeadOfService, "/exceptions?limit=200")
        .await
        .expect(200)
        .json();
    let items = page["items"].as_array().expect("exceptions");
    let mut names: Vec<String> = items
        .iter()
        .filter_map(|item| item["reference"].as_str().map(str::to_owned))
        .collect();
    names.dedup();
    names
}

async fn lines(day: &Day, import: &Value, rule: &str) -> Value {
    let id = import["id"].as_str().expect("an id");
    let path = format!("/imports/{id}/issues?rule={rule}");
    day.get(Role::IntegrationClient, &path)
        .await
        .expect(200)
        .json()["items"]
        .clone()
}

on_both_databases! {
    async fn the_end_of_care_closes_the_case_and_its_drift(database: &TestDatabase) {
        let day = Day::at(database, "derby", "2026-03-02T09:30:00Z").await;
        let first = import(&day, IN_CARE).await;
        assert_eq!(first["result"]["casesClosed"], 0, "{first}");
        let mut names = drifting(&day).await;
        names.sort();
        assert_eq!(names, ["STAYED", "WENT"]);

        let second = import(&day, WENT_HOME).await;
        assert_eq!(second["result"]["casesClosed"], 1, "{second}");
        let told = lines(&day, &second, "left_care").await;
        let gone = case(&day, "WENT").await;
        assert_eq!(told.as_array().map(Vec::len), Some(1), "{told}");
        assert_eq!((&told[0]["action"], &told[0]["caseId"]), (&json!("case_closed"), &gone["id"]));
        assert_eq!((&gone["status"], &gone["closedOn"]), (&json!("closed"), &json!("2025-11-20")), "{gone}");
        assert_eq!(case(&day, "STAYED").await["status"], "open");
        assert_eq!(drifting(&day).await, ["STAYED"]);
    }

    async fn a_new_time_in_care_opens_it_again_and_a_persons_closing_stands(database: &TestDatabase) {
        let day = Day::at(database, "derby", "2026-03-02T09:30:00Z").await;
        import(&day, WENT_HOME).await;
        let stayed = case(&day, "STAYED").await;
        let path = format!("/cases/{}", stayed["id"].as_str().expect("an id"));
        let closed = json!({ "reason": "Moved to another council." });
let etag = day.get(Role::HeadOfService, &path).await.expect(200).etag().to_owned();
        let put = day.app.put(&day.path(&format!("{path}/closure"))).token(&day.token(Role::HeadOfService));
        put.if_match(&etag).json(&closed).send().await.expect(200);

        let back = import(&day, CAME_BACK).await;
        assert_eq!(back["result"]["casesReopened"], 1, "{back}");
        let told = lines(&day, &back, "in_care_again").await;
        assert_eq!(told[0]["action"], "case_reopened", "{told}");
        let again = case(&day, "WENT").await;
        assert_eq!((&again["status"], &again["closedOn"]), (&json!("open"), &Value::Null), "{again}");
        assert_eq!(case(&day, "STAYED").await["status"], "closed");
    }

    async fn a_case_that_a_person_opened_is_left_to_that_person(database: &TestDatabase) {
        let day = Day::at(database, "derby", "2026-03-02T09:30:00Z").await;
        let body = json!({ "reference": "WENT" });
        day.post(Role::HeadOfService, "/cases", &body).await.expect(201);
        let import = import(&day, WENT_HOME).await;
        assert_eq!(import["result"]["casesClosed"], 0, "{import}");
        assert_eq!(case(&day, "WENT").await["status"], "open");
    }

    async fn imports_are_listed_the_latest_first(database: &TestDatabase) {
        let day = Day::at(database, "derby", "2026-03-02T09:30:00Z").await;
        let first = import(&day, IN_CARE).await;
        let second = import(&day, WENT_HOME).await;
        let page = day.get(Role::HeadOfService, "/imports?limit=1").await.expect(200).json();
        assert_eq!(page["items"][0]["id"], second["id"], "{page}");
        assert_eq!(page["items"][0]["result"]["casesClosed"], 1);
        let cursor = page["nextCursor"].as_str().expect("there is more");
        let rest = day.get(Role::HeadOfService, &format!("/imports?limit=1&cursor={cursor}")).await.expect(200).json();
        assert_eq!((&rest["items"][0]["id"], &rest["nextCursor"]), (&first["id"], &Value::Null), "{rest}");
        let failed = day.get(Role::HeadOfService, "/imports?status=failed").await.expect(200).json();
        assert_eq!(failed["items"], json!([]));
        day.get(Role::SocialWorker, "/imports").await.problem(403, "forbidden");
    }
}
