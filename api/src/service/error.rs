//! What can come of a use case besides its answer.

use permanence_core::ClauseId;

use crate::store::StoreError;
use crate::store::ids::AnyId;

/// One fault in what the caller sent; it never repeats what was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where in the body, as a JSON Pointer.
    pub pointer: String,
    /// What is wrong, for programs.
    pub code: String,
    /// What is wrong, for people.
    pub message: String,
    /// The clauses that say so, where it is a rule of the council.
    pub clauses: Vec<ClauseId>,
}

impl Fault {
    /// A fault at this place.
    pub fn new(
        pointer: impl Into<String>,
        code: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            pointer: pointer.into(),
            code: code.into(),
            message: message.into(),
            clauses: Vec::new(),
        }
    }

    /// Names the clauses that say so.
    #[must_use]
    pub fn citing(mut self, clauses: impl IntoIterator<Item = ClauseId>) -> Self {
        self.clauses.extend(clauses);
        self
    }
}

/// Why a use case has no answer.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// It is not there, or not for this caller: the two are told apart by nothing.
    #[error("not there")]
    NotFound,
    /// Somebody else changed it since the caller read it.
    #[error("changed meanwhile")]
    Stale,
    /// It is there already, and a change must name its version.
    #[error("a change must name its version")]
    VersionNeeded,
    /// Another has the same key; its id, if the caller may see it.
    #[error("there is one already")]
    AlreadyExists(Option<AnyId>),
    /// The state of the thing does not allow it; why, for people.
    #[error("{0}")]
    Conflict(String),
    /// What was sent breaks rules.
    #[error("{} faults in what was sent", .0.len())]
    Invalid(Vec<Fault>),
    /// The council's policy forbids it.
    #[error("{} rules of the council forbid it", .0.len())]
    Refused(Vec<Fault>),
    /// The idempotency key was used for something else.
    #[error("the key was used for something else")]
    KeyReused,
    /// The same request is being worked on.
    #[error("the same request is being worked on")]
    StillRunning,
    /// The council's plugin failed, and nothing was concluded in its place.
    #[error("the council's plugin failed: {0}")]
    PluginFailed(String),
    /// The database cannot be reached.
    #[error("the store cannot be reached")]
    Unavailable(#[source] StoreError),
    /// Anything else: a fault of ours.
    #[error("the store failed")]
    Internal(#[source] StoreError),
}

impl ServiceError {
    /// The same with every place in the body below another: for what was sent as a part of something else.
    #[must_use]
    pub fn below(mut self, base: &str) -> Self {
        if let Self::Invalid(faults) | Self::Refused(faults) = &mut self {
            for fault in faults.iter_mut().filter(|fault| !fault.pointer.is_empty()) {
                fault.pointer.insert_str(0, base);
            }
        }
        self
    }

    /// One fault in what was sent.
    pub fn invalid(
        pointer: impl Into<String>,
        code: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self::Invalid(vec![Fault::new(pointer, code, message)])
    }
}

impl From<StoreError> for ServiceError {
    fn from(fault: StoreError) -> Self {
        match fault {
            StoreError::Duplicate(_) => Self::AlreadyExists(None),
            StoreError::Busy(_) => Self::StillRunning,
            StoreError::Unavailable(_) | StoreError::SchemaBehind(_) => Self::Unavailable(fault),
            StoreError::MissingReference(_)
            | StoreError::Document(_)
            | StoreError::Corrupt(_)
            | StoreError::Io(_)
            | StoreError::Abandoned
            | StoreError::Database(_) => Self::Internal(fault),
        }
    }
}
