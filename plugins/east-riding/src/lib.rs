#![doc = include_str!("../README.md")]

mod people;
mod reading;
mod reviews;
mod rules;

use permanence_plugin::{
    ClauseAnswer, Code, CodedError, Context, CouncilPlugin, CouncilPolicy, Rule, StartError,
};

/// The rules that the rulebook leaves to code.
#[derive(Debug, Clone, Copy)]
pub struct EastRiding;

/// The rulebook as one document, as the library carries it.
pub const RULEBOOK: &str = include_str!(concat!(env!("OUT_DIR"), "/rulebook.json"));

impl CouncilPlugin for EastRiding {
    fn new(_: &CouncilPolicy) -> Result<Self, StartError> {
        Ok(Self)
    }

    fn coded(
        &self,
        name: &Code,
        context: &Context<'_>,
        rule: &Rule,
    ) -> Result<ClauseAnswer, CodedError> {
        Ok(match name.as_str() {
            "adoption_plan_sent" => rules::adoption_plan_sent::answer(context, rule),
            "after_adoption_panel" => rules::after_adoption_panel::answer(context, rule),
            "carers_order" => rules::carers_order::forum(context),
            "carers_order_presented" => rules::carers_order::presented(context, rule),
            "chair" => rules::chair::answer(context, rule),
            "consultees_told" => rules::consultees_told::answer(context, rule),
            "independence" => rules::independence::answer(context, rule),
            "next_review" => rules::next_review::answer(context, rule),
            "parents_views" => rules::parents_views::answer(context, rule),
            "plan_change" => rules::plan_change::answer(context, rule),
            "reviewing_officer_told" => rules::reviewing_officer_told::answer(context, rule),
            "second_review" => rules::second_review::answer(context, rule),
            "same_members" => rules::same_members::answer(context, rule),
            _ => return Err(CodedError::NotAnswered),
        })
    }
}

permanence_plugin::export_plugin!(EastRiding, rulebook = RULEBOOK);
