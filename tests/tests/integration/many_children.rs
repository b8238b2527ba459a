//! `permanence evaluate`: many children in one call, in order, as they come, and nothing lost on the way.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Output, Stdio};

use permanence_core::{Capability, Request};
use serde_json::{Value, json};

use crate::support::{councils, library};

/// Invented children, one a line.
fn invented(children: u32) -> String {
    let output = permanence()
        .args(["invent", "--as-of", "2026-03-02", "--children"])
        .arg(children.to_string())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn permanence() -> Command {
    let mut command = Command::new(library("permanence"));
    command.env("PERMANENCE__MODE", "development");
    command
}

fn evaluate(lines: &str) -> Output {
    let mut process = permanence()
        .args(["evaluate", "--as-of", "2026-03-02"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut way_in = process.stdin.take().unwrap();
    let lines = lines.to_owned();
    let writer = std::thread::spawn(move || way_in.write_all(lines.as_bytes()));
    let output = process.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    output
}

fn answers(output: &Output) -> Vec<Value> {
    let text = std::str::from_utf8(&output.stdout).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn every_child_is_answered_in_order_as_the_policy_answers_alone() {
    // More than two batches, so that they go through several workers.
    let lines = invented(1_100);
    let output = evaluate(&lines);
    assert!(output.status.success(), "{output:?}");
    let answers = answers(&output);
    assert_eq!(answers.len(), 1_100);
    let councils = councils();
    let mut findings = 0;
    for (line, answer) in lines.lines().zip(&answers) {
        let child: Value = serde_json::from_str(line).unwrap();
        assert_eq!(child["id"], answer["id"]);
        findings += answer["exceptions"].as_array().unwrap().len();
    }
    assert!(findings > 0, "no invented child waits too long");
    for (line, answer) in lines.lines().zip(&answers).step_by(97) {
        let child: Value = serde_json::from_str(line).unwrap();
        let council = councils.get(child["council"].as_str().unwrap()).unwrap();
        let request: Request =
            serde_json::from_value(json!({ "asOf": child["asOf"], "facts": child["facts"] }))
                .unwrap();
        let asked = council.read(&request, request.as_of.unwrap()).unwrap();
        for (capability, given) in [
            (Capability::Exceptions, &answer["exceptions"]),
            (Capability::Checkpoints, &answer["checkpoints"]["findings"]),
        ] {
            let alone = council
                .evaluate_here(capability, std::slice::from_ref(&asked))
                .unwrap();
            assert_eq!(*given, json!(alone[0].findings));
        }
    }
}

#[test]
fn a_line_that_cannot_be_judged_is_answered_with_its_problem() {
    let council = councils().iter().next().unwrap().code().to_string();
    let lines = [
        json!({ "id": "one", "council": council, "facts": {} }).to_string(),
        "{ this is no JSON".to_owned(),
        json!({ "id": "three", "council": "nowhere", "facts": {} }).to_string(),
        json!({ "id": "four", "council": council, "facts": { "nameOfChild": "Zofia Example" } })
            .to_string(),
        json!({ "id": "five", "council": council, "edition": "none", "facts": {} }).to_string(),
        json!({ "id": "six", "council": council, "facts": {} }).to_string(),
    ];
    let output = evaluate(&(lines.join("\n") + "\n"));
    assert!(!output.status.success(), "a line was refused");
    let answers = answers(&output);
    let codes: Vec<&str> = answers
        .iter()
        .map(|answer| answer["problem"]["code"].as_str().unwrap_or("answered"))
        .collect();
    assert_eq!(
        codes,
        [
            "answered",
            "invalid_json",
            "unknown_council",
            "invalid_facts",
            "unknown_edition",
            "answered"
        ]
    );
    assert_eq!(answers[3]["line"], 4);
    assert_eq!(
        answers[3]["problem"]["errors"][0]["pointer"],
        "/facts/nameOfChild"
    );
    let said = format!("{output:?}");
    assert!(!said.contains("Zofia"), "what was sent is not repeated");
}

#[test]
fn answers_come_while_questions_still_do() {
    let lines = invented(3_000);
    let mut process = permanence()
        .args(["evaluate", "--workers", "1"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut way_in = process.stdin.take().unwrap();
    let writer = std::thread::spawn(move || {
        way_in.write_all(lines.as_bytes()).unwrap();
        way_in
    });
    let mut way_out = BufReader::new(process.stdout.take().unwrap()).lines();
    // The input is still open: were everything gathered first, no line would come.
    let first: Value = serde_json::from_str(&way_out.next().unwrap().unwrap()).unwrap();
    assert!(first["exceptions"].is_array());
    let rest = std::thread::spawn(move || way_out.map(Result::unwrap).count());
    drop(writer.join().unwrap());
    assert_eq!(rest.join().unwrap(), 2_999);
    assert!(process.wait().unwrap().success());
}
