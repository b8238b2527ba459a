//! `permanence plugin check` says what is wrong; `permanence plugin new` writes a crate that is right.

use std::path::Path;
use std::process::{Command, Output};

use permanence_plugin::RulebookOnly;
use permanence_plugin::proof::Proof;
use serde_json::Value;

use super::workshop::*;

fn check(library: &Path) -> (bool, Value) {
    let output = permanence(&["plugin", "check", "--json", library.to_str().unwrap()]);
    (
        output.status.success(),
        serde_json::from_slice(&output.stdout).unwrap(),
    )
}

fn permanence(arguments: &[&str]) -> Output {
    Command::new(program()).args(arguments).output().unwrap()
}

/// The checks that failed, and the first thing that each says.
fn failed(report: &Value) -> Vec<(&str, &str)> {
    let checks = report["checks"].as_array().unwrap();
    let failed = checks.iter().filter(|check| check["passed"] == false);
    failed
        .map(|check| {
            (
                check["check"].as_str().unwrap(),
                check["problems"][0]["message"].as_str().unwrap(),
            )
        })
        .collect()
}

#[test]
fn a_library_that_keeps_to_the_boundary_passes() {
    let rulebook = rulebook_with_rules(&["good"]);
    let library = c_plugin_with(&[], &rulebook);
    let (passed, report) = check(&library);
    assert_eq!(failed(&report), []);
    assert!(passed);
    assert_eq!(report["sha256"], digest(&library).to_string());
    assert_eq!(report["checks"].as_array().unwrap().len(), 11);
}

#[test]
fn every_check_finds_what_it_is_for() {
    for (rule, expected) in [
        (
            "uncited",
            (
                "coded_rules",
                "the rule uncited cites ANY-GOOD-01, which it does not carry out",
            ),
        ),
        (
            "wrong_count",
            (
                "coded_rules",
                "the rule wrong_count was asked 3 questions and gave 0 answers",
            ),
        ),
        (
            "counts",
            (
                "unknown_member",
                "an unknown member changed the answer of the rule counts",
            ),
        ),
        (
            "unknown_status",
            (
                "coded_rules",
                "the rule unknown_status: it gave no answer (status -99)",
            ),
        ),
    ] {
        let (passed, report) = check(&c_plugin_with(&[], &rulebook_with_rules(&["good", rule])));
        assert!(!passed);
        assert_eq!(failed(&report)[0], expected);
    }
}

#[test]
fn a_crash_is_one_failed_check() {
    let output = permanence(&[
        "plugin",
        "check",
        c_plugin(&["CRASH_IN_CONSTRUCTOR"]).to_str().unwrap(),
    ]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!output.status.success());
    assert!(text.contains("FAILED loads: it loads, starts"), "{text}");
    assert!(
        text.contains("- it crashed while loading (SIGSEGV"),
        "{text}"
    );
    assert!(text.ends_with("This library must not serve.\n"), "{text}");
}

#[test]
fn what_is_no_file_is_said_so() {
    let (passed, report) = check(Path::new("/nowhere/at/all.so"));
    assert!(!passed);
    assert_eq!(failed(&report), [("opens", "its folder does not exist")]);
}

#[test]
fn a_new_plugin_has_a_rulebook_that_holds_together() {
    let folder = tempfile::tempdir().unwrap();
    let written = folder.path().join("north-anytown");
    let output = permanence(&[
        "plugin",
        "new",
        "north-anytown",
        "--folder",
        written.to_str().unwrap(),
    ]);
    assert!(output.status.success(), "{output:?}");
    let json = permanence_plugin::build::compile(&written.join("rulebook")).unwrap();
    assert!(json.contains("\"code\":\"north-anytown\""), "{json}");
    assert!(json.contains("North Anytown Council"), "{json}");
    let library = std::fs::read_to_string(written.join("src/lib.rs")).unwrap();
    assert!(library.contains("struct NorthAnytown;"), "{library}");
    let tests = std::fs::read_to_string(written.join("tests/register.rs")).unwrap();
    let line = "permanence_plugin::council_tests!(NorthAnytown, rulebook = RULEBOOK);";
    assert!(tests.contains(line), "{tests}");
    let proof = Proof::<RulebookOnly>::new(&json, written.to_str().unwrap()).unwrap();
    assert_eq!(proof.unlike_the_register(), [""; 0]);
    assert_eq!(proof.unproved_rules(), [""; 0]);

    let again = permanence(&[
        "plugin",
        "new",
        "north-anytown",
        "--folder",
        written.to_str().unwrap(),
    ]);
    assert!(!again.status.success());
    let refused = permanence(&["plugin", "new", "../etc"]);
    assert!(!refused.status.success());
}

/// The test rulebook with only some of its rules.
fn rulebook_with_rules(names: &[&str]) -> String {
    let mut document: Value = serde_json::from_str(&rulebook()).unwrap();
    let rules = document["editions"][0]["rules"].as_array_mut().unwrap();
    rules.retain(|rule| names.contains(&rule["rule"]["coded"]["name"].as_str().unwrap()));
    document.to_string()
}
