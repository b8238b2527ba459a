//! The service as it ships, started as a process of its own and filled through its own API, and the yardstick beside it.

use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use reqwest::{Client, Method};
use serde_json::{Value, json};
use tempfile::TempDir;
use uuid::Uuid;

use super::processes;

/// Cases that the service holds.
const CASES: usize = 1_000;

/// Bookings that one sitting takes: more than a panel would hear, and not so many that reading them is what is measured.
const ON_ONE_SITTING: usize = 20;

/// The running service.
pub struct Service {
    pub address: SocketAddr,
    pub council: String,
    pub token: String,
    process: Child,
    started_in: Duration,
    idle_mib: f64,
    client: Client,
    cases: Vec<Uuid>,
    _folder: TempDir,
}

/// What was made for the requests.
pub struct Made {
    pub case_id: Uuid,
    /// The answers to be sent by the handler that only sends bytes.
    pub one: PathBuf,
    pub list: PathBuf,
    pub quorum: Value,
}

/// The yardsticks' process.
pub struct Yardstick {
    pub address: SocketAddr,
    process: Child,
}

/// A new database on that server, so that a run finds none of another's rows; an SQLite file is taken as it is named.
pub async fn database_of_its_own(url: &str) -> String {
    if !url.starts_with("postgres") {
        return url.to_owned();
    }
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls)
        .await
        .expect("the server answers");
    tokio::spawn(connection);
    let name = format!("load_{}", Uuid::now_v7().simple());
    client
        .batch_execute(&format!("CREATE DATABASE {name}"))
        .await
        .expect("a database of its own");
    let (server, _) = url.rsplit_once('/').expect("the url names a database");
    format!("{server}/{name}")
}

