//! A library that is wrong is refused before it is mapped, with a reason in plain words.

use permanence_api::plugins::problem::LoadCode;
use permanence_api::plugins::{Source, load};

use super::workshop::*;

#[test]
fn a_good_library_loads() {
    let council = council(&settings(&[&c_plugin(&[])]));
    assert_eq!(council.policy().council.name, "Anytown Council");
    assert_eq!(council.plugin().id, "c");
    assert_eq!(council.plugin().digest, digest(&c_plugin(&[])));
    assert!(council.health().serving);
}

#[test]
fn the_entry_must_be_there_and_lead_to_a_plugin_of_this_version() {
    assert_refused(
        &c_plugin(&["NO_SYMBOL"]),
        LoadCode::NoEntry,
        "it exports no symbol permanence_plugin_entry_v1: it is no permanence plugin, or its export line is missing",
    );
    assert_refused(
        &c_plugin(&["NULL_ENTRY"]),
        LoadCode::BadDescriptor,
        "its entry function returned null",
    );
    assert_refused(
        &c_plugin(&["MISALIGNED"]),
        LoadCode::BadDescriptor,
        "its entry function returned a misaligned pointer",
    );
    assert_refused(
        &c_plugin(&["WRONG_MAGIC"]),
        LoadCode::BadDescriptor,
        "its descriptor begins with 0x0000004f4c4c4548 instead of 0x31474c504d524550",
    );
    assert_refused(
        &c_plugin(&["WRONG_VERSION"]),
        LoadCode::WrongVersion,
        "it was made for version 2 of the boundary; this server speaks version 1",
    );
    assert_refused(
        &c_plugin(&["SHORT_STRUCT"]),
        LoadCode::BadDescriptor,
        "its descriptor says that it has 32 bytes; version 1 has 64",
    );
    assert_refused(
        &c_plugin(&["NULL_FUNCTION"]),
        LoadCode::BadDescriptor,
        "one of its three functions is null",
    );
    assert_refused(
        &c_plugin(&["NULL_MANIFEST"]),
        LoadCode::BadManifest,
        "its manifest is null",
    );
}

#[test]
fn a_manifest_must_be_understood() {
    let problems = refusal(&c_plugin(&["BAD_MANIFEST"]));
    assert_eq!(problems[0].code, LoadCode::BadManifest);
    assert!(
        problems[0]
            .message
            .starts_with("its manifest cannot be read: "),
        "{problems:?}"
    );
    assert_refused(
        &c_plugin(&["UNKNOWN_REQUIREMENT"]),
        LoadCode::BadManifest,
        "it requires \"moons\", which this server does not know",
    );
    assert_refused(
        &c_plugin(&["NO_CODE"]),
        LoadCode::BadManifest,
        "its rulebook leaves the rule good to code, but its manifest offers none",
    );
}

#[test]
fn what_ends_the_process_ends_only_the_probe() {
    assert_refused(
        &c_plugin(&["CRASH_IN_CONSTRUCTOR"]),
        LoadCode::Crashed,
        "it crashed while loading (SIGSEGV: it touched memory that is not its own)",
    );
    assert_refused(
        &c_plugin(&["WILD_POINTER"]),
        LoadCode::Crashed,
        "it crashed while loading (SIGSEGV: it touched memory that is not its own)",
    );
    assert_refused(
        &c_plugin(&["ABORT_IN_CONSTRUCTOR"]),
        LoadCode::Crashed,
        "it crashed while loading (SIGABRT: it ended itself); the last it said: there is no configuration in this folder",
    );
    assert_refused(
        &c_plugin(&["EXIT_IN_CONSTRUCTOR"]),
        LoadCode::Crashed,
        "it ended the process while loading, with exit status 0",
    );
    assert_refused(
        &c_plugin(&["EXIT_IN_CREATE"]),
        LoadCode::Crashed,
        "it ended the process while loading, with exit status 7",
    );
}

#[test]
fn what_never_ends_is_ended() {
    let mut settings = settings(&[&c_plugin(&["WAIT_IN_CONSTRUCTOR"])]);
    settings.probe_limit = std::time::Duration::from_millis(300);
    let refused = refusals(&settings);
    assert_eq!(refused[0].problems[0].code, LoadCode::TimedOut);
    assert_eq!(
        refused[0].problems[0].message,
        "it did not finish within 0.3 seconds; something in it waits or loops"
    );
}

#[test]
fn a_plugin_may_refuse_to_start() {
    assert_refused(
        &c_plugin(&["REFUSES_TO_START"]),
        LoadCode::CreateFailed,
        "it refused to start: the moon is not full",
    );
}

