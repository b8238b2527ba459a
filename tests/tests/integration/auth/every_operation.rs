//! Promise: no operation is reached without a good token, for another council, or by a role that lacks the right that it names.

use permanence_api::auth::{Right, Role, reach};
use reqwest::Method;

use crate::on_both_servers;
use crate::support::{Answered, Operation, Spec};

/// The operations that anybody may call. This list may only shrink.
const PUBLIC: [&str; 3] = ["getLiveness", "getReadiness", "getOpenApi"];

async fn call(app: &TestApp, operation: &Operation, token: Option<&str>) -> Answered {
    let method = Method::from_bytes(operation.method.as_bytes()).expect("a method");
    let asked = app.ask(method, &operation.at(&[("council", "anytown")]));
    match token {
        Some(token) => asked.token(token).send().await,
        None => asked.send().await,
    }
}

fn right(operation: &Operation) -> Right {
    let name = operation.scope.as_deref().expect("a scope");
    Right::ALL
        .iter()
        .copied()
        .find(|right| right.as_str() == name)
        .expect("a right of the table")
}

fn guarded() -> Vec<Operation> {
    Spec::of_this_build()
        .operations()
        .into_iter()
        .filter(|operation| operation.scope.is_some())
        .collect()
}

use crate::support::TestApp;

#[test]
fn only_what_is_listed_is_public() {
    let operations = Spec::of_this_build().operations();
    let public: Vec<_> = operations
        .iter()
        .filter(|operation| operation.scope.is_none())
        .map(|operation| operation.id.as_str())
        .collect();
    assert_eq!(public, PUBLIC);
}

on_both_servers! {
    async fn nobody_gets_in_without_a_good_token(app: &TestApp) {
        let expired = app.mint("somebody", &["anytown"], Role::ALL, &[], -120);
        let good = app.mint("somebody", &["anytown"], Role::ALL, &[], 3600);
        let (start, _) = good.rsplit_once('.').expect("three parts");
        let forged = format!("{start}.{}", "A".repeat(86));
        let unsigned = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{}.", start.split('.').nth(1).expect("claims"));
        for operation in guarded() {
            for token in [None, Some(&expired), Some(&forged), Some(&unsigned)] {
                let answer = call(app, &operation, token.map(String::as_str)).await;
                answer.problem(401, "unauthorized");
                assert!(answer.header("www-authenticate").starts_with("Bearer"), "{}", operation.id);
            }
        }
    }

    async fn a_token_for_another_council_finds_nothing(app: &TestApp) {
        let elsewhere = app.mint("somebody", &["elsewhere"], Role::ALL, &[], 3600);
        for operation in guarded().iter().filter(|operation| operation.path.contains("{council}")) {
            let answer = call(app, operation, Some(&elsewhere)).await;
            answer.problem(404, "not_found");
        }
    }

    async fn a_role_without_the_right_is_refused_and_one_with_it_is_not(app: &TestApp) {
        for role in Role::ALL {
            let token = app.token("anytown", *role);
            for operation in guarded() {
                let answer = call(app, &operation, Some(&token)).await;
                if reach(*role, right(&operation)).is_none() {
                    answer.problem(403, "forbidden");
                } else {
                    let refused = [401, 403].contains(&answer.status) || answer.status >= 500;
                    assert!(!refused, "{} as {}: {} {}", operation.id, role.as_str(), answer.status, answer.text);
                }
            }
        }
    }

    async fn a_caller_without_roles_may_do_nothing(app: &TestApp) {
        let token = app.mint("somebody", &["anytown"], &[], &[], 3600);
        for operation in guarded() {
            call(app, &operation, Some(&token)).await.problem(403, "forbidden");
        }
    }
}
