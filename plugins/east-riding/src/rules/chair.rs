//! ERY-CHAIR-01: the Adoption Panel's Chair leads the meeting or, failing that, one of its Vice Chairs.
//!
//! Passes: A is Chair of the Adoption Panel, B Vice Chair, and B leads.
//! Fails: C leads. Where no names are known, the post counts: a team manager is neither Chair nor Vice Chair.

use permanence_core::facts::FactValue;
use permanence_plugin::{ClauseAnswer, Context, Rule};

use crate::reading::{flag, value, word};

const POSTS: [&str; 7] = [
    "adoption_panel_chair",
    "adoption_panel_deputy_chair",
    "adoption_panel_vice_chair",
    "chair",
    "deputy_chair",
    "panel_chair",
    "vice_chair",
];

pub(crate) fn answer(context: &Context<'_>, rule: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let Some(chair) = value(context, "chair") else {
        return answer;
    };
    let Some(led_by) = word(chair) else {
        return answer;
    };
    let mut leaders: Vec<&str> = value(context, "adoption_panel_chair")
        .and_then(word)
        .into_iter()
        .collect();
    match value(context, "adoption_panel_deputy_chairs") {
        Some(FactValue::List(deputies)) => leaders.extend(deputies.iter().filter_map(word)),
        Some(deputy) => leaders.extend(word(deputy)),
        None => {}
    }
    let one_of_them = leaders
        .iter()
        .any(|leader| leader.to_lowercase() == led_by.to_lowercase());
    let by_post = POSTS.contains(&led_by);
    // A name cannot be judged while nobody knows who the Chair is; a post can.
    let known = !leaders.is_empty() || is_role(context, chair);
    if known && !one_of_them && !by_post {
        answer
            .findings
            .extend(flag(context, rule, "chair_not_as_policy"));
    }
    answer
}

fn is_role(context: &Context<'_>, chair: &FactValue) -> bool {
    let lists = context.policy().dictionary().vocabulary().lists();
    chair.as_code().is_some_and(|code| {
        lists
            .iter()
            .any(|(name, list)| *name == "roles" && list.codes.contains_key(code))
    })
}
