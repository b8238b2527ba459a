//! `permanence migrate`: brings a database to the tables of this version.

use std::io::Write;

use crate::store::{StoreError, migrations};

/// Applies what is missing and says what it did, one line each.
///
/// # Errors
/// When the database cannot be reached, refuses a statement, or `out` cannot be written.
pub fn run(database: &str, out: &mut impl Write) -> Result<(), StoreError> {
    let applied = migrations::run(database)?;
    if applied.is_empty() {
        writeln!(out, "The database is up to date.")?;
    }
    for version in applied {
        writeln!(out, "Applied {version}.")?;
    }
    Ok(())
}
