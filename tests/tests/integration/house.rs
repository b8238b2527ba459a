//! The house keeps its shape: who may depend on whom, what may stand in which room, and that documents tell the truth.
//!
//! These tests read the repository, not the server.
//! Each check is a function that returns what it found wrong; beside the test that it finds nothing
//! stands one that hands it a planted fault, so that a check which has stopped looking is noticed.

mod arrows;
mod documents;
mod manifests;
mod rooms;
mod unused;

use std::fs;
use std::path::{Path, PathBuf};

/// A text file of the repository: its path from the root, and what it holds.
struct Source {
    path: String,
    text: String,
}

impl Source {
    /// A file that exists only in a test.
    fn planted(path: &str, text: &str) -> Self {
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    /// Lines with their numbers, up to the tests at the bottom of the file.
    fn production_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let is_test_file = self.path.contains("/tests/") || self.path.ends_with("tests.rs");
        self.text
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line))
            .take_while(move |(_, line)| !is_test_file && line.trim() != "#[cfg(test)]")
    }

    /// Production lines that are code: comments are left out, but not what follows code on its line.
    fn code_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.production_lines()
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
    }
}

/// The repository's root.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the tests are a member of the workspace")
        .to_owned()
}

/// All files below `folder` that end in `.{extension}`, sorted; builds, caches and hidden folders are left out.
fn sources(folder: &str, extension: &str) -> Vec<Source> {
    let root = root();
    let mut found = Vec::new();
    let mut open = vec![root.join(folder)];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next).unwrap_or_else(|e| panic!("{}: {e}", next.display())) {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                if !name.starts_with('.') && name != "target" && name != "node_modules" {
                    open.push(path);
                }
            } else if path.extension().is_some_and(|e| e == extension) {
                let from_root = path
                    .strip_prefix(&root)
                    .unwrap()
                    .to_string_lossy()
                    .into_owned();
                found.push(Source {
                    path: from_root,
                    text: fs::read_to_string(&path).unwrap(),
                });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// The councils that have a folder, by its name (`east-riding`).
fn councils() -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(root().join("plugins"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| {
            name != "abi"
                && name != "sdk"
                && root()
                    .join("plugins")
                    .join(name)
                    .join("Cargo.toml")
                    .exists()
        })
        .collect();
    names.sort();
    names
}

/// Fails with one finding a line.
#[track_caller]
fn assert_none(findings: &[String]) {
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

/// Fails unless there is one finding, and it holds `part`.
#[track_caller]
fn assert_finds(findings: &[String], part: &str) {
    assert_eq!(
        findings.len(),
        1,
        "wanted one finding with {part:?}, got {findings:?}"
    );
    assert!(
        findings[0].contains(part),
        "wanted {part:?} in {:?}",
        findings[0]
    );
}
