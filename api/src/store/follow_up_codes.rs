//! What kinds of follow-ups there are, and how they stand.

use serde::{Deserialize, Serialize};

use super::StoreError;

/// What kind of thing is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FollowUpKind {
    /// Something to do.
    Action,
    /// A letter to send.
    Letter,
    /// A record to make in the case system.
    Record,
    /// Something to hand round.
    Distribution,
    /// Something that somebody is told.
    Notice,
}

impl FollowUpKind {
    /// The code as it is written everywhere.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Action => "action",
            Self::Letter => "letter",
            Self::Record => "record",
            Self::Distribution => "distribution",
            Self::Notice => "notice",
        }
    }

    pub(super) fn parse(text: &str) -> Result<Self, StoreError> {
        match text {
            "action" => Ok(Self::Action),
            "letter" => Ok(Self::Letter),
            "record" => Ok(Self::Record),
            "distribution" => Ok(Self::Distribution),
            "notice" => Ok(Self::Notice),
            _ => Err(StoreError::Corrupt("a follow-up's kind")),
        }
    }
}

/// Whether it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FollowUpStatus {
    /// It is not.
    Open,
    /// It is.
    Completed,
    /// It fell away.
    Cancelled,
}

impl FollowUpStatus {
    /// The code as it is written everywhere.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
        }
    }

    pub(super) fn parse(text: &str) -> Result<Self, StoreError> {
        match text {
            "open" => Ok(Self::Open),
            "completed" => Ok(Self::Completed),
            "cancelled" => Ok(Self::Cancelled),
            _ => Err(StoreError::Corrupt("a follow-up's status")),
        }
    }
}
