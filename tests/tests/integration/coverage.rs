//! `permanence coverage`: the number is recomputed here, and every kind of lie is told.

use std::path::PathBuf;
use std::process::Command;

use permanence_core::coverage::coverage;
use permanence_core::rulebook::ClauseKind;
use serde_json::Value;

use crate::support::{councils, library};

fn register(council: &str) -> String {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../plugins")
        .join(council)
        .join("register.csv");
    std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

#[test]
fn every_clause_of_every_register_is_met() {
    let output = Command::new(library("permanence"))
        .env("PERMANENCE__MODE", "development")
        .args(["coverage", "--json"])
        .output()
        .unwrap();
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(output.status.success(), "not met: {:#}", told["unmet"]);
    let mut all = 0;
    for council in told["councils"].as_array().unwrap() {
        let code = council["council"].as_str().unwrap();
        let clauses = council["clauses"].as_array().unwrap();
        let mut met: Vec<String> = clauses
            .iter()
            .map(|met| {
                assert!(!met["by"].as_array().unwrap().is_empty());
                let text = |name: &str| met[name].as_str().unwrap().to_owned();
                format!("{},{},{}", text("clause"), text("topic"), text("kind"))
            })
            .collect();
        let register = register(code);
        let mut wanted: Vec<&str> = register.lines().skip(1).collect();
        met.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(met, wanted, "{code}");
        all += wanted.len();
    }
    assert_eq!(
        told["councils"].as_array().unwrap().len(),
        councils().iter().len()
    );
    assert!(all > 0);
}

#[test]
fn each_kind_is_met_in_its_own_way() {
    for council in councils().iter() {
        let policy = council.policy().editions().last().unwrap();
        for met in coverage(policy) {
            let by: Vec<String> = met
                .by
                .iter()
                .map(|link| serde_json::to_value(link.by).unwrap().to_string())
                .collect();
            let right = match met.kind {
                ClauseKind::Rule => by.iter().all(|by| by == "\"rule\""),
                ClauseKind::Text => by == ["\"guidance\""],
                ClauseKind::Data => by.iter().all(|by| by != "\"rule\"" && by != "\"guidance\""),
            };
            assert!(right, "{}: {by:?}", met.clause);
        }
    }
}
