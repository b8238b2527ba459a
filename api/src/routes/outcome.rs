//! From what a use case says to what the caller gets: problems, and answers that are given again.

use serde::Serialize;

use crate::http::{Created, Idempotency, IfMatch, Reply, StoredAnswer};
use crate::problem::{FieldError, Problem, ProblemCode};
use crate::service::cases::Admits;
use crate::service::{Acting, Fault, Made, Once, ServiceError};
use crate::store::StoreError;
use crate::store::idempotency::{Claim, FirstAnswer};

impl From<ServiceError> for Problem {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::NotFound => Self::not_found(),
            ServiceError::Stale => Self::version_conflict(),
            ServiceError::VersionNeeded => Self::new(
                ProblemCode::PreconditionRequired,
                "It is there already: send If-Match with its ETag to change it.",
            ),
            ServiceError::AlreadyExists(_) => {
                Self::new(ProblemCode::AlreadyExists, "There is one already.")
            }
            ServiceError::Conflict(why) => Self::new(ProblemCode::Conflict, why),
            ServiceError::Invalid(faults) => Self::invalid(faults.into_iter().map(field).collect()),
            ServiceError::Refused(faults) => {
                let detail = faults.first().map_or_else(
                    || "The council's policy does not allow this.".to_owned(),
                    |first| first.message.clone(),
                );
                Self::new(ProblemCode::RuleRefused, detail).with(faults.into_iter().map(field))
            }
            ServiceError::KeyReused => Self::new(
                ProblemCode::KeyReused,
                "This idempotency key came with another request before. Use a new key for a new request.",
            ),
            ServiceError::StillRunning => Self::new(
                ProblemCode::StillRunning,
                "Another request is in the way. Try again.",
            ),
            ServiceError::PluginFailed(cause) => {
                tracing::error!(%cause, "a plugin failed");
                Self::new(
                    ProblemCode::PluginFailed,
                    "The council's plugin failed; nothing was concluded in its place.",
                )
            }
            ServiceError::Unavailable(cause) => {
                tracing::error!(
                    error = &cause as &dyn std::error::Error,
                    "the store cannot be reached"
                );
                Self::new(ProblemCode::Unavailable, "The database does not answer.")
            }
            ServiceError::Internal(cause) => Self::internal(chain(&cause)),
        }
    }
}

/// A fault with all its sources, for the log.
fn chain(fault: &dyn std::error::Error) -> String {
    let mut text = fault.to_string();
    let mut source = fault.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

fn field(fault: Fault) -> FieldError {
    FieldError::body(fault.pointer, fault.code, fault.message)
        .citing(fault.clauses.into_iter().map(String::from))
}

/// What makes a creation happen once: the caller's key, if there is one, and the answer to keep under it.
pub(super) fn once<T: 'static, V: Serialize + 'static>(
    key: &Idempotency,
    by: &Acting,
    answer: impl FnOnce(&T) -> Reply<Created<V>> + Send + 'static,
) -> Once<T> {
    let Some(claim) = key.claim() else {
        return Once::unkeyed();
    };
    let claim = Claim {
        council: by.council.clone(),
        caller: claim.caller,
        operation: claim.operation,
        key: claim.key,
        request_hash: claim.digest.to_vec(),
    };
    Once::keyed(claim, move |made| {
        let stored = answer(made)
            .and_then(|created| created.stored())
            .map_err(|_| {
                ServiceError::Internal(StoreError::Corrupt("an answer cannot be written as JSON"))
            })?;
        Ok(FirstAnswer {
            status: 201,
            body: stored.body.to_string(),
            location: Some(stored.location),
            etag: stored.etag,
        })
    })
}

/// The answer to a creation: of what was made now, or the one that was kept.
pub(super) fn created<T, V: Serialize>(
    made: Made<T>,
    answer: impl FnOnce(&T) -> Reply<Created<V>>,
) -> Reply<Created<V>> {
    match made {
        Made::New(thing) => answer(&thing),
        Made::Again(first) => Ok(Created::replay(StoredAnswer {
            location: first.location.unwrap_or_default(),
            etag: first.etag,
            body: serde_json::from_str(&first.body).map_err(Problem::internal)?,
        })),
    }
}

/// Whether the caller means a version, as the use cases ask it.
pub(super) fn admits(version: IfMatch) -> Admits {
    Box::new(move |current| version.admits(current).is_ok())
}
