//! From files to councils: the order in which a library is checked, and what becomes of those that fail.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use permanence_core::CouncilCode;
use permanence_core::rulebook::{CouncilPolicy, PolicyDocument};
use permanence_plugin_abi::operation;

use super::breaker::BreakerLimits;
use super::council::{Council, PluginIdentity};
use super::councils::Councils;
use super::digest::Digest;
use super::file::{self, CheckedFile, Trust};
use super::handle::Handle;
use super::library::{CallFailure, Instance, Library};
use super::manifest::Manifest;
use super::pool::PoolLimits;
use super::probe::Probe;
use super::problem::{LoadCode, LoadError, LoadProblem, RefusedLibrary};
use super::schemas::Schemas;

/// What a file name of a library ends with.
const LIBRARY_EXTENSION: &str = "so";

/// What a plugin's file name begins with: other libraries in a folder are not plugins of councils.
const LIBRARY_PREFIX: &str = "libpermanence_council_";

/// Which libraries are loaded, and how.
#[derive(Debug, Clone)]
pub struct LoadSettings {
    /// Where they come from.
    pub source: Source,
    /// Who may own them.
    pub trust: Trust,
    /// The program that probes them: this one.
    pub probe_program: PathBuf,
    /// How long a probe may take.
    pub probe_limit: Duration,
    /// The threads of each plugin.
    pub pool: PoolLimits,
    /// When a failing plugin is left alone.
    pub breaker: BreakerLimits,
}

/// Where libraries come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Named in the configuration, with the digest that each must have. A failure stops the start.
    Pinned(Vec<PinnedLibrary>),
    /// Every library of a folder: development only. A broken one is refused by name and the others serve.
    Folder(PathBuf),
}

/// A library that the configuration names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinnedLibrary {
    /// Its path.
    pub file: PathBuf,
    /// The SHA-256 that it must have.
    pub sha256: Digest,
}

/// What came of loading.
#[derive(Debug)]
pub struct Loaded {
    /// The councils that serve.
    pub councils: Councils,
    /// Libraries that were refused; always empty for pinned ones.
    pub refused: Vec<RefusedLibrary>,
}

/// A library that went through its first steps.
#[derive(Debug)]
pub(super) struct Inspected {
    pub library: &'static Library,
    pub instance: Instance,
    pub manifest: Manifest,
    pub policy: CouncilPolicy,
    pub schemas: Schemas,
}

impl LoadSettings {
    /// The usual limits.
    pub fn new(source: Source, development: bool, probe_program: PathBuf) -> Self {
        let trust = if development {
            Trust::development()
        } else {
            Trust::PRODUCTION
        };
        Self {
            source,
            trust,
            probe_program,
            probe_limit: Duration::from_secs(5),
            pool: PoolLimits::default(),
            breaker: BreakerLimits::default(),
        }
    }
}

/// Loads all libraries. It blocks, for up to the probe limit.
///
/// # Errors
/// For pinned libraries every problem of every library; for a folder only that it cannot be read.
pub fn load(settings: &LoadSettings) -> Result<Loaded, LoadError> {
    let files = files(&settings.source)?;
    let mut refused = Vec::new();
    let mut councils: BTreeMap<CouncilCode, (String, Arc<Council>)> = BTreeMap::new();
    for (path, outcome) in entered(&files, settings) {
        let file = path.display().to_string();
        let council = match outcome {
            Ok(council) => council,
            Err(problems) => {
                refused.push(RefusedLibrary { file, problems });
                continue;
            }
        };
        let code = council.policy().council.code.clone();
        if let Some((first, _)) = councils.get(&code) {
            let message = format!("it speaks for the council {code}, and so does {first}");
            refused.push(RefusedLibrary {
                file,
                problems: LoadProblem::new(LoadCode::CouncilTaken, message).into(),
            });
            continue;
        }
        councils.insert(code, (file, Arc::new(council)));
    }
    for library in &refused {
        tracing::error!(file = library.file, problems = ?library.problems, "a plugin was refused");
    }
    if matches!(settings.source, Source::Pinned(_)) && !refused.is_empty() {
        return Err(LoadError { refused });
    }
    let councils = councils.into_values().map(|(_, council)| council).collect();
    Ok(Loaded { councils, refused })
}

/// Checks, probes and maps every file, side by side: a probe mostly waits for its process.
fn entered(
    files: &[(PathBuf, Option<Digest>)],
    settings: &LoadSettings,
) -> Vec<(PathBuf, Result<Council, Vec<LoadProblem>>)> {
    std::thread::scope(|scope| {
        let entering: Vec<_> = files
            .iter()
            .map(|(path, pin)| {
                let handle = scope.spawn(move || {
                    let file = file::open(path, settings.trust, *pin)?;
                    Probe::first_steps(&settings.probe_program, settings.probe_limit)
                        .run(&file.descriptor, &name_of(path))?;
                    enter(file, path, settings)
                });
                (path.clone(), handle)
            })
            .collect();
        entering
            .into_iter()
            .map(|(path, council)| {
                let failed = || {
                    LoadProblem::new(
                        LoadCode::ProbeUnavailable,
                        "the checks of this library failed",
                    )
                    .into()
                };
                (path, council.join().unwrap_or_else(|_| Err(failed())))
            })
            .collect()
    })
}

