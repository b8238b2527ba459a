//! Ids of stored things: UUIDv7, one type for each kind of thing, so that a booking's id is no case's id.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use super::types::Uid;

/// The id of a thing of kind `K`.
///
/// A new id is later than every id made before it, so a list in the order of ids is in the order of creation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Uid)]
pub struct Id<K> {
    raw: Uuid,
    kind: PhantomData<K>,
}

impl<K> Id<K> {
    /// An id that no other thing has.
    #[must_use]
    pub fn generate() -> Self {
        Self::from(Uuid::now_v7())
    }

    /// The id as a plain UUID, for the wire.
    #[must_use]
    pub fn as_uuid(&self) -> &Uuid {
        &self.raw
    }

    /// The id without its kind, for records about things of any kind.
    #[must_use]
    pub fn untyped(self) -> AnyId {
        AnyId::from(self.raw)
    }
}

impl<K> From<Uuid> for Id<K> {
    fn from(raw: Uuid) -> Self {
        Self {
            raw,
            kind: PhantomData,
        }
    }
}

impl<K> From<Id<K>> for Uuid {
    fn from(id: Id<K>) -> Self {
        id.raw
    }
}

impl<K> FromStr for Id<K> {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, uuid::Error> {
        Uuid::parse_str(text).map(Self::from)
    }
}

impl<K> fmt::Display for Id<K> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.raw.fmt(out)
    }
}

impl<K> fmt::Debug for Id<K> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.raw.fmt(out)
    }
}

impl<K> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.raw.serialize(to)
    }
}

impl<'de, K> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Uuid::deserialize(from).map(Self::from)
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident, $id:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $kind {}
        #[doc = concat!("The id of a thing of kind [`", stringify!($kind), "`].")]
        pub type $id = Id<$kind>;
    )*};
}

kinds! {
    /// A thing of any kind.
    AnyKind, AnyId;
    /// A child's case.
    CaseKind, CaseId;
    /// Something that happened in a child's care.
    CareEventKind, CareEventId;
    /// A sitting of a panel.
    SittingKind, SittingId;
    /// A case brought to a sitting.
    BookingKind, BookingId;
    /// A paper handed in for a booking.
    PaperworkKind, PaperworkId;
    /// Somebody's attendance at a sitting.
    AttendanceKind, AttendanceId;
    /// Legal advice on a case.
    LegalAdviceKind, LegalAdviceId;
    /// A decision.
    DecisionKind, DecisionId;
    /// Something to be done after a decision or a sitting.
    FollowUpKind, FollowUpId;
    /// A form that was handed in.
    FormSubmissionKind, FormSubmissionId;
    /// A member of staff in a post of a panel.
    PanelMemberKind, PanelMemberId;
    /// A child's entry on a tracker.
    TrackerEntryKind, TrackerEntryId;
    /// A report on a child who waits too long.
    ExceptionReportKind, ExceptionReportId;
    /// An import of a return.
    ImportKind, ImportId;
    /// One run of a job on one subject.
    JobRunKind, JobRunId;
    /// A journal of reads.
    JournalKind, JournalId;
    /// An entry of the audit.
    AuditEventKind, AuditEventId;
}
