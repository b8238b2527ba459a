//! What is wrong with a rulebook, and where.

use std::fmt;
use std::path::{Path, PathBuf};

/// One problem of a rulebook folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulebookProblem {
    /// The file, or the folder where no single file is at fault.
    pub file: PathBuf,
    /// The line, where it is known.
    pub line: Option<u64>,
    /// What is wrong.
    pub text: String,
}

impl RulebookProblem {
    pub(super) fn new(file: &Path, line: Option<u64>, text: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            line,
            text: text.into(),
        }
    }
}

impl fmt::Display for RulebookProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        write!(f, ": {}", self.text)
    }
}
