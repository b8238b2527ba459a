//! `permanence evaluate`: every exception and checkpoint of many children in one call, without a database or a server.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write, stdin};
use std::num::NonZero;
use std::path::PathBuf;
use std::thread::available_parallelism;
use std::time::Instant;

use chrono::NaiveDate;
use clap::Args;

use super::Failure;
use crate::batch::{Settings, judge};
use crate::config::Config;

/// What to judge.
#[derive(Debug, Args)]
pub struct Options {
    /// One child a line: `{"id": .., "council": .., "asOf": .., "facts": {..}}`; `-` reads the standard input.
    #[arg(default_value = "-")]
    file: PathBuf,
    /// The day of lines that name none; today unless said.
    #[arg(long, value_name = "DATE")]
    as_of: Option<NaiveDate>,
    /// Only count: write the totals and the lines that were refused.
    #[arg(long)]
    count: bool,
    /// Threads that judge; two a core unless said, for half of them wait for a library.
    #[arg(long)]
    workers: Option<usize>,
}

/// Judges every line, and says on the standard error how many there were.
///
/// # Errors
/// When a plugin is refused, the file cannot be read, or a line could not be judged.
pub fn run(
    options: &Options,
    config: &Config,
    out: &mut (impl Write + Send),
) -> Result<(), Failure> {
    let started = Instant::now();
    let councils = super::councils(config)?;
    let settings = Settings {
        today: match options.as_of {
            Some(day) => day,
            None => config.clock()?.today(),
        },
        workers: options
            .workers
            .unwrap_or_else(|| 2 * available_parallelism().map_or(1, NonZero::get)),
        write: !options.count,
    };
    let input: Box<dyn Read> = if options.file.as_os_str() == "-" {
        Box::new(stdin())
    } else {
        Box::new(
            File::open(&options.file)
                .map_err(|cause| format!("{} cannot be read: {cause}", options.file.display()))?,
        )
    };
    let loaded = started.elapsed();
    let mut input = BufReader::with_capacity(1 << 16, input);
    let mut output = BufWriter::with_capacity(1 << 16, out);
    let totals = judge(&councils, &settings, &mut input, &mut output)?;
    writeln!(
        std::io::stderr(),
        "{} children judged, {} refused: {} exceptions ({} certain), {} checkpoint findings; {:.2} s, {:.2} s of them to load {} councils",
        totals.judged,
        totals.refused,
        totals.exceptions,
        totals.certain,
        totals.checkpoints,
        started.elapsed().as_secs_f64(),
        loaded.as_secs_f64(),
        councils.iter().len(),
    )?;
    if totals.refused > 0 {
        return Err(format!("{} lines could not be judged", totals.refused).into());
    }
    Ok(())
}
