//! The commands of the binary: one file each.

pub mod coverage;
pub mod demo;
pub mod evaluate;
pub mod import;
pub mod invent;
pub mod jobs;
pub mod migrate;
pub mod openapi;
pub mod plugin;
mod remote;
pub mod serve;
pub mod token;

use std::io::{Write, stderr, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::Config;
use crate::plugins::{self, Councils};

/// Councils' permanence panels, under each council's own rules.
#[derive(Debug, Parser)]
#[command(name = "permanence", version)]
struct Cli {
    /// The configuration file; `permanence.toml` in the repository documents every key.
    #[arg(long, global = true, env = "PERMANENCE_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Say how each clause of each loaded council is met.
    Coverage(coverage::Options),
    /// Judge many children at once: exceptions and checkpoints, a line of JSON each.
    Evaluate(evaluate::Options),
    /// Write invented children for `evaluate`.
    Invent(invent::Options),
    /// Serve invented children: a first look, within a minute.
    Demo(demo::Options),
    /// Send a return to a running service, and say what came of it.
    Import(import::Options),
    /// Serve the API.
    Serve,
    /// Do what is due.
    Jobs(jobs::Options),
    /// Bring the database to the tables of this version.
    Migrate,
    /// Write the API's description, or check that the committed one is true.
    Openapi(openapi::Options),
    /// Check a council's plugin, or begin one.
    Plugin(plugin::Options),
    /// Make an access token of the development key.
    Token(token::Options),
}

/// The councils for a command that only asks their rules: those of the configuration, and where it names none, those whose
/// libraries lie beside this program.
///
/// # Errors
/// When a library is refused.
pub(crate) fn councils(config: &Config) -> Result<Councils, Failure> {
    let folder = config.is_development() || config.plugins.libraries.is_empty();
    let loaded = plugins::load(&config.plugins.settings(folder)?)?;
    if loaded.refused.is_empty() {
        return Ok(loaded.councils);
    }
    let refused: Vec<String> = loaded.refused.iter().map(ToString::to_string).collect();
    Err(refused.join("\n").into())
}

/// What a command ends with if it does not end well.
pub(crate) type Failure = Box<dyn std::error::Error>;

/// Runs the command of the command line.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // Nobody is left to tell if this cannot be written.
            let _ = writeln!(stderr(), "permanence: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> Result<(), Failure> {
    let config = || Config::load(cli.config.as_deref(), std::env::vars());
    match &cli.command {
        Command::Coverage(options) => coverage::run(options, &config()?, &mut stdout()),
        Command::Evaluate(options) => evaluate::run(options, &config()?, &mut stdout()),
        Command::Invent(options) => invent::run(options, &config()?, &mut stdout()),
        Command::Demo(options) => demo::run(options, cli.config.as_deref(), &mut stdout()),
        Command::Import(options) => import::run(options, &mut stdout()),
        Command::Serve => serve::run(config()?),
        Command::Jobs(options) => jobs::run(options, config()?, &mut stdout()),
        Command::Migrate => Ok(migrate::run(&config()?.database.url, &mut stdout())?),
        Command::Openapi(options) => openapi::run(options),
        Command::Plugin(options) => plugin::run(options, &mut stdout()),
        Command::Token(options) => token::run(options, &config()?, &mut stdout()),
    }
}
