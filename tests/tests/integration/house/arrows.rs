//! Arrows point one way: `core` and the ABI know nobody, the SDK knows both, a council knows `core` and the SDK,
//! the server knows `core` and the ABI, and nothing knows a council.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

use super::{assert_finds, assert_none, root};

/// Crates that would bring IO, an async runtime, a clock of its own or a database into the domain.
const NOT_IN_CORE: &[&str] = &[
    "actix",
    "async",
    "axum",
    "diesel",
    "futures",
    "hyper",
    "libloading",
    "libsqlite3-sys",
    "mio",
    "postgres",
    "reqwest",
    "rusqlite",
    "rustix",
    "socket2",
    "sqlx",
    "tempfile",
    "tokio",
    "ureq",
];

/// Workspace crates by what they are, and the workspace crates that each may name in its manifest.
fn allowed(name: &str) -> Option<&'static [&'static str]> {
    Some(match name {
        "permanence-core" | "permanence-plugin-abi" | "permanence-api-macros" => &[],
        "permanence-plugin" => &["permanence-core", "permanence-plugin-abi"],
        "permanence-api" => &[
            "permanence-core",
            "permanence-plugin-abi",
            "permanence-api-macros",
        ],
        "permanence-tests" => &[
            "permanence-core",
            "permanence-plugin-abi",
            "permanence-plugin",
            "permanence-api",
        ],
        council if council.starts_with("permanence-council-") => {
            &["permanence-core", "permanence-plugin"]
        }
        _ => return None,
    })
}

/// What depends on what, by crate name.
struct Tree {
    /// The crates of this repository, each with the workspace crates in its manifest, of whatever kind.
    members: BTreeMap<String, BTreeSet<String>>,
    /// For each crate that is built here, what it links or runs at build time; without dev-dependencies.
    links: BTreeMap<String, BTreeSet<String>>,
}

impl Tree {
    fn read() -> Self {
        let rustc = Command::new("rustc")
            .arg("-vV")
            .current_dir(root())
            .output()
            .expect("rustc runs");
        let host = String::from_utf8(rustc.stdout).unwrap();
        let host = host
            .lines()
            .find_map(|line| line.strip_prefix("host: "))
            .expect("rustc names its host")
            .to_owned();
        let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
        // Crates of other platforms were never fetched, and a closed machine could not fetch them now.
        let output = Command::new(cargo)
            .args([
                "metadata",
                "--locked",
                "--format-version",
                "1",
                "--filter-platform",
                &host,
            ])
            .current_dir(root())
            .output()
            .expect("cargo runs");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        Self::parse(&serde_json::from_slice(&output.stdout).unwrap())
    }

    fn parse(metadata: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let names: BTreeMap<String, String> = list(&metadata["packages"])
            .map(|p| (text(&p["id"]), text(&p["name"])))
            .collect();
        let member_ids: BTreeSet<String> = list(&metadata["workspace_members"]).map(text).collect();
        let member_names: BTreeSet<&String> = member_ids.iter().map(|id| &names[id]).collect();
        let members = list(&metadata["packages"])
            .filter(|p| member_ids.contains(&text(&p["id"])))
            .map(|p| {
                let named = list(&p["dependencies"]).map(|d| text(&d["name"]));
                (
                    text(&p["name"]),
                    named.filter(|n| member_names.contains(n)).collect(),
                )
            })
            .collect();
        let mut links: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for node in list(&metadata["resolve"]["nodes"]) {
            let to = links.entry(names[&text(&node["id"])].clone()).or_default();
            for dep in list(&node["deps"]) {
                if list(&dep["dep_kinds"]).any(|kind| kind["kind"] != "dev") {
                    to.insert(names[&text(&dep["pkg"])].clone());
                }
            }
        }
        Self { members, links }
    }

    /// All that `name` links, directly or not.
    fn closure(&self, name: &str) -> BTreeSet<&str> {
        let mut seen = BTreeSet::new();
        let mut open = vec![name];
        while let Some(next) = open.pop() {
            for to in self.links.get(next).into_iter().flatten() {
                if seen.insert(to.as_str()) {
                    open.push(to);
                }
            }
        }
        seen
    }

