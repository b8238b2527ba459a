//! What can be wrong with a library before it serves, in words that the person who deploys it can act on.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One thing that is wrong with one library.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadProblem {
    /// Which check failed.
    pub code: LoadCode,
    /// What is wrong and, where that is known, what to do.
    pub message: String,
}

/// Which check failed; the codes are stable and end up in `permanence plugin check --json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoadCode {
    /// The file cannot be opened, is no regular file, is reached through a symbolic link or is too large.
    FileRefused,
    /// The file, or a folder above it, may be changed by somebody who is not trusted.
    NotProtected,
    /// The file is not the one that the configuration pins.
    DigestMismatch,
    /// The file is not a library that this machine can load.
    NotALibrary,
    /// The library has no entry symbol.
    NoEntry,
    /// The entry symbol leads to something that is not a plugin of this layout.
    BadDescriptor,
    /// The plugin was made for another version of the boundary.
    WrongVersion,
    /// The manifest cannot be read, or asks for what this server does not know.
    BadManifest,
    /// The library ended the probing process.
    Crashed,
    /// The library did not finish its checks in time.
    TimedOut,
    /// The plugin refused to start.
    CreateFailed,
    /// The plugin did not hand over a rulebook that can be read.
    BadRulebook,
    /// The rulebook contradicts itself.
    RulebookContradiction,
    /// The plugin loads, but does not keep to the boundary.
    Misbehaves,
    /// Another plugin already speaks for this council.
    CouncilTaken,
    /// The probing process itself could not be run.
    ProbeUnavailable,
}

/// Everything that is wrong with one library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedLibrary {
    /// The file as the configuration names it.
    pub file: String,
    /// All problems that were found, never only the first of a kind.
    pub problems: Vec<LoadProblem>,
}

/// The server does not start, because these libraries were refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadError {
    /// The refused libraries, in the order of the configuration.
    pub refused: Vec<RefusedLibrary>,
}

impl LoadProblem {
    /// One problem.
    pub fn new(code: LoadCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }
}

impl fmt::Display for LoadProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Display for RefusedLibrary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.file)?;
        self.problems
            .iter()
            .try_for_each(|problem| write!(f, "\n  - {problem}"))
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("council plugins were refused")?;
        self.refused
            .iter()
            .try_for_each(|library| write!(f, "\n{library}"))
    }
}

impl std::error::Error for LoadError {}

impl From<LoadProblem> for Vec<LoadProblem> {
    fn from(problem: LoadProblem) -> Self {
        vec![problem]
    }
}
