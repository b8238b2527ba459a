//! Promise: an address is read as strictly as a body: its ids, its parameters, its cursor.

use reqwest::Method;
use serde_json::Value;

use super::{NOTE, NOTES, send, serve};

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
