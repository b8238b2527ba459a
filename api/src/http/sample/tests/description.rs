//! Promise: the description says what a handler takes and gives.

use serde_json::{Value, json};

#[test]
fn what_a_handler_takes_and_gives_is_what_the_description_says() {
    let document = crate::openapi::document(crate::http::sample::configure);
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
