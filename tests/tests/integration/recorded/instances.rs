//! Values that fit a JSON Schema, and values that do not: what a form is filled in with.

use serde_json::{Map, Value, json};

/// Texts to try where a pattern or a format says what a text looks like.
const TEXTS: [&str; 16] = [
    "x",
    "social_worker",
    "2026-01-15",
    "2026-01",
    "2026-01-15T10:00:00Z",
    "10:30",
    "10:30:00Z",
    "A",
    "1",
    "2025-26",
    "2025/26",
    "AB1 2CD",
    "somebody@example.org",
    "https://example.org/x",
    "01980f0e-8a70-7c55-9d36-1b1f5a8f0c11",
    "A sentence of some length, as people write it into a box of a form.",
];

/// A value with every member that the schema names.
pub fn fitting(schema: &Value) -> Value {
    of(schema, schema)
}

/// Whether a value fits.
pub fn fits(schema: &Value, value: &Value) -> bool {
    jsonschema::options()
        .should_validate_formats(true)
        .build(schema)
        .expect("a schema")
        .is_valid(value)
}

/// The value with one member of another type, and that member's name; the new value says "Zaphod".
pub fn unfitting(schema: &Value, fitting: &Value) -> Option<(Value, String)> {
    let properties = schema["properties"].as_object()?;
    properties.keys().find_map(|name| {
        for strange in [json!({ "Zaphod": "Zaphod" }), json!("Zaphod"), json!([7.5])] {
            let mut value = fitting.clone();
            value[name.as_str()] = strange;
            if !fits(schema, &value) {
                return Some((value, name.clone()));
            }
        }
        None
    })
}

fn of(schema: &Value, root: &Value) -> Value {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = root.pointer(reference.trim_start_matches('#'));
        return of(target.expect("a reference within the schema"), root);
    }
    for fixed in ["const", "default"] {
        if let Some(value) = schema.get(fixed) {
            return value.clone();
        }
    }
    if let Some(value) = schema["enum"].as_array().and_then(|values| values.first()) {
        return value.clone();
    }
    for union in ["oneOf", "anyOf"] {
        if let Some(choices) = schema[union].as_array() {
            let made = choices.iter().map(|choice| of(choice, root));
            let mut filled = made.filter(|value| !value.is_null());
            return filled.next().unwrap_or_default();
        }
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds
            .iter()
            .find(|kind| *kind != "null")
            .and_then(Value::as_str),
        kind => kind.as_str(),
    };
    match kind {
        Some("object") => object(schema, root),
        Some("array") => array(schema, root),
        Some("boolean") => json!(true),
        Some("integer") => json!(schema["minimum"].as_i64().unwrap_or(1)),
        Some("number") => json!(schema["minimum"].as_f64().unwrap_or(1.5)),
        Some("null") => Value::Null,
        _ => text(schema),
    }
}

fn object(schema: &Value, root: &Value) -> Value {
    let mut members = Map::new();
    for part in schema["allOf"].as_array().into_iter().flatten() {
        if let Value::Object(more) = of(part, root) {
            members.extend(more);
        }
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        members.insert(name.clone(), of(property, root));
    }
    Value::Object(members)
}

fn array(schema: &Value, root: &Value) -> Value {
    let wanted = schema["minItems"].as_u64().unwrap_or(1).max(1);
    let items = &schema["items"];
    // Several that must differ are the first of the values that there are.
    if let Some(values) = items["enum"].as_array() {
        let count = usize::try_from(wanted).expect("a few");
        return values.iter().take(count).cloned().collect();
    }
    (0..wanted).map(|_| of(items, root)).collect()
}

fn text(schema: &Value) -> Value {
    let long = schema["minLength"].as_u64().map_or(0, |length| {
        usize::try_from(length).expect("a length of a text")
    });
    let mut only = schema.clone();
    if let Some(members) = only.as_object_mut() {
        members.remove("description");
    }
    let candidates = TEXTS.iter().map(|text| (*text).to_owned());
    let mut candidates = candidates.chain([("x".repeat(long))]).map(Value::String);
    let found = candidates.find(|text| fits(&only, text));
    found.unwrap_or_else(|| panic!("no text for {schema}: teach {}", file!()))
}

#[test]
fn what_is_made_fits_and_what_is_unmade_does_not() {
    let schema = json!({
        "type": "object", "additionalProperties": false, "required": ["on", "kinds"],
        "properties": {
            "on": { "type": "string", "format": "date" },
            "kinds": { "type": "array", "minItems": 2, "uniqueItems": true, "items": { "enum": ["a", "b", "c"] } },
            "month": { "type": "string", "pattern": "^\\d{4}-\\d{2}$" },
            "who": { "anyOf": [{ "type": "null" }, { "$ref": "#/$defs/person" }] },
        },
        "$defs": { "person": { "type": "object", "properties": { "name": { "type": "string", "minLength": 90 } } } }
    });
    let value = fitting(&schema);
    assert!(fits(&schema, &value), "{value}");
    assert_eq!(value["kinds"], json!(["a", "b"]));
    let (wrong, name) = unfitting(&schema, &value).expect("one member is typed");
    assert!(!fits(&schema, &wrong) && name == "on");
}
