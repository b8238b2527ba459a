//! `permanence plugin`: checks a council's library, begins a new one, probes one for the server.

use std::io::Write;
use std::os::fd::AsFd;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use permanence_core::CouncilCode;

use super::Failure;
use crate::plugins::{check::Check, examine, probe, template};

/// What is wanted of a plugin.
#[derive(Debug, Args)]
pub struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Say in plain words what is wrong with a library.
    Check {
        /// The library.
        file: PathBuf,
        /// For programs: the same as one JSON document.
        #[arg(long)]
        json: bool,
    },
    /// Begin a plugin for a council: a crate that builds.
    New {
        /// The council's code, such as `anytown`.
        council: CouncilCode,
        /// Where to write it; a folder of the council's name where absent.
        #[arg(long)]
        folder: Option<PathBuf>,
        /// Where the crate `permanence-plugin` lies; that of this checkout where absent.
        #[arg(long)]
        sdk: Option<PathBuf>,
    },
    /// Go through a check of the library at standard input: how the server probes it in a process of its own.
    #[command(hide = true)]
    Probe {
        /// The name under which the library is reported.
        #[arg(long)]
        name: String,
        /// The check.
        #[arg(long)]
        check: Check,
    },
}

/// Does what is wanted, and says it.
///
/// # Errors
/// When a library fails its checks, or a file cannot be written.
pub fn run(options: &Options, out: &mut impl Write) -> Result<(), Failure> {
    match &options.command {
        Command::Check { file, json } => {
            let examination = examine(file, &std::env::current_exe()?);
            match json {
                true => writeln!(out, "{}", serde_json::to_string_pretty(&examination)?)?,
                false => writeln!(out, "{examination}")?,
            }
            match examination.passed {
                true => Ok(()),
                false => Err("the library failed its checks".into()),
            }
        }
        Command::New {
            council,
            folder,
            sdk,
        } => {
            let folder = folder
                .clone()
                .unwrap_or_else(|| PathBuf::from(council.as_str()));
            template::write(council, &folder, sdk.as_deref())?;
            writeln!(
                out,
                "Wrote a plugin for {council} to {}; its README says how to go on.",
                folder.display()
            )?;
            Ok(())
        }
        Command::Probe { name, check } => {
            probe::answer(std::io::stdin().as_fd().try_clone_to_owned()?, name, *check);
            Ok(())
        }
    }
}
