//! Promise: the program's commands do as processes what they say, and end with what became of it.

use std::path::Path;
use std::process::{Command, Output};

use permanence_api::auth::Role;

use crate::on_both_databases;
use crate::panel_journey::Day;
use crate::support::library;

/// The program with the councils of this build, in a folder of its own.
fn permanence(home: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(library("permanence"));
    let plugins = library("permanence");
    command
        .args(arguments)
        .current_dir(home)
        .env("PERMANENCE__MODE", "development")
        .env(
            "PERMANENCE__PLUGINS__FOLDER",
            plugins.parent().expect("a folder"),
        );
    command
}

async fn run(mut command: Command) -> Output {
    let run = tokio::task::spawn_blocking(move || command.output());
    run.await.expect("it ran").expect("it ran")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test]
async fn demo_fills_a_folder_shows_the_drift_and_says_what_to_try() {
    let home = tempfile::tempdir().expect("a folder");
    let mut command = permanence(
        home.path(),
        &["demo", "--once", "--children", "24", "--port", "0"],
    );
    command.arg("--folder").arg(home.path().join("demo"));
    let output = run(command).await;
    let said = text(&output.stdout);
    assert!(output.status.success(), "{said}{}", text(&output.stderr));
    assert!(home.path().join("demo/permanence.db").exists());
    for council in crate::support::councils().iter() {
        let name = &council.policy().council.name;
        assert!(said.contains(name.as_str()), "{name} is not in {said}");
    }
    assert!(said.contains("/docs") && said.contains("Bearer"), "{said}");
}

on_both_databases! {
    async fn import_sends_a_return_follows_it_and_reports(database: &TestDatabase) {
        let day = Day::at(database, "derby", "2026-03-02T09:30:00Z").await;
        let home = tempfile::tempdir().expect("a folder");
        let file = home.path().join("2024-25-reviews.csv");
        let rows = "CHILD,DOB,REVIEW,REVIEW_CODE\r\nA1,04/05/2017,12/11/2024,PN1\r\nA1,04/05/2017,99/99/2024,PN1\r\n";
        std::fs::write(&file, rows).expect("a file");
        let token = day.token(Role::IntegrationClient);
        let send = |token: &str| {
            let mut command = permanence(home.path(), &["import", "--council", "derby"]);
            command.args(["--url", day.app.address(), "--token", token]).arg(&file);
            run(command)
        };
        let output = send(&token).await;
        let said = text(&output.stdout);
        assert!(output.status.success(), "{said}{}", text(&output.stderr));
        assert!(said.contains("Rows: 2 read, 1 used, 1 not used."), "{said}");
        assert!(said.contains("Cases: 1 new, 0 changed, 0 closed, 0 opened again."), "{said}");
        assert!(said.contains("row 3 REVIEW: [166]"), "{said}");

        let refused = send("no token").await;
        assert!(!refused.status.success(), "{}", text(&refused.stdout));
        assert!(!text(&refused.stderr).is_empty());
    }

    async fn jobs_run_for_every_council_and_refuse_one_that_is_not_loaded(database: &TestDatabase) {
        let home = tempfile::tempdir().expect("a folder");
        let jobs = |council: Option<&str>| {
            let mut command = permanence(home.path(), &["jobs", "run", "--as-of", "2026-03-11"]);
            command.env("PERMANENCE__DATABASE__URL", database.url()).env("PERMANENCE__DATABASE__READS", home.path());
            command.args(council.into_iter().flat_map(|code| ["--council", code]));
            run(command)
        };
        let output = jobs(None).await;
        let said = text(&output.stdout);
        assert!(output.status.success(), "{said}{}", text(&output.stderr));
        let councils = crate::support::councils();
        assert_eq!(said.lines().count(), councils.iter().count(), "{said}");
        for council in councils.iter() {
            assert!(said.contains(&format!("{}: 0 notices", council.code())), "{said}");
        }
        let unknown = jobs(Some("nowhere")).await;
        assert!(!unknown.status.success());
        assert!(text(&unknown.stderr).contains("no council of this code is loaded"), "{}", text(&unknown.stderr));
    }
}
