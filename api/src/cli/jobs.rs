//! `permanence jobs`: does what is due. Run it once a day or once an hour, in as many places as you like.

use std::io::Write;

use chrono::NaiveDate;
use clap::{Args, Subcommand};
use permanence_core::CouncilCode;

use super::Failure;
use crate::app::AppState;
use crate::config::Config;
use crate::jobs;

/// What to do.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Do everything that is due up to a day: reminders, removals from the list, papers to the chair, overdue marks, old keys.
    Run {
        /// The day; today unless said.
        #[arg(long, value_name = "DATE")]
        as_of: Option<NaiveDate>,
        /// Only this council.
        #[arg(long, value_name = "CODE")]
        council: Option<CouncilCode>,
    },
}

/// Runs the jobs and says what they did, one line a council.
///
/// # Errors
/// When something that the configuration names cannot be opened, or a council's policy gives no answer.
pub(crate) fn run(options: &Options, config: Config, out: &mut impl Write) -> Result<(), Failure> {
    let Command::Run { as_of, council } = &options.command;
    let reports = actix_web::rt::System::new().block_on(async {
        let state = AppState::open(config).await?;
        let as_of = as_of.unwrap_or_else(|| state.desk.today());
        Ok::<_, Failure>(jobs::run(&state.desk, as_of, council.as_ref()).await?)
    })?;
    if reports.is_empty() {
        return Err("no council of this code is loaded".into());
    }
    for report in reports {
        writeln!(
            out,
            "{}: {} notices, {} removed from the list, {} sent to the chair, {} overdue, {} left for the next run, {} old keys forgotten",
            report.council,
            report.notices,
            report.removals,
            report.papers_sent,
            report.overdue,
            report.left,
            report.forgotten
        )?;
    }
    Ok(())
}
