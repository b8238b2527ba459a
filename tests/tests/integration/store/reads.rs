//! Promise: whoever read a case is in the audit, once, also when the process was killed before it could say so there.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use permanence_api::store::audit::{AuditFilter, audit_list};
use permanence_api::store::ids::CaseId;
use permanence_api::store::read_journal::{CaseRead, ReadJournal};
use permanence_api::store::{Conn, Store};
use permanence_core::CouncilCode;

use super::cases::{council, moment};
use crate::databases::TestDatabase;
use crate::on_both_databases;

/// Names the folder in which [`a_process_records_until_it_is_killed`] writes, when it is run as a process of its own.
const FOLDER: &str = "PERMANENCE_TEST_READS_FOLDER";

fn read(request: usize) -> CaseRead {
    CaseRead {
        at: moment(),
        actor: "u-1".to_owned(),
        role: None,
        operation: "getCase".to_owned(),
        cases: vec![CaseId::generate()],
        request_id: Some(format!("r-{request}")),
    }
}

/// The requests of the reads in a council's audit, in the order of the chain.
async fn audited(store: &Store, council: CouncilCode) -> Vec<String> {
    let events = store
        .list(async move |conn: &mut Conn| {
            audit_list(conn, &council, &AuditFilter::default(), None, false, 10_000).await
        })
        .await
        .unwrap();
    events
        .into_iter()
        .filter_map(|event| event.request_id)
        .collect()
}

fn journals(folder: &Path) -> usize {
    std::fs::read_dir(folder).unwrap().count()
}

on_both_databases! {
    async fn what_was_recorded_is_moved_once_and_in_order(database: &TestDatabase) {
        let store = database.store().await;
        let folder = tempfile::tempdir().unwrap();
        let journal = ReadJournal::open(folder.path()).unwrap();
        let other = CouncilCode::new("othertown").unwrap();
        for request in 0..5 {
            journal.record(&council(), &read(request)).unwrap();
        }
        journal.record(&other, &read(9)).unwrap();
        assert_eq!(journal.drain(&store).await.unwrap(), 6);
        assert_eq!(journal.drain(&store).await.unwrap(), 0);
        journal.record(&council(), &read(5)).unwrap();
        assert_eq!(journal.drain(&store).await.unwrap(), 1);
        assert_eq!(audited(&store, council()).await, ["r-0", "r-1", "r-2", "r-3", "r-4", "r-5"]);
        assert_eq!(audited(&store, other).await, ["r-9"]);
    }

    async fn a_read_of_a_whole_caseload_is_moved_like_any_other(database: &TestDatabase) {
        let store = database.store().await;
        let folder = tempfile::tempdir().unwrap();
        let journal = ReadJournal::open(folder.path()).unwrap();
        let cases = (0..3_000).map(|_| CaseId::generate()).collect();
        journal.record(&council(), &CaseRead { cases, ..read(0) }).unwrap();
        journal.record(&council(), &read(1)).unwrap();
        assert_eq!(journal.drain(&store).await.unwrap(), 3_001);
        assert_eq!(audited(&store, council()).await.last().unwrap(), "r-1");
    }

    async fn movers_at_one_time_move_nothing_twice(database: &TestDatabase) {
        let store = database.store().await;
        let folder = tempfile::tempdir().unwrap();
        {
            let gone = ReadJournal::open(folder.path()).unwrap();
            for request in 0..3_000 {
                gone.record(&council(), &read(request)).unwrap();
            }
        }
        let (one, two) = (ReadJournal::open(folder.path()).unwrap(), ReadJournal::open(folder.path()).unwrap());
        let (one, two) = tokio::join!(one.drain(&store), two.drain(&store));
        assert_eq!(one.unwrap() + two.unwrap(), 3_000);
        let expected: Vec<String> = (0..3_000).map(|request| format!("r-{request}")).collect();
        assert_eq!(audited(&store, council()).await, expected);
        assert_eq!(journals(folder.path()), 0, "the journal of a process that is gone goes when it is empty");
    }

    async fn a_torn_line_costs_no_other_read(database: &TestDatabase) {
        let store = database.store().await;
        let folder = tempfile::tempdir().unwrap();
        {
            let gone = ReadJournal::open(folder.path()).unwrap();
            gone.record(&council(), &read(0)).unwrap();
        }
        let path = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
        let mut file = std::fs::OpenOptions::new().append(true).open(path).unwrap();
        let mut line = serde_json::to_vec(&read(1)).unwrap();
        line.push(b'\n');
        file.write_all(b"{\"at\":\"2026-03-0\n").unwrap();
        file.write_all(&line).unwrap();
        file.write_all(b"{\"at\":").unwrap();
        drop(file);
        let journal = ReadJournal::open(folder.path()).unwrap();
        assert_eq!(journal.drain(&store).await.unwrap(), 2);
        assert_eq!(audited(&store, council()).await, ["r-0", "r-1"]);
    }
}

#[test]
#[expect(
    clippy::print_stdout,
    reason = "the test that kills this process reads what it says"
)]
fn a_process_records_until_it_is_killed() {
    let own = tempfile::tempdir().unwrap();
    let told = std::env::var(FOLDER).ok();
    let folder = told.as_ref().map_or(own.path(), |folder| Path::new(folder));
    let journal = ReadJournal::open(folder).unwrap();
    let mut request = 0;
    loop {
        journal.record(&council(), &read(request)).unwrap();
        request += 1;
        // The answer leaves: from here on the read must be in the audit one day.
        println!("answered {request}");
        if told.is_none() && request == 10 {
            break;
        }
    }
    assert_eq!(journals(folder), 1);
}

#[tokio::test]
async fn a_killed_process_loses_no_read() {
    let folder = tempfile::tempdir().unwrap();
    let mut process = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "store::reads::a_process_records_until_it_is_killed",
            "--nocapture",
        ])
        .env(FOLDER, folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut answered = 0;
    for line in BufReader::new(process.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        let Some((_, count)) = line.split_once("answered ") else {
            continue;
        };
        answered = count.parse().unwrap();
        if answered == 500 {
            // SIGKILL: nothing of it runs any more. What it wrote before is still in the pipe.
            process.kill().unwrap();
        }
    }
    process.wait().unwrap();
    assert!(answered >= 500);
    let database = TestDatabase::sqlite();
    let store = database.store().await;
    let journal = ReadJournal::open(folder.path()).unwrap();
    let moved = journal.drain(&store).await.unwrap();
    assert!(
        moved >= answered,
        "{answered} were answered, {moved} are in the audit"
    );
    let expected: Vec<String> = (0..moved).map(|request| format!("r-{request}")).collect();
    assert_eq!(
        audited(&store, council()).await,
        expected.get(..expected.len().min(10_000)).unwrap()
    );
}
