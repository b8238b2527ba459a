//! One server.

use std::net::TcpListener;
use std::time::{SystemTime, UNIX_EPOCH};

use actix_web::dev::ServerHandle;
use chrono::{DateTime, Utc};
use permanence_api::app::{AppState, build_server};
use permanence_api::auth::{Authenticator, DevelopmentKey, Minted, Role};
use permanence_api::clock::Clock;
use permanence_api::config::Config;
use permanence_api::plugins::Councils;
use reqwest::Method;
use tempfile::TempDir;

use super::request::Asked;
use crate::databases::TestDatabase;

/// The moment at which every test takes place, unless it says otherwise.
pub const NOW: &str = "2026-03-02T09:30:00Z";

/// A server with its database and the key that its callers' tokens are made with.
pub struct TestApp {
    address: String,
    key: DevelopmentKey,
    server: ServerHandle,
    thread: Option<std::thread::JoinHandle<()>>,
    client: reqwest::Client,
    database: TestDatabase,
    _reads: TempDir,
}

impl TestApp {
    /// A server on this database, with the workspace's councils, at [`NOW`].
    pub async fn on(database: TestDatabase) -> Self {
        Self::with(database, super::councils(), NOW, &[]).await
    }

    /// A server with councils, a moment and settings (as variables of the environment) of the test's own.
    pub async fn with(
        database: TestDatabase,
        councils: Councils,
        now: &str,
        settings: &[(&str, &str)],
    ) -> Self {
        let now = DateTime::parse_from_rfc3339(now)
            .expect("a moment")
            .with_timezone(&Utc);
        let variables = settings
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let reads = tempfile::tempdir().expect("a temporary folder");
        let folder = reads.path().display().to_string();
        let variables = variables.chain([("PERMANENCE__DATABASE__READS".to_owned(), folder)]);
        let config = Config::load(None, variables).expect("the settings are good");
        let key = DevelopmentKey::ephemeral().expect("a key");
        let auth = Authenticator::new(&config.auth, &config.limits, Some(&key));
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let url = database.url().to_owned();
        let (started, starts) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            actix_rt::System::new().block_on(async move {
                let store = permanence_api::store::Store::connect(&url)
                    .await
                    .expect("the database opens");
                let state = AppState::new(config, Clock::Fixed(now), auth, store, councils)
                    .expect("the journal opens");
                let server = build_server(state, listener).expect("the server starts");
                started.send(server.handle()).expect("the test waits");
                server.await.expect("the server ends well");
            });
        });
        let server = tokio::task::spawn_blocking(move || starts.recv())
            .await
            .expect("waiting")
            .expect("the server starts");
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client");
        Self {
            address,
            key,
            server,
            thread: Some(thread),
            client,
            database,
            _reads: reads,
        }
    }

    /// The database behind the server.
    pub fn database(&self) -> &TestDatabase {
        &self.database
    }

    /// Where it answers.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// A token for this role at this council, good for an hour.
    pub fn token(&self, council: &str, role: Role) -> String {
        self.mint(
            &format!("test-{}", role.as_str()),
            &[council],
            &[role],
            &[],
            3600,
        )
    }

    /// A token with everything said.
    pub fn mint(
        &self,
        subject: &str,
        councils: &[&str],
        roles: &[Role],
        teams: &[&str],
        lives: i64,
    ) -> String {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .expect("after 1970");
        let now = i64::try_from(now.as_secs()).expect("a moment");
        let owned = |texts: &[&str]| {
            texts
                .iter()
                .map(|text| (*text).to_owned())
                .collect::<Vec<_>>()
        };
        self.key
            .mint(&Minted {
                subject,
                councils: &owned(councils),
                roles,
                teams: &owned(teams),
                audience: "permanence",
                from: now.min(now + lives) - 60,
                until: now + lives,
            })
            .expect("a token")
    }

    /// A request without a token.
    pub fn ask(&self, method: Method, path: &str) -> Asked {
        Asked::new(
            self.client
                .request(method, format!("{}{path}", self.address)),
        )
    }

    /// A GET without a token.
    pub fn get(&self, path: &str) -> Asked {
        self.ask(Method::GET, path)
    }

    /// A POST without a token.
    pub fn post(&self, path: &str) -> Asked {
        self.ask(Method::POST, path)
    }

    /// A PATCH without a token.
    pub fn patch(&self, path: &str) -> Asked {
        self.ask(Method::PATCH, path)
    }

    /// A PUT without a token.
    pub fn put(&self, path: &str) -> Asked {
        self.ask(Method::PUT, path)
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        // The server has a thread and a runtime of its own: telling it to stop needs nobody to wait, joining it does.
        drop(self.server.stop(false));
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(
                std::thread::panicking() || ended.is_ok(),
                "the server panicked"
            );
        }
    }
}
