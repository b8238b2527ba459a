//! The configuration: typed, with a commented default file, read once and passed down.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use permanence_core::CouncilCode;
use serde::Deserialize;
use toml::{Table, Value};

use crate::auth::Role;
use crate::clock::Clock;
use crate::plugins::PluginsConfig;
use crate::store::Location;

/// The default file, which is the documentation of every key.
pub const DEFAULTS: &str = include_str!("../../permanence.toml");

/// What variables of the environment begin with; two underscores part a section from its key.
const PREFIX: &str = "PERMANENCE__";

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
    /// The defaults, then the file, then the environment.
    pub fn load(
        file: Option<&Path>,
        environment: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut whole = table(DEFAULTS, "the built-in configuration")?;
        if let Some(path) = file {
            let text = std::fs::read_to_string(path).map_err(|cause| ConfigError::Unreadable {
                path: path.to_owned(),
                cause,
            })?;
            overlay(&mut whole, table(&text, &path.display().to_string())?);
        }
        let mut overrides: Vec<_> = environment
            .filter(|(name, _)| name.starts_with(PREFIX))
            .collect();
        overrides.sort();
        for (name, value) in overrides {
            set(&mut whole, &name, &value)?;
        }
        let config: Self =
            serde_path_to_error::deserialize(Value::Table(whole)).map_err(|error| {
                ConfigError::Key {
                    key: error.path().to_string(),
                    cause: plain(error.inner()),
                }
            })?;
        config.check()?;
        Ok(config)
    }

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

    fn check(&self) -> Result<(), ConfigError> {
        self.clock()?;
        if self.server.workers == 0 {
            return Err(bad("server.workers", "at least one thread has to answer"));
        }
        if self.auth.audience.is_empty() {
            return Err(bad("auth.audience", "tokens are made out for somebody"));
        }
        for (at, issuer) in self.auth.issuers.iter().enumerate() {
            self.check_issuer(&format!("auth.issuers[{at}]"), issuer)?;
        }
        if self.database.url.is_empty() {
            return Err(bad("database.url", "records are kept somewhere"));
        }
        for origin in &self.cors.origins {
            if origin == "*" || !(origin.starts_with("https://") || origin.starts_with("http://")) {
                return Err(bad(
                    "cors.origins",
                    "an origin is a scheme, a host and perhaps a port; never `*`",
                ));
            }
        }
        Ok(())
    }
}

impl Config {
    fn check_issuer(&self, key: &str, issuer: &Issuer) -> Result<(), ConfigError> {
        let is_safe = |url: &str| {
            url.starts_with("https://")
                || (self.is_development()
                    && ["http://127.0.0.1", "http://localhost"]
                        .iter()
                        .any(|local| url.starts_with(local)))
        };
        if issuer.algorithms.is_empty() {
            return Err(bad(
                &format!("{key}.algorithms"),
                "say what the issuer signs with",
            ));
        }
        if issuer.councils.is_empty() && issuer.councils_claim.is_none() {
            return Err(bad(
                &format!("{key}.councils"),
                "say whom its callers act for, here or by councils_claim",
            ));
        }
        if issuer.jwks_url.is_none() && !is_safe(&issuer.issuer) {
            return Err(bad(
                &format!("{key}.issuer"),
                "its keys are looked up there: an https:// address, or give jwks_url",
            ));
        }
        if issuer.jwks_url.as_deref().is_some_and(|url| !is_safe(url)) {
            return Err(bad(&format!("{key}.jwks_url"), "keys come over https://"));
        }
        let again = self
            .auth
            .issuers
            .iter()
            .filter(|other| other.issuer == issuer.issuer)
            .count()
            > 1;
        if again || issuer.issuer == crate::auth::DEVELOPMENT_ISSUER {
            return Err(bad(&format!("{key}.issuer"), "this name is taken"));
        }
        Ok(())
    }
}

fn bad(key: &str, cause: impl ToString) -> ConfigError {
    ConfigError::Key {
        key: key.to_owned(),
        cause: cause.to_string(),
    }
}

fn table(text: &str, place: &str) -> Result<Table, ConfigError> {
    text.parse::<Table>().map_err(|cause| ConfigError::NotToml {
        place: place.to_owned(),
        cause: cause.to_string(),
    })
}

/// The first line of a message of toml's, which may go on with a picture of the file.
fn plain(error: &toml::de::Error) -> String {
    error.message().to_owned()
}

fn overlay(under: &mut Table, over: Table) {
    for (key, value) in over {
        match (under.get_mut(&key), value) {
            (Some(Value::Table(section)), Value::Table(more)) => overlay(section, more),
            (_, value) => {
                under.insert(key, value);
            }
        }
    }
}

/// Puts `PERMANENCE__SERVER__PORT` at `server.port`: as TOML where it is TOML, else as text.
fn set(whole: &mut Table, name: &str, value: &str) -> Result<(), ConfigError> {
    let path = name.trim_start_matches(PREFIX).to_lowercase();
    let keys: Vec<&str> = path.split("__").collect();
    let Some((last, sections)) = keys.split_last() else {
        return Ok(());
    };
    let mut section = whole;
    for key in sections {
        section = section
            .entry(*key)
            .or_insert_with(|| Value::Table(Table::new()))
            .as_table_mut()
            .ok_or_else(|| {
                bad(
                    &path.replace("__", "."),
                    format!("{name} names a section that is none"),
                )
            })?;
    }
    let parsed = format!("value = {value}")
        .parse::<Table>()
        .ok()
        .and_then(|mut table| table.remove("value"));
    // A text stays a text, even one that looks like a number.
    let text = matches!(section.get(*last), Some(Value::String(_)));
    let value = parsed
        .filter(|value| !text || value.is_str())
        .unwrap_or_else(|| Value::String(value.to_owned()));
    section.insert((*last).to_owned(), value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let variables = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Config::load(None, variables)
    }

    fn complaint(variables: &[(&str, &str)]) -> String {
        load(variables).expect_err("it is refused").to_string()
    }

    #[test]
    fn the_default_file_is_complete() {
        let config = load(&[]).expect("the defaults are good");
        assert_eq!((config.mode, config.server.workers), (Mode::Production, 2));
    }

    #[test]
    fn the_environment_overrides() {
        let config = load(&[
            ("PERMANENCE__SERVER__PORT", "8081"),
            ("PERMANENCE__DATABASE__URL", "12345"),
            ("PERMANENCE__CORS__ORIGINS", "[\"https://a.example\"]"),
            ("PERMANENCE_TEST_POSTGRES", "not ours"),
        ])
        .expect("it is good");
        assert_eq!(
            (config.server.port, config.database.url.as_str()),
            (8081, "12345")
        );
        assert_eq!(config.cors.origins, ["https://a.example"]);
    }

    #[test]
    fn every_complaint_names_its_key() {
        assert!(complaint(&[("PERMANENCE__SERVER__PORT", "high")]).contains("`server.port`"));
        assert!(complaint(&[("PERMANENCE__SERVER__PROT", "1")]).contains("prot"));
        assert!(complaint(&[("PERMANENCE__CLOCK__FIXED", "noon")]).contains("`clock.fixed`"));
        assert!(complaint(&[("PERMANENCE__CORS__ORIGINS", "[\"*\"]")]).contains("`cors.origins`"));
        assert!(complaint(&[("PERMANENCE__MODE", "party")]).contains("`mode`"));
        assert!(complaint(&[("PERMANENCE__SERVER__WORKERS", "0")]).contains("`server.workers`"));
    }
}
