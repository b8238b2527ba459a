//! Manifests say each thing once: versions and lints stand in the workspace.

use super::{Source, assert_finds, assert_none, root};

/// The workspace's members, by folder.
pub(super) fn members() -> Vec<String> {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let line = manifest
        .lines()
        .find(|line| line.starts_with("members = ["))
        .expect("members on one line");
    line.split('"')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

pub(super) fn manifest(folder: &str) -> Source {
    let path = format!("{folder}/Cargo.toml");
    let text = std::fs::read_to_string(root().join(&path)).unwrap();
    Source { path, text }
}

/// The dependencies in a manifest, each with its line; tables named after one (`[dependencies.x]`) are not our way.
pub(super) fn dependencies(manifest: &Source) -> Vec<(&str, &str)> {
    let mut inside = false;
    let mut found = Vec::new();
    for line in manifest.text.lines() {
        if line.starts_with('[') {
            inside = line.ends_with("dependencies]");
        } else if inside && line.contains('=') && !line.starts_with('#') {
            let name = line.split(['.', ' ', '=']).next().unwrap_or_default();
            found.push((name, line));
        }
    }
    found
}

fn versions_of_its_own(manifest: &Source) -> Vec<String> {
    let mut found: Vec<String> = dependencies(manifest)
        .into_iter()
        .filter(|(_, line)| !line.contains("workspace = true"))
        .map(|(name, _)| {
            format!(
                "{}: {name} does not take its version from the workspace",
                manifest.path
            )
        })
        .collect();
    if !manifest.text.contains("[lints]\nworkspace = true") {
        found.push(format!(
            "{}: the workspace's lints do not hold here",
            manifest.path
        ));
    }
    found
}

#[test]
fn versions_and_lints_stand_in_the_workspace() {
    let members = members();
    assert!(members.len() >= 8, "the members were not read: {members:?}");
    assert_none(
        &members
            .iter()
            .flat_map(|folder| versions_of_its_own(&manifest(folder)))
            .collect::<Vec<_>>(),
    );
}

#[test]
fn a_version_in_a_member_is_found() {
    let planted = Source::planted(
        "x/Cargo.toml",
        "[dependencies]\nserde = \"1\"\n\n[lints]\nworkspace = true\n",
    );
    assert_finds(
        &versions_of_its_own(&planted),
        "x/Cargo.toml: serde does not take its version",
    );
}

#[test]
fn a_member_without_lints_is_found() {
    let planted = Source::planted("x/Cargo.toml", "[dependencies]\nserde.workspace = true\n");
    assert_finds(&versions_of_its_own(&planted), "lints do not hold");
}
