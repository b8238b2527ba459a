//! ERY-CHAIR-01: the Adoption Panel's Chair leads the meeting or, failing that, one of its Vice Chairs.
//!
//! Passes: A is Chair of the Adoption Panel, B Vice Chair, and B leads.
//! Fails: C leads. Where no names are known, the post counts: a team manager is neither Chair nor Vice Chair.

use permanence_core::facts::FactValue;
use permanence_plugin::answering::flag;
use permanence_plugin::reading::value;
use permanence_plugin::{ClauseAnswer, Context, Rule};

use crate::reading::{member_of, word};

/// How a panel's record may call its Vice Chairs.
const DEPUTIES: [&str; 4] = ["deputy_chair", "deputy_chairs", "vice_chair", "vice_chairs"];

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
    let led =
        value(context, "chair").or_else(|| member_of(context, "permanence_panel", &["chair"]));
    let Some((chair, led_by)) = led.and_then(|chair| Some((chair, word(chair)?))) else {
        return answer;
    };
    let told = [
        value(context, "adoption_panel_chair"),
        value(context, "adoption_panel_deputy_chairs"),
    ];
    let of_panel = [["chair"].as_slice(), &DEPUTIES]
        .map(|members| member_of(context, "adoption_panel", members));
    let mut leaders: Vec<&str> = Vec::new();
    for leader in told.into_iter().chain(of_panel).flatten() {
        match leader {
            FactValue::List(several) => leaders.extend(several.iter().filter_map(word)),
            one => leaders.extend(word(one)),
        }
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
