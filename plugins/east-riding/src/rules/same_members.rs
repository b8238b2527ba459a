//! ERY-MEMBERSHIP-01: the Permanency Panel has the members of the Adoption Panel.
//!
//! Passes: A, B and C sit on both.
//! Fails: C sits on the Adoption Panel only, and is listed.

use permanence_core::facts::FactValue;
use permanence_plugin::answering::{flag, give};
use permanence_plugin::{ClauseAnswer, Context, Rule};

use crate::people::called;
use crate::reading::member_of;

pub(crate) fn answer(context: &Context<'_>, rule: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let lists = (
        members(context, "permanence_panel_members", "permanence_panel"),
        members(context, "adoption_panel_members", "adoption_panel"),
    );
    // While one of the two is not known, nothing can be said of the difference.
    let (Some(permanence), Some(adoption)) = lists else {
        return answer;
    };
    let only_permanence = without(&permanence, &adoption);
    let only_adoption = without(&adoption, &permanence);
    if !only_permanence.is_empty() || !only_adoption.is_empty() {
        let raised = flag(context, rule, "membership_differs_from_adoption_panel");
        answer.findings.extend(raised);
    }
    give(&mut answer, "only_on_permanence_panel", only_permanence);
    give(&mut answer, "only_on_adoption_panel", only_adoption);
    answer
}

/// The members of a panel; none of them where it is known to have none.
fn members<'a>(context: &Context<'a>, fact: &str, panel: &str) -> Option<Vec<&'a str>> {
    let told = context.facts().get(fact);
    match told.or_else(|| member_of(context, panel, &["members"]))? {
        FactValue::List(members) => Some(members.iter().filter_map(called).collect()),
        _ => Some(Vec::new()),
    }
}

fn without<'a>(these: &[&'a str], those: &[&str]) -> Vec<&'a str> {
    let same = |one: &str, other: &str| one.to_lowercase() == other.to_lowercase();
    these
        .iter()
        .copied()
        .filter(|one| !those.iter().any(|other| same(one, other)))
        .collect()
}
