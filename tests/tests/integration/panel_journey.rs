//! The main job, for each council, through the running service and the councils' compiled libraries:
//! from a return to a panel decision, and what its history shows of it afterwards.

mod bradford;
mod derby;

use permanence_api::auth::Role;
use serde_json::{Value, json};

use crate::databases::TestDatabase;
use crate::support::{Answered, TestApp, councils, library};

/// The child of the return, by the council's reference.
const CHILD: &str = "0031415";

/// A return of one child: with the same foster carers since May 2023, on a Placement Order since January 2025.
fn the_return() -> Value {
    json!({
        "kind": "ssda903",
        "files": [
            { "name": "header.csv", "collectionYear": "2024-25",
              "content": "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\r\n0031415,2,04/05/2017,WBRI,X00000000000A,,\r\n" },
            { "name": "episodes.csv", "collectionYear": "2024-25",
              "content": "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,HOME_POST,PL_POST,URN\r\n\
                0031415,01/05/2023,S,C2,N1,U4,PR1,15/01/2025,X1,,,,SC1\r\n\
                0031415,15/01/2025,L,E1,N1,U4,PR1,,,,,,SC1\r\n" }
        ]
    })
}

/// A council's service at one moment, over a database that lives on.
pub(crate) struct Day {
    pub(crate) app: TestApp,
    pub(crate) council: &'static str,
}

impl Day {
    pub(crate) async fn at(database: &TestDatabase, council: &'static str, now: &str) -> Self {
        let app = TestApp::with(database.clone(), councils(), now, &[]).await;
        Self { app, council }
    }

    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/v1/councils/{}{rest}", self.council)
    }

    pub(crate) fn token(&self, role: Role) -> String {
        let subject = format!("test-{}", role.as_str());
        self.app
            .mint(&subject, &[self.council], &[role], &["north"], 3600)
    }

    pub(crate) async fn get(&self, role: Role, path: &str) -> Answered {
        self.app
            .get(&self.path(path))
            .token(&self.token(role))
            .send()
            .await
    }

    pub(crate) async fn post(&self, role: Role, path: &str, body: &Value) -> Answered {
        self.app
            .post(&self.path(path))
            .token(&self.token(role))
            .json(body)
            .send()
            .await
    }

    pub(crate) async fn post_keyed(
        &self,
        role: Role,
        path: &str,
        key: &str,
        body: &Value,
    ) -> Answered {
        self.app
            .post(&self.path(path))
            .token(&self.token(role))
            .key(key)
            .json(body)
            .send()
            .await
    }

    /// Changes a thing at its present version.
    pub(crate) async fn change(
        &self,
        role: Role,
        thing: &str,
        path: &str,
        body: &Value,
    ) -> Answered {
        let etag = self
            .get(Role::HeadOfService, thing)
            .await
            .expect(200)
            .etag()
            .to_owned();
        self.app
            .post(&self.path(path))
            .token(&self.token(role))
            .if_match(&etag)
            .json(body)
            .send()
            .await
    }

    /// Step 2: the return goes in, and the child is given a social worker.
    pub(crate) async fn import(&self) -> String {
        let sent = self
            .post_keyed(
                Role::IntegrationClient,
                "/imports",
                "return-1",
                &the_return(),
            )
            .await
            .expect(202);
        let import = self.follow(&sent).await;
        assert_eq!(import["status"], "succeeded", "{import}");
        assert_eq!(import["result"]["children"], 1, "{import}");
        assert_eq!(import["result"]["rowsRead"], 3, "{import}");
        let path = format!("/cases?reference={CHILD}");
        let case = self
            .get(Role::HeadOfService, &path)
            .await
            .expect(200)
            .json()["items"][0]
            .clone();
        let id = case["id"].as_str().expect("a case").to_owned();
        let path = format!("/cases/{id}");
        let etag = self.get(Role::HeadOfService, &path).await.etag().to_owned();
        let worker = json!({ "socialWorker": "test-social_worker", "team": "north", "service": "children_in_care" });
        let changed = self
            .app
            .patch(&self.path(&path))
            .token(&self.token(Role::HeadOfService))
            .if_match(&etag);
        changed.merge_patch(&worker).send().await.expect(200);
        id
    }

    /// Follows an import that was sent to its end.
    pub(crate) async fn follow(&self, sent: &Answered) -> Value {
        let location = sent.header("location").to_owned();
        let token = self.token(Role::IntegrationClient);
        let mut import = sent.json();
        while matches!(import["status"].as_str(), Some("queued" | "running")) {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            import = self
                .app
                .get(&location)
                .token(&token)
                .send()
                .await
                .expect(200)
                .json();
        }
        import
    }

    /// Step 3: the finding of this code on the child, as of today.
    async fn exception(&self, case: &str, code: &str) -> Value {
        let path = format!("/exceptions?caseId={case}&code={code}");
        let page = self
            .get(Role::PanelAdministrator, &path)
            .await
            .expect(200)
            .json();
        assert_eq!(page["items"].as_array().map(Vec::len), Some(1), "{page}");
        page["items"][0]["finding"].clone()
    }

    /// Sittings of the pattern, by their days.
    pub(crate) async fn make_sittings(&self, from: &str, to: &str) -> Vec<(String, String)> {
        let body = json!({ "from": from, "to": to, "location": "Room 2" });
        let made = self
            .post(Role::PanelAdministrator, "/sittings", &body)
            .await
            .expect(201)
            .json();
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        let list = made["made"].as_array().expect("sittings");
        list.iter()
            .map(|sitting| (text(&sitting["heldOn"]), text(&sitting["id"])))
            .collect()
    }
}

