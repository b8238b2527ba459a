//! `permanence demo`: a service with invented children in it, within a minute.
//!
//! It is a client of its own API: the invented return goes in as a council's would, the other facts are said one by one,
//! and the table at the end is what any caller gets.

use std::collections::HashMap;
use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use actix_web::dev::ServerHandle;
use chrono::NaiveDate;
use clap::Args;
use futures_util::{StreamExt as _, TryStreamExt as _};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::Failure;
use super::remote::{FileToSend, Remote};
use crate::app::{AppState, StartError, build_server};
use crate::auth::{DevelopmentKey, Minted, Role};
use crate::clock::Clock;
use crate::config::Config;
use crate::demo::{Invented, Wanted, invent};
use crate::store::migrations;

/// Children of a council that does not say how many it usually has.
const CHILDREN: u32 = 150;
/// Facts that are on their way at a time.
const AT_A_TIME: usize = 8;
/// How long the token is good, in seconds.
const TOKEN_LIVES: i64 = 8 * 3600;

/// How large, where, and whether to go on serving.
#[derive(Debug, Args)]
pub struct Options {
    /// Where to keep the database; a folder of its own among the temporary ones unless said.
    #[arg(long)]
    folder: Option<PathBuf>,
    /// The port; 0 lets the system choose.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// How many children each council looks after; its usual number unless said.
    #[arg(long, value_parser = clap::value_parser!(u32).range(24..=20_000))]
    children: Option<u32>,
    /// Another number invents other children.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Stop when everything is in, instead of serving.
    #[arg(long)]
    once: bool,
}

/// A council that is loaded.
struct Council {
    code: String,
    name: String,
    children: u32,
}

/// Fills a database, says what is in it, and serves it.
///
/// # Errors
/// When the folder or the port cannot be used, no council is loaded, or the service refuses what was invented.
pub fn run(options: &Options, file: Option<&Path>, out: &mut impl Write) -> Result<(), Failure> {
    let folder = options.folder.clone().unwrap_or_else(|| {
        std::env::temp_dir().join(format!("permanence-demo-{}", std::process::id()))
    });
    std::fs::create_dir_all(&folder)?;
    let config = configuration(options, file, &folder)?;
    migrations::run(&config.database.url)?;
    super::serve::log(&config)?;
    actix_web::rt::System::new().block_on(async {
        let listener = TcpListener::bind((config.server.host.as_str(), config.server.port)).map_err(|cause| {
            format!("port {} cannot be taken ({cause}); choose another with --port", config.server.port)
        })?;
        let address = format!("http://{}", listener.local_addr()?);
        let key_file = config.auth.development_key.clone();
        let audience = config.auth.audience.clone();
        let state = AppState::open(config).await?;
        let councils = councils(&state, options);
        if councils.is_empty() {
            return Err("no council's library lies beside this program: run `cargo build --workspace` first".into());
        }
        let token = token(&key_file, &audience, &councils)?;
        let as_of = state.clock.today();
        let server = build_server(state, listener).map_err(StartError::Io)?;
        let handle = server.handle();
        let serving = actix_web::rt::spawn(server);
        let remote = Remote::new(&address, token.clone())?;
        writeln!(out, "Invented children of {} council(s), as of {as_of}; database in {}\n", councils.len(), folder.display())?;
        for council in &councils {
            let wanted = Wanted { seed: options.seed, ..Wanted::new(council.children, as_of) };
            fill(&remote, council, &wanted).await?;
            table(&remote, council, as_of, out).await?;
        }
        what_to_try(&address, &token, &councils, out)?;
        end(options, handle).await;
        Ok(serving.await??)
    })
}

async fn end(options: &Options, handle: ServerHandle) {
    if options.once {
        handle.stop(true).await;
    }
}

fn configuration(options: &Options, file: Option<&Path>, folder: &Path) -> Result<Config, Failure> {
    let own = |name: &str| folder.join(name).display().to_string();
    let settings = [
        ("MODE", "development".to_owned()),
        ("DATABASE__URL", own("permanence.db")),
        ("DATABASE__READS", own("reads")),
        ("AUTH__DEVELOPMENT_KEY", own("development-key.pem")),
        ("SERVER__PORT", options.port.to_string()),
    ]
    .map(|(name, value)| (format!("PERMANENCE__{name}"), value));
    // Requests of our own by the thousand are no news.
    let quiet = [("PERMANENCE__LOG__FILTER".to_owned(), "warn".to_owned())];
    let variables = quiet.into_iter().chain(std::env::vars()).chain(settings);
    Ok(Config::load(file, variables)?)
}

fn councils(state: &AppState, options: &Options) -> Vec<Council> {
    state
        .councils
        .iter()
        .map(|council| {
            let known = &council.policy().council;
            Council {
                code: council.code().to_string(),
                name: known.name.clone(),
                children: options
                    .children
                    .or(known.usual_children)
                    .unwrap_or(CHILDREN),
            }
        })
        .collect()
}

