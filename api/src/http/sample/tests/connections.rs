//! Promise: whatever comes over a connection, the service answers in its own form and goes on.

use reqwest::Method;

use super::{NOTE, NOTES, send, serve};

#[actix_web::test]
async fn a_panic_is_a_problem_and_the_service_goes_on() {
    let served = serve().await;
    for _ in 0..5 {
        let answer = send(served.ask(Method::GET, "/v1/breakdown")).await;
        assert_eq!(answer.problem(), (500, "internal"));
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

#[actix_web::test]
async fn a_message_with_two_lengths_ends_its_connection() {
    let served = serve().await;
    // Whoever believes the other length sees a second request here (RFC 9112, 6.1).
    let smuggled = "GET /v1/breakdown HTTP/1.1\r\nhost: x\r\n\r\n";
    for lengths in [
        "content-length: 5\r\ntransfer-encoding: chunked\r\n",
        "transfer-encoding: chunked\r\ncontent-length: 5\r\n",
        "content-length: 5\r\ncontent-length: 6\r\n",
    ] {
        let answer = served
            .raw(&format!(
                "POST {NOTES} HTTP/1.1\r\nhost: x\r\n{lengths}\r\n0\r\n\r\n{smuggled}"
            ))
            .await;
        assert_eq!(
            answer.matches("HTTP/1.1 ").count(),
            1,
            "{lengths}: {answer}"
        );
        assert!(answer.starts_with("HTTP/1.1 400 "), "{lengths}: {answer}");
    }
}

#[actix_web::test]
async fn only_known_front_ends_are_let_in() {
    let served = serve().await;
    let preflight = |origin: &str| {
        served
            .ask(Method::OPTIONS, NOTE)
            .header("origin", origin)
            .header("access-control-request-method", "PATCH")
            .header(
                "access-control-request-headers",
                "if-match,content-type,authorization",
            )
    };
    let known = send(preflight("https://panels.example")).await;
    assert_eq!(
        (known.status, known.header("access-control-allow-origin")),
        (200, "https://panels.example")
    );
    let unknown = send(preflight("https://other.example")).await;
    assert_eq!(
        (
            unknown.status,
            unknown.header("access-control-allow-origin")
        ),
        (400, "")
    );
    let failed = send(
        served
            .ask(Method::GET, NOTE)
            .header("origin", "https://panels.example"),
    )
    .await;
    assert_eq!(failed.problem(), (401, "unauthorized"));
    assert_eq!(
        failed.header("access-control-allow-origin"),
        "https://panels.example"
    );
    assert!(
        failed
            .header("access-control-expose-headers")
            .to_lowercase()
            .contains("etag")
    );
}
