//! Promise: returns go in whole, what is not used is accounted for, and sending again changes nothing.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use permanence_api::auth::Role;
use permanence_api::store::audit::{audit_check, audit_head};
use permanence_api::store::{Conn, StoreError};
use permanence_core::CouncilCode;
use serde_json::{Value, json};

use crate::on_both_servers;
use crate::support::{Answered, TestApp};

const IMPORTS: &str = "/v1/councils/derby/imports";

fn sample(folder: &str) -> Vec<Value> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("data/ssda903")
        .join(folder);
    let mut files: Vec<_> = std::fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_name() != "LICENSE")
        .map(|entry| {
            (
                entry.file_name().into_string().unwrap(),
                std::fs::read(entry.path()).unwrap(),
            )
        })
        .collect();
    files.sort();
    files
        .into_iter()
        .map(|(name, content)| json!({ "name": name, "content": STANDARD.encode(content), "encoding": "base64" }))
        .collect()
}

fn texts(files: &[(&str, &str)]) -> Vec<Value> {
    files
        .iter()
        .map(|(name, content)| json!({ "name": name, "content": content }))
        .collect()
}

async fn send(app: &TestApp, body: &Value) -> Answered {
    app.post(IMPORTS)
        .token(&app.token("derby", Role::IntegrationClient))
        .json(body)
        .send()
        .await
}

/// Sends files and follows the import to its end.
async fn import(app: &TestApp, files: Vec<Value>) -> Value {
    let answer = send(app, &json!({ "kind": "ssda903", "files": files }))
        .await
        .expect(202);
    assert_eq!(answer.header("retry-after"), "1");
    finished(app, answer.header("location")).await
}

