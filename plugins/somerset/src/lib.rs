#![doc = include_str!("../README.md")]

mod attendance;
mod rules;

use permanence_plugin::{
    ClauseAnswer, Code, CodedError, Context, CouncilPlugin, CouncilPolicy, Rule, StartError,
};

/// The rules that the rulebook leaves to code.
#[derive(Debug, Clone, Copy)]
pub struct Somerset;

/// The rulebook as one document, as the library carries it.
pub const RULEBOOK: &str = include_str!(concat!(env!("OUT_DIR"), "/rulebook.json"));

impl CouncilPlugin for Somerset {
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
            "carer_files" => rules::filing::carer_files(context, rule),
            "child_files" => rules::filing::child_files(context, rule),
            "core_seats" => rules::core_seats::answer(context, rule),
            "late_papers" => rules::late_papers::answer(context, rule),
            "substitute_grade" => rules::substitute_grade::answer(context, rule),
            _ => return Err(CodedError::NotAnswered),
        })
    }
}

permanence_plugin::export_plugin!(Somerset, rulebook = RULEBOOK);
