//! `permanence import`: sends a return to a running service, follows it, and says what came of it.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use indicatif::ProgressBar;
use serde_json::Value;

use super::Failure;
use super::remote::{FileToSend, Remote};

/// Lines of the report that are shown; the rest is told by number.
const SHOWN: usize = 20;

/// What to send, and where.
#[derive(Debug, Args)]
pub struct Options {
    /// The council.
    #[arg(long)]
    council: String,
    /// Where the service is.
    #[arg(long, env = "PERMANENCE_URL", default_value = "http://127.0.0.1:8080")]
    url: String,
    /// An access token with the permission imports.write.
    #[arg(long, env = "PERMANENCE_TOKEN", hide_env_values = true)]
    token: String,
    /// Only make the report, and keep nothing.
    #[arg(long)]
    dry_run: bool,
    /// The return's files, or folders of them: CSV or XML, of as many years as there are.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
}

/// Sends, follows and reports.
///
/// # Errors
/// When a file cannot be read, the service cannot be reached, or the import breaks off.
pub fn run(options: &Options, out: &mut impl Write) -> Result<(), Failure> {
    let mut files = Vec::new();
    for path in &options.paths {
        gather(path, &mut files)?;
    }
    if files.is_empty() {
        return Err("there are no CSV or XML files there".into());
    }
    let remote = Remote::new(&options.url, options.token.clone())?;
    actix_web::rt::System::new().block_on(async {
        let bar = ProgressBar::new(0);
        let import = remote
            .import(&options.council, options.dry_run, &files, |done, of| {
                bar.set_length(of);
                bar.set_position(done);
            })
            .await?;
        bar.finish_and_clear();
        let id = import.get("id").and_then(Value::as_str).unwrap_or_default();
        let path = format!("/v1/councils/{}/imports/{id}/issues", options.council);
        let issues = remote.list(&path).await?;
        report(&import, &issues, out)
    })
}

fn gather(path: &Path, files: &mut Vec<FileToSend>) -> Result<(), Failure> {
    if path.is_dir() {
        let mut entries: Vec<PathBuf> = std::fs::read_dir(path)?
            .map(|entry| Ok(entry?.path()))
            .collect::<Result<_, std::io::Error>>()?;
        entries.sort();
        for entry in entries
            .iter()
            .filter(|entry| entry.is_dir() || is_return(entry))
        {
            gather(entry, files)?;
        }
        return Ok(());
    }
    let content = std::fs::read(path)
        .map_err(|cause| format!("{} cannot be read: {cause}", path.display()))?;
    files.push(FileToSend {
        name: path.display().to_string(),
        content,
    });
    Ok(())
}

fn is_return(path: &Path) -> bool {
    path.extension()
        .is_some_and(|end| end.eq_ignore_ascii_case("csv") || end.eq_ignore_ascii_case("xml"))
}

fn report(import: &Value, issues: &[Value], out: &mut impl Write) -> Result<(), Failure> {
    let number = |name: &str| {
        import
            .pointer(&format!("/result/{name}"))
            .and_then(Value::as_u64)
            .unwrap_or(0)
    };
    writeln!(
        out,
        "Rows: {} read, {} used, {} not used.\nCases: {} new, {} changed, {} closed, {} opened again.\nCare events: {} new, {} changed, {} withdrawn.",
        number("rowsRead"),
        number("rowsUsed"),
        number("rowsNotUsed"),
        number("casesCreated"),
        number("casesUpdated"),
        number("casesClosed"),
        number("casesReopened"),
        number("eventsCreated"),
        number("eventsChanged"),
        number("eventsWithdrawn"),
    )?;
    writeln!(
        out,
        "Report: {} errors, {} warnings, {} notices.",
        number("errors"),
        number("warnings"),
        number("notices")
    )?;
    let text = |issue: &Value, name: &str| match issue.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => "-".to_owned(),
    };
    let worth = |issue: &&Value| text(issue, "severity") != "notice";
    for issue in issues.iter().filter(worth).take(SHOWN) {
        let [file, row, column] = ["file", "row", "column"].map(|name| text(issue, name));
        let [rule, message, action] = ["rule", "message", "action"].map(|name| text(issue, name));
        writeln!(
            out,
            "  {file} row {row} {column}: [{rule}] {message} ({action})"
        )?;
    }
    let more = issues.iter().filter(worth).count().saturating_sub(SHOWN);
    if more > 0 {
        writeln!(out, "  and {more} more: read them with listImportIssues.")?;
    }
    Ok(())
}
