//! Promise: who may not is told so, and learns nothing else.

use reqwest::Method;

use super::{NOTE, NOTES, send, serve};
use crate::auth::Role;

#[actix_web::test]
async fn a_stranger_learns_nothing_but_that() {
    let served = serve().await;
    let bad = [
        None,
        Some("Bearer x".to_owned()),
        Some("Basic eDp5".to_owned()),
        Some(format!(
            "Bearer {}",
            served.token("anytown", Role::HeadOfService, -100)
        )),
    ];
    for authorization in bad {
        for (method, path) in [
            (Method::GET, format!("{NOTES}?colour=red")),
            (Method::POST, NOTES.to_owned()),
        ] {
            let mut request = served.ask(method, &path).header("accept", "text/csv");
            if let Some(value) = &authorization {
                request = request.header("authorization", value);
            }
            let answer = send(request).await;
            assert_eq!(answer.problem(), (401, "unauthorized"));
            assert!(answer.header("www-authenticate").starts_with("Bearer"));
        }
    }
}

#[actix_web::test]
async fn another_councils_things_are_like_things_that_are_not_there() {
    let served = serve().await;
    let elsewhere = served.token("elsewhere", Role::HeadOfService, 60);
    let answer = send(served.ask(Method::GET, NOTE).bearer_auth(&elsewhere)).await;
    assert_eq!(answer.problem(), (404, "not_found"));
    let absent = NOTE.replace("0000", "1111");
    let other = send(served.by_head(Method::GET, &absent)).await;
    assert_eq!(other.problem(), (404, "not_found"));
    assert_eq!(answer.body["detail"], other.body["detail"]);
}

#[actix_web::test]
async fn a_role_without_the_right_is_refused_before_anything_is_read() {
    let served = serve().await;
    let auditor = served.token("anytown", Role::Auditor, 60);
    let answer = send(
        served
            .ask(Method::POST, NOTES)
            .bearer_auth(auditor)
            .body("nonsense"),
    )
    .await;
    assert_eq!(answer.problem(), (403, "forbidden"));
}
