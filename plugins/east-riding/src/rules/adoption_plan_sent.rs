//! ERY-DISTRIBUTION-02: the adoption plan goes to everybody in the core group and to the reviewing officer.
//!
//! Passes: sent to the core group and the reviewing officer; or to each member of it by name, and the officer.
//! Fails: sent to the core group only; the reviewing officer is named.

use permanence_core::facts::FactValue;
use permanence_plugin::answering::{flag, give};
use permanence_plugin::reading::entries;
use permanence_plugin::{ClauseAnswer, Context, Rule};

use crate::people::{called, denied, same};
use crate::reading::word;

const GROUP: &str = "adoption_core_group_members";
const OFFICER: &str = "independent_reviewing_officer";

/// Other words for the two.
const GROUP_TOO: [&str; 3] = ["adoption_core_group", "core_group", "core_group_members"];
const OFFICER_TOO: [&str; 1] = ["cisro"];

pub(crate) fn answer(context: &Context<'_>, rule: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let sent: Vec<&FactValue> = entries(context, "sent_to")
        .into_iter()
        .filter(|entry| !denied(entry, "sent_on"))
        .collect();
    let has = |role: &str, too: &[&str]| {
        let words = sent
            .iter()
            .filter_map(|entry| word(entry.member("role").unwrap_or(entry)));
        words
            .map(str::to_lowercase)
            .any(|word| word == role || too.contains(&word.as_str()))
    };
    let members = entries(context, "core_group_members");
    let mut missing: Vec<&str> = Vec::new();
    if !has(GROUP, &GROUP_TOO) {
        if members.is_empty() {
            missing.push(GROUP);
        }
        missing.extend(
            members
                .into_iter()
                .filter(|member| !sent.iter().any(|entry| same(entry, member)))
                .filter_map(called),
        );
    }
    if !has(OFFICER, &OFFICER_TOO) && !missing.contains(&OFFICER) {
        missing.push(OFFICER);
    }
    give(&mut answer, "missing_recipients", missing.clone());
    if !missing.is_empty() {
        answer
            .findings
            .extend(flag(context, rule, "adoption_plan_not_circulated"));
    }
    answer
}
