//! The rules that data cannot say: one file each, named after what it decides.

mod admissions_check;
mod carer_talk;
mod first_open_monday;
mod initial_sections;
mod pen_picture;
mod sgo_recommendation;
mod sgo_referral;

use permanence_plugin::{ClauseAnswer, Context, Rule};

/// How a coded rule answers one question.
pub(crate) type Answer = fn(&Context<'_>, &Rule) -> ClauseAnswer;

/// The rule of a name.
pub(crate) fn of(name: &str) -> Option<Answer> {
    Some(match name {
        "admissions_check" => admissions_check::answer,
        "carer_talk" => carer_talk::answer,
        "first_open_monday" => first_open_monday::answer,
        "initial_sections" => initial_sections::answer,
        "pen_picture" => pen_picture::answer,
        "sgo_recommendation" => sgo_recommendation::answer,
        "sgo_referral" => sgo_referral::answer,
        _ => return None,
    })
}
