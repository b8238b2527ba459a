//! What can go wrong in the store.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

/// A fault of the store; "not there" is an `Option` and no fault.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A row with the same unique key exists.
    #[error("a row with the same key exists")]
    Duplicate(#[source] DieselError),
    /// A row that this one points to is not there.
    #[error("a row that this one points to is not there")]
    MissingReference(#[source] DieselError),
    /// Another transaction held what this one needs for too long.
    #[error("another transaction is in the way")]
    Busy(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The database could not be reached.
    #[error("the database cannot be reached")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The database's tables are not those of this version of the program.
    #[error("{0}")]
    SchemaBehind(String),
    /// A stored document does not have the shape that its column promises.
    #[error("a stored document has another shape than expected")]
    Document(#[from] serde_json::Error),
    /// A stored value breaks a rule of its type.
    #[error("a stored value is outside its type: {0}")]
    Corrupt(&'static str),
    /// The file system refused.
    #[error("the file system refused")]
    Io(#[from] std::io::Error),
    /// The transaction was given up before its end, and nothing of it was kept.
    #[error("the transaction was given up")]
    Abandoned,
    /// Anything else that the database says.
    #[error("the database refused")]
    Database(#[source] DieselError),
}

impl StoreError {
    /// A fault of a connection that could not be made or has gone.
    pub(crate) fn unavailable(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Unavailable(cause.into())
    }
}

impl From<DieselError> for StoreError {
    fn from(fault: DieselError) -> Self {
        let DieselError::DatabaseError(kind, info) = &fault else {
            return Self::Database(fault);
        };
        match kind {
            DatabaseErrorKind::UniqueViolation => Self::Duplicate(fault),
            DatabaseErrorKind::ForeignKeyViolation => Self::MissingReference(fault),
            DatabaseErrorKind::SerializationFailure => Self::Busy(fault.into()),
            DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand => {
                Self::unavailable(fault)
            }
            _ if is_lock_timeout(info.message()) => Self::Busy(fault.into()),
            _ => Self::Database(fault),
        }
    }
}

/// Neither driver gives a code for "waited too long for a lock", so their fixed texts are compared.
fn is_lock_timeout(message: &str) -> bool {
    message.contains("due to lock timeout")
        || message.contains("deadlock detected")
        || message == "database is locked"
}
