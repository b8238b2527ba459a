//! All checks of a library, for whoever builds or deploys it.

use std::fmt;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::Duration;

use serde::Serialize;

use super::check::Check;
use super::digest::Digest;
use super::file::{self, Trust};
use super::load::name_of;
use super::probe::Probe;
use super::problem::{LoadCode, LoadProblem};

/// How long one check may take.
const LIMIT: Duration = Duration::from_secs(10);

/// What the checks of a library found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Examination {
    /// The file as it was named.
    pub file: String,
    /// The digest to pin in the configuration; absent where the file could not be read.
    pub sha256: Option<Digest>,
    /// Whether it may serve.
    pub passed: bool,
    /// What came of each check.
    pub checks: Vec<CheckResult>,
    /// What is not wrong with the library but with where it lies.
    pub notes: Vec<LoadProblem>,
}

/// What came of one check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckResult {
    /// The check's name.
    pub check: &'static str,
    /// What a library does that passes.
    pub sentence: &'static str,
    /// Whether it passed.
    pub passed: bool,
    /// What is wrong.
    pub problems: Vec<LoadProblem>,
}

/// Goes through all checks of a library, each in a process of its own.
///
/// When the library does not even load, the other checks are left out: they would say the same.
pub fn examine(path: &Path, program: &Path) -> Examination {
    let file = path.display().to_string();
    let trust = Trust {
        only_warn: true,
        ..Trust::PRODUCTION
    };
    let opened = match file::open(path, trust, None) {
        Ok(opened) => opened,
        Err(problems) => {
            let check = CheckResult {
                check: "opens",
                sentence: "it can be opened, without symbolic links on the way",
                passed: false,
                problems,
            };
            return Examination {
                file,
                sha256: None,
                passed: false,
                checks: vec![check],
                notes: Vec::new(),
            };
        }
    };
    let name = name_of(path);
    let mut checks = Vec::with_capacity(Check::ALL.len());
    for check in Check::ALL {
        let problems = problems_of(check, program, &opened.descriptor, &name);
        let passed = problems.is_empty();
        checks.push(CheckResult {
            check: check.name(),
            sentence: check.sentence(),
            passed,
            problems,
        });
        if check == Check::Loads && !passed {
            break;
        }
    }
    let passed = checks.iter().all(|check| check.passed);
    Examination {
        file,
        sha256: Some(opened.digest),
        passed,
        checks,
        notes: opened.warnings,
    }
}

fn problems_of(check: Check, program: &Path, library: &OwnedFd, name: &str) -> Vec<LoadProblem> {
    let here = Probe {
        check,
        ..Probe::first_steps(program, LIMIT)
    };
    let result = match check {
        Check::Elsewhere => same_elsewhere(&here, library, name),
        _ => here.run(library, name).map(|_| ()),
    };
    result.err().unwrap_or_default()
}

/// Compares the answers of three processes that differ in all that an answer must not depend on.
fn same_elsewhere(here: &Probe<'_>, library: &OwnedFd, name: &str) -> Result<(), Vec<LoadProblem>> {
    let tokyo = Probe {
        environment: &[("TZ", "Asia/Tokyo"), ("LC_ALL", "tr_TR.UTF-8")],
        folder: "/tmp",
        ..*here
    };
    let apia = Probe {
        environment: &[("TZ", "Pacific/Apia"), ("LANG", "C")],
        ..*here
    };
    let first = here.run(library, name)?;
    if first == tokyo.run(library, name)? && first == apia.run(library, name)? {
        return Ok(());
    }
    let message = "its answers depend on the time zone, the language or the folder of the process";
    Err(LoadProblem::new(LoadCode::Misbehaves, message).into())
}

impl fmt::Display for Examination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.file)?;
        if let Some(sha256) = self.sha256 {
            writeln!(f, "SHA-256 {sha256}")?;
        }
        for check in &self.checks {
            writeln!(
                f,
                "  {} {}: {}",
                if check.passed { "ok    " } else { "FAILED" },
                check.check,
                check.sentence
            )?;
            for problem in &check.problems {
                writeln!(f, "         - {problem}")?;
            }
        }
        for note in &self.notes {
            writeln!(f, "  note   production would refuse this place: {note}")?;
        }
        match self.passed {
            true => write!(f, "This library may serve."),
            false => write!(f, "This library must not serve."),
        }
    }
}
