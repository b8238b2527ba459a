//! `permanence openapi`: writes the API's description, or checks the one that is committed.

use std::path::PathBuf;

use clap::Args;

use super::Failure;
use crate::openapi::document;

/// Where, and whether only to look.
#[derive(Debug, Args)]
pub struct Options {
    /// Change nothing; fail if the file is not what would be written.
    #[arg(long)]
    check: bool,
    /// The file.
    #[arg(long, default_value = "openapi/permanence.json")]
    file: PathBuf,
}

/// Writes or checks.
///
/// # Errors
/// When the file cannot be written, or differs.
pub fn run(options: &Options) -> Result<(), Failure> {
    let written = text()?;
    let file = options.file.display();
    if options.check {
        let committed = std::fs::read_to_string(&options.file)
            .map_err(|cause| format!("{file} cannot be read: {cause}"))?;
        if committed != written {
            return Err(format!(
                "{file} is not what the routes say: run `permanence openapi` and commit it"
            )
            .into());
        }
        return Ok(());
    }
    std::fs::write(&options.file, written)
        .map_err(|cause| format!("{file} cannot be written: {cause}"))?;
    Ok(())
}

/// The description as it is committed.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn text() -> Result<String, serde_json::Error> {
    Ok(serde_json::to_string_pretty(&document(crate::routes::configure))? + "\n")
}
