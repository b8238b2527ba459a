//! `permanence invent`: children for `permanence evaluate`, a mix of all loaded councils. None of them exists.

use std::borrow::Cow;
use std::io::{BufWriter, Write};

use chrono::NaiveDate;
use clap::Args;
use permanence_core::care;
use serde_json::{Map, Value};

use super::Failure;
use crate::batch::Child;
use crate::config::Config;
use crate::demo::{Wanted, invent};
use crate::integrations::ssda903::{self, SourceFile};
use crate::plugins::Council;

/// Children that are invented at a time.
const AT_A_TIME: u32 = 1_000;

/// How many, and as of when.
#[derive(Debug, Args)]
pub struct Options {
    /// How many children.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    children: u32,
    /// The day that their histories reach to; today unless said.
    #[arg(long, value_name = "DATE")]
    as_of: Option<NaiveDate>,
    /// Another number invents other children.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Writes one child a line.
///
/// # Errors
/// When no council is loaded, or the output cannot be written.
pub fn run(options: &Options, config: &Config, out: &mut impl Write) -> Result<(), Failure> {
    let councils = super::councils(config)?;
    if councils.is_empty() {
        return Err("no council is loaded".into());
    }
    let as_of = match options.as_of {
        Some(day) => day,
        None => config.clock()?.today(),
    };
    let mut out = BufWriter::new(out);
    let all: Vec<_> = councils.iter().collect();
    let mut of_council = all.iter().cycle();
    let mut left = options.children;
    let mut seed = options.seed;
    while left > 0 {
        let wanted = Wanted {
            seed,
            ..Wanted::new(left.clamp(24, AT_A_TIME), as_of)
        };
        let children = facts(&wanted);
        if children.is_empty() {
            return Err("nothing was invented".into());
        }
        for (reference, facts) in children {
            let Some(council) = of_council.next().filter(|_| left > 0) else {
                break;
            };
            let child = Child {
                id: Some(format!("{seed}-{reference}")),
                council: council.code().clone(),
                as_of: Some(as_of),
                edition: None,
                facts: known(council, as_of, facts),
            };
            serde_json::to_writer(&mut out, &child)?;
            writeln!(out)?;
            left -= 1;
        }
        seed += 1;
    }
    out.flush()?;
    Ok(())
}

/// The facts of invented children, as their returns and what is said beside them tell them.
fn facts(wanted: &Wanted) -> Vec<(String, Map<String, Value>)> {
    let invented = invent(wanted);
    let files: Vec<SourceFile<'_>> = invented
        .files
        .iter()
        .map(|file| SourceFile {
            name: &file.name,
            content: Cow::Borrowed(file.text.as_bytes()),
            year: Some(file.year),
        })
        .collect();
    let read = ssda903::read(&files);
    let mut children: Vec<(String, Map<String, Value>)> = invented
        .planted
        .iter()
        .filter_map(|planted| {
            let child = read.children.get(&planted.child)?;
            let facts = care::facts(&child.history, wanted.as_of).to_json();
            Some((planted.child.clone(), facts))
        })
        .collect();
    for other in invented.facts {
        if let Some((_, facts)) = children
            .iter_mut()
            .find(|(reference, _)| *reference == other.child)
        {
            facts.extend(
                other
                    .facts
                    .into_iter()
                    .map(|(name, value)| (permanence_core::code::camel(&name), value)),
            );
        }
    }
    children
}

/// Those of the facts that the council's dictionary knows.
fn known(council: &Council, as_of: NaiveDate, mut facts: Map<String, Value>) -> Map<String, Value> {
    if let Some(policy) = council.policy().on(as_of) {
        facts.retain(|name, _| policy.dictionary().by_wire_name(name).is_some());
    }
    facts
}
