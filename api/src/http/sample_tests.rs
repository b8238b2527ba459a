//! Promise: a route written as the guide shows it keeps to every convention without a line of its own.

#![allow(clippy::indexing_slicing, clippy::expect_used)]

use std::net::TcpListener;

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::app::{AppState, build_server_with};
use crate::auth::{Authenticator, DevelopmentKey, Minted, Role};
use crate::clock::Clock;
use crate::config::Config;
use crate::plugins::Councils;
use crate::store::{Store, migrations};

const NOTES: &str = "/v1/councils/anytown/notes";
const NOTE: &str = "/v1/councils/anytown/notes/00000000-0000-0000-0000-000000000000";

struct Served {
    address: String,
    key: DevelopmentKey,
    client: reqwest::Client,
    _folder: tempfile::TempDir,
}

struct Answered {
    status: u16,
    headers: reqwest::header::HeaderMap,
    body: Value,
}

async fn serve() -> Served {
    let folder = tempfile::tempdir().expect("a folder");
    let url = folder.path().join("test.db").display().to_string();
    migrations::run(&url).expect("the migrations apply");
    let settings = [
        ("PERMANENCE__CORS__ORIGINS", "[\"https://panels.example\"]"),
        ("PERMANENCE__SERVER__BODY_LIMIT", "1000"),
    ];
    let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let config = Config::load(
        None,
        settings
            .into_iter()
            .chain([("PERMANENCE__DATABASE__URL".to_owned(), url.clone())]),
    )
    .expect("the settings are good");
    let key = DevelopmentKey::ephemeral().expect("a key");
    let auth = Authenticator::new(&config.auth, &config.limits, Some(&key));
    let store = Store::connect(&url).await.expect("the database opens");
    let state = AppState::new(config, Clock::System, auth, store, Councils::default())
        .expect("the journal opens");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let server = build_server_with(state, listener, super::configure).expect("the server starts");
    actix_web::rt::spawn(server);
    Served {
        address,
        key,
        client: reqwest::Client::new(),
        _folder: folder,
    }
}

impl Served {
    fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        self.client
            .request(method, format!("{}{path}", self.address))
    }

    /// A request of a head of service, who may do all that the sample does.
    fn by_head(&self, method: Method, path: &str) -> RequestBuilder {
        self.ask(method, path)
            .bearer_auth(self.token("anytown", Role::HeadOfService, 60))
    }

    /// Sends these bytes and gives back what comes until the server closes or falls silent.
    async fn raw(&self, request: &str) -> String {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let address = self.address.trim_start_matches("http://");
        let mut stream = tokio::net::TcpStream::connect(address)
            .await
            .expect("a connection");
        stream
            .write_all(request.as_bytes())
            .await
            .expect("it is sent");
        let mut answer = Vec::new();
        let silence = std::time::Duration::from_millis(500);
        let mut part = [0; 4096];
        while let Ok(Ok(read @ 1..)) = tokio::time::timeout(silence, stream.read(&mut part)).await {
            answer.extend_from_slice(&part[..read]);
        }
        String::from_utf8_lossy(&answer).into_owned()
    }

    fn token(&self, council: &str, role: Role, lives: i64) -> String {
        let now = Clock::System.now().timestamp();
        self.key
            .mint(&Minted {
                subject: "somebody",
                councils: &[council.to_owned()],
                roles: &[role],
                teams: &[],
                audience: "permanence",
                from: now - 1000,
                until: now + lives,
            })
            .expect("a token")
    }
}

async fn send(request: RequestBuilder) -> Answered {
    let response = request.send().await.expect("an answer");
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await.expect("a body");
    Answered {
        status,
        headers,
        body: serde_json::from_str(&text).unwrap_or_default(),
    }
}

