//! Drives the running service from loopback and prints what it does beside two yardsticks of the same run.
//!
//! ```text
//! cargo build --release --workspace --lib --bins --examples
//! target/release/examples/load --database "$(.ci/postgres start --durable)" [--seconds 3] [--rounds 3] [--clients 16] [--only NAME]
//! ```
//!
//! The service runs as it ships, with tokens checked, scopes checked and reads audited; callers, service, yardsticks and
//! PostgreSQL share one machine, so that rates say little and their ratios say more.
//! Rounds are interleaved, and of each row the median round by rate is shown.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods
)]

mod client;
mod processes;
mod service;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use client::{Measured, Requests, request};
use service::{Service, Yardstick};

/// What was asked on the command line.
struct Options {
    database: String,
    council: String,
    seconds: u64,
    rounds: usize,
    clients: usize,
    /// Only rows whose name holds this.
    only: String,
}

/// One row of the table.
struct Row {
    name: &'static str,
    /// Whose processor time counts.
    process: u32,
    requests: Arc<Requests>,
    /// Where the next round goes on, for requests that may be sent once.
    next: Arc<AtomicUsize>,
    rounds: Vec<Round>,
}

/// One round of a row.
struct Round {
    measured: Measured,
    server_micros: f64,
    postgres_micros: f64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut options = options();
    options.database = service::database_of_its_own(&options.database).await;
    let mut service = Service::start(&options.database, &options.council).await;
    let made = service.fill().await;
    let bookings = service
        .bookings(options.rounds * usize::try_from(options.seconds).unwrap() * 400)
        .await;
    // It copies the sittings that the bookings go to.
    let yardstick = Yardstick::start(&options.database, &made);
    let mut rows = rows(&service, yardstick.as_ref(), &made, bookings);
    rows.retain(|row| row.name.contains(&options.only));

    let local = tokio::task::LocalSet::new();
    let time = Duration::from_secs(options.seconds);
    for round in 0..=options.rounds {
        for row in &mut rows {
            // The first round only warms up, and bookings are too dear to be spent on that.
            let (warms_up, length) = if round == 0 {
                (true, Duration::from_millis(500))
            } else {
                (false, time)
            };
            if warms_up && !row.requests.repeat {
                continue;
            }
            // Reads of the row before are moved to the audit until then: a cost of that row, not of this one.
            service.at_rest().await;
            let taken = local.run_until(row.run(options.clients, length)).await;
            if !warms_up {
                row.rounds.push(taken);
            }
        }
    }
    print_table(&options, &rows);
    service.print_memory();
}

impl Row {
    fn new(
        name: &'static str,
        process: u32,
        address: SocketAddr,
        bytes: Vec<Vec<u8>>,
        repeat: bool,
    ) -> Self {
        let requests = Arc::new(Requests {
            address,
            bytes,
            repeat,
        });
        Self {
            name,
            process,
            requests,
            next: Arc::default(),
            rounds: Vec::new(),
        }
    }

    async fn run(&self, clients: usize, time: Duration) -> Round {
        eprintln!("{} ...", self.name);
        let before = (
            processes::time_of(self.process),
            processes::time_of_postgres(),
        );
        let measured = client::ask(
            Arc::clone(&self.requests),
            Arc::clone(&self.next),
            clients,
            time,
        )
        .await;
        let after = (
            processes::time_of(self.process),
            processes::time_of_postgres(),
        );
        let each = |before: Duration, after: Duration| {
            after.saturating_sub(before).as_secs_f64() * 1e6 / measured.micros.len().max(1) as f64
        };
        let (server_micros, postgres_micros) = (each(before.0, after.0), each(before.1, after.1));
        Round {
            measured,
            server_micros,
            postgres_micros,
        }
    }

    fn median(&self) -> Option<&Round> {
        let mut rounds: Vec<&Round> = self.rounds.iter().collect();
        rounds.sort_by(|one, other| one.measured.rate().total_cmp(&other.measured.rate()));
        rounds.get(rounds.len() / 2).copied()
    }
}

