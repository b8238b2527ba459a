//! Documents point at what is there.

use super::{Source, assert_finds, assert_none, root, sources};

/// Links to files of the repository that are not there.
fn dead_links(document: &Source, exists: impl Fn(&str) -> bool) -> Vec<String> {
    let folder = document
        .path
        .rsplit_once('/')
        .map_or("", |(folder, _)| folder);
    let mut found = Vec::new();
    for (index, line) in document.text.lines().enumerate() {
        for (at, _) in line.match_indices("](") {
            let target = line[at + 2..]
                .split([')', '#', ' '])
                .next()
                .unwrap_or_default();
            if target.is_empty() || target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            if !exists(&format!("{folder}/{target}")) {
                found.push(format!(
                    "{}:{}: {target} is not there",
                    document.path,
                    index + 1
                ));
            }
        }
    }
    found
}

/// Paths in code marks that look like files of ours and are not there.
fn dead_paths(document: &Source, exists: impl Fn(&str) -> bool) -> Vec<String> {
    const ROOTS: &[&str] = &[
        "core/",
        "api/",
        "plugins/",
        "tests/",
        "migrations/",
        "openapi/",
        "docs/",
        ".ci/",
    ];
    let mut found = Vec::new();
    for (index, line) in document.text.lines().enumerate() {
        for quoted in line.split('`').skip(1).step_by(2) {
            let is_path = ROOTS.iter().any(|root| quoted.starts_with(root))
                && !quoted.contains(['<', '*', '{', ' ', '…', ':']);
            if is_path && !exists(quoted) {
                found.push(format!(
                    "{}:{}: {quoted} is not there",
                    document.path,
                    index + 1
                ));
            }
        }
    }
    found
}

#[test]
fn what_documents_point_at_is_there() {
    let documents = sources("", "md");
    assert!(
        documents
            .iter()
            .any(|document| document.path == "README.md"),
        "the documents were not read"
    );
    let exists = |path: &str| root().join(path.trim_start_matches('/')).exists();
    let found = documents.iter().flat_map(|document| {
        let mut found = dead_links(document, exists);
        found.extend(dead_paths(document, exists));
        found
    });
    assert_none(&found.collect::<Vec<_>>());
}

#[test]
fn a_dead_link_is_found() {
    let planted = Source::planted(
        "docs/a.md",
        "See [here](b.md#part), [there](c.md) and [away](https://example.org/).",
    );
    assert_finds(
        &dead_links(&planted, |path| path == "docs/b.md"),
        "docs/a.md:1: c.md is not there",
    );
}

#[test]
fn a_dead_path_is_found() {
    let planted = Source::planted(
        "README.md",
        "Queries live in `api/src/stores/`, rules in `plugins/<council>/`, or `core`.",
    );
    assert_finds(
        &dead_paths(&planted, |_| false),
        "api/src/stores/ is not there",
    );
}

#[test]
fn every_crate_says_what_it_is() {
    let crates = sources("", "toml")
        .into_iter()
        .filter(|m| m.path.ends_with("/Cargo.toml") && m.text.contains("[package]"));
    let missing: Vec<String> = crates
        .filter(|manifest| {
            !root()
                .join(&manifest.path)
                .with_file_name("README.md")
                .exists()
        })
        .map(|manifest| format!("{} has no README.md beside it", manifest.path))
        .collect();
    assert_none(&missing);
}
