//! Attendance: who was at a sitting, by role, and at which items.
//!
//! Table `attendance`. The whole list of a sitting is recorded at once; what it was before is in the audit.

use chrono::{DateTime, Utc};
use diesel::{ExpressionMethods as _, QueryDsl as _, SelectableHelper as _};
use permanence_core::{Code, CouncilCode};
use serde::{Deserialize, Serialize};

use super::columns::code;
use super::conn::on;
use super::ids::{AttendanceId, BookingId, PanelMemberId, SittingId};
use super::schema::attendance;
use super::{Conn, Document, Moment, StoreError, Tx};

/// In which capacity somebody attends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Capacity {
    /// Sits on the panel.
    Member,
    /// Sent in place of a member.
    Substitute,
    /// Brings a case.
    Presenter,
    /// Watches.
    Observer,
}

impl Capacity {
    /// The code as it is written everywhere.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Substitute => "substitute",
            Self::Presenter => "presenter",
            Self::Observer => "observer",
        }
    }

    fn parse(text: &str) -> Result<Self, StoreError> {
        match text {
            "member" => Ok(Self::Member),
            "substitute" => Ok(Self::Substitute),
            "presenter" => Ok(Self::Presenter),
            "observer" => Ok(Self::Observer),
            _ => Err(StoreError::Corrupt("a capacity")),
        }
    }
}

/// Somebody's attendance at a sitting. Its JSON form is what the audit keeps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attendance {
    /// Its id.
    pub id: AttendanceId,
    /// The sitting.
    pub sitting_id: SittingId,
    /// The one item that they came for; all items where there is none.
    pub booking_id: Option<BookingId>,
    /// Their role.
    pub role: Code,
    /// How they took part.
    pub mode: Option<Code>,
    /// In which capacity.
    pub capacity: Capacity,
    /// The person, by the council's own id.
    pub person_ref: Option<String>,
    /// The role that they stood in for.
    pub substitute_for: Option<Code>,
    /// What else is recorded.
    pub details: serde_json::Value,
    /// Counts its changes, from 1.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Attendance {
    /// Who of the panel's members it is, where that was said.
    #[must_use]
    pub fn member_id(&self) -> Option<PanelMemberId> {
        self.details.get("memberId")?.as_str()?.parse().ok()
    }
}

#[derive(diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = attendance, treat_none_as_null = true, primary_key(council, id))]
struct AttendanceRow {
    council: String,
    id: AttendanceId,
    sitting_id: SittingId,
    booking_id: Option<BookingId>,
    role: String,
    mode: Option<String>,
    capacity: String,
    person_ref: Option<String>,
    substitute_for: Option<String>,
    details: Document,
    version: i64,
    created_at: Moment,
    updated_at: Moment,
}

/// Everybody who was at a sitting, in the order of the list.
///
/// # Errors
/// Whatever the database says.
pub async fn attendance_list_of_sitting(
    conn: &mut Conn,
    council: &CouncilCode,
    sitting_id: SittingId,
) -> Result<Vec<Attendance>, StoreError> {
    let rows: Vec<AttendanceRow> = on!(
        conn,
        load(
            attendance::table
                .filter(attendance::council.eq(council.as_str()))
                .filter(attendance::sitting_id.eq(sitting_id))
                .order(attendance::id.asc())
                .select(AttendanceRow::as_select())
        )
    )?;
    rows.into_iter().map(Attendance::try_from).collect()
}

/// Replaces the list of a sitting; locks must be held by the caller.
///
/// # Errors
/// [`StoreError::MissingReference`] when a booking is not there, or whatever the database says.
pub async fn attendance_replace_in_txn(
    tx: &mut Tx,
    council: &CouncilCode,
    sitting_id: SittingId,
    list: &[Attendance],
) -> Result<(), StoreError> {
    let old = attendance::table
        .filter(attendance::council.eq(council.as_str()))
        .filter(attendance::sitting_id.eq(sitting_id));
    on!(tx, execute(diesel::delete(old)))?;
    let rows: Vec<AttendanceRow> = list
        .iter()
        .map(|entry| AttendanceRow::of(council, entry))
        .collect::<Result<_, _>>()?;
    if !rows.is_empty() {
        on!(
            tx,
            execute(diesel::insert_into(attendance::table).values(&rows))
        )?;
    }
    Ok(())
}

impl AttendanceRow {
    fn of(council: &CouncilCode, attendance: &Attendance) -> Result<Self, StoreError> {
        Ok(Self {
            council: council.to_string(),
            id: attendance.id,
            sitting_id: attendance.sitting_id,
            booking_id: attendance.booking_id,
            role: attendance.role.to_string(),
            mode: attendance.mode.as_ref().map(Code::to_string),
            capacity: attendance.capacity.as_str().to_owned(),
            person_ref: attendance.person_ref.clone(),
            substitute_for: attendance.substitute_for.as_ref().map(Code::to_string),
            details: Document::of(&attendance.details)?,
            version: attendance.version,
            created_at: Moment::new(attendance.created_at),
            updated_at: Moment::new(attendance.updated_at),
        })
    }
}

impl TryFrom<AttendanceRow> for Attendance {
    type Error = StoreError;

    fn try_from(row: AttendanceRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            sitting_id: row.sitting_id,
            booking_id: row.booking_id,
            role: code(row.role)?,
            mode: row.mode.map(code).transpose()?,
            capacity: Capacity::parse(&row.capacity)?,
            person_ref: row.person_ref,
            substitute_for: row.substitute_for.map(code).transpose()?,
            details: row.details.read()?,
            version: row.version,
            created_at: row.created_at.utc(),
            updated_at: row.updated_at.utc(),
        })
    }
}
