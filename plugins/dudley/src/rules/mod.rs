//! The rules that data cannot say: one file each, named after what it decides.

mod admissions_check;
mod first_open_monday;
mod pen_picture;
mod sgo_recommendation;

use permanence_plugin::{ClauseAnswer, Context, Rule};

/// How a coded rule answers one question.
pub(crate) type Answer = fn(&Context<'_>, &Rule) -> ClauseAnswer;

/// The rule of a name.
pub(crate) fn of(name: &str) -> Option<Answer> {
    Some(match name {
        "admissions_check" => admissions_check::answer,
        "first_open_monday" => first_open_monday::answer,
        "pen_picture" => pen_picture::answer,
        "sgo_recommendation" => sgo_recommendation::answer,
        _ => return None,
    })
}
