//! Promise: a body is read strictly, and each fault is named with its place.

use reqwest::Method;
use serde_json::{Value, json};

use super::{NOTES, send, serve};
use crate::auth::Role;

#[actix_web::test]
async fn a_body_is_read_strictly_and_every_fault_named() {
    let served = serve().await;
    let good = json!({"kind": "visit", "text": "Seen.", "mark": "AB", "seenPeople": [{"age": 3}]});
    let with = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        body
    };
    let cases = [
        (
            with("text", json!("Zaphod was seen at home.")),
            vec![("/text", "length")],
        ),
        (with("text", json!(7)), vec![("/text", "wrong_type")]),
        (
            with("kind", json!("Zaphod")),
            vec![("/kind", "unknown_code")],
        ),
        (with("mark", json!("Zaphod")), vec![("/mark", "pattern")]),
        (
            with("seenPeople", json!([{"age": 3}, {"age": 99}])),
            vec![("/seenPeople/1/age", "range")],
        ),
        (
            with("seenPeople", json!([{"age": 3, "Zaphod": 1}])),
            vec![("/seenPeople/0/Zaphod", "unknown_member")],
        ),
        (
            with("seenPeople", json!([{"age": 3}, [4]])),
            vec![("/seenPeople/1", "wrong_type")],
        ),
        (
            with("seen_people", json!([])),
            vec![("/seen_people", "unknown_member")],
        ),
        (
            json!({"kind": "visit", "seenPeople": []}),
            vec![("/text", "missing_member")],
        ),
        // Reading ends at the first of these; all of them are told, and what breaks a bound is told with them.
        (
            json!({"kind": "Zaphod", "text": 7, "mark": "?", "seenPeople": [{"age": "3"}, {}, {"age": 3, "Zaphod": 1}], "Zaphod": 1}),
            vec![
                ("/Zaphod", "unknown_member"),
                ("/kind", "unknown_code"),
                ("/mark", "pattern"),
                ("/seenPeople", "length"),
                ("/seenPeople/0/age", "wrong_type"),
                ("/seenPeople/1/age", "missing_member"),
                ("/seenPeople/2/Zaphod", "unknown_member"),
                ("/text", "wrong_type"),
            ],
        ),
        (
            json!({}),
            vec![
                ("/kind", "missing_member"),
                ("/seenPeople", "missing_member"),
                ("/text", "missing_member"),
            ],
        ),
        (
            json!({"kind": "visit", "text": "", "mark": "?", "seenPeople": [{"age": 3}, {"age": 1}, {"age": 2}]}),
            vec![
                ("/mark", "pattern"),
                ("/seenPeople", "length"),
                ("/text", "length"),
            ],
        ),
    ];
    for (body, faults) in cases {
        let answer = send(served.by_head(Method::POST, NOTES).json(&body)).await;
        if faults.iter().any(|(_, code)| *code == "unknown_member") {
            assert_eq!((answer.status, answer.faults()), (422, faults));
        } else {
            assert_eq!(
                (answer.problem(), answer.faults()),
                ((422, "invalid"), faults),
                "{body}"
            );
        }
    }
    let refused = [
        ("application/json", "{".to_owned(), (400, "malformed_body")),
        (
            "text/plain",
            good.to_string(),
            (415, "unsupported_media_type"),
        ),
        (
            "application/json",
            format!("{{\"text\": \"{}\"}}", "x".repeat(2000)),
            (413, "payload_too_large"),
        ),
        (
            "application/json",
            "[\"visit\"]".to_owned(),
            (422, "invalid"),
        ),
    ];
    for (media_type, body, problem) in refused {
        let request = served
            .by_head(Method::POST, NOTES)
            .header("content-type", media_type)
            .body(body);
        assert_eq!(send(request).await.problem(), problem);
    }
    // A body without an announced length is counted as it comes.
    let chunk = format!("64\r\n{}\r\n", " ".repeat(100));
    let answer = served.raw(&format!(
        "POST {NOTES} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n{}0\r\n\r\n",
        served.token("anytown", Role::HeadOfService, 60),
        chunk.repeat(30),
    )).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}
