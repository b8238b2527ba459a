//! What a plugin says of itself.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::problem::{LoadCode, LoadProblem};

/// The version of the JSON documents that this server speaks.
const WIRE: u32 = 1;

/// The operations that this server calls, and their version.
const OPERATIONS: [(&str, u32); 2] = [("rulebook", 1), ("coded", 1)];

/// What a plugin's manifest holds. Members that are not known are ignored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The plugin's own name.
    pub id: String,
    /// The plugin's own version.
    pub version: String,
    /// The version of the JSON documents that it speaks.
    pub wire: u32,
    /// The operations that it answers, and their version.
    pub operations: BTreeMap<String, u32>,
    /// What a server must understand to judge by this plugin.
    #[serde(default)]
    pub requires: Vec<String>,
    /// The version of the SDK it was built with, if any.
    #[serde(default)]
    pub sdk: Option<String>,
    /// The compiler it was built with, if it says so.
    #[serde(default)]
    pub rustc: Option<String>,
}

impl Manifest {
    /// Reads a manifest and checks that this server understands what it asks for.
    ///
    /// # Errors
    /// Everything that this server does not understand.
    pub fn read(bytes: &[u8]) -> Result<Self, Vec<LoadProblem>> {
        let manifest: Self = serde_json::from_slice(bytes)
            .map_err(|error| vec![problem(format!("its manifest cannot be read: {error}"))])?;
        let problems = manifest.problems();
        if problems.is_empty() {
            Ok(manifest)
        } else {
            Err(problems)
        }
    }

    fn problems(&self) -> Vec<LoadProblem> {
        let mut problems = Vec::new();
        for (what, text) in [("id", &self.id), ("version", &self.version)] {
            if text.is_empty() || text.len() > 120 || text.chars().any(char::is_control) {
                problems.push(problem(format!("its manifest has no usable {what}")));
            }
        }
        if self.wire != WIRE {
            problems.push(problem(format!(
                "it speaks version {} of the documents; this server speaks {WIRE}",
                self.wire
            )));
        }
        for (name, version) in OPERATIONS {
            match self.operations.get(name) {
                Some(offered) if *offered == version => {}
                Some(offered) => problems.push(problem(format!(
                    "it answers version {offered} of the operation {name}; this server asks version {version}"
                ))),
                // Every council has a rulebook; code is optional.
                None if name == "rulebook" => problems.push(problem("it does not offer the operation rulebook")),
                None => {}
            }
        }
        // A threshold that is silently ignored is worse than a plugin that does not load.
        for requirement in &self.requires {
            problems.push(problem(format!(
                "it requires {requirement:?}, which this server does not know"
            )));
        }
        problems
    }

    /// Whether it answers rules by code.
    pub fn answers_by_code(&self) -> bool {
        self.operations.contains_key("coded")
    }
}

fn problem(message: impl Into<String>) -> LoadProblem {
    LoadProblem::new(LoadCode::BadManifest, message)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn messages(json: &str) -> Vec<String> {
        Manifest::read(json.as_bytes())
            .unwrap_err()
            .into_iter()
            .map(|problem| problem.message)
            .collect()
    }

    #[test]
    fn unknown_members_are_ignored() {
        let json = r#"{"id":"anytown","version":"1.0.0","wire":1,"operations":{"rulebook":1,"later":3},"motto":"x"}"#;
        assert!(!Manifest::read(json.as_bytes()).unwrap().answers_by_code());
    }

    #[test]
    fn unknown_requirements_are_not() {
        let json = r#"{"id":"anytown","version":"1","wire":1,"operations":{"rulebook":1},"requires":["moons"]}"#;
        assert_eq!(
            messages(json),
            [r#"it requires "moons", which this server does not know"#]
        );
    }

    #[test]
    fn every_misunderstanding_is_listed() {
        let json = r#"{"id":"","version":"1","wire":2,"operations":{"coded":9}}"#;
        assert_eq!(
            messages(json),
            [
                "its manifest has no usable id",
                "it speaks version 2 of the documents; this server speaks 1",
                "it does not offer the operation rulebook",
                "it answers version 9 of the operation coded; this server asks version 1",
            ]
        );
    }
}
