//! From the rulebook files that an officer edits to the one document that a plugin carries.
//!
//! A plugin's `build.rs` is one line:
//!
//! ```no_run
//! permanence_plugin::build::rulebook("rulebook");
//! ```
//!
//! The folder holds one YAML file a subject.
//! One of them names the `council`, one of them the `edition`; the others hold clauses, panels, rules and so on,
//! and every file may hold any of them.
//! A policy with several editions has a folder for each edition, with the file that names the council beside them.
//! Unknown words, wrong types, clauses that do not exist and rules that contradict each other stop the build,
//! all at once, each with its file, its line and its entry.

mod part;
mod problem;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs, process};

use permanence_core::rulebook::{Council, CouncilPolicy, PolicyDocument, Rulebook};

pub use problem::RulebookProblem;

use part::{Part, Places};

/// Reads the rulebook folder, checks it and writes `rulebook.json` for [`crate::export_plugin!`].
///
/// It is meant for `build.rs`: what is wrong becomes error lines of cargo, and the build stops.
#[expect(
    clippy::print_stdout,
    reason = "this is how a build script speaks to cargo"
)]
pub fn rulebook(folder: impl AsRef<Path>) {
    let folder = folder.as_ref();
    println!("cargo::rerun-if-changed={}", folder.display());
    let written = compile(folder).and_then(|json| {
        let out = env::var_os("OUT_DIR")
            .map(PathBuf::from)
            .unwrap_or_default()
            .join("rulebook.json");
        fs::write(&out, json)
            .map_err(|error| vec![RulebookProblem::new(&out, None, error.to_string())])
    });
    if let Err(problems) = written {
        for problem in &problems {
            // An error line of cargo is one line.
            println!("cargo::error={}", problem.to_string().replace('\n', " "));
        }
        println!(
            "cargo::error=the rulebook has {} problems; nothing was built",
            problems.len()
        );
        process::exit(1);
    }
}

/// Reads and checks a rulebook folder, and gives the document that a plugin carries.
///
/// # Errors
/// Every problem that was found.
pub fn compile(folder: &Path) -> Result<String, Vec<RulebookProblem>> {
    let mut places = Places::default();
    let (document, mut problems) = read(folder, &mut places)?;
    if problems.is_empty() {
        let json = serde_json::to_string(&document)
            .map_err(|error| vec![RulebookProblem::new(folder, None, error.to_string())])?;
        // The plugin will read this text and not the files: so it is this text that is checked.
        let read_back: PolicyDocument = serde_json::from_str(&json).map_err(|error| {
            vec![RulebookProblem::new(
                folder,
                None,
                format!("the rulebook does not read back as it was written: {error}"),
            )]
        })?;
        match CouncilPolicy::new(read_back) {
            Ok(_) => return Ok(json),
            Err(found) => {
                problems.extend(found.iter().map(|problem| places.locate(folder, problem)))
            }
        }
    }
    Err(problems)
}

/// Reads all files of the folder and puts the editions together.
fn read(
    folder: &Path,
    places: &mut Places,
) -> Result<(PolicyDocument, Vec<RulebookProblem>), Vec<RulebookProblem>> {
    let mut problems = Vec::new();
    let mut council: Option<(PathBuf, Council)> = None;
    let mut editions: BTreeMap<PathBuf, Vec<(PathBuf, Part)>> = BTreeMap::new();
    for path in files(folder)? {
        let mut part = match Part::read(&path) {
            Ok(part) => part,
            Err(problem) => {
                problems.push(problem);
                continue;
            }
        };
        if let Some(named) = part.council.take() {
            match &council {
                None => council = Some((path.clone(), named)),
                Some((first, _)) => problems.push(twice(&path, "council", first)),
            }
        }
        if !part.is_empty() {
            editions
                .entry(path.parent().unwrap_or(folder).to_owned())
                .or_default()
                .push((path, part));
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut rulebooks = Vec::new();
    for (edition_folder, parts) in editions {
        match put_together(&edition_folder, parts, places) {
            Ok(rulebook) => rulebooks.push(rulebook),
            Err(found) => problems.extend(found),
        }
    }
    rulebooks.sort_by_key(|rulebook: &Rulebook| rulebook.edition.effective_from);
    match council {
        Some((_, council)) if problems.is_empty() => Ok((
            PolicyDocument {
                council,
                editions: rulebooks,
            },
            problems,
        )),
        Some(_) => Err(problems),
        None => {
            problems.push(RulebookProblem::new(
                folder,
                None,
                "no file says which council this is: one needs the entry council",
            ));
            Err(problems)
        }
    }
}

/// One edition from the files of its folder, in the order of their names.
fn put_together(
    folder: &Path,
    parts: Vec<(PathBuf, Part)>,
    places: &mut Places,
) -> Result<Rulebook, Vec<RulebookProblem>> {
    let mut problems = Vec::new();
    let mut named = None;
    for (path, part) in &parts {
        let Some(edition) = &part.edition else {
            continue;
        };
        match &named {
            None => named = Some((path.clone(), edition.clone())),
            Some((first, _)) => problems.push(twice(path, "edition", first)),
        }
    }
    let Some((_, edition)) = named else {
        problems.push(RulebookProblem::new(
            folder,
            None,
            "no file here says which edition this is: one needs the entry edition",
        ));
        return Err(problems);
    };
    let mut rulebook = Rulebook {
        edition,
        silent: Vec::new(),
        clauses: Vec::new(),
        panels: Vec::new(),
        rules: Vec::new(),
        forms: Vec::new(),
        trackers: Vec::new(),
        reports: Vec::new(),
        facts: BTreeMap::new(),
        codes: BTreeMap::new(),
    };
    for (path, part) in parts {
        places.note(&path, &part, &rulebook);
        rulebook.silent.extend(part.silent);
        rulebook
            .clauses
            .extend(part.clauses.into_iter().map(|clause| clause.value));
        rulebook
            .panels
            .extend(part.panels.into_iter().map(|panel| panel.value));
        rulebook
            .rules
            .extend(part.rules.into_iter().map(|rule| rule.value));
        rulebook.forms.extend(part.forms);
        rulebook.trackers.extend(part.trackers);
        rulebook.reports.extend(part.reports);
        for (name, fact) in part.facts {
            if rulebook.facts.insert(name.clone(), fact).is_some() {
                problems.push(RulebookProblem::new(
                    &path,
                    None,
                    format!("the fact {name} is defined twice"),
                ));
            }
        }
        for (name, list) in part.codes {
            if rulebook.codes.insert(name.clone(), list).is_some() {
                problems.push(RulebookProblem::new(
                    &path,
                    None,
                    format!("the code list {name} is defined twice"),
                ));
            }
        }
    }
    if problems.is_empty() {
        Ok(rulebook)
    } else {
        Err(problems)
    }
}

/// The YAML files of the folder and of the folders in it, in the order of their names.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Vec<RulebookProblem>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(current) = folders.pop() {
        let unreadable = |error: std::io::Error| {
            vec![RulebookProblem::new(
                &current,
                None,
                format!("cannot be read: {error}"),
            )]
        };
        for entry in fs::read_dir(&current).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|extension| extension == "yaml" || extension == "yml")
            {
                files.push(path);
            }
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(vec![RulebookProblem::new(
            folder,
            None,
            "there is no YAML file in this folder",
        )]);
    }
    Ok(files)
}

fn twice(path: &Path, entry: &str, first: &Path) -> RulebookProblem {
    RulebookProblem::new(
        path,
        None,
        format!("the entry {entry} stands here and in {}", first.display()),
    )
}
