//! The configuration: typed, with a commented default file, read once and passed down.

mod check;
mod layers;

use std::collections::BTreeMap;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use permanence_core::CouncilCode;
use serde::Deserialize;

use crate::auth::Role;
use crate::clock::Clock;
use crate::plugins::PluginsConfig;
use crate::store::Location;

pub use layers::DEFAULTS;

/// What the service is told before it starts.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// How strict it is.
    pub mode: Mode,
    /// Where and how it listens.
    pub server: Server,
    /// Where records are kept.
    pub database: Database,
    /// Which council plugins are loaded.
    pub plugins: PluginsConfig,
    /// What time it is.
    pub clock: ClockConfig,
    /// Which front ends browsers may load.
    pub cors: Cors,
    /// What is logged, and how.
    pub log: Log,
    /// Whose tokens are good.
    pub auth: Auth,
    /// How often callers may ask.
    pub limits: Limits,
}

/// How strict the service is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// For real cases.
    Production,
    /// For newcomers and tests.
    Development,
}

/// Where and how the service listens.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// The address.
    pub host: String,
    /// The port; 0 lets the system choose.
    pub port: u16,
    /// The port of the metrics; 0 is none.
    pub metrics_port: u16,
    /// Threads that answer.
    pub workers: usize,
    /// The largest JSON body, in bytes.
    pub body_limit: usize,
    /// The largest body with files, in bytes.
    pub upload_limit: usize,
    /// How long requests may take to finish when it stops.
    pub shutdown_seconds: u64,
}

/// Where records are kept.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// A file or a server.
    pub url: String,
    /// Where reads are recorded until they are in the database; empty for the default.
    pub reads: String,
}

impl Database {
    /// The folder in which reads are recorded: beside an SQLite file unless something else is said.
    pub fn reads_folder(&self) -> PathBuf {
        if !self.reads.is_empty() {
            return PathBuf::from(&self.reads);
        }
        match Location::parse(&self.url) {
            Location::Sqlite(file) => {
                let mut name = file.into_os_string();
                name.push(".reads");
                PathBuf::from(name)
            }
            Location::Postgres(_) => PathBuf::from("permanence.reads"),
        }
    }
}

/// What time it is.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockConfig {
    /// A moment, or nothing.
    pub fixed: String,
}

/// Which front ends browsers may load.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cors {
    /// Their origins.
    pub origins: Vec<String>,
}

/// What is logged.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// As what.
    pub format: LogFormat,
    /// Which events.
    pub filter: String,
}

/// As what the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Whose tokens are good.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    /// For whom they are made out.
    pub audience: String,
    /// Where the development key lies.
    pub development_key: PathBuf,
    /// An unknown key leads to asking its issuer again at most so often.
    pub refresh_pause_seconds: u64,
    /// Who may vouch for callers.
    pub issuers: Vec<Issuer>,
}

/// Somebody who vouches for callers: an OpenID provider.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    /// Its name, as tokens carry it in `iss`.
    pub issuer: String,
    /// Where its keys are; found by discovery where absent.
    #[serde(default)]
    pub jwks_url: Option<String>,
    /// The algorithms that it signs with.
    pub algorithms: Vec<SigningAlgorithm>,
    /// For whom its tokens are made out, where that is not the service's own audience.
    #[serde(default)]
    pub audience: Option<String>,
    /// The `tid` that its tokens must carry, where one issuer serves several tenants.
    #[serde(default)]
    pub tenant: Option<String>,
    /// The councils that its callers act for, where tokens do not say.
    #[serde(default)]
    pub councils: Vec<CouncilCode>,
    /// The claim that names the councils; it can only narrow `councils` where both are given.
    #[serde(default)]
    pub councils_claim: Option<String>,
    /// The claim that names the caller for good.
    #[serde(default = "subject_claim")]
    pub subject_claim: String,
    /// The claim that names the roles.
    #[serde(default = "roles_claim")]
    pub roles_claim: String,
    /// What the issuer calls a role, and the role that it is. What is not named here is no role.
    pub roles: BTreeMap<String, Role>,
    /// The claim that names the teams.
    #[serde(default)]
    pub teams_claim: Option<String>,
}

/// How a token may be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum SigningAlgorithm {
    /// RSA.
    RS256,
    /// ECDSA on P-256.
    ES256,
    /// Ed25519.
    EdDSA,
}

fn subject_claim() -> String {
    "sub".to_owned()
}

fn roles_claim() -> String {
    "roles".to_owned()
}

/// How often one caller may ask.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Requests in a second, in the long run; 0 is no limit.
    pub requests_per_second: u32,
    /// Requests at once after a silence.
    pub burst: u32,
}

/// What is wrong with a configuration; each names its key or its file.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("the configuration file {path} cannot be read: {cause}")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// The file is not TOML.
    #[error("{place} is not TOML: {cause}")]
    NotToml {
        /// Which.
        place: String,
        /// Why.
        cause: String,
    },
    /// A key is unknown, missing or of the wrong kind.
    #[error("configuration key `{key}`: {cause}")]
    Key {
        /// Which.
        key: String,
        /// Why.
        cause: String,
    },
}

impl Config {
    /// Whether this is development mode.
    pub fn is_development(&self) -> bool {
        self.mode == Mode::Development
    }

    /// The clock that it asks for.
    pub fn clock(&self) -> Result<Clock, ConfigError> {
        if self.clock.fixed.is_empty() {
            return Ok(Clock::System);
        }
        DateTime::parse_from_rfc3339(&self.clock.fixed)
            .map(|moment| Clock::Fixed(moment.with_timezone(&Utc)))
            .map_err(|cause| bad("clock.fixed", cause))
    }
}

fn bad(key: &str, cause: impl ToString) -> ConfigError {
    ConfigError::Key {
        key: key.to_owned(),
        cause: cause.to_string(),
    }
}