/// Maps a library that passed its probe into this process and makes a council of it.
fn enter(
    file: CheckedFile,
    path: &Path,
    settings: &LoadSettings,
) -> Result<Council, Vec<LoadProblem>> {
    let name = name_of(path);
    for warning in &file.warnings {
        tracing::warn!(plugin = name, "{warning}");
    }
    let digest = file.digest;
    let Inspected {
        library,
        instance,
        manifest,
        policy,
        schemas,
    } = inspect(Library::map(file.descriptor, &name)?)?;
    let identity = PluginIdentity {
        id: manifest.id.clone(),
        version: manifest.version.clone(),
        digest,
    };
    tracing::info!(
        plugin = identity.id,
        version = identity.version,
        sha256 = %digest,
        council = %policy.council.code,
        rustc = manifest.rustc,
        "loaded a plugin"
    );
    let handle = manifest.answers_by_code().then(|| {
        Handle::new(
            &identity.id,
            library,
            instance,
            settings.pool,
            settings.breaker,
        )
    });
    Ok(Council::new(policy, schemas, identity, handle))
}

/// Goes through the first steps of a mapped library: manifest, instance, rulebook, and whether the two fit together.
pub(super) fn inspect(library: &'static Library) -> Result<Inspected, Vec<LoadProblem>> {
    let manifest = Manifest::read(library.manifest())?;
    let instance = library.create(b"{}")?;
    let policy = read_rulebook(&instance)?;
    let coded = policy
        .editions()
        .iter()
        .flat_map(|edition| &edition.rulebook.rules)
        .find_map(|rule| rule.rule.coded());
    if let Some(rule) = coded.filter(|_| !manifest.answers_by_code()) {
        let message = format!(
            "its rulebook leaves the rule {} to code, but its manifest offers none",
            rule.name
        );
        return Err(LoadProblem::new(LoadCode::BadManifest, message).into());
    }
    let schemas = Schemas::compile(&policy)?;
    Ok(Inspected {
        library,
        instance,
        manifest,
        policy,
        schemas,
    })
}

fn read_rulebook(instance: &Instance) -> Result<CouncilPolicy, Vec<LoadProblem>> {
    let bad = |message: String| vec![LoadProblem::new(LoadCode::BadRulebook, message)];
    let bytes = instance.call(operation::RULEBOOK, &[]).map_err(|failure| {
        bad(match failure {
            CallFailure::Status(permanence_plugin_abi::status::PANIC, _) => {
                "it panicked when asked for its rulebook".into()
            }
            CallFailure::Status(status, _) => {
                format!("it did not hand over its rulebook (status {status})")
            }
            CallFailure::Reply(_) => "it did not hand over its rulebook in the agreed way".into(),
        })
    })?;
    let document: PolicyDocument = serde_json::from_slice(&bytes)
        .map_err(|error| bad(format!("its rulebook cannot be read: {error}")))?;
    CouncilPolicy::new(document).map_err(|problems| {
        problems
            .iter()
            .map(|problem| {
                LoadProblem::new(
                    LoadCode::RulebookContradiction,
                    format!("its rulebook: {problem}"),
                )
            })
            .collect()
    })
}

fn files(source: &Source) -> Result<Vec<(PathBuf, Option<Digest>)>, LoadError> {
    match source {
        Source::Pinned(pinned) => Ok(pinned
            .iter()
            .map(|pin| (pin.file.clone(), Some(pin.sha256)))
            .collect()),
        Source::Folder(folder) => match scan(folder) {
            Ok(files) => Ok(files.into_iter().map(|file| (file, None)).collect()),
            Err(error) => {
                let message = format!("the plugin folder cannot be read: {error}");
                let problems = LoadProblem::new(LoadCode::FileRefused, message).into();
                Err(LoadError {
                    refused: vec![RefusedLibrary {
                        file: folder.display().to_string(),
                        problems,
                    }],
                })
            }
        },
    }
}

/// The libraries of councils in a folder, by name. A checkout may be reached through a link: the folder's real path counts.
fn scan(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder.canonicalize()?)? {
        let path = entry?.path();
        let is_council = path
            .file_name()
            .and_then(OsStr::to_str)
            .is_some_and(|name| name.starts_with(LIBRARY_PREFIX));
        if is_council
            && path
                .extension()
                .is_some_and(|extension| extension == LIBRARY_EXTENSION)
        {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The name under which a library appears in the log.
pub(super) fn name_of(path: &Path) -> String {
    path.file_stem().map_or_else(
        || "plugin".into(),
        |name| name.to_string_lossy().into_owned(),
    )
}