impl Answered {
    fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("text"))
    }

    /// Status and code of a problem in its proper form.
    fn problem(&self) -> (u16, &str) {
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{}",
            self.body
        );
        assert_eq!(self.body["requestId"], self.header("x-request-id"));
        assert!(
            !self.body.to_string().contains("Zaphod"),
            "repeats what was sent: {}",
            self.body
        );
        (self.status, self.body["code"].as_str().unwrap_or_default())
    }

    fn faults(&self) -> Vec<(&str, &str)> {
        let errors = self.body["errors"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        errors
            .iter()
            .map(|fault| (text(fault, "pointer"), text(fault, "code")))
            .collect()
    }
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

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
            with("seen_people", json!([])),
            vec![("/seen_people", "unknown_member")],
        ),
        (
            json!({"kind": "visit", "seenPeople": []}),
            vec![("/text", "missing_member")],
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

#[actix_web::test]
async fn a_list_goes_on_where_its_cursor_says() {
    let served = serve().await;
    let first = send(served.by_head(Method::GET, &format!("{NOTES}?limit=1&kind=visit"))).await;
    let cursor = first.body["nextCursor"]
        .as_str()
        .expect("there is more")
        .to_owned();
    let link = format!("<{NOTES}?limit=1&kind=visit&cursor={cursor}>; rel=\"next\"");
    assert_eq!(first.header("link"), link);
    let last =
        send(served.by_head(Method::GET, &format!("{NOTES}?kind=visit&cursor={cursor}"))).await;
    assert_eq!(
        (last.status, &last.body["nextCursor"], last.header("link")),
        (200, &Value::Null, "")
    );
    for (query, code, fault) in [
        (
            format!("kind=other&cursor={cursor}"),
            "bad_cursor",
            ("/cursor", "bad_cursor"),
        ),
        (
            "cursor=Zaphod".to_owned(),
            "bad_cursor",
            ("/cursor", "bad_cursor"),
        ),
        ("limit=0".to_owned(), "bad_query", ("/limit", "range")),
        ("limit=201".to_owned(), "bad_query", ("/limit", "range")),
        (
            "limit=Zaphod".to_owned(),
            "bad_query",
            ("/limit", "wrong_type"),
        ),
        (
            "kind=Zaphod".to_owned(),
            "bad_query",
            ("/kind", "unknown_code"),
        ),
        (
            "kind=visit&kind=visit&kind=visit".to_owned(),
            "bad_query",
            ("/kind", "length"),
        ),
    ] {
        let answer = send(served.by_head(Method::GET, &format!("{NOTES}?{query}"))).await;
        assert_eq!(
            (answer.problem(), answer.faults()),
            ((400, code), vec![fault]),
            "{query}"
        );
    }
}

#[actix_web::test]
async fn an_ill_formed_id_is_named_and_an_unknown_method_is_told_the_right_ones() {
    let served = serve().await;
    let answer = send(served.by_head(Method::GET, &format!("{NOTES}/Zaphod"))).await;
    assert_eq!(
        (answer.problem(), answer.faults()),
        ((400, "bad_request"), vec![("/noteId", "invalid_value")])
    );
    let answer = send(served.by_head(Method::PUT, NOTE)).await;
    assert_eq!(
        (answer.problem(), answer.header("allow")),
        ((405, "method_not_allowed"), "DELETE, GET, HEAD, PATCH")
    );
}

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

#[test]
fn what_a_handler_takes_and_gives_is_what_the_description_says() {
    let document = crate::openapi::document(super::configure);
    let operation = |path: &str, method: &str| document["paths"][path][method].clone();
    let names = |operation: &Value| -> Vec<String> {
        let parameters = operation["parameters"].as_array().expect("parameters");
        parameters
            .iter()
            .map(|parameter| parameter["name"].as_str().expect("a name").to_owned())
            .collect()
    };
    let statuses = |operation: &Value| -> Vec<String> {
        operation["responses"]
            .as_object()
            .expect("responses")
            .keys()
            .cloned()
            .collect()
    };
    let list = operation("/v1/councils/{council}/notes", "get");
    assert_eq!(list["operationId"], "listNotes");
    assert_eq!(list["security"], json!([{"bearer": ["cases.read"]}]));
    assert_eq!(list["x-status"], "beta");
    assert!(
        list["description"]
            .as_str()
            .expect("text")
            .ends_with("Permission: `cases.read` (read cases and their care history).")
    );
    assert_eq!(
        names(&list),
        ["council", "kind", "cursor", "limit", "X-Request-ID"]
    );
    assert_eq!(
        statuses(&list),
        [
            "200", "400", "401", "403", "404", "406", "429", "500", "503"
        ]
    );
    assert_eq!(
        list["responses"]["200"]["content"]["application/json"]["schema"]["$ref"],
        "#/components/schemas/NoteViewPage"
    );
    let limit = &list["parameters"][3]["schema"];
    assert_eq!(
        (&limit["minimum"], &limit["maximum"], &limit["default"]),
        (&json!(1), &json!(200), &json!(50))
    );

    let create = operation("/v1/councils/{council}/notes", "post");
    assert_eq!(
        names(&create),
        ["council", "Idempotency-Key", "X-Request-ID"]
    );
    assert_eq!(
        statuses(&create),
        [
            "201", "400", "401", "403", "404", "406", "409", "413", "415", "422", "429", "500",
            "503"
        ]
    );
    assert!(create["responses"]["201"]["headers"]["Location"].is_object());
    assert_eq!(
        create["requestBody"]["content"]["application/json"]["example"]["text"],
        "Seen at home."
    );

    let read = operation("/v1/councils/{council}/notes/{noteId}", "get");
    assert_eq!(
        names(&read),
        ["council", "noteId", "If-None-Match", "X-Request-ID"]
    );
    assert!(
        read["responses"]["304"].is_object()
            && read["responses"]["200"]["headers"]["ETag"].is_object()
    );

    let update = operation("/v1/councils/{council}/notes/{noteId}", "patch");
    assert_eq!(
        names(&update),
        ["council", "noteId", "If-Match", "X-Request-ID"]
    );
    assert_eq!(
        statuses(&update),
        [
            "200", "400", "401", "403", "404", "406", "409", "412", "413", "415", "422", "428",
            "429", "500", "503"
        ]
    );
    assert!(update["requestBody"]["content"]["application/merge-patch+json"].is_object());
    assert!(
        operation("/v1/councils/{council}/notes/{noteId}", "delete")["responses"]["204"]
            .is_object()
    );
    assert_eq!(operation("/v1/breakdown", "get")["security"], json!([]));

    let schemas = &document["components"]["schemas"];
    let input = &schemas["NoteCreate"];
    assert_eq!(input["additionalProperties"], json!(false));
    assert_eq!(input["required"], json!(["kind", "text", "seenPeople"]));
    assert_eq!(
        (
            &input["properties"]["text"]["minLength"],
            &input["properties"]["text"]["maxLength"]
        ),
        (&json!(1), &json!(20))
    );
    assert_eq!(input["properties"]["mark"]["pattern"], "^[A-Z]{2}$");
    assert_eq!(
        schemas["SeenPerson"]["properties"]["age"]["maximum"],
        json!(17)
    );
    let view = &schemas["NoteView"];
    assert_eq!(
        view["required"],
        json!(["id", "kind", "text", "seenPeople"])
    );
    let kind = &schemas["NoteKind"];
    assert_eq!(kind["enum"], json!(["visit", "other"]));
    assert!(
        kind["description"]
            .as_str()
            .expect("text")
            .contains("- `visit`: About a visit.")
    );
}