async fn finished(app: &TestApp, location: &str) -> Value {
    let token = app.token("derby", Role::HeadOfService);
    for _ in 0..1200 {
        let import = app
            .get(location)
            .token(&token)
            .send()
            .await
            .expect(200)
            .json();
        if import["status"] == "succeeded" || import["status"] == "failed" {
            return import;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the import does not end");
}

async fn issues(app: &TestApp, import: &Value, query: &str) -> Vec<Value> {
    let token = app.token("derby", Role::HeadOfService);
    let path = format!(
        "{IMPORTS}/{}/issues?limit=200{query}",
        import["id"].as_str().unwrap()
    );
    let mut all = Vec::new();
    let mut next = path.clone();
    loop {
        let page = app.get(&next).token(&token).send().await.expect(200).json();
        all.extend(page["items"].as_array().unwrap().clone());
        match page["nextCursor"].as_str() {
            Some(cursor) => next = format!("{path}&cursor={cursor}"),
            None => return all,
        }
    }
}

/// Every row was used or has its line, file by file.
async fn assert_adds_up(app: &TestApp, import: &Value) {
    assert_eq!(import["status"], "succeeded", "{import}");
    let result = &import["result"];
    let number = |value: &Value| value.as_u64().unwrap();
    assert_eq!(
        number(&result["rowsRead"]),
        number(&result["rowsUsed"]) + number(&result["rowsNotUsed"])
    );
    let mut refused = 0;
    for issue in issues(app, import, "").await {
        refused += match issue["action"].as_str().unwrap() {
            "row_not_used" => 1,
            "file_not_used" | "table_not_kept" => {
                let message = issue["message"].as_str().unwrap();
                let rows = message
                    .rsplit("Rows: ")
                    .next()
                    .unwrap()
                    .trim_end_matches('.');
                rows.parse::<u64>().unwrap_or(0)
            }
            _ => 0,
        };
    }
    assert_eq!(number(&result["rowsNotUsed"]), refused);
    for section in result["sections"].as_array().unwrap() {
        assert_eq!(
            number(&section["rowsRead"]),
            number(&section["rowsUsed"]) + number(&section["rowsNotUsed"]),
            "{section}"
        );
    }
}

const HEADING: &str =
    "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,URN\n";

fn episodes(rows: &str) -> String {
    format!("{HEADING}{rows}")
}

on_both_servers! {
    async fn five_years_go_in_whole_and_once(app: &TestApp) {
        let files = sample("demand-model-multiyear");
        let first = import(app, files.clone()).await;
        assert_adds_up(app, &first).await;
        let result = &first["result"];
        assert_eq!(result["rowsRead"], 21_441);
        assert_eq!(result["collectionYears"], json!(["2017-18", "2018-19", "2019-20", "2020-21", "2021-22"]));
        assert_eq!(result["casesCreated"], result["children"]);
        assert_eq!(first["progress"], json!({ "children": result["children"], "childrenDone": result["children"] }));

        let again = import(app, files).await;
        assert_eq!(again["id"], first["id"], "the same content is the same import");

        let council = CouncilCode::new("derby").unwrap();
        let store = app.database().store().await;
        let checked = store
            .list(async move |conn: &mut Conn| {
                let head = audit_head(conn, &council).await?.unwrap();
                let checked = audit_check(conn, &council, None, head.seq + 1).await?;
                Ok::<_, StoreError>((head, checked))
            })
            .await
            .unwrap();
        assert_eq!(checked.1.broken_at, None);
        assert_eq!(checked.1.good_until, checked.0);
    }

    async fn every_other_sample_goes_in_whole(app: &TestApp) {
        for folder in ["d2i-validator-fake", "liia-dirty-2020"] {
            let done = import(app, sample(folder)).await;
            assert_adds_up(app, &done).await;
        }
    }

    async fn a_year_that_comes_again_replaces_itself(app: &TestApp) {
        let first = episodes("007,01/05/2023,S,V2,N1,U6,PR1,,\n8,01/05/2023,S,C2,N1,U6,PR1,,\n");
        let done = import(app, texts(&[("2023.csv", &first)])).await;
        assert_eq!((&done["result"]["casesCreated"], &done["result"]["eventsCreated"]), (&json!(2), &json!(2)));

        let corrected = episodes("007,01/05/2023,S,C2,N1,U6,PR1,,\n");
        let done = import(app, texts(&[("2023.csv", &corrected)])).await;
        let counts = ["casesCreated", "casesUpdated", "eventsCreated", "eventsChanged", "eventsWithdrawn"]
            .map(|name| done["result"][name].as_u64().unwrap());
        assert_eq!(counts, [0, 0, 0, 1, 1]);

        let done = import(app, texts(&[("2023.csv", &first)])).await;
        let counts = ["casesCreated", "eventsCreated", "eventsChanged", "eventsWithdrawn"]
            .map(|name| done["result"][name].as_u64().unwrap());
        assert_eq!(counts, [0, 0, 2, 0], "what was withdrawn stands again");

        let token = app.token("derby", Role::HeadOfService);
        let cases = app.get("/v1/councils/derby/cases?reference=007").token(&token).send().await.expect(200).json();
        assert_eq!(cases["items"][0]["source"], "ssda903", "a reference is text");
    }

    async fn a_case_of_a_persons_keeps_what_the_person_wrote(app: &TestApp) {
        let token = app.token("derby", Role::HeadOfService);
        let case = json!({ "reference": "7", "dateOfBirth": "2015-02-01" });
        let case = app.post("/v1/councils/derby/cases").token(&token).json(&case).send().await.expect(201).json();
        let header = "CHILD,SEX,DOB,ETHNIC\n7,F,02/01/2015,WBRI\n";
        let files = texts(&[("header.csv", header), ("episodes.csv", &episodes("7,01/05/2024,S,C2,N1,U6,PR1,,\n"))]);
        let done = import(app, files).await;
        let found = issues(app, &done, "&rule=203").await;
        assert_eq!((&found[0]["caseId"], &found[0]["action"]), (&case["id"], &json!("value_not_used")));
        let path = format!("/v1/councils/derby/cases/{}", case["id"].as_str().unwrap());
        let kept = app.get(&path).token(&token).send().await.expect(200).json();
        assert_eq!((&kept["dateOfBirth"], &kept["sex"]), (&json!("2015-02-01"), &json!("female")));
    }

    async fn a_trial_keeps_nothing_but_its_report(app: &TestApp) {
        let body = json!({
            "kind": "ssda903", "dryRun": true,
            "files": texts(&[("episodes.csv", &episodes("7,01/05/2024,S,C9,N1,U6,PR1,,\n,01/05/2024,S,C2,N1,U6,PR1,,\n"))]),
        });
        let answer = send(app, &body).await.expect(202);
        let done = finished(app, answer.header("location")).await;
        assert_adds_up(app, &done).await;
        assert_eq!(done["result"]["casesCreated"], 0);
        let lines: Vec<_> = issues(app, &done, "").await.iter().map(|issue| (issue["row"].clone(), issue["rule"].clone())).collect();
        assert_eq!(lines, [(json!(2), json!("144")), (json!(3), json!("child_missing"))]);
        assert!(issues(app, &done, "&severity=notice").await.is_empty());
        let token = app.token("derby", Role::HeadOfService);
        let cases = app.get("/v1/councils/derby/cases").token(&token).send().await.expect(200).json();
        assert_eq!(cases["items"], json!([]));
    }

    async fn a_key_gives_the_first_answer_again(app: &TestApp) {
        let token = app.token("derby", Role::IntegrationClient);
        let ask = async |content: &str| {
            let body = json!({ "kind": "ssda903", "dryRun": true, "files": texts(&[("a.csv", content)]) });
            app.post(IMPORTS).token(&token).key("k-1").json(&body).send().await
        };
        let first = ask("CHILD,DOLO_START\n").await.expect(202);
        let again = ask("CHILD,DOLO_START\n").await.expect(202);
        assert_eq!((first.json(), first.header("location")), (again.json(), again.header("location")));
        ask("CHILD,DOLO_END\n").await.problem(422, "key_reused");
    }

    async fn what_cannot_be_an_import_is_refused_with_its_place(app: &TestApp) {
        let file = json!({ "name": "a.csv", "content": "CHILD\n" });
        for (files, pointer, code) in [
            (json!([]), "/files", "too_few"),
            (json!([file, file]), "/files/1/name", "not_unique"),
            (json!([{ "name": "a.csv", "content": "%", "encoding": "base64" }]), "/files/0/content", "not_base64"),
            (json!([{ "name": "a.csv", "content": "x", "collectionYear": "2024-26" }]), "/files/0/collectionYear", "invalid_value"),
        ] {
            let answer = send(app, &json!({ "kind": "ssda903", "files": files })).await;
            answer.problem(422, "invalid");
            let faults = answer.faults();
            assert_eq!(faults[0].0, pointer, "{faults:?}");
            if code != "too_few" {
                assert_eq!(faults[0].1, code);
            }
        }
        let token = app.token("derby", Role::SocialWorker);
        app.post(IMPORTS).token(&token).json(&json!({})).send().await.problem(403, "forbidden");
        let unknown = format!("{IMPORTS}/01980f0e-8a70-7c55-9d36-1b1f5a8f0c11");
        app.get(&unknown).token(&app.token("derby", Role::HeadOfService)).send().await.problem(404, "not_found");
    }

    async fn an_import_that_another_process_left_behind_is_finished(app: &TestApp) {
        // The first process took the import and ended: it lies there, running, and nobody touches it.
        let files = texts(&[("episodes.csv", &episodes("7,01/05/2024,S,C2,N1,U6,PR1,,\n"))]);
        let store = app.database().store().await;
        let council = CouncilCode::new("derby").unwrap();
        let long_ago = chrono::DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        let left = permanence_api::store::imports::Import {
            id: permanence_api::store::ids::ImportId::generate(),
            kind: "ssda903".to_owned(),
            status: permanence_api::store::imports::ImportStatus::Running,
            dry_run: false,
            content_hash: "0".to_owned(),
            files: vec![permanence_api::store::imports::ImportFile {
                name: "episodes.csv".to_owned(),
                bytes: 1,
                collection_year: None,
                content: Some(STANDARD.encode(files[0]["content"].as_str().unwrap())),
            }],
            progress: json!({ "children": 0, "childrenDone": 0 }),
            result: json!({}),
            problem: None,
            created_by: "somebody".to_owned(),
            version: 2,
            created_at: long_ago,
            updated_at: long_ago,
            finished_at: None,
        };
        let id = left.id;
        store
            .write(async move |tx: &mut permanence_api::store::Tx| {
                permanence_api::store::imports::import_create_in_txn(tx, &council, &left).await
            })
            .await
            .unwrap();
        // Any other import wakes the worker.
        let trial = json!({ "kind": "ssda903", "dryRun": true, "files": files });
        send(app, &trial).await.expect(202);
        let done = finished(app, &format!("{IMPORTS}/{id}")).await;
        assert_adds_up(app, &done).await;
        assert_eq!(done["result"]["casesCreated"], 1);
    }
}
