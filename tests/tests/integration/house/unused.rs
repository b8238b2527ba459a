//! No dependency is named in a manifest and not used: each one is compiled, audited and updated for nothing.

use super::manifests::{dependencies, manifest, members};
use super::{Source, assert_finds, assert_none, sources};

/// Crates that do their work by being there.
const USED_WITHOUT_A_NAME: &[(&str, &str)] = &[(
    "libsqlite3-sys",
    "switches on the bundled SQLite for diesel, whose own code calls it",
)];

fn unused(manifest: &Source, code: &[Source]) -> Vec<String> {
    dependencies(manifest)
        .into_iter()
        .map(|(name, _)| name)
        .filter(|name| USED_WITHOUT_A_NAME.iter().all(|(known, _)| known != name))
        .filter(|name| {
            let ident = name.replace('-', "_");
            !code.iter().any(|source| names(&source.text, &ident))
        })
        .map(|name| format!("{}: {name} is not used", manifest.path))
        .collect()
}

/// Whether `ident` stands in the text as a whole word.
fn names(text: &str, ident: &str) -> bool {
    let part_of_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    text.match_indices(ident).any(|(at, _)| {
        !part_of_word(text[..at].chars().next_back())
            && !part_of_word(text[at + ident.len()..].chars().next())
    })
}

#[test]
fn every_dependency_is_used() {
    let nested: Vec<String> = members();
    let mut found = Vec::new();
    for folder in &nested {
        let code: Vec<Source> = sources(folder, "rs")
            .into_iter()
            .filter(|source| {
                !nested.iter().any(|other| {
                    other.len() > folder.len()
                        && other.starts_with(&format!("{folder}/"))
                        && source.path.starts_with(&format!("{other}/"))
                })
            })
            .collect();
        assert!(!code.is_empty(), "{folder} holds no code");
        found.extend(unused(&manifest(folder), &code));
    }
    assert_none(&found);
}

#[test]
fn a_dependency_that_nobody_names_is_found() {
    let manifest = Source::planted(
        "x/Cargo.toml",
        "[dependencies]\nserde.workspace = true\nserde-saphyr = { workspace = true }\n",
    );
    let code = [Source::planted(
        "x/src/lib.rs",
        "use serde::Serialize; // my_serde_saphyr_notes\n",
    )];
    assert_finds(&unused(&manifest, &code), "serde-saphyr is not used");
}
