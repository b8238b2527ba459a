//! Where a configuration comes from: the defaults, a file over them, and the environment over both.

use std::path::Path;

use toml::{Table, Value};

use super::{Config, ConfigError, bad};

/// The default file, which is the documentation of every key.
pub const DEFAULTS: &str = include_str!("../../../permanence.toml");

/// What variables of the environment begin with; two underscores part a section from its key.
const PREFIX: &str = "PERMANENCE__";

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
    use crate::config::Mode;

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