fn token(key_file: &Path, audience: &str, councils: &[Council]) -> Result<String, Failure> {
    let codes: Vec<String> = councils
        .iter()
        .map(|council| council.code.clone())
        .collect();
    let now = Clock::System.now().timestamp();
    let roles = [
        Role::HeadOfService,
        Role::PanelAdministrator,
        Role::IntegrationClient,
        Role::LegalAdviser,
        Role::Auditor,
    ];
    let minted = Minted {
        subject: "demo",
        councils: &codes,
        roles: &roles,
        teams: &[],
        audience,
        from: now,
        until: now + TOKEN_LIVES,
    };
    Ok(DevelopmentKey::open(key_file)?.mint(&minted)?)
}

/// Sends the return, then the facts that it cannot hold.
async fn fill(remote: &Remote, council: &Council, wanted: &Wanted) -> Result<(), Failure> {
    let invented = invent(wanted);
    let files: Vec<FileToSend> = invented
        .files
        .iter()
        .map(|file| FileToSend {
            name: file.name.clone(),
            content: file.text.clone().into_bytes(),
        })
        .collect();
    let bar = bar(&format!(
        "{}: {} files of a return",
        council.name,
        files.len()
    ));
    remote
        .import(&council.code, false, &files, |done, of| {
            bar.set_length(of);
            bar.set_position(done);
        })
        .await?;
    bar.finish_and_clear();
    say_facts(remote, council, &invented).await
}

async fn say_facts(remote: &Remote, council: &Council, invented: &Invented) -> Result<(), Failure> {
    let cases = remote
        .list(&format!("/v1/councils/{}/cases", council.code))
        .await?;
    let ids: HashMap<&str, &str> = cases
        .iter()
        .filter_map(|case| Some((case.get("reference")?.as_str()?, case.get("id")?.as_str()?)))
        .collect();
    let facts: Vec<(String, Value)> = invented
        .facts
        .iter()
        .filter_map(|other| Some((ids.get(other.child.as_str())?, &other.facts)))
        .flat_map(|(id, facts)| {
            facts.iter().map(move |(name, value)| {
                let name = permanence_core::code::camel(name);
                let path = format!("/v1/councils/{}/cases/{id}/facts/{name}", council.code);
                (path, json!({ "value": value, "source": "demonstration" }))
            })
        })
        .collect();
    let bar = bar(&format!("{}: facts that no return holds", council.name));
    bar.set_length(u64::try_from(facts.len()).unwrap_or(0));
    futures_util::stream::iter(facts)
        .map(|(path, body)| async move { remote.put_new(&path, &body).await })
        .buffer_unordered(AT_A_TIME)
        .try_for_each(|_| {
            bar.inc(1);
            std::future::ready(Ok(()))
        })
        .await?;
    bar.finish_and_clear();
    Ok(())
}

fn bar(what: &str) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg:50} [{bar:30}] {pos}/{len}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::new(0).with_style(style);
    bar.set_message(what.to_owned());
    bar
}

/// What the council's policy finds, clause by clause.
async fn table(
    remote: &Remote,
    council: &Council,
    as_of: NaiveDate,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let path = format!(
        "/v1/councils/{}/exceptions/summary?asOf={as_of}",
        council.code
    );
    let summary = remote.get(&path).await?;
    let number = |value: &Value, name: &str| value.get(name).and_then(Value::as_u64).unwrap_or(0);
    writeln!(
        out,
        "{}: {} of {} open cases wait too long under its policy",
        council.name,
        number(&summary, "casesWithFindings"),
        number(&summary, "cases")
    )?;
    writeln!(
        out,
        "  {:<20} {:<44} {:>8} {:>9} {:>10}",
        "clause", "finding", "certain", "at least", "not known"
    )?;
    for row in summary
        .get("byClause")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let text = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default();
        writeln!(
            out,
            "  {:<20} {:<44} {:>8} {:>9} {:>10}",
            text("clause"),
            text("code"),
            number(row, "certain"),
            number(row, "atLeast"),
            number(row, "cannotBeKnown"),
        )?;
    }
    writeln!(out)?;
    Ok(())
}

fn what_to_try(
    address: &str,
    token: &str,
    councils: &[Council],
    out: &mut impl Write,
) -> Result<(), Failure> {
    let Some(first) = councils.first() else {
        return Ok(());
    };
    let base = format!("{address}/v1/councils/{}", first.code);
    writeln!(
        out,
        "The API is at {address}, its documentation at {address}/docs/"
    )?;
    writeln!(
        out,
        "\nA token for all of it, good for eight hours:\n\nexport TOKEN={token}\n"
    )?;
    writeln!(out, "Try, in another terminal:\n")?;
    for path in ["exceptions?limit=3", "exceptions/summary", "cases?limit=3"] {
        writeln!(
            out,
            "curl -s -H \"Authorization: Bearer $TOKEN\" '{base}/{path}'"
        )?;
    }
    writeln!(out, "\nStop it with Ctrl-C.")?;
    out.flush()?;
    Ok(())
}
