//! SOM-QUORUM-01: each core seat is filled by its member, or by a substitute who was not refused; empty ones are named.
//!
//! Passes: six members, and for the Virtual School Head a substitute of the same grade.
//! Fails: six members; or a substitute of another grade (SOM-SUBSTITUTION-01), whose seat stays empty.

use std::collections::BTreeSet;

use permanence_core::evaluation::Effect;
use permanence_plugin::answering::{finding, give};
use permanence_plugin::{ClauseAnswer, Context, Rule};

use crate::attendance::{CORE, Grades, entries, seat_in_person, stand_ins};

pub(crate) fn answer(context: &Context<'_>, rule: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let in_person = entries(context)
        .into_iter()
        .filter_map(|entry| Some(seat_in_person(entry)?.to_string()));
    let by_others = stand_ins(context)
        .into_iter()
        .filter(|other| other.grades() != Grades::Differ)
        .filter_map(|other| Some(other.seat?.to_string()));
    let filled: BTreeSet<String> = in_person.chain(by_others).collect();
    let missing: Vec<&str> = CORE
        .into_iter()
        .filter(|seat| !filled.contains(*seat))
        .collect();
    give(&mut answer, "missing_core_roles", missing.clone());
    if !missing.is_empty() {
        let labels: Vec<String> = missing
            .iter()
            .filter_map(|seat| permanence_core::Code::new(*seat).ok())
            .map(|seat| context.policy().dictionary().vocabulary().label(&seat))
            .collect();
        let message = format!(
            "Core seats that neither the member nor a substitute fills: {}.",
            labels.join(", ")
        );
        if let Some(mut finding) =
            finding(context, rule, "core_member_missing", Effect::Flag, &message)
        {
            finding.evidence.insert("missing".into(), missing.into());
            answer.findings.push(finding);
        }
    }
    answer
}
