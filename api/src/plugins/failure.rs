//! Why a question to a council's policy has no answer.

use permanence_core::{ClauseId, Code};

use super::host::ReplyFault;
use super::library::CallFailure;
use super::pool::PoolError;

/// Why a question has no answer. There is never a default answer instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvaluateError {
    /// The council has no such clause.
    #[error("the edition has no clause of this id")]
    NoSuchClause,
    /// The clause is data or text.
    #[error("the clause is not of kind rule: there is nothing to evaluate")]
    NotARule,
    /// The council's rule cannot be applied to these facts: a 422 that cites the clause.
    #[error("{message}")]
    Refused {
        /// A stable code.
        code: String,
        /// What the rule says.
        message: String,
        /// The clause that refuses.
        clause: Option<ClauseId>,
    },
    /// The council's plugin failed: a 503 with the code `plugin_failed`. The reason is in the log.
    #[error("the council's plugin gave no answer")]
    PluginFailed,
    /// This server asked in a way that the plugin does not understand: a 500. The reason is in the log.
    #[error("the question could not be put to the council's plugin")]
    ServerFault,
}

/// What went wrong with one call, for the log and for the breaker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum CallFault {
    /// The plugin is to blame.
    Plugin(String),
    /// The call was not made, or the plugin had no part in its failure.
    NotCalled(String),
    /// This server is to blame.
    Server(String),
    /// Nobody is: the rule refuses these facts.
    Refused {
        code: Code,
        message: String,
        clause: ClauseId,
    },
}

impl From<CallFailure> for CallFault {
    fn from(failure: CallFailure) -> Self {
        use permanence_plugin_abi::status;
        let (status, body) = match failure {
            CallFailure::Reply(ReplyFault::TooLong) => {
                return Self::Plugin("its answer is too long".into());
            }
            CallFailure::Reply(ReplyFault::NullBytes) => {
                return Self::Plugin("it handed over a null pointer as its answer".into());
            }
            CallFailure::Status(status, body) => (status, body),
        };
        let said = serde_json::from_slice::<ErrorBody>(&body)
            .map_or_else(|_| "no reason".into(), |body| body.message);
        match status {
            status::RULE_ERROR => {
                match serde_json::from_slice::<permanence_core::coded::Refusal>(&body) {
                    Ok(refusal) => Self::Refused {
                        code: refusal.code,
                        message: refusal.message,
                        clause: refusal.clause,
                    },
                    Err(_) => {
                        Self::Plugin("it refused without saying code, message and clause".into())
                    }
                }
            }
            status::BAD_REQUEST => Self::Server(format!("it could not read the question: {said}")),
            status::UNSUPPORTED => Self::Plugin(format!("it does not answer this: {said}")),
            status::PANIC => Self::Plugin("it panicked".into()),
            status::OUTPUT_LIMIT => Self::Plugin("its answer is too long".into()),
            status => Self::Plugin(format!("it failed with status {status}: {said}")),
        }
    }
}

impl From<PoolError> for CallFault {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Busy => Self::NotCalled("too many calls are waiting for it".into()),
            PoolError::TimedOut => Self::Plugin("it did not answer in time".into()),
            PoolError::Exhausted => {
                Self::NotCalled("too many of its calls never returned; restart the server".into())
            }
            PoolError::Failed => {
                Self::NotCalled("the call failed on this side of the boundary".into())
            }
        }
    }
}

#[derive(serde::Deserialize)]
struct ErrorBody {
    message: String,
}