fn rows(
    service: &Service,
    yardstick: Option<&Yardstick>,
    made: &service::Made,
    bookings: Vec<Vec<u8>>,
) -> Vec<Row> {
    let authorization = format!("Bearer {}", service.token);
    let headers = [("authorization", authorization.as_str())];
    let get = |path: &str| vec![request("GET", path, &headers, None)];
    let bare = |path: &str| vec![request("GET", path, &[], None)];
    let council = &service.council;
    let one = format!("/v1/councils/{council}/cases/{}", made.case_id);
    let list = format!("/v1/councils/{council}/cases?limit=50");
    let quorum = format!("/v1/councils/{council}/evaluations/quorum");
    let question = made.quorum.to_string();

    let (at, process) = (service.address, service.process());
    let mut rows = Vec::new();
    if let Some(yardstick) = yardstick {
        let (at, process) = (yardstick.address, yardstick.process());
        rows.push(Row::new(
            "bytes, one case",
            process,
            at,
            bare("/bytes/one"),
            true,
        ));
        rows.push(Row::new(
            "tokio-postgres, one case",
            process,
            at,
            bare(&format!("/row/{council}/{}", made.case_id)),
            true,
        ));
    }
    rows.push(Row::new("getCase", process, at, get(&one), true));
    if let Some(yardstick) = yardstick {
        let (at, process) = (yardstick.address, yardstick.process());
        rows.push(Row::new(
            "bytes, 50 cases",
            process,
            at,
            bare("/bytes/list"),
            true,
        ));
        rows.push(Row::new(
            "tokio-postgres, 50 cases",
            process,
            at,
            bare(&format!("/rows/{council}")),
            true,
        ));
    }
    rows.push(Row::new("listCases, 50", process, at, get(&list), true));
    rows.push(Row::new(
        "evaluateQuorum",
        process,
        at,
        vec![request("POST", &quorum, &headers, Some(&question))],
        true,
    ));
    if let Some(yardstick) = yardstick {
        let (at, process) = (yardstick.address, yardstick.process());
        rows.push(Row::new(
            "bare transaction",
            process,
            at,
            vec![request("POST", "/transaction", &[], Some(""))],
            true,
        ));
    }
    rows.push(Row::new("createBooking", process, at, bookings, false));
    rows
}

fn print_table(options: &Options, rows: &[Row]) {
    println!(
        "\n{} connections, {} rounds of {} s, median round\n",
        options.clients, options.rounds, options.seconds
    );
    println!(
        "| request | a second | p50 ms | p99 ms | CPU us server | CPU us PostgreSQL | not 2xx |"
    );
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
    for row in rows {
        let Some(round) = row.median() else { continue };
        println!(
            "| {} | {:.0} | {:.2} | {:.2} | {:.0} | {:.0} | {} |",
            row.name,
            round.measured.rate(),
            round.measured.percentile(0.5),
            round.measured.percentile(0.99),
            round.server_micros,
            round.postgres_micros,
            round.measured.refused,
        );
    }
    println!();
    let rate = |name: &str| {
        rows.iter()
            .find(|row| row.name == name)
            .and_then(Row::median)
            .map(|round| round.measured.rate())
    };
    for (ours, theirs) in [
        ("getCase", "bytes, one case"),
        ("getCase", "tokio-postgres, one case"),
        ("listCases, 50", "bytes, 50 cases"),
        ("listCases, 50", "tokio-postgres, 50 cases"),
        ("createBooking", "bare transaction"),
    ] {
        if let (Some(our_rate), Some(their_rate)) = (rate(ours), rate(theirs)) {
            println!("{ours} to {theirs}: {:.2}", our_rate / their_rate);
        }
    }
    for row in rows {
        if let Some(refusal) = row
            .rounds
            .iter()
            .find_map(|round| round.measured.first_refusal.as_ref())
        {
            println!(
                "\nfirst refusal of {}:\n{}",
                row.name,
                refusal.chars().take(600).collect::<String>()
            );
        }
    }
}

fn options() -> Options {
    let mut options = Options {
        database: String::new(),
        council: "bradford".into(),
        seconds: 3,
        rounds: 3,
        clients: 16,
        only: String::new(),
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments
            .next()
            .unwrap_or_else(|| panic!("{name} needs a value"));
        match name.as_str() {
            "--database" => options.database = value,
            "--council" => options.council = value,
            "--seconds" => options.seconds = value.parse().expect("seconds"),
            "--rounds" => options.rounds = value.parse().expect("rounds"),
            "--only" => options.only = value,
            "--clients" => options.clients = value.parse().expect("clients"),
            other => panic!("unknown: {other}"),
        }
    }
    assert!(
        !options.database.is_empty(),
        "--database names a PostgreSQL server or an SQLite file"
    );
    options
}