/// Runs `permanence jobs run` as an operator does, at a moment, and gives what it printed of a council.
pub(crate) async fn run_jobs(
    database: &TestDatabase,
    council: &str,
    now: &str,
    as_of: &str,
) -> String {
    let home = tempfile::tempdir().expect("a folder");
    let plugins = library("permanence")
        .parent()
        .expect("the build's folder")
        .to_owned();
    let mut command = std::process::Command::new(library("permanence"));
    command
        .args(["jobs", "run", "--council", council, "--as-of", as_of])
        .current_dir(home.path())
        .env("PERMANENCE__MODE", "development")
        .env("PERMANENCE__DATABASE__URL", database.url())
        .env("PERMANENCE__DATABASE__READS", home.path())
        .env("PERMANENCE__PLUGINS__FOLDER", plugins)
        .env("PERMANENCE__CLOCK__FIXED", now);
    let output = tokio::task::spawn_blocking(move || command.output())
        .await
        .expect("it ran")
        .expect("it ran");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    said.trim().to_owned()
}

/// The day that a list of named days gives under a name.
pub(crate) fn day<'a>(view: &'a Value, name: &str) -> &'a Value {
    let days = view["dates"].as_array().expect("dates");
    let found = days.iter().find(|day| day["name"] == name);
    found.unwrap_or_else(|| panic!("no {name} among {days:?}"))
}

/// The codes of a list of findings.
pub(crate) fn codes(findings: &Value) -> Vec<&str> {
    findings
        .as_array()
        .expect("findings")
        .iter()
        .filter_map(|one| one["code"].as_str())
        .collect()
}

/// The faults of a refusal, each with its clauses.
fn refusals(problem: &Value) -> Vec<(String, Vec<String>)> {
    let texts = |value: &Value| {
        let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
        list.iter()
            .filter_map(|text| text.as_str().map(str::to_owned))
            .collect::<Vec<_>>()
    };
    let errors = problem["errors"].as_array().expect("errors");
    errors
        .iter()
        .map(|error| {
            (
                error["code"].as_str().unwrap_or_default().to_owned(),
                texts(&error["clauses"]),
            )
        })
        .collect()
}

pub(crate) fn refused(answer: &Answered, code: &str, clause: &str) {
    let problem = answer.problem(422, "rule_refused");
    let found = refusals(&problem)
        .iter()
        .any(|(is, clauses)| is == code && clauses.iter().any(|id| id == clause));
    assert!(found, "{problem}");
}

/// What follows from a decision, of one kind.
pub(crate) fn follow_ups<'a>(decision: &'a Value, kind: &str) -> Vec<&'a Value> {
    let all = decision["followUps"].as_array().expect("follow-ups");
    all.iter().filter(|one| one["kind"] == kind).collect()
}

/// The status of a booking of a case, as it stood at a moment.
async fn booking_at(day: &Day, case: &str, booking: &str, moment: &str) -> Option<String> {
    let path = format!("/cases/{case}/as-of?at={moment}");
    let view = day.get(Role::HeadOfService, &path).await.expect(200).json();
    let records = view["records"].as_array().expect("records");
    let booking = records
        .iter()
        .find(|record| record["kind"] == "booking" && record["id"] == booking)?;
    booking["document"]["status"].as_str().map(str::to_owned)
}

/// The operations in the history of a case.
pub(crate) async fn operations(day: &Day, case: &str) -> Vec<String> {
    let path = format!("/cases/{case}/history?limit=200");
    let page = day.get(Role::HeadOfService, &path).await.expect(200).json();
    let items = page["items"].as_array().expect("changes");
    let mut names: Vec<String> = items
        .iter()
        .filter_map(|item| item["operation"].as_str().map(str::to_owned))
        .collect();
    names.sort();
    names.dedup();
    names
}
