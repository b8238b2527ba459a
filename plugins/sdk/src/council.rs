//! What a council's plugin implements.

use permanence_core::mechanism::Context;
use permanence_core::rulebook::{CouncilPolicy, Rule};
use permanence_core::{ClauseAnswer, ClauseId, Code};

/// A council whose rules are partly code.
///
/// Rules that the rulebook files can say never come here: the server answers them from the rulebook.
/// A rule of the mechanism `coded` arrives at [`CouncilPlugin::coded`], with the name that the rulebook gives it.
pub trait CouncilPlugin: Send + Sync + Sized + 'static {
    /// Starts the plugin. It is called once when the server starts, and again after the plugin failed repeatedly.
    ///
    /// # Errors
    /// [`StartError`] with a reason for whoever deploys the plugin; the server then does not load it.
    fn new(policy: &CouncilPolicy) -> Result<Self, StartError>;

    /// Answers one coded rule. The same question must give the same answer: there is no clock but `context.as_of()`.
    ///
    /// Clauses may be left out of the answer and of its findings: the server fills in those of the rule.
    /// Only clauses of the same edition may be cited.
    ///
    /// # Errors
    /// [`CodedError::Refused`] when the rule cannot be applied to these facts; the asker reads message and clause.
    /// [`CodedError::NotAnswered`] for a name that the plugin does not know.
    fn coded(
        &self,
        name: &Code,
        context: &Context<'_>,
        rule: &Rule,
    ) -> Result<ClauseAnswer, CodedError> {
        let _ = (name, context, rule);
        Err(CodedError::NotAnswered)
    }
}

/// A council whose rulebook needs no code at all.
#[derive(Debug, Clone, Copy)]
pub struct RulebookOnly;

/// Why a plugin cannot start.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct StartError(pub String);

/// Why a coded rule gives no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodedError {
    /// No code of this plugin answers a rule of that name.
    #[error("no code of this plugin answers this rule")]
    NotAnswered,
    /// The rule cannot be applied to these facts.
    #[error("{message}")]
    Refused {
        /// A stable code.
        code: Code,
        /// Why, in a sentence for a social worker. It names no person.
        message: String,
        /// The clause that refuses.
        clause: ClauseId,
    },
    /// The plugin failed: the asker learns that there is no answer, the log learns this reason.
    #[error("{0}")]
    Failed(String),
}

impl CouncilPlugin for RulebookOnly {
    fn new(_: &CouncilPolicy) -> Result<Self, StartError> {
        Ok(Self)
    }
}
