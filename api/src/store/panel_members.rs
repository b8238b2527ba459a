//! Who holds which post on a panel, and from when to when.
//!
//! Table `panel_members`. A term that ended stays; what was changed in it is in the audit.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, OptionalExtension as _, QueryDsl as _,
    SelectableHelper as _,
};
use permanence_core::{Code, CouncilCode};
use serde::{Deserialize, Serialize};

use super::columns::code;
use super::conn::on;
use super::ids::PanelMemberId;
use super::keyed::{keep_changed, page_by_id, row_by_id};
use super::prepared::Prepared;
use super::schema::panel_members;
use super::{Conn, Moment, StoreError, Tx};

/// A member of staff in a post of a panel. Its JSON form is what the audit keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PanelMember {
    /// Its id.
    pub id: PanelMemberId,
    /// The panel.
    pub panel: Code,
    /// The post.
    pub role: Code,
    /// The person's name.
    pub name: String,
    /// The person, by the council's own id.
    pub person_ref: Option<String>,
    /// The post for whose holder the person stands in.
    pub substitute_for: Option<Code>,
    /// The first day.
    pub from_on: NaiveDate,
    /// The last day; none while it goes on.
    pub to_on: Option<NaiveDate>,
    /// Anything to add.
    pub note: Option<String>,
    /// Counts its changes, from 1.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// Which members; what is empty does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MemberFilter {
    /// Of this panel.
    pub panel: Option<Code>,
    /// In any of these posts.
    pub roles: Vec<Code>,
    /// In office on this day.
    pub on: Option<NaiveDate>,
}

#[derive(diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = panel_members, treat_none_as_null = true, primary_key(council, id))]
struct PanelMemberRow {
    council: String,
    id: PanelMemberId,
    panel: String,
    role: String,
    name: String,
    person_ref: Option<String>,
    substitute_for: Option<String>,
    from_on: NaiveDate,
    to_on: Option<NaiveDate>,
    note: Option<String>,
    version: i64,
    created_at: Moment,
    updated_at: Moment,
}

/// Keeps a new member.
///
/// # Errors
/// Whatever the database says.
pub async fn panel_member_create_in_txn(
    tx: &mut Tx,
    council: &CouncilCode,
    member: &PanelMember,
) -> Result<(), StoreError> {
    let row = PanelMemberRow::of(council, member);
    on!(
        tx,
        execute(Prepared(
            diesel::insert_into(panel_members::table).values(&row)
        ))
    )?;
    Ok(())
}

/// The member with this id.
///
/// # Errors
/// Whatever the database says.
pub async fn panel_member_get(
    conn: &mut Conn,
    council: &CouncilCode,
    id: PanelMemberId,
) -> Result<Option<PanelMember>, StoreError> {
    let row = row_by_id!(conn, panel_members, PanelMemberRow, council, id);
    row.map(PanelMember::try_from).transpose()
}

/// Keeps a changed member whose `version` is still the stored one; gives it with its next version, or none if somebody else
/// was faster.
///
/// # Errors
/// Whatever the database says.
pub async fn panel_member_update_in_txn(
    tx: &mut Tx,
    council: &CouncilCode,
    member: PanelMember,
) -> Result<Option<PanelMember>, StoreError> {
    let kept =
        keep_changed!(tx, panel_members, council, member => PanelMemberRow::of(council, &member));
    Ok(kept)
}

/// Lists members in the order of their appointment.
///
/// # Errors
/// Whatever the database says.
pub async fn panel_member_list(
    conn: &mut Conn,
    council: &CouncilCode,
    filter: &MemberFilter,
    after: Option<PanelMemberId>,
    limit: i64,
) -> Result<Vec<PanelMember>, StoreError> {
    use panel_members::dsl;
    let roles: Vec<&str> = filter.roles.iter().map(Code::as_str).collect();
    let rows: Vec<PanelMemberRow> = on!(
        conn,
        load({
            let mut query = page_by_id!(panel_members, PanelMemberRow, council, after, limit);
            if let Some(panel) = &filter.panel {
                query = query.filter(dsl::panel.eq(panel.as_str()));
            }
            if !roles.is_empty() {
                query = query.filter(dsl::role.eq_any(&roles));
            }
            if let Some(day) = filter.on {
                query = query
                    .filter(dsl::from_on.le(day))
                    .filter(dsl::to_on.is_null().or(dsl::to_on.ge(day)));
            }
            query
        })
    )?;
    rows.into_iter().map(PanelMember::try_from).collect()
}

impl PanelMemberRow {
    fn of(council: &CouncilCode, member: &PanelMember) -> Self {
        Self {
            council: council.to_string(),
            id: member.id,
            panel: member.panel.to_string(),
            role: member.role.to_string(),
            name: member.name.clone(),
            person_ref: member.person_ref.clone(),
            substitute_for: member.substitute_for.as_ref().map(Code::to_string),
            from_on: member.from_on,
            to_on: member.to_on,
            note: member.note.clone(),
            version: member.version,
            created_at: Moment::new(member.created_at),
            updated_at: Moment::new(member.updated_at),
        }
    }
}

impl TryFrom<PanelMemberRow> for PanelMember {
    type Error = StoreError;

    fn try_from(row: PanelMemberRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            panel: code(row.panel)?,
            role: code(row.role)?,
            name: row.name,
            person_ref: row.person_ref,
            substitute_for: row.substitute_for.map(code).transpose()?,
            from_on: row.from_on,
            to_on: row.to_on,
            note: row.note,
            version: row.version,
            created_at: row.created_at.utc(),
            updated_at: row.updated_at.utc(),
        })
    }
}
