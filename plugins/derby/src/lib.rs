#![doc = include_str!("../README.md")]

mod papers;
mod period;
mod refusal;
mod rules;

use permanence_plugin::{
    ClauseAnswer, Code, CodedError, Context, CouncilPlugin, CouncilPolicy, Rule, StartError,
};

/// The rules that the rulebook leaves to code.
#[derive(Debug, Clone, Copy)]
pub struct Derby;

/// The rulebook as one document, as the library carries it.
pub const RULEBOOK: &str = include_str!(concat!(env!("OUT_DIR"), "/rulebook.json"));

impl CouncilPlugin for Derby {
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
            "annual_report" => rules::annual_report::answer(context),
            "assessment_contents" => rules::assessment_contents::answer(context, rule),
            "connected_stages" => rules::connected_stages::answer(context, rule),
            "decision_indicator" => rules::decision_indicator::answer(context),
            "delay_reason" => rules::delay_reason::answer(context, rule)?,
            "financial_form" => rules::financial_form::answer(context, rule),
            "late_papers" => rules::late_papers::answer(context, rule),
            "next_available_panel" => rules::next_available_panel::answer(context),
            "outside_panel" => rules::outside_panel::answer(context),
            "papers_complete" => rules::papers_complete::answer(context),
            "removal_from_list" => rules::removal_from_list::answer(context),
            "return_to_list" => rules::return_to_list::answer(context, rule),
            "review_discussion" => rules::review_discussion::answer(context, rule),
            "stability_indicator" => rules::stability_indicator::answer(context),
            "undecided_children" => rules::undecided_children::answer(context, rule),
            "whole_report_counts" | "whole_report_rows" | "whole_report_training" => {
                rules::whole_report::answer(context, rule)
            }
            _ => return Err(CodedError::NotAnswered),
        })
    }
}

permanence_plugin::export_plugin!(Derby, rulebook = RULEBOOK);
