//! The rules that data cannot say: one file each, named after what it decides.

mod approvals;
mod carers_contacted;
mod carried_actions;
mod chair_decision;
mod decision_actions;
mod decision_summary;
mod decision_tracking;
mod discharge_heard;
mod fostering_section;
mod further_review;
mod legal_advice;
mod legal_advice_confirmed;
mod lodgings_after_fostering;
mod negative_viability;
mod panel_approval;
mod permanent_match;
mod plan_at_review;
mod report_sign_off;
mod residential_approval;
mod residential_steps;
mod signs_of_safety;
mod staying_put;
mod tracker_archive;
mod tracker_move;

use permanence_plugin::{ClauseAnswer, Context, Rule};

/// How a coded rule answers one question.
pub(crate) type Answer = fn(&Context<'_>, &Rule) -> ClauseAnswer;

/// The rule of a name.
pub(crate) fn of(name: &str) -> Option<Answer> {
    Some(match name {
        "approvals" => approvals::answer,
        "carers_contacted" => carers_contacted::answer,
        "carried_actions" => carried_actions::answer,
        "chair_decision" => chair_decision::answer,
        "decision_actions" => decision_actions::answer,
        "decision_summary" => decision_summary::answer,
        "decision_tracking" => decision_tracking::answer,
        "discharge_heard" => discharge_heard::answer,
        "fostering_section" => fostering_section::answer,
        "further_review" => further_review::answer,
        "legal_advice" => legal_advice::answer,
        "legal_advice_confirmed" => legal_advice_confirmed::answer,
        "lodgings_after_fostering" => lodgings_after_fostering::answer,
        "negative_viability" => negative_viability::answer,
        "permanent_match" => permanent_match::answer,
        "plan_at_first_review" => plan_at_review::first_review,
        "plan_at_review" => plan_at_review::answer,
        "report_sign_off" => report_sign_off::answer,
        "residential_approval" => residential_approval::answer,
        "residential_steps" => residential_steps::answer,
        "signs_of_safety" => signs_of_safety::answer,
        "staying_put" => staying_put::answer,
        "tracker_archive" => tracker_archive::answer,
        "tracker_move" => tracker_move::answer,
        _ => return None,
    })
}
