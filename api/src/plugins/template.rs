//! The beginning of a plugin: a crate that builds and whose tests pass, with one rule as data and one rule as code.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use permanence_core::CouncilCode;

/// The template's files: where they go, and what they hold. Words in double braces are filled in.
const FILES: [(&str, &str); 12] = [
    (
        "Cargo.toml",
        include_str!("../../../plugins/sdk/template/Cargo.toml.txt"),
    ),
    (
        "README.md",
        include_str!("../../../plugins/sdk/template/README.md.txt"),
    ),
    (
        "build.rs",
        include_str!("../../../plugins/sdk/template/build.rs.txt"),
    ),
    (
        "src/lib.rs",
        include_str!("../../../plugins/sdk/template/lib.rs.txt"),
    ),
    (
        "src/rules/quarter_of_year.rs",
        include_str!("../../../plugins/sdk/template/quarter_of_year.rs.txt"),
    ),
    (
        "rulebook/council.yaml",
        include_str!("../../../plugins/sdk/template/council.yaml.txt"),
    ),
    (
        "rulebook/clauses.yaml",
        include_str!("../../../plugins/sdk/template/clauses.yaml.txt"),
    ),
    (
        "rulebook/checkpoints.yaml",
        include_str!("../../../plugins/sdk/template/checkpoints.yaml.txt"),
    ),
    (
        "register.csv",
        include_str!("../../../plugins/sdk/template/register.csv.txt"),
    ),
    (
        "cases/clauses.yaml",
        include_str!("../../../plugins/sdk/template/cases.yaml.txt"),
    ),
    (
        "tests/register.rs",
        include_str!("../../../plugins/sdk/template/register.rs.txt"),
    ),
    (
        "POLICY.md",
        include_str!("../../../plugins/sdk/template/POLICY.md.txt"),
    ),
];

/// Writes a plugin for a council into a folder that does not exist yet.
///
/// # Errors
/// When the folder exists, the SDK cannot be found, or a file cannot be written.
pub fn write(council: &CouncilCode, folder: &Path, sdk: Option<&Path>) -> io::Result<()> {
    if folder.exists() {
        return Err(io::Error::other(format!(
            "{} exists already",
            folder.display()
        )));
    }
    let sdk = match sdk {
        Some(sdk) => sdk.canonicalize()?,
        None => sdk_of_this_checkout()?,
    };
    for (name, text) in FILES {
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, fill_in(text, council, &sdk))?;
    }
    Ok(())
}

fn fill_in(text: &str, council: &CouncilCode, sdk: &Path) -> String {
    let code = council.as_str();
    let words: Vec<String> = code.split('-').map(capitalised).collect();
    let place = words.join(" ");
    text.replace("{{sdk}}", &sdk.display().to_string())
        .replace("{{code}}", code)
        .replace("{{file}}", &code.replace('-', "_"))
        .replace("{{name}}", &format!("{place} Council"))
        .replace("{{place}}", &place)
        .replace("{{Type}}", &words.concat())
        .replace("{{CLAUSES}}", &words.concat().to_uppercase())
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

/// The SDK beside the server that this program was built from.
fn sdk_of_this_checkout() -> io::Result<PathBuf> {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins/sdk").canonicalize().map_err(|_| {
        io::Error::other("this program was not built here: say with --sdk where the crate permanence-plugin lies")
    })
}