    fn wrong_arrows(&self) -> Vec<String> {
        let mut found = Vec::new();
        for (member, named) in &self.members {
            match allowed(member) {
                None => found.push(format!(
                    "{member} has no place in the house: say in this test what it may know"
                )),
                Some(may) => found.extend(
                    named
                        .iter()
                        .filter(|to| !may.contains(&to.as_str()))
                        .map(|to| format!("{member} knows {to}")),
                ),
            }
        }
        found
    }

    fn wrong_in_core(&self) -> Vec<String> {
        self.closure("permanence-core")
            .into_iter()
            .filter(|name| {
                NOT_IN_CORE
                    .iter()
                    .any(|no| name == no || name.starts_with(&format!("{no}-")))
            })
            .map(|name| format!("permanence-core links {name}"))
            .collect()
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn tree(members: &[(&str, &[&str])], links: &[(&str, &[&str])]) -> Tree {
    let own = |pairs: &[(&str, &[&str])]| {
        pairs
            .iter()
            .map(|(from, to)| {
                (
                    (*from).to_owned(),
                    to.iter().map(|name| (*name).to_owned()).collect(),
                )
            })
            .collect()
    };
    Tree {
        members: own(members),
        links: own(links),
    }
}

#[test]
fn every_arrow_points_inwards() {
    let tree = Tree::read();
    assert!(
        tree.members.len() >= 8,
        "the tree was not read: {:?}",
        tree.members.keys()
    );
    assert_none(&tree.wrong_arrows());
}

#[test]
fn an_arrow_to_a_council_is_found() {
    let tree = tree(
        &[(
            "permanence-api",
            &["permanence-core", "permanence-council-anytown"],
        )],
        &[],
    );
    assert_finds(
        &tree.wrong_arrows(),
        "permanence-api knows permanence-council-anytown",
    );
}

#[test]
fn an_arrow_back_from_core_is_found() {
    let tree = tree(&[("permanence-core", &["permanence-plugin-abi"])], &[]);
    assert_finds(
        &tree.wrong_arrows(),
        "permanence-core knows permanence-plugin-abi",
    );
}

#[test]
fn a_crate_without_a_place_is_found() {
    assert_finds(
        &tree(&[("permanence-utils", &[])], &[]).wrong_arrows(),
        "permanence-utils has no place",
    );
}

#[test]
fn core_links_no_io() {
    let tree = Tree::read();
    assert!(
        tree.closure("permanence-core").contains("serde"),
        "the links of core were not read"
    );
    assert_none(&tree.wrong_in_core());
}

#[test]
fn io_behind_a_harmless_crate_is_found() {
    let tree = tree(
        &[],
        &[
            ("permanence-core", &["dates"]),
            ("dates", &["tokio-postgres", "tokiolike"]),
        ],
    );
    assert_finds(
        &tree.wrong_in_core(),
        "permanence-core links tokio-postgres",
    );
}

/// A dev-dependency is not linked, so what the tests of a crate use says nothing about the crate.
#[test]
fn the_reader_tells_kinds_of_dependencies_apart() {
    let metadata = serde_json::json!({
        "workspace_members": ["core 1"],
        "packages": [
            {"id": "core 1", "name": "permanence-core", "dependencies": [{"name": "tokio"}, {"name": "mio"}]},
            {"id": "tokio 1", "name": "tokio", "dependencies": []},
            {"id": "mio 1", "name": "mio", "dependencies": []}
        ],
        "resolve": {"nodes": [{"id": "core 1", "deps": [
            {"pkg": "tokio 1", "dep_kinds": [{"kind": "dev"}]},
            {"pkg": "mio 1", "dep_kinds": [{"kind": "dev"}, {"kind": null}]}
        ]}]}
    });
    assert_finds(
        &Tree::parse(&metadata).wrong_in_core(),
        "permanence-core links mio",
    );
}
