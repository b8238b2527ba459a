//! Promise: what is made or changed has a version, and nobody changes what somebody else has changed since.

use reqwest::Method;
use serde_json::{Value, json};

use super::{NOTE, NOTES, send, serve};

#[actix_web::test]
async fn what_is_made_has_an_address_and_a_version() {
    let served = serve().await;
    let body = json!({"kind": "visit", "text": "Seen.", "seenPeople": []});
    let made = send(served.by_head(Method::POST, NOTES).json(&body)).await;
    assert_eq!(
        (made.status, made.header("location"), made.header("etag")),
        (201, "/v1/councils/anytown/notes/0", "\"v1\"")
    );
    let keyed = send(
        served
            .by_head(Method::POST, NOTES)
            .json(&body)
            .header("idempotency-key", "k-1"),
    )
    .await;
    assert_eq!(keyed.body["text"], "k-1");
    for key in ["", "a b", &"k".repeat(256)] {
        let bad = send(
            served
                .by_head(Method::POST, NOTES)
                .json(&body)
                .header("idempotency-key", key),
        )
        .await;
        assert_eq!(
            (bad.problem(), bad.faults()),
            (
                (400, "bad_request"),
                vec![("/Idempotency-Key", "invalid_value")]
            )
        );
    }
    let begun = send(served.by_head(Method::POST, "/v1/councils/anytown/notes/counts")).await;
    assert_eq!(
        (
            begun.status,
            begun.header("location"),
            begun.header("retry-after")
        ),
        (202, "/v1/counts/1", "2")
    );
}

#[actix_web::test]
async fn a_version_is_read_again_only_when_it_changed() {
    let served = serve().await;
    let read = send(served.by_head(Method::GET, NOTE)).await;
    assert_eq!(
        (read.status, read.header("etag"), &read.body["text"]),
        (200, "\"v3\"", &Value::Null)
    );
    let held = send(
        served
            .by_head(Method::GET, NOTE)
            .header("if-none-match", "\"v3\""),
    )
    .await;
    assert_eq!((held.status, held.header("etag")), (304, "\"v3\""));
    let changed = send(
        served
            .by_head(Method::GET, NOTE)
            .header("if-none-match", "\"v2\""),
    )
    .await;
    assert_eq!(changed.status, 200);
}

#[actix_web::test]
async fn a_change_says_what_it_changes_and_null_is_not_absence() {
    let served = serve().await;
    let patch = |body: &str, version: Option<&str>| {
        let mut request = served
            .by_head(Method::PATCH, NOTE)
            .header("content-type", "application/merge-patch+json");
        if let Some(version) = version {
            request = request.header("if-match", version);
        }
        request.body(body.to_owned())
    };
    assert_eq!(
        send(patch("{}", None)).await.problem(),
        (428, "precondition_required")
    );
    assert_eq!(
        send(patch("{}", Some("\"v2\""))).await.problem(),
        (412, "version_conflict")
    );
    assert_eq!(
        send(patch("{}", Some("\"v3\""))).await.body["text"],
        "as it was"
    );
    assert_eq!(
        send(patch(r#"{"text": null}"#, Some("\"v3\""))).await.body["text"],
        Value::Null
    );
    let changed = send(patch(r#"{"text": "new"}"#, Some("\"v3\""))).await;
    assert_eq!(
        (changed.header("etag"), &changed.body["text"]),
        ("\"v4\"", &json!("new"))
    );
    let long = send(patch(
        &format!(r#"{{"text": "{}"}}"#, "x".repeat(21)),
        Some("\"v3\""),
    ))
    .await;
    assert_eq!(
        (long.problem(), long.faults()),
        ((422, "invalid"), vec![("/text", "length")])
    );
    let json = send(
        served
            .by_head(Method::PATCH, NOTE)
            .header("if-match", "\"v3\"")
            .json(&json!({})),
    )
    .await;
    assert_eq!(json.problem(), (415, "unsupported_media_type"));
    let removed = send(served.by_head(Method::DELETE, NOTE).header("if-match", "*")).await;
    assert_eq!(removed.status, 204);
}
