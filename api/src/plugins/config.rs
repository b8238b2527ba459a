//! The `plugins` section of the configuration.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use super::digest::Digest;
use super::load::{LoadSettings, PinnedLibrary, Source};

/// Which council plugins are loaded.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PluginsConfig {
    /// Libraries by path, each with the SHA-256 that it must have.
    #[serde(default)]
    pub libraries: Vec<LibraryConfig>,
    /// Development mode only: a folder whose council libraries are all loaded, unless `libraries` names some.
    #[serde(default)]
    pub folder: PathBuf,
    /// How long one call of a plugin may take, in milliseconds.
    #[serde(default = "usual_budget")]
    pub call_budget_ms: u64,
    /// The program that probes a library before it is loaded; empty is the running one.
    #[serde(default)]
    pub probe_program: PathBuf,
}

/// One library.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LibraryConfig {
    /// Its path.
    pub file: PathBuf,
    /// The SHA-256 that it must have, as `permanence plugin check` prints it.
    pub sha256: Digest,
}

/// What is wrong with the section.
#[derive(Debug, thiserror::Error)]
pub enum PluginsConfigError {
    /// A folder is for development.
    #[error(
        "configuration key `plugins.folder`: only development mode loads a folder; name each library with its sha256"
    )]
    FolderInProduction,
    /// The running program cannot be found, so that nothing could be probed.
    #[error("the path of this program cannot be found, so that no plugin can be probed: {0}")]
    NoProgram(std::io::Error),
}

impl Default for PluginsConfig {
    fn default() -> Self {
        Self {
            libraries: Vec::new(),
            folder: PathBuf::new(),
            call_budget_ms: usual_budget(),
            probe_program: PathBuf::new(),
        }
    }
}

impl PluginsConfig {
    /// How to load what this section names.
    ///
    /// # Errors
    /// When the section asks for what the mode does not allow.
    pub fn settings(&self, development: bool) -> Result<LoadSettings, PluginsConfigError> {
        if !development && !self.folder.as_os_str().is_empty() {
            return Err(PluginsConfigError::FolderInProduction);
        }
        let program = std::env::current_exe().map_err(PluginsConfigError::NoProgram)?;
        let source = if development && self.libraries.is_empty() {
            Source::Folder(match self.folder.as_os_str().is_empty() {
                true => program.parent().map(Path::to_owned).unwrap_or_default(),
                false => self.folder.clone(),
            })
        } else {
            let pin = |library: &LibraryConfig| PinnedLibrary {
                file: library.file.clone(),
                sha256: library.sha256,
            };
            Source::Pinned(self.libraries.iter().map(pin).collect())
        };
        let probe_program = match self.probe_program.as_os_str().is_empty() {
            true => program,
            false => self.probe_program.clone(),
        };
        let mut settings = LoadSettings::new(source, development, probe_program);
        settings.pool.budget = Duration::from_millis(self.call_budget_ms.clamp(1, 60_000));
        Ok(settings)
    }
}

fn usual_budget() -> u64 {
    2_000
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn section(text: &str) -> PluginsConfig {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn a_folder_is_for_development_only() {
        let section = section("folder = 'target/debug'");
        assert_eq!(
            section.settings(true).unwrap().source,
            Source::Folder("target/debug".into())
        );
        assert!(matches!(
            section.settings(false),
            Err(PluginsConfigError::FolderInProduction)
        ));
    }

    #[test]
    fn development_without_a_word_takes_the_programs_own_folder() {
        let beside = std::env::current_exe()
            .unwrap()
            .parent()
            .unwrap()
            .to_owned();
        assert_eq!(
            section("").settings(true).unwrap().source,
            Source::Folder(beside)
        );
        assert_eq!(
            section("").settings(false).unwrap().source,
            Source::Pinned(Vec::new())
        );
    }

    #[test]
    fn named_libraries_come_with_their_pins() {
        let sha256 = Digest::of(b"");
        let section = section(&format!(
            "[[libraries]]\nfile = '/opt/a.so'\nsha256 = '{sha256}'"
        ));
        let expected = Source::Pinned(vec![PinnedLibrary {
            file: "/opt/a.so".into(),
            sha256,
        }]);
        assert_eq!(section.settings(false).unwrap().source, expected);
        assert!(toml::from_str::<PluginsConfig>("[[libraries]]\nfile = '/opt/a.so'").is_err());
    }
}
