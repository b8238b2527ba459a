//! People in lists: by name where there is one, else by role.

use permanence_core::facts::FactValue;

use crate::reading::word;

/// How an entry is told from others: its name, else its role.
pub(crate) fn called(entry: &FactValue) -> Option<&str> {
    name(entry).or_else(|| role(entry))
}

/// Whether two entries are the same person: by name where both have one, else by role.
pub(crate) fn same(one: &FactValue, other: &FactValue) -> bool {
    let equal = |one: Option<&str>, other: Option<&str>| {
        one.zip(other)
            .is_some_and(|(one, other)| one.to_lowercase() == other.to_lowercase())
    };
    if name(one).is_some() && name(other).is_some() {
        return equal(name(one), name(other));
    }
    equal(role(one), role(other)) || equal(called(one), called(other))
}

/// Whether an entry says that its thing was not done: `{role, notified: false}`.
pub(crate) fn denied(entry: &FactValue, member: &str) -> bool {
    matches!(
        entry.member(member),
        Some(FactValue::Boolean(false) | FactValue::None)
    )
}

/// The name of a record, or what it calls the person.
fn name(entry: &FactValue) -> Option<&str> {
    ["name", "person"]
        .into_iter()
        .filter_map(|member| entry.member(member))
        .find_map(word)
}

fn role(entry: &FactValue) -> Option<&str> {
    let role = entry.member("role").or_else(|| entry.member("category"));
    word(role.unwrap_or(entry))
}
