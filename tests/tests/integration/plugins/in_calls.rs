//! A call that goes wrong fails for that question alone: an error, never a default answer, and the next call works.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use permanence_api::plugins::{BreakerLimits, Council, Councils, EvaluateError};
use permanence_core::{Answer, Request};

use super::workshop::*;

/// Asks the clause of one rule of the test rulebook.
pub fn ask(council: &Arc<Council>, rule: &str) -> Result<Answer, EvaluateError> {
    let clause = format!("ANY-{}-01", rule.to_uppercase().replace('_', ""))
        .parse()
        .unwrap();
    let today = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
    let asked = council.read(&Request::default(), today).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(council.evaluate_clause(&clause, asked))
}

/// Whether a rule answers as it should.
pub fn answered(council: &Arc<Council>, rule: &str) -> bool {
    ask(council, rule).is_ok_and(|answer| answer.results["answered"] == true)
}

/// Asserts that a rule fails as a fault of the plugin, and that the plugin still answers.
#[track_caller]
fn assert_fails_alone(council: &Arc<Council>, rule: &str) {
    assert_eq!(
        ask(council, rule),
        Err(EvaluateError::PluginFailed),
        "{rule}"
    );
    assert_eq!(council.health().faults_in_a_row, 1, "{rule}");
    assert!(answered(council, "good"), "after {rule}");
    assert_eq!(council.health().faults_in_a_row, 0, "{rule}");
}

#[test]
fn a_good_rule_answers() {
    let council = council(&settings(&[&c_plugin(&[])]));
    let answer = ask(&council, "good").unwrap();
    assert_eq!(answer.results["answered"], true);
    assert_eq!(answer.because["answered"], ["ANY-GOOD-01"]);
}

#[test]
fn answers_that_cannot_be_read_fail_closed() {
    let council = council(&settings(&[&c_plugin(&[])]));
    for rule in [
        "garbage",
        "not_utf8",
        "deep",
        "wrong_count",
        "fraction",
        "unknown_status",
        "unsupported",
    ] {
        assert_fails_alone(&council, rule);
    }
}

#[test]
fn an_answer_without_end_is_cut_off() {
    let council = council(&settings(&[&c_plugin(&[])]));
    assert_fails_alone(&council, "huge");
}

#[test]
fn a_null_pointer_as_an_answer_fails_closed() {
    let council = council(&settings(&[&c_plugin(&[])]));
    assert_fails_alone(&council, "null_bytes");
}

#[test]
fn only_clauses_of_the_rule_may_be_cited() {
    let council = council(&settings(&[&c_plugin(&[])]));
    assert_fails_alone(&council, "uncited");
}

#[test]
fn a_rules_refusal_names_its_clause_and_is_no_fault() {
    let council = council(&settings(&[&c_plugin(&[])]));
    let refused = EvaluateError::Refused {
        code: "month_not_over".into(),
        message: "The month is not over yet.".into(),
        clause: Some("ANY-REFUSES-01".parse().unwrap()),
    };
    for _ in 0..4 {
        assert_eq!(ask(&council, "refuses"), Err(refused.clone()));
    }
    assert!(council.health().serving);
}

#[test]
fn a_question_that_a_plugin_cannot_read_is_a_fault_of_this_server() {
    let council = council(&settings(&[&c_plugin(&[])]));
    assert_eq!(
        ask(&council, "bad_request"),
        Err(EvaluateError::ServerFault)
    );
    assert_eq!(council.health().faults_in_a_row, 0);
}

#[test]
fn a_call_that_never_returns_costs_its_budget_and_a_thread() {
    let mut settings = settings(&[&c_plugin(&[])]);
    settings.pool.budget = Duration::from_millis(200);
    let council = council(&settings);
    let started = Instant::now();
    assert_eq!(ask(&council, "never"), Err(EvaluateError::PluginFailed));
    assert!(started.elapsed() >= Duration::from_millis(200));
    assert_eq!(council.health().lost_threads, 1);
    assert!(answered(&council, "good"));
    // The second lost thread is the last that it may have: from now on nothing is called.
    assert_eq!(ask(&council, "never"), Err(EvaluateError::PluginFailed));
    assert_eq!(council.health().lost_threads, 2);
    assert_eq!(ask(&council, "good"), Err(EvaluateError::PluginFailed));
}

#[test]
fn a_serial_plugin_is_called_by_one_thread() {
    let council = council(&settings(&[&c_plugin(&["SERIAL"])]));
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| answered(&council, "good")))
            .collect();
        assert!(threads.into_iter().all(|thread| thread.join().unwrap()));
    });
}

#[test]
fn a_plugin_that_fails_again_and_again_is_left_alone() {
    let council = council(&settings(&[&c_plugin(&[])]));
    for _ in 0..3 {
        assert_eq!(ask(&council, "garbage"), Err(EvaluateError::PluginFailed));
    }
    assert!(!council.health().serving);
    assert_eq!(ask(&council, "good"), Err(EvaluateError::PluginFailed));
    let metrics = Councils::from_iter([council]).render_health();
    assert!(
        metrics.contains("permanence_plugin_serving{council=\"anytown\"} 0\n"),
        "{metrics}"
    );
}

#[test]
fn after_its_rest_it_is_started_anew_and_tried() {
    let mut settings = settings(&[&c_plugin(&[])]);
    settings.breaker = BreakerLimits {
        faults: 3,
        rest: Duration::ZERO,
    };
    let council = council(&settings);
    for _ in 0..3 {
        assert_eq!(ask(&council, "garbage"), Err(EvaluateError::PluginFailed));
    }
    assert!(!council.health().serving);
    assert!(answered(&council, "good"));
    assert!(council.health().serving);
}

#[test]
fn many_questions_are_answered_in_their_order() {
    let rules = r#"{"council":{"code":"anytown","name":"Anytown Council","gss":"E06000099"},"editions":[{
        "edition":{"id":"1","title":"One rule"},
        "clauses":[{"id":"ANY-GOOD-01","at":"1","topic":"exception","kind":"rule","says":"It is good."}],
        "rules":[{"clauses":["ANY-GOOD-01"],"rule":{"coded":{"name":"good","reads":[],"returns":["answered"]}}}]}]}"#;
    let council = council(&settings(&[&c_plugin_with(&[], rules)]));
    let first = NaiveDate::from_ymd_opt(2020, 1, 1).unwrap();
    let days: Vec<NaiveDate> = first.iter_days().take(2_500).collect();
    let asked = days
        .iter()
        .map(|day| council.ask(*day, Default::default()))
        .collect();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let answers = runtime
        .block_on(council.evaluate_batch(permanence_core::Capability::Exceptions, asked))
        .unwrap();
    assert_eq!(
        answers
            .iter()
            .map(|answer| answer.as_of)
            .collect::<Vec<_>>(),
        days
    );
    assert!(
        answers
            .iter()
            .all(|answer| answer.results["answered"] == true)
    );
}
