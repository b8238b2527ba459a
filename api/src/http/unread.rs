//! All that is wrong with a body that cannot be read.
//!
//! Reading ends at the first fault, and a client that mends one at a time asks many times over. The description of the body tells
//! the rest: it is made of the same type.

use jsonschema::PatternOptions;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::json_schema;
use crate::problem::FieldError;

/// The most faults that a problem names, as its description says.
const MOST: usize = 1000;

/// The fault at which reading ended, and whatever else does not fit the description, in the order of their pointers.
pub(super) fn every_fault<T: ToSchema>(body: &[u8], ended: FieldError) -> Vec<FieldError> {
    let others = described_faults::<T>(body).unwrap_or_default();
    // The fault that ended the reading says best what is wrong at its place, and with all that the place stands in.
    let elsewhere = |fault: &FieldError| {
        let rest = ended.pointer.strip_prefix(&fault.pointer);
        !rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let mut faults: Vec<FieldError> = others.into_iter().filter(elsewhere).collect();
    faults.truncate(MOST - 1);
    faults.push(ended);
    faults.sort_by(|one, other| one.pointer.cmp(&other.pointer));
    faults
}

/// What does not fit the description of the type; none where there is nothing to hold it against.
fn described_faults<T: ToSchema>(body: &[u8]) -> Option<Vec<FieldError>> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let mut schemas = vec![(T::name().into_owned(), T::schema())];
    T::schemas(&mut schemas);
    let schemas: serde_json::Map<String, Value> = schemas
        .into_iter()
        .map(|(name, schema)| Some((name, serde_json::to_value(schema).ok()?)))
        .collect::<Option<_>>()?;
    let described = json!({
        "$ref": format!("#/components/schemas/{}", T::name()),
        "components": { "schemas": schemas }
    });
    let validator = jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .should_validate_formats(true)
        .should_ignore_unknown_formats(true)
        .with_pattern_options(PatternOptions::regex())
        .build(&described)
        .ok()?;
    let faults = json_schema::faults(&validator, &value);
    let told = faults
        .into_iter()
        .map(|fault| FieldError::body(fault.pointer, fault.code, fault.message));
    Some(told.collect())
}