impl Service {
    /// Starts the service on a database of its own.
    pub async fn start(database: &str, council: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let command = |arguments: &[&str]| {
            let mut command = Command::new(built("permanence"));
            command
                .args(arguments)
                .current_dir(folder.path())
                .env("PERMANENCE__MODE", "development")
                .env("PERMANENCE__DATABASE__URL", database)
                .env("PERMANENCE__SERVER__PORT", port.to_string())
                .env("PERMANENCE__LOG__FILTER", "warn");
            command
        };
        assert!(
            command(&["migrate"]).status().unwrap().success(),
            "the database takes the tables"
        );
        let role = |code: &'static str| ["--role", code];
        let roles = [
            "head_of_service",
            "panel_chair",
            "panel_administrator",
            "integration_client",
        ]
        .map(role)
        .concat();
        let token = command(&["token", "--council", council])
            .args(roles)
            .output()
            .unwrap();
        let token = String::from_utf8(token.stdout).unwrap().trim().to_owned();
        let begun = Instant::now();
        let process = command(&["serve"]).spawn().unwrap();
        let (address, client) = (SocketAddr::from(([127, 0, 0, 1], port)), Client::new());
        let ready = format!("http://{address}/health/ready");
        while !client
            .get(&ready)
            .send()
            .await
            .is_ok_and(|answer| answer.status().is_success())
        {
            assert!(
                begun.elapsed() < Duration::from_secs(60),
                "the service starts within a minute"
            );
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let started_in = begun.elapsed();
        let idle_mib = processes::memory_of(process.id()).0;
        let council = council.to_owned();
        Self {
            address,
            council,
            token,
            process,
            started_in,
            idle_mib,
            client,
            cases: Vec::new(),
            _folder: folder,
        }
    }

    pub fn process(&self) -> u32 {
        self.process.id()
    }

    /// Opens the cases and keeps the answers that the yardstick sends.
    pub async fn fill(&mut self) -> Made {
        for number in 0..CASES {
            let case = json!({
                "reference": format!("LOAD-{number:05}"),
                "givenName": "Wren",
                "familyName": format!("Finch-{number}"),
                "dateOfBirth": "2017-05-04",
                "sex": "female",
                "socialWorker": format!("sw-{}", number % 40),
                "team": format!("team-{}", number % 8),
            });
            let made = self.post("cases", &case).await;
            self.cases
                .push(serde_json::from_value(made["id"].clone()).unwrap());
        }
        let case_id = self.cases[0];
        let folder = self._folder.path().to_owned();
        let (one, list) = (folder.join("one.json"), folder.join("list.json"));
        std::fs::write(&one, self.get(&format!("cases/{case_id}")).await).unwrap();
        std::fs::write(&list, self.get("cases?limit=50").await).unwrap();
        let present = [
            "head_of_service",
            "through_care_service_manager",
            "iro_manager",
            "social_work_service_manager",
        ];
        let present: Vec<Value> = present.iter().map(|role| json!({ "role": role })).collect();
        Made {
            case_id,
            one,
            list,
            quorum: json!({ "asOf": "2026-03-03", "facts": { "present": present } }),
        }
    }

    /// So many bookings as requests, each for another case or another sitting.
    pub async fn bookings(&self, count: usize) -> Vec<Vec<u8>> {
        let weeks = count.div_ceil(ON_ONE_SITTING) + 1;
        let first = chrono::Utc::now().date_naive() + chrono::Days::new(60);
        let last = first + chrono::Days::new(7 * u64::try_from(weeks).unwrap());
        self.post("sittings", &json!({ "from": first, "to": last }))
            .await;
        let sittings = self.sittings("sittings?limit=200").await;
        let path = format!("/v1/councils/{}/bookings", self.council);
        let authorization = format!("Bearer {}", self.token);
        (0..count.min(sittings.len() * ON_ONE_SITTING))
            .map(|number| {
                let key = Uuid::now_v7().to_string();
                let headers = [
                    ("authorization", authorization.as_str()),
                    ("idempotency-key", key.as_str()),
                ];
                let booking = json!({
                    // Neighbours in time are on different sittings, as they would be, and a case comes to a sitting once.
                    "caseId": self.cases[number % CASES],
                    "sittingId": sittings[number % sittings.len()],
                    "requestType": "permanent_fostering_match",
                    "requestedBy": "social_worker",
                });
                super::request("POST", &path, &headers, Some(&booking.to_string()))
            })
            .collect()
    }

    /// The sittings of a list that take place, page by page.
    async fn sittings(&self, path: &str) -> Vec<Value> {
        let (mut found, mut page) = (Vec::new(), path.to_owned());
        loop {
            let answer: Value = serde_json::from_slice(&self.get(&page).await).unwrap();
            let items = answer["items"].as_array().unwrap().iter();
            let to_come = items.filter(|sitting| sitting["status"] == "scheduled");
            found.extend(to_come.map(|sitting| sitting["id"].clone()));
            match answer["nextCursor"].as_str() {
                Some(cursor) => page = format!("{path}&cursor={cursor}"),
                None => return found,
            }
        }
    }

    /// Waits until the service does no more work of its own, for a minute at most.
    pub async fn at_rest(&self) {
        let mut worked = processes::time_of(self.process());
        for _ in 0..60 {
            // Longer than the pause between two moves of recorded reads.
            tokio::time::sleep(Duration::from_millis(1_200)).await;
            let now = processes::time_of(self.process());
            if now.saturating_sub(worked) < Duration::from_millis(30) {
                return;
            }
            worked = now;
        }
    }

    /// What the service's process holds.
    pub fn print_memory(&self) {
        let (now, most) = processes::memory_of(self.process());
        println!(
            "\nstart-up {} ms, idle {:.1} MiB resident; after the load {now:.1} MiB, at most {most:.1} MiB",
            self.started_in.as_millis(),
            self.idle_mib
        );
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let request = self
            .request(Method::POST, path)
            .header("idempotency-key", Uuid::now_v7().to_string());
        let answer = request.json(body).send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "POST {path}: {status} {text}");
        serde_json::from_str(&text).unwrap()
    }

    async fn get(&self, path: &str) -> Vec<u8> {
        let answer = self.request(Method::GET, path).send().await.unwrap();
        let status = answer.status();
        let bytes = answer.bytes().await.unwrap().to_vec();
        assert!(
            status.is_success(),
            "GET {path}: {status} {}",
            String::from_utf8_lossy(&bytes)
        );
        bytes
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let address = format!(
            "http://{}/v1/councils/{}/{path}",
            self.address, self.council
        );
        self.client
            .request(method, address)
            .bearer_auth(&self.token)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Yardstick {
    /// Starts the yardsticks on the service's own tables; there are none for SQLite.
    pub fn start(database: &str, made: &Made) -> Option<Self> {
        if !database.starts_with("postgres") {
            return None;
        }
        let mut process = Command::new(built("examples/yardstick"))
            .arg(database)
            .args([&made.one, &made.list])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        Some(Self {
            address: line.trim().parse().unwrap(),
            process,
        })
    }

    pub fn process(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Yardstick {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A file of the build's folder; this program lies in the folder below it.
fn built(name: &str) -> PathBuf {
    let program = std::env::current_exe().unwrap();
    let file = program
        .ancestors()
        .nth(2)
        .map(|folder| folder.join(Path::new(name)))
        .unwrap();
    assert!(
        file.exists(),
        "{} is not there: cargo build --release --workspace --lib --bins --examples builds it",
        file.display()
    );
    file
}
