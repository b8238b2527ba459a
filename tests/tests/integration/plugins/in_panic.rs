//! A panic in a plugin stays in the plugin.

use permanence_api::plugins::EvaluateError;
use permanence_api::plugins::problem::LoadCode;

use super::in_calls::{answered, ask};
use super::workshop::*;

#[test]
fn a_panic_at_the_start_refuses_the_library() {
    assert_refused(
        &rust_plugin("panics_at_start"),
        LoadCode::CreateFailed,
        "it panicked while starting: see the log for where",
    );
}

#[test]
fn a_panic_in_a_call_costs_one_answer() {
    let council = council(&settings(&[&rust_plugin("panics_in_calls")]));
    for rule in [
        "panics",
        "panics_loudly",
        "huge",
        "unknown_status",
        "garbage",
    ] {
        assert_eq!(
            ask(&council, rule),
            Err(EvaluateError::PluginFailed),
            "{rule}"
        );
        assert!(answered(&council, "good"), "after {rule}");
    }
}

#[test]
fn the_sdk_passes_a_rules_refusal_on() {
    let council = council(&settings(&[&rust_plugin("panics_in_calls")]));
    let refusal = ask(&council, "refuses").unwrap_err();
    assert!(matches!(refusal, EvaluateError::Refused { code, .. } if code == "month_not_over"));
}

#[test]
fn a_library_exports_one_symbol() {
    let library = std::fs::read(rust_plugin("panics_in_calls")).unwrap();
    let name = b"permanence_plugin_entry_v1";
    assert!(library.windows(name.len()).any(|bytes| bytes == name));
    let council = council(&settings(&[&rust_plugin("panics_in_calls")]));
    assert_eq!(council.plugin().id, "permanence-tests");
}
