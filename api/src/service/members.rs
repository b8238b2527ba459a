//! The members of a panel: who holds which post, from when to when.

use chrono::NaiveDate;
use permanence_core::Code;
use permanence_core::rulebook::Panel;

use super::cases::Admits;
use super::pages::{one_more, page};
use super::policy::PanelDesk;
use super::{Fault, Made, Once, ServiceError, Subject};
use crate::store::audit::audit_record_in_txn;
use crate::store::ids::PanelMemberId;
use crate::store::panel_members::{
    MemberFilter, PanelMember, panel_member_create_in_txn, panel_member_get, panel_member_list,
    panel_member_update_in_txn,
};
use crate::store::{Conn, Tx};

/// Somebody who is appointed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appointment {
    /// The panel; the first of the council where none is named.
    pub panel: Option<Code>,
    /// The post.
    pub role: Code,
    /// The person's name.
    pub name: String,
    /// The person, by the council's own id.
    pub person_ref: Option<String>,
    /// The post for whose holder the person stands in.
    pub substitute_for: Option<Code>,
    /// The first day; today where it is not said.
    pub from_on: Option<NaiveDate>,
    /// The last day.
    pub to_on: Option<NaiveDate>,
    /// Anything to add.
    pub note: Option<String>,
}

/// What is to change in a term.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MemberChange {
    /// The person's name.
    pub name: Option<String>,
    /// The person, by the council's own id.
    pub person_ref: Option<Option<String>>,
    /// The first day.
    pub from_on: Option<NaiveDate>,
    /// The last day.
    pub to_on: Option<Option<NaiveDate>>,
    /// Anything to add.
    pub note: Option<Option<String>>,
}

/// Appoints somebody to a post of a panel.
///
/// # Errors
/// [`ServiceError::Invalid`] when the panel, or the post on it, is not in the council's policy, or the term ends before it
/// begins.
pub async fn appoint(
    desk: &PanelDesk,
    new: Appointment,
    once: Once<PanelMember>,
) -> Result<Made<PanelMember>, ServiceError> {
    let now = desk.desk.now();
    let planned = plan(desk, new);
    let by = desk.by.clone();
    let work = async move |tx: &mut Tx| {
        once.run_in_txn(tx, now, async |tx| {
            let member = planned?;
            panel_member_create_in_txn(tx, &by.council, &member).await?;
            let event = by.event(now, "appointMember", subject(&member), &member, None)?;
            audit_record_in_txn(tx, event);
            Ok(member)
        })
        .await
    };
    desk.desk.store.write(work).await
}

fn plan(desk: &PanelDesk, new: Appointment) -> Result<PanelMember, ServiceError> {
    let (now, today) = (desk.desk.now(), desk.desk.today());
    let from_on = new.from_on.unwrap_or(today);
    // A post is looked up in the policy under which the term begins.
    let panel = desk.panel(from_on, new.panel.as_ref().map(Code::as_str))?;
    let mut faults = Vec::new();
    faults.extend(no_post(panel, "/role", &new.role));
    if let Some(role) = &new.substitute_for {
        faults.extend(no_post(panel, "/substituteFor", role));
    }
    faults.extend(ends_early(from_on, new.to_on));
    if !faults.is_empty() {
        return Err(ServiceError::Invalid(faults));
    }
    Ok(PanelMember {
        id: PanelMemberId::generate(),
        panel: panel.code.clone(),
        role: new.role,
        name: new.name,
        person_ref: new.person_ref,
        substitute_for: new.substitute_for,
        from_on,
        to_on: new.to_on,
        note: new.note,
        version: 1,
        created_at: now,
        updated_at: now,
    })
}

fn no_post(panel: &Panel, pointer: &str, role: &Code) -> Option<Fault> {
    let there = panel.members.iter().any(|post| post.role == *role);
    (!there).then(|| Fault::new(pointer, "unknown_code", "The panel has no such post."))
}

fn ends_early(from_on: NaiveDate, to_on: Option<NaiveDate>) -> Option<Fault> {
    let early = to_on.is_some_and(|to_on| to_on < from_on);
    early.then(|| {
        Fault::new(
            "/toOn",
            "before_its_start",
            "It is before the term's first day.",
        )
    })
}

/// Reads a member.
///
/// # Errors
/// [`ServiceError::NotFound`].
pub async fn get(desk: &PanelDesk, id: PanelMemberId) -> Result<PanelMember, ServiceError> {
    let council = &desk.by.council;
    let found = desk
        .desk
        .store
        .read(async |conn: &mut Conn| panel_member_get(conn, council, id).await)
        .await?;
    found.ok_or(ServiceError::NotFound)
}

/// Lists members; the second part is where the next page begins, if there is one.
///
/// # Errors
/// Those of the store.
pub async fn list(
    desk: &PanelDesk,
    filter: MemberFilter,
    after: Option<PanelMemberId>,
    limit: u16,
) -> Result<(Vec<PanelMember>, Option<PanelMemberId>), ServiceError> {
    let council = desk.by.council.clone();
    let members = desk
        .desk
        .store
        .list(async move |conn: &mut Conn| {
            panel_member_list(conn, &council, &filter, after, one_more(limit)).await
        })
        .await?;
    Ok(page(members, limit, |member| member.id))
}

/// Changes a term: its end, or what was written down wrong.
///
/// # Errors
/// [`ServiceError::NotFound`], [`ServiceError::Stale`], [`ServiceError::Invalid`] when the term ends before it begins.
pub async fn update(
    desk: &PanelDesk,
    id: PanelMemberId,
    admits: Admits,
    change: MemberChange,
) -> Result<PanelMember, ServiceError> {
    let (now, by) = (desk.desk.now(), desk.by.clone());
    let work = async move |tx: &mut Tx| {
        let before = panel_member_get(tx, &by.council, id)
            .await?
            .ok_or(ServiceError::NotFound)?;
        if !admits(before.version) {
            return Err(ServiceError::Stale);
        }
        let after = changed(before.clone(), change);
        if let Some(fault) = ends_early(after.from_on, after.to_on) {
            return Err(ServiceError::Invalid(vec![fault]));
        }
        if after == before {
            return Ok(before);
        }
        let after = PanelMember {
            updated_at: now,
            ..after
        };
        let after = panel_member_update_in_txn(tx, &by.council, after)
            .await?
            .ok_or(ServiceError::Stale)?;
        let event = by.event(now, "updateMember", subject(&after), &after, None)?;
        audit_record_in_txn(tx, event);
        Ok(after)
    };
    desk.desk.store.write(work).await
}

fn changed(member: PanelMember, change: MemberChange) -> PanelMember {
    PanelMember {
        name: change.name.unwrap_or(member.name),
        person_ref: change.person_ref.unwrap_or(member.person_ref),
        from_on: change.from_on.unwrap_or(member.from_on),
        to_on: change.to_on.unwrap_or(member.to_on),
        note: change.note.unwrap_or(member.note),
        ..member
    }
}

/// A member in the audit.
#[must_use]
pub fn subject(member: &PanelMember) -> Subject {
    Subject {
        kind: "panel_member",
        id: member.id.untyped(),
        version: member.version,
        case_id: None,
    }
}
