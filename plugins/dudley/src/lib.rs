#![doc = include_str!("../README.md")]

mod ask;
mod done;
mod rules;

use permanence_plugin::{
    ClauseAnswer, Code, CodedError, Context, CouncilPlugin, CouncilPolicy, Rule, StartError,
    export_plugin,
};

/// The rulebook as the library carries it.
pub const RULEBOOK: &str = include_str!(concat!(env!("OUT_DIR"), "/rulebook.json"));

/// The rules of Dudley that data cannot say.
#[derive(Debug, Clone, Copy)]
pub struct Dudley;

impl CouncilPlugin for Dudley {
    fn new(_: &CouncilPolicy) -> Result<Self, StartError> {
        Ok(Self)
    }

    fn coded(
        &self,
        name: &Code,
        context: &Context<'_>,
        rule: &Rule,
    ) -> Result<ClauseAnswer, CodedError> {
        let answer = rules::of(name.as_str()).ok_or(CodedError::NotAnswered)?;
        Ok(answer(context, rule))
    }
}

export_plugin!(Dudley, rulebook = RULEBOOK);
