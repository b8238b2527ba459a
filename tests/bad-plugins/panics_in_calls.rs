//! A plugin whose rules panic, loop, and write without end; the rule `good` answers.
#![allow(missing_docs)]

use permanence_plugin::{
    ClauseAnswer, Code, CodedError, Context, CouncilPlugin, CouncilPolicy, Rule, StartError,
};

struct Anytown;

/// A payload whose destructor panics as well.
struct Loud;

impl Drop for Loud {
    #[expect(clippy::panic, reason = "this is what the payload is for")]
    fn drop(&mut self) {
        panic!("planned, while dropping a payload")
    }
}

impl CouncilPlugin for Anytown {
    fn new(_: &CouncilPolicy) -> Result<Self, StartError> {
        tracing::info!(council = "anytown", "started");
        Ok(Self)
    }

    #[expect(clippy::panic, reason = "this is what the plugin is for")]
    fn coded(&self, name: &Code, _: &Context<'_>, _: &Rule) -> Result<ClauseAnswer, CodedError> {
        match name.as_str() {
            "panics" => panic!("planned, in a call"),
            "panics_loudly" => std::panic::panic_any(Loud),
            "huge" => Ok(answered("x".repeat(9 * 1024 * 1024))),
            "refuses" => Err(CodedError::Refused {
                code: Code::new("month_not_over")
                    .map_err(|error| CodedError::Failed(error.to_string()))?,
                message: "The month is not over yet.".into(),
                clause: "ANY-REFUSES-01"
                    .parse()
                    .map_err(|_| CodedError::Failed("no clause".into()))?,
            }),
            "unknown_status" => Err(CodedError::Failed("planned".into())),
            "good" => Ok(answered(true)),
            _ => Err(CodedError::NotAnswered),
        }
    }
}

fn answered(value: impl Into<serde_json::Value>) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    answer.results.insert("answered".into(), value.into());
    answer
}

permanence_plugin::export_plugin!(Anytown, rulebook = include_str!("anytown.json"));
