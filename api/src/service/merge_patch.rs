//! Changing a record that has its own schema: members of a merge patch (RFC 7396) over what is there.

use serde_json::{Map, Value};

/// What is there afterwards: members that are absent stay, members that are null go, objects are merged.
pub fn merged(mut into: Map<String, Value>, patch: Map<String, Value>) -> Map<String, Value> {
    for (name, value) in patch {
        match value {
            Value::Null => {
                into.remove(&name);
            }
            Value::Object(inner) => {
                let before = match into.remove(&name) {
                    Some(Value::Object(before)) => before,
                    _ => Map::new(),
                };
                into.insert(name, Value::Object(merged(before, inner)));
            }
            value => {
                into.insert(name, value);
            }
        }
    }
    into
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_absent_stays_and_what_is_null_goes() {
        let of = |value: Value| value.as_object().unwrap().clone();
        let before = of(json!({ "a": 1, "b": { "c": 2, "d": 3 }, "e": 4 }));
        let patch = of(json!({ "a": null, "b": { "c": 5, "d": null }, "f": { "g": null } }));
        let after = json!({ "b": { "c": 5 }, "e": 4, "f": {} });
        assert_eq!(Value::Object(merged(before, patch)), after);
    }
}
