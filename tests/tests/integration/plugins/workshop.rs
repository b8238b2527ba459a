//! Where the tests build their plugins.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, LazyLock, Mutex, OnceLock};
use std::time::Duration;

use permanence_api::plugins::file::Trust;
use permanence_api::plugins::problem::{LoadCode, LoadProblem, RefusedLibrary};
use permanence_api::plugins::{
    BreakerLimits, Council, Digest, LoadSettings, Loaded, PinnedLibrary, PoolLimits, Source, load,
};
use tempfile::TempDir;

/// What was built, by its macros; each is built once.
type Built = BTreeMap<String, Arc<OnceLock<PathBuf>>>;

static WORKSHOP: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());
static BUILT: Mutex<Built> = Mutex::new(BTreeMap::new());

/// The plugin of `plugin.c`, with one thing in it wrong: `WRONG_MAGIC`; none is a good plugin.
pub fn c_plugin(macros: &[&str]) -> PathBuf {
    c_plugin_with(macros, &rulebook())
}

/// The same with another rulebook.
pub fn c_plugin_with(macros: &[&str], rulebook: &str) -> PathBuf {
    let name = format!(
        "{}_{:.8}",
        macros.join("_").to_lowercase(),
        Digest::of(rulebook.as_bytes()).to_string()
    );
    let cell = Arc::clone(BUILT.lock().unwrap().entry(name.clone()).or_default());
    cell.get_or_init(|| compile(&name, macros, rulebook))
        .clone()
}

/// A plugin written with the SDK, from `bad-plugins/`.
pub fn rust_plugin(name: &str) -> PathBuf {
    built(&format!("examples/lib{name}.so"))
}

/// The rulebook that all of them carry.
pub fn rulebook() -> String {
    std::fs::read_to_string(bad_plugins().join("anytown.json")).unwrap()
}

/// The program `permanence`, which probes libraries.
pub fn program() -> PathBuf {
    built("permanence")
}

/// Settings for one library: limits short enough for tests, own files trusted, modes refused.
pub fn settings(libraries: &[&Path]) -> LoadSettings {
    let pin = |file: &&Path| PinnedLibrary {
        file: file.to_path_buf(),
        sha256: digest(file),
    };
    let source = Source::Pinned(libraries.iter().map(pin).collect());
    LoadSettings {
        trust: Trust {
            only_warn: false,
            ..Trust::development()
        },
        pool: PoolLimits {
            threads: 2,
            lost_threads: 2,
            queue: 16,
            budget: Duration::from_millis(1_500),
        },
        breaker: BreakerLimits {
            faults: 3,
            rest: Duration::from_secs(3_600),
        },
        ..LoadSettings::new(source, false, program())
    }
}

/// The council of a library that loads.
pub fn council(settings: &LoadSettings) -> Arc<Council> {
    let Loaded { councils, refused } = load(settings).expect("a library that loads");
    assert!(refused.is_empty());
    Arc::clone(
        councils
            .get("anytown")
            .expect("the council of the rulebook"),
    )
}

/// What is wrong with a library that does not load.
#[track_caller]
pub fn refusal(library: &Path) -> Vec<LoadProblem> {
    refusals(&settings(&[library])).remove(0).problems
}

/// What is wrong with libraries that do not load.
#[track_caller]
pub fn refusals(settings: &LoadSettings) -> Vec<RefusedLibrary> {
    load(settings)
        .expect_err("libraries that are refused")
        .refused
}

/// Asserts that a library is refused for one reason, in these words.
#[track_caller]
pub fn assert_refused(library: &Path, code: LoadCode, message: &str) {
    assert_eq!(refusal(library), [LoadProblem::new(code, message)]);
}

pub fn digest(file: &Path) -> Digest {
    std::fs::read(file).map_or(Digest::of(b""), |bytes| Digest::of(&bytes))
}

fn compile(name: &str, macros: &[&str], rulebook: &str) -> PathBuf {
    let folder = WORKSHOP.path();
    let library = folder.join(format!("libpermanence_council_{name}.so"));
    let literal = folder.join(format!("{name}.inc"));
    std::fs::write(&literal, as_c_literal(rulebook)).unwrap();
    let output = Command::new("cc")
        .args([
            "-std=gnu11",
            "-Wall",
            "-Wno-unused",
            "-Werror",
            "-fPIC",
            "-shared",
            "-fvisibility=default",
            "-I",
        ])
        .arg(bad_plugins().join("../../plugins/abi/include"))
        .arg(format!("-DRULEBOOK_FILE=\"{}\"", literal.display()))
        .args(macros.iter().map(|name| format!("-D{name}")))
        .arg(bad_plugins().join("plugin.c"))
        .arg("-o")
        .arg(&library)
        .output()
        .expect("a C compiler, which linking Rust needs too");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    library
}

fn as_c_literal(text: &str) -> String {
    let escaped = text
        .replace('\\', r"\\")
        .replace('"', r#"\""#)
        .replace('\n', "\\n\"\n\"");
    format!("\"{escaped}\"")
}

fn bad_plugins() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("bad-plugins")
}

/// A file that `cargo build --workspace --all-targets` builds: the tests run from the folder below it.
fn built(name: &str) -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let file = tests.ancestors().nth(2).unwrap().join(name);
    assert!(
        file.exists(),
        "{} is not there: cargo build --workspace --all-targets builds it",
        file.display()
    );
    file
}
