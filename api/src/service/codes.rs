//! Codes of a council: those that an answer gives, and what the council's code lists say of one.

use permanence_core::rulebook::Policy;
use permanence_core::{Answer, Code};
use serde_json::Value;

use super::ServiceError;

/// The codes that an answer lists under a name; none where it does not give that name.
#[must_use]
pub fn listed_codes(answer: &Answer, name: &str) -> Option<Vec<Code>> {
    let list = answer.results.get(name)?.as_array()?;
    Some(
        list.iter()
            .filter_map(Value::as_str)
            .filter_map(|text| Code::new(text).ok())
            .collect(),
    )
}

/// The code that an answer gives under a name.
#[must_use]
pub fn given_code(answer: &Answer, name: &str) -> Option<Code> {
    answer
        .results
        .get(name)
        .and_then(Value::as_str)
        .and_then(|text| Code::new(text).ok())
}

/// The group into which the council's code list sorts a code, such as `postponed` among outcomes.
#[must_use]
pub fn group_of<'a>(policy: &'a Policy, list: &str, code: &Code) -> Option<&'a Code> {
    let list = Code::new(list).ok()?;
    let list = policy.dictionary().vocabulary().list(&list)?;
    list.codes.get(code)?.group.as_ref()
}

/// Whether an outcome only puts an item off: the matter itself is decided another time.
#[must_use]
pub fn postpones(policy: &Policy, outcome: &Code) -> bool {
    group_of(policy, "outcomes", outcome).is_some_and(|group| *group == *"postponed")
}

/// Refuses a code that the named list of the council does not have.
///
/// # Errors
/// [`ServiceError::Invalid`].
pub fn known_code(
    policy: &Policy,
    list: &str,
    pointer: &str,
    code: &Code,
) -> Result<(), ServiceError> {
    let known = Code::new(list)
        .ok()
        .and_then(|list| policy.dictionary().vocabulary().list(&list).cloned());
    match known {
        Some(list) if !list.open && !list.codes.contains_key(code) => Err(ServiceError::invalid(
            pointer,
            "unknown_code",
            "The council's code list has no such code.",
        )),
        _ => Ok(()),
    }
}
