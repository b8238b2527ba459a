//! Promise: nothing in any body of the service takes a list for an object.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use super::{send, serve_routes, text};
use crate::auth::Role;

/// A patch of an event's details is read together with what the event says already; `care_event_details` tests how.
const READ_WITH_THE_RECORD: &str = "updateCareEvent /details/ordered";

/// A value that has an empty list for one object of this schema, and the pointer to the list; one for each object, however
/// deep it lies.
fn lists_for_objects(schema: &Value, schemas: &Value, depth: u8) -> Vec<(String, Value)> {
    assert!(depth < 20, "a body holds itself: {schema}");
    let within = |part: &Value| lists_for_objects(part, schemas, depth + 1);
    let mut found = Vec::new();
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().expect("a name");
        found.extend(within(&schemas[name]));
    }
    for several in ["oneOf", "anyOf", "allOf"] {
        found.extend(
            schema[several]
                .as_array()
                .into_iter()
                .flatten()
                .flat_map(within),
        );
    }
    let is_a = |kind: &str| match &schema["type"] {
        Value::Array(kinds) => kinds.iter().any(|one| one == kind),
        one => one == kind,
    };
    if is_a("object") {
        found.push((String::new(), json!([])));
        for (name, member) in schema["properties"].as_object().into_iter().flatten() {
            let inner = within(member).into_iter();
            found.extend(
                inner.map(|(pointer, value)| (format!("/{name}{pointer}"), json!({ name: value }))),
            );
        }
    }
    if is_a("array") {
        let inner = within(&schema["items"]).into_iter();
        found.extend(inner.map(|(pointer, value)| (format!("/0{pointer}"), json!([value]))));
    }
    found
}

/// The path with ids that nobody has.
fn somewhere(path: &str) -> String {
    let mut parts = Vec::new();
    for part in path.split('/') {
        parts.push(match part {
            "{council}" => "anytown",
            _ if part.starts_with('{') => "01980f0e-8a70-7c55-9d36-1b1f5a8f0c11",
            _ => part,
        });
    }
    parts.join("/")
}

/// Every way to send a list for an object, over all operations: the operation, its address, the media type, the pointer to the
/// list, and the body.
fn all_of_them(document: &Value) -> Vec<(String, Method, String, String, String, Value)> {
    let schemas = &document["components"]["schemas"];
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("methods") {
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).expect("a method");
            let contents = operation["requestBody"]["content"].as_object();
            for (media_type, content) in contents.into_iter().flatten() {
                for (pointer, body) in lists_for_objects(&content["schema"], schemas, 0) {
                    let place = format!("{} {pointer}", text(operation, "operationId"));
                    let (method, path) = (method.clone(), somewhere(path));
                    found.push((place, method, path, media_type.clone(), pointer, body));
                }
            }
        }
    }
    found
}

#[actix_web::test]
async fn a_list_is_no_object_at_any_depth_of_any_body() {
    let served = serve_routes(crate::routes::configure).await;
    let token = served.token_of("anytown", Role::ALL, 60);
    let document = crate::openapi::document(crate::routes::configure);
    let mut sent = BTreeSet::new();
    for (place, method, path, media_type, pointer, body) in all_of_them(&document) {
        if place == READ_WITH_THE_RECORD {
            continue;
        }
        let request = served.ask(method, &path).bearer_auth(&token);
        let request = request
            .header("content-type", media_type)
            .header("if-match", "\"v1\"");
        let answer = send(request.body(body.to_string())).await;
        assert_eq!(
            answer.problem(),
            (422, "invalid"),
            "{place} was sent {body}"
        );
        // Members that are missing beside it are told too; what the list stands in is not wrong for it.
        let around = |at: &str| pointer == at || pointer.starts_with(&format!("{at}/"));
        let faults = answer.faults();
        let here: Vec<_> = faults.iter().filter(|(at, _)| around(at)).collect();
        assert_eq!(
            here,
            [&(pointer.as_str(), "wrong_type")],
            "{place} was sent {body}"
        );
        assert!(
            faults
                .iter()
                .all(|(at, code)| *at == pointer || *code == "missing_member"),
            "{place} was sent {body}: {faults:?}"
        );
        sent.insert(place);
    }
    for known in [
        "compareCouncils /against",
        "createCareEvent /details/ordered",
        "createImport /files/0",
        "ratifyUrgentDecision /decision/memberViews/0",
        "recordAttendance /present/0",
        "recordDecision ",
    ] {
        assert!(sent.contains(known), "{known} was not sent");
    }
}
