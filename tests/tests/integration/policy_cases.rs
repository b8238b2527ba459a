//! Every worked case of every council, through its compiled library and over HTTP: the same file, the same answer.

use std::path::PathBuf;

use permanence_api::auth::Role;
use permanence_api::plugins::Council;
use permanence_core::Answer;
use permanence_plugin::cases::{Case, unproved};

use crate::databases::TestDatabase;
use crate::support::{TestApp, councils};

/// The worked cases that stand beside a council's rulebook.
fn cases(council: &Council) -> Vec<Case> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../plugins")
        .join(council.code().as_str())
        .join("cases");
    Case::read(&folder).expect("the case files can be read")
}

/// Fails with every difference at once.
fn report(council: &Council, asked: usize, differences: &[String]) {
    assert!(
        differences.is_empty(),
        "{}: {} of {asked} cases differ:\n{}",
        council.code(),
        differences.len(),
        differences.join("\n")
    );
}

#[tokio::test]
async fn through_the_compiled_library() {
    let councils = councils();
    assert!(!councils.is_empty(), "no council was loaded");
    for council in councils.iter() {
        let cases = cases(council);
        let mut differences = Vec::new();
        for case in &cases {
            let asked = council
                .read(&case.request(), case.as_of)
                .expect("the facts are the council's");
            match council.evaluate_clause(&case.clause, asked).await {
                Ok(answer) => differences.extend(
                    case.differences(&answer)
                        .into_iter()
                        .map(|text| format!("{}: {text}", case.title())),
                ),
                Err(error) => differences.push(format!("{}: {error}", case.title())),
            }
        }
        report(council, cases.len(), &differences);
    }
}

#[tokio::test]
async fn over_http() {
    let app = TestApp::on(TestDatabase::sqlite()).await;
    for council in councils().iter() {
        let token = app.token(council.code().as_str(), Role::SocialWorker);
        let cases = cases(council);
        let mut differences = Vec::new();
        for case in &cases {
            let path = format!(
                "/v1/councils/{}/clauses/{}/evaluations",
                council.code(),
                case.clause
            );
            let answered = app
                .post(&path)
                .token(&token)
                .json(&case.request())
                .send()
                .await;
            if answered.status != 200 {
                differences.push(format!(
                    "{}: {} {}",
                    case.title(),
                    answered.status,
                    answered.text
                ));
                continue;
            }
            let answer: Answer = serde_json::from_str(&answered.text).expect("an answer");
            differences.extend(
                case.differences(&answer)
                    .into_iter()
                    .map(|text| format!("{}: {text}", case.title())),
            );
        }
        report(council, cases.len(), &differences);
    }
}

#[test]
fn every_rule_clause_is_proved_by_a_case() {
    for council in councils().iter() {
        let cases = cases(council);
        let left = unproved(council.policy(), &cases);
        assert!(
            left.is_empty(),
            "{}: no case asks for something of {left:?}",
            council.code()
        );
    }
}
