//! `permanence coverage`: how each clause of each loaded council is met, as a number that anyone can recompute.

use std::collections::BTreeMap;
use std::io::Write;

use clap::Args;
use permanence_core::CouncilCode;
use permanence_core::coverage::{By, Link, Met, coverage};
use permanence_core::rulebook::ClauseKind;
use serde_json::{Value, json};

use super::Failure;
use crate::config::Config;
use crate::openapi::document;

/// What to say.
#[derive(Debug, Args)]
pub struct Options {
    /// Only this council.
    #[arg(long, value_name = "CODE")]
    council: Option<CouncilCode>,
    /// Every clause with what it is met by, and not only the numbers.
    #[arg(long)]
    clauses: bool,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

/// A council's clauses.
struct Covered {
    council: String,
    edition: String,
    clauses: Vec<Met>,
}

/// Writes the coverage of the newest edition of each council.
///
/// # Errors
/// When a clause is met by nothing, or a link names an operation that the API does not have.
pub fn run(options: &Options, config: &Config, out: &mut impl Write) -> Result<(), Failure> {
    let councils = super::councils(config)?;
    let covered: Vec<Covered> = councils
        .iter()
        .filter(|council| {
            options
                .council
                .as_ref()
                .is_none_or(|code| code == council.code())
        })
        .filter_map(|council| {
            let policy = council.policy().editions().last()?;
            Some(Covered {
                council: council.code().to_string(),
                edition: policy.rulebook.edition.id.clone(),
                clauses: coverage(policy),
            })
        })
        .collect();
    if covered.is_empty() {
        return Err("no council of this code is loaded".into());
    }
    let described = document(crate::routes::configure);
    let unmet = unmet(&covered, &described);
    if options.json {
        let councils: Vec<Value> = covered
            .iter()
            .map(
                |it| json!({ "council": it.council, "edition": it.edition, "clauses": it.clauses }),
            )
            .collect();
        serde_json::to_writer_pretty(&mut *out, &json!({ "councils": councils, "unmet": unmet }))?;
        writeln!(out)?;
    } else {
        table(&covered, &unmet, out)?;
        if options.clauses {
            each(&covered, out)?;
        }
        for (clause, why) in &unmet {
            writeln!(out, "not met: {clause}: {why}")?;
        }
    }
    match unmet.len() {
        0 => Ok(()),
        count => Err(format!("{count} clauses are not met").into()),
    }
}

/// The clauses that nothing meets, or only an operation that does not exist.
fn unmet(covered: &[Covered], described: &Value) -> BTreeMap<String, String> {
    let operations = operations(described);
    let mut unmet = BTreeMap::new();
    for met in covered.iter().flat_map(|it| &it.clauses) {
        if met.by.is_empty() {
            unmet.insert(met.clause.to_string(), "nothing is linked to it".to_owned());
        }
        for link in &met.by {
            for operation in &link.operations {
                match operations.get(operation.as_str()) {
                    None => {
                        let why = format!("the API has no operation {operation}");
                        unmet.insert(met.clause.to_string(), why);
                    }
                    Some(request)
                        if link.by == By::Operation && !takes(request, link, described) =>
                    {
                        let why = format!("{operation} takes no {}", link.target);
                        unmet.insert(met.clause.to_string(), why);
                    }
                    Some(_) => {}
                }
            }
        }
    }
    unmet
}

/// The operations of the API's description with the schemas of their requests.
fn operations(described: &Value) -> BTreeMap<&str, &Value> {
    let paths = described.get("paths").and_then(Value::as_object);
    paths
        .into_iter()
        .flat_map(|paths| paths.values())
        .filter_map(Value::as_object)
        .flat_map(|methods| methods.values())
        .filter_map(|operation| {
            let id = operation.get("operationId")?.as_str()?;
            let request = operation
                .pointer("/requestBody/content")
                .and_then(Value::as_object)
                .and_then(|forms| forms.values().next())
                .and_then(|form| form.get("schema"))
                .unwrap_or(&Value::Null);
            Some((id, request))
        })
        .collect()
}

/// Whether a request has the member at the link's pointer; list items are written as `*`.
fn takes(request: &Value, link: &Link, described: &Value) -> bool {
    let mut schema = resolve(request, described);
    for member in link.target.split('/').skip(1) {
        let below = match member {
            "*" => schema.get("items"),
            member => schema.get("properties").and_then(|all| all.get(member)),
        };
        match below {
            Some(below) => schema = resolve(below, described),
            None => return false,
        }
    }
    true
}

/// Follows a reference, alone or as one of several forms.
fn resolve<'a>(schema: &'a Value, described: &'a Value) -> &'a Value {
    let reference = schema.get("$ref").or_else(|| {
        let forms = schema.get("oneOf").or_else(|| schema.get("anyOf"))?;
        forms.as_array()?.iter().find_map(|form| form.get("$ref"))
    });
    reference
        .and_then(Value::as_str)
        .and_then(|reference| reference.strip_prefix('#'))
        .and_then(|pointer| described.pointer(pointer))
        .unwrap_or(schema)
}

fn table(
    covered: &[Covered],
    unmet: &BTreeMap<String, String>,
    out: &mut impl Write,
) -> Result<(), Failure> {
    writeln!(
        out,
        "{:<16} {:>9} {:>9} {:>9} {:>9}",
        "council", "rule", "data", "text", "all"
    )?;
    let mut all: Vec<&Met> = Vec::new();
    for it in covered {
        let own: Vec<&Met> = it.clauses.iter().collect();
        row(&it.council, &own, unmet, out)?;
        all.extend(own);
    }
    row("all", &all, unmet, out)
}

fn row(
    name: &str,
    clauses: &[&Met],
    unmet: &BTreeMap<String, String>,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let share = |kind: Option<ClauseKind>| {
        let of_kind = || {
            clauses
                .iter()
                .filter(|met| kind.is_none_or(|kind| met.kind == kind))
        };
        let met = of_kind().filter(|met| !unmet.contains_key(met.clause.as_str()));
        format!("{}/{}", met.count(), of_kind().count())
    };
    writeln!(
        out,
        "{name:<16} {:>9} {:>9} {:>9} {:>9}",
        share(Some(ClauseKind::Rule)),
        share(Some(ClauseKind::Data)),
        share(Some(ClauseKind::Text)),
        share(None),
    )?;
    Ok(())
}

fn each(covered: &[Covered], out: &mut impl Write) -> Result<(), Failure> {
    for it in covered {
        writeln!(out, "\n{}, edition {}", it.council, it.edition)?;
        for met in &it.clauses {
            for link in &met.by {
                let by = serde_json::to_value(link.by)?;
                writeln!(
                    out,
                    "  {:<24} {:<9} {} {}",
                    met.clause.to_string(),
                    by.as_str().unwrap_or_default(),
                    link.target,
                    link.entries.join(", ")
                )?;
            }
        }
    }
    Ok(())
}
