//! ERY-DISTRIBUTION-02: the adoption plan goes to everybody in the core group and to the reviewing officer.
//!
//! Passes: sent to the core group and the reviewing officer; or to each member of it by name, and the officer.
//! Fails: sent to the core group only; the reviewing officer is named.

use permanence_core::facts::FactValue;
use permanence_plugin::{ClauseAnswer, Context, Rule};

use crate::people::{called, same};
use crate::reading::{entries, flag, give, word};

const GROUP: &str = "adoption_core_group_members";
const OFFICER: &str = "independent_reviewing_officer";

pub(crate) fn answer(context: &Context<'_>, rule: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let sent = entries(context, "sent_to");
    let has = |role: &str| {
        sent.iter()
            .any(|entry| entry.member("role").unwrap_or(entry).is(role))
    };
    let members = entries(context, "core_group_members");
    let mut missing: Vec<&str> = Vec::new();
    if !has(GROUP) {
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
    if !has(OFFICER) && !missing.contains(&OFFICER) {
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

trait Says {
    fn is(&self, text: &str) -> bool;
}

impl Says for FactValue {
    fn is(&self, text: &str) -> bool {
        word(self) == Some(text)
    }
}
