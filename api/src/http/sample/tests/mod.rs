//! Promise: a route written as the guide shows it keeps to every convention without a line of its own.

#![allow(clippy::indexing_slicing, clippy::expect_used)]

mod addresses;
mod bodies;
mod connections;
mod description;
mod objects;
mod rights;
mod versions;

use std::net::TcpListener;

use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use crate::app::{AppState, Routes, build_server_with};
use crate::auth::{Authenticator, DevelopmentKey, Minted, Role};
use crate::clock::Clock;
use crate::config::Config;
use crate::plugins::Councils;
use crate::store::{Store, migrations};

const NOTES: &str = "/v1/councils/anytown/notes";
const NOTE: &str = "/v1/councils/anytown/notes/00000000-0000-0000-0000-000000000000";

struct Served {
    address: String,
    key: DevelopmentKey,
    client: reqwest::Client,
    _folder: tempfile::TempDir,
}

struct Answered {
    status: u16,
    headers: reqwest::header::HeaderMap,
    body: Value,
}

/// The sample, served.
async fn serve() -> Served {
    serve_routes(super::configure).await
}

async fn serve_routes(routes: Routes) -> Served {
    let folder = tempfile::tempdir().expect("a folder");
    let url = folder.path().join("test.db").display().to_string();
    migrations::run(&url).expect("the migrations apply");
    let settings = [
        ("PERMANENCE__CORS__ORIGINS", "[\"https://panels.example\"]"),
        ("PERMANENCE__SERVER__BODY_LIMIT", "1000"),
    ];
    let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let config = Config::load(
        None,
        settings
            .into_iter()
            .chain([("PERMANENCE__DATABASE__URL".to_owned(), url.clone())]),
    )
    .expect("the settings are good");
    let key = DevelopmentKey::ephemeral().expect("a key");
    let auth = Authenticator::new(&config.auth, &config.limits, Some(&key));
    let store = Store::connect(&url).await.expect("the database opens");
    let state = AppState::new(config, Clock::System, auth, store, Councils::default())
        .expect("the journal opens");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let server = build_server_with(state, listener, routes).expect("the server starts");
    actix_web::rt::spawn(server);
    Served {
        address,
        key,
        client: reqwest::Client::new(),
        _folder: folder,
    }
}

impl Served {
    fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        self.client
            .request(method, format!("{}{path}", self.address))
    }

    /// A request of a head of service, who may do all that the sample does.
    fn by_head(&self, method: Method, path: &str) -> RequestBuilder {
        self.ask(method, path)
            .bearer_auth(self.token("anytown", Role::HeadOfService, 60))
    }

    /// Sends these bytes and gives back what comes until the server closes or falls silent.
    async fn raw(&self, request: &str) -> String {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let address = self.address.trim_start_matches("http://");
        let mut stream = tokio::net::TcpStream::connect(address)
            .await
            .expect("a connection");
        stream
            .write_all(request.as_bytes())
            .await
            .expect("it is sent");
        let mut answer = Vec::new();
        let silence = std::time::Duration::from_millis(500);
        let mut part = [0; 4096];
        while let Ok(Ok(read @ 1..)) = tokio::time::timeout(silence, stream.read(&mut part)).await {
            answer.extend_from_slice(&part[..read]);
        }
        String::from_utf8_lossy(&answer).into_owned()
    }

    fn token(&self, council: &str, role: Role, lives: i64) -> String {
        self.token_of(council, &[role], lives)
    }

    fn token_of(&self, council: &str, roles: &[Role], lives: i64) -> String {
        let now = Clock::System.now().timestamp();
        self.key
            .mint(&Minted {
                subject: "somebody",
                councils: &[council.to_owned()],
                roles,
                teams: &[],
                audience: "permanence",
                from: now - 1000,
                until: now + lives,
            })
            .expect("a token")
    }
}

async fn send(request: RequestBuilder) -> Answered {
    let response = request.send().await.expect("an answer");
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await.expect("a body");
    Answered {
        status,
        headers,
        body: serde_json::from_str(&text).unwrap_or_default(),
    }
}

impl Answered {
    fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("text"))
    }

    /// Status and code of a problem in its proper form.
    fn problem(&self) -> (u16, &str) {
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{}",
            self.body
        );
        assert_eq!(self.body["requestId"], self.header("x-request-id"));
        assert!(
            !self.body.to_string().contains("Zaphod"),
            "repeats what was sent: {}",
            self.body
        );
        (self.status, self.body["code"].as_str().unwrap_or_default())
    }

    fn faults(&self) -> Vec<(&str, &str)> {
        let errors = self.body["errors"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        errors
            .iter()
            .map(|fault| (text(fault, "pointer"), text(fault, "code")))
            .collect()
    }
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}