#[test]
fn what_is_no_library_is_said_so() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("libpermanence_council_text.so");
    std::fs::write(&text, "#!/bin/sh\nexit 0\n").unwrap();
    let problems = refusal(&text);
    assert_eq!(problems[0].code, LoadCode::NotALibrary);
    assert_eq!(
        problems[0].message,
        "it is not a library that this machine can load: file too short"
    );

    let cut = folder.path().join("libpermanence_council_cut.so");
    let whole = std::fs::read(rust_plugin("panics_in_calls")).unwrap();
    std::fs::write(&cut, &whole[..whole.len() / 32]).unwrap();
    let problems = refusal(&cut);
    assert!(
        matches!(problems[0].code, LoadCode::NotALibrary | LoadCode::Crashed),
        "{problems:?}"
    );

    let unresolved = refusal(&c_plugin(&["UNDEFINED_SYMBOL"]));
    assert_eq!(unresolved[0].code, LoadCode::NotALibrary);
    assert!(
        unresolved[0]
            .message
            .ends_with("undefined symbol: defined_nowhere"),
        "{unresolved:?}"
    );
}

#[test]
fn a_rulebook_must_be_there_and_hold_together() {
    assert_refused(
        &c_plugin(&["RULEBOOK_UNSUPPORTED"]),
        LoadCode::BadRulebook,
        "it did not hand over its rulebook (status -1)",
    );
    let problems = refusal(&c_plugin_with(&[], "{\"council\":7}"));
    assert_eq!(problems[0].code, LoadCode::BadRulebook);
    assert!(
        problems[0]
            .message
            .starts_with("its rulebook cannot be read: "),
        "{problems:?}"
    );

    // Two rules cite clauses that are not there, and one clause stands twice: all of it is said.
    let contradictory = rulebook()
        .replacen("\"ANY-GARBAGE-01\"", "\"ANY-GOOD-01\"", 1)
        .replacen("\"ANY-HUGE-01\"", "\"ANY-NOWHERE-01\"", 1);
    let problems = refusal(&c_plugin_with(&[], &contradictory));
    let messages: Vec<&str> = problems
        .iter()
        .map(|problem| problem.message.as_str())
        .collect();
    assert_eq!(
        messages,
        [
            "its rulebook: edition 1, clause ANY-GOOD-01: this id stands twice",
            "its rulebook: edition 1, rule 2 (ANY-GARBAGE-01): it cites ANY-GARBAGE-01, which is no clause of this edition",
            "its rulebook: edition 1, rule 5 (ANY-HUGE-01): it cites ANY-HUGE-01, which is no clause of this edition",
        ]
    );
    assert!(
        problems
            .iter()
            .all(|problem| problem.code == LoadCode::RulebookContradiction)
    );
}

#[test]
fn one_council_has_one_plugin() {
    let (first, second) = (c_plugin(&[]), rust_plugin("panics_in_calls"));
    let refused = refusals(&settings(&[&first, &second]));
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].file, second.display().to_string());
    assert_eq!(refused[0].problems[0].code, LoadCode::CouncilTaken);
    assert_eq!(
        refused[0].problems[0].message,
        format!(
            "it speaks for the council anytown, and so does {}",
            first.display()
        )
    );
}

#[test]
fn a_pinned_failure_stops_the_start_with_every_problem() {
    let (silent, strange, good) = (
        c_plugin(&["NO_SYMBOL"]),
        c_plugin(&["WRONG_MAGIC"]),
        c_plugin(&[]),
    );
    let error = load(&settings(&[&silent, &good, &strange])).unwrap_err();
    let files: Vec<&str> = error
        .refused
        .iter()
        .map(|library| library.file.as_str())
        .collect();
    assert_eq!(files, [silent.to_str().unwrap(), strange.to_str().unwrap()]);
    assert!(
        error
            .to_string()
            .starts_with("council plugins were refused\n"),
        "{error}"
    );
}

#[test]
fn in_a_folder_the_broken_are_left_out_and_the_others_serve() {
    let folder = tempfile::tempdir().unwrap();
    for (name, from) in [
        ("anytown", c_plugin(&[])),
        ("broken", c_plugin(&["NO_SYMBOL"])),
    ] {
        std::fs::copy(
            from,
            folder
                .path()
                .join(format!("libpermanence_council_{name}.so")),
        )
        .unwrap();
    }
    std::fs::write(
        folder.path().join("libsomething_else.so"),
        "no plugin at all",
    )
    .unwrap();
    let mut settings = settings(&[]);
    settings.source = Source::Folder(folder.path().to_owned());
    let loaded = load(&settings).unwrap();
    assert_eq!(loaded.councils.iter().len(), 1);
    assert!(loaded.councils.get("anytown").is_some());
    assert_eq!(loaded.refused.len(), 1);
    assert!(
        loaded.refused[0]
            .file
            .ends_with("libpermanence_council_broken.so")
    );
}
