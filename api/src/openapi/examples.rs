//! Examples of whole bodies, put together from the examples of their members.
//!
//! An example is written once, at the member; a body's example cannot go stale because nobody writes it.

use serde_json::{Map, Value, json};

/// Gives every body and answer of JSON its example.
pub(crate) fn complete(mut document: Value) -> Value {
    let schemas = document
        .pointer("/components/schemas")
        .cloned()
        .unwrap_or_default();
    if let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) {
        for item in paths.values_mut().filter_map(Value::as_object_mut) {
            for operation in item.values_mut() {
                let parameters = operation
                    .get_mut("parameters")
                    .and_then(Value::as_array_mut);
                for parameter in parameters.into_iter().flatten() {
                    of_parameter(parameter, &schemas);
                }
                if let Some(body) = operation.get_mut("requestBody") {
                    contents(body, &schemas);
                }
                if let Some(responses) = operation
                    .get_mut("responses")
                    .and_then(Value::as_object_mut)
                {
                    for response in responses.values_mut() {
                        contents(response, &schemas);
                    }
                }
            }
        }
    }
    let schemas = document
        .pointer_mut("/components/schemas")
        .and_then(Value::as_object_mut);
    for schema in schemas.into_iter().flat_map(Map::values_mut) {
        let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
        for property in properties.into_iter().flat_map(Map::values_mut) {
            describe_union(property);
        }
    }
    document
}

/// What is said of a member that may be null stands beside its reference; readers look for it at the member.
fn describe_union(property: &mut Value) {
    let choices = property.get_mut("oneOf").and_then(Value::as_array_mut);
    let said = choices
        .into_iter()
        .flatten()
        .filter_map(Value::as_object_mut)
        .find_map(|choice| choice.remove("description"));
    if let (Some(said), Some(property)) = (said, property.as_object_mut()) {
        property.entry("description").or_insert(said);
    }
}

fn of_parameter(parameter: &mut Value, schemas: &Value) {
    let Some(parameter) = parameter.as_object_mut() else {
        return;
    };
    let schema = parameter.get("schema").cloned().unwrap_or_default();
    let given = |holder: &dyn Fn(&str) -> bool| ["example", "examples"].into_iter().any(holder);
    if given(&|name| parameter.contains_key(name)) || given(&|name| schema.get(name).is_some()) {
        return;
    }
    if let Some(example) = example(&schema, schemas, 0) {
        parameter.insert("example".to_owned(), example);
    }
}

fn contents(holder: &mut Value, schemas: &Value) {
    let Some(contents) = holder.get_mut("content").and_then(Value::as_object_mut) else {
        return;
    };
    for (media_type, content) in contents {
        let Some(content) = content.as_object_mut() else {
            continue;
        };
        if !media_type.contains("json")
            || content.contains_key("example")
            || content.contains_key("examples")
        {
            continue;
        }
        if let Some(example) = content
            .get("schema")
            .and_then(|schema| example(schema, schemas, 0))
        {
            content.insert("example".to_owned(), example);
        }
    }
}

/// The deepest nesting that an example has; what refers to itself ends there.
const DEEPEST: usize = 14;

fn example(schema: &Value, schemas: &Value, depth: usize) -> Option<Value> {
    if depth > DEEPEST {
        return None;
    }
    if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
        let name = name.rsplit('/').next().unwrap_or_default();
        return example(schemas.get(name)?, schemas, depth + 1);
    }
    let given = schema
        .get("example")
        .or_else(|| schema.pointer("/examples/0"))
        .or_else(|| schema.get("const"));
    if let Some(given) = given
        .or_else(|| schema.get("default"))
        .or_else(|| schema.pointer("/enum/0"))
    {
        return Some(given.clone());
    }
    for union in ["oneOf", "anyOf"] {
        if let Some(choices) = schema.get(union).and_then(Value::as_array) {
            return choices
                .iter()
                .filter(|choice| choice.get("type").and_then(Value::as_str) != Some("null"))
                .find_map(|choice| example(choice, schemas, depth + 1));
        }
    }
    let mut whole = Map::new();
    for part in schema
        .get("allOf")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        if let Some(Value::Object(members)) = example(part, schemas, depth + 1) {
            whole.extend(members);
        }
    }
    match kind(schema) {
        Some("object") => {
            for (name, member) in schema
                .get("properties")
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
            {
                if let Some(value) = example(member, schemas, depth + 1) {
                    whole.insert(name.clone(), value);
                }
            }
            Some(Value::Object(whole))
        }
        Some("array") => {
            let item = schema
                .get("items")
                .and_then(|items| example(items, schemas, depth + 1));
            Some(Value::Array(item.into_iter().collect()))
        }
        Some("string") => Some(text(schema)),
        Some("integer" | "number") => {
            Some(schema.get("minimum").cloned().unwrap_or_else(|| json!(1)))
        }
        Some("boolean") => Some(json!(true)),
        // Anything goes where nothing is said.
        None if whole.is_empty() && schema.get("allOf").is_none() => Some(json!("2026-03-02")),
        _ if whole.is_empty() => None,
        _ => Some(Value::Object(whole)),
    }
}

fn kind(schema: &Value) -> Option<&str> {
    match schema.get("type")? {
        Value::String(kind) => Some(kind),
        Value::Array(kinds) => kinds
            .iter()
            .filter_map(Value::as_str)
            .find(|kind| *kind != "null"),
        _ => None,
    }
}

fn text(schema: &Value) -> Value {
    match schema.get("format").and_then(Value::as_str) {
        Some("date") => json!("2026-03-02"),
        Some("date-time") => json!("2026-03-02T09:30:00Z"),
        Some("uuid") => json!("01980f0e-8a70-7c55-9d36-1b1f5a8f0c11"),
        Some("uri" | "uri-reference") => json!("/v1/councils"),
        _ => json!("text"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_put_together_from_its_members() {
        let schemas = json!({
            "Case": {"type": "object", "properties": {
                "ref": {"type": "string", "example": "C-1"},
                "born": {"type": ["string", "null"], "format": "date"},
                "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Part"}},
                "other": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Part"}]},
            }},
            "Part": {"type": "object", "properties": {"n": {"type": "integer", "minimum": 3}, "again": {"$ref": "#/components/schemas/Part"}}},
        });
        let made =
            example(&json!({"$ref": "#/components/schemas/Case"}), &schemas, 0).unwrap_or_default();
        assert_eq!(made.pointer("/ref"), Some(&json!("C-1")));
        assert_eq!(made.pointer("/born"), Some(&json!("2026-03-02")));
        assert_eq!(made.pointer("/parts/0/n"), Some(&json!(3)));
        assert_eq!(made.pointer("/other/n"), Some(&json!(3)));
    }
}
