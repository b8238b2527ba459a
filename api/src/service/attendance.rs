//! Who was at a sitting, and whether that is a quorum.

use permanence_core::facts::FactValue;
use permanence_core::{Answer, Capability, Code, Facts};
use serde_json::{Map, Value, json};

use super::cases::Admits;
use super::codes::known_code;
use super::fact_sheet::FactSheet;
use super::items::{chaired_by, present};
use super::policy::{PanelDesk, refuse_blocked};
use super::sittings::{get as sitting, subject as sitting_subject};
use super::{Fault, ServiceError, Subject};
use crate::store::attendance::{
    Attendance, Capacity, attendance_list_of_sitting, attendance_replace_in_txn,
};
use crate::store::audit::audit_record_in_txn;
use crate::store::bookings::{Booking, BookingStatus, booking_list_of_sitting};
use crate::store::ids::{AttendanceId, BookingId, PanelMemberId, SittingId};
use crate::store::panel_members::panel_member_get;
use crate::store::sittings::{Sitting, SittingStatus, sitting_lock_in_txn, sitting_update_in_txn};
use crate::store::{Conn, Tx};

/// Somebody who was there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Present {
    /// Their role.
    pub role: Code,
    /// In which capacity.
    pub capacity: Capacity,
    /// How they took part.
    pub mode: Option<Code>,
    /// The person, by the council's own id.
    pub person_ref: Option<String>,
    /// Who of the panel's members they are.
    pub member_id: Option<PanelMemberId>,
    /// The role that they stood in for.
    pub substitute_for: Option<Code>,
    /// The grade of whoever stood in.
    pub grade: Option<String>,
    /// The grade of the member they stood in for.
    pub member_grade: Option<String>,
    /// The one item that they came for.
    pub booking_id: Option<BookingId>,
}

/// Who was at a sitting.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AttendanceList {
    /// Everybody.
    pub present: Vec<Present>,
    /// Who was in the chair.
    pub chair: Option<Code>,
    /// Who was in the chair of a session, where that was somebody else.
    pub session_chairs: Vec<(Code, Code)>,
}

/// A sitting with who was there and what the policy says of it.
#[derive(Debug, Clone)]
pub struct Attended {
    /// The sitting.
    pub sitting: Sitting,
    /// Everybody who was there.
    pub attendance: Vec<Attendance>,
    /// The answer on the quorum, for each session in which an item stands; once where there are no sessions.
    pub quorum: Vec<(Option<Code>, Answer)>,
}

/// Records who is, or was, at a sitting: the whole list. On and after its day the sitting counts as held.
///
/// # Errors
/// [`ServiceError::NotFound`], [`ServiceError::Stale`], [`ServiceError::Conflict`] when it is cancelled,
/// [`ServiceError::Invalid`] for a role or an item that is not there.
pub async fn record(
    desk: &PanelDesk,
    id: SittingId,
    admits: Admits,
    list: AttendanceList,
) -> Result<Attended, ServiceError> {
    let before = sitting(desk, id).await?;
    if !admits(before.version) {
        return Err(ServiceError::Stale);
    }
    if matches!(
        before.status,
        SittingStatus::Cancelled | SittingStatus::Skipped
    ) {
        return Err(ServiceError::Conflict(
            "The sitting does not take place.".into(),
        ));
    }
    check(desk, &before, &list)?;
    let (now, today) = (desk.desk.now(), desk.desk.today());
    let attendance: Vec<Attendance> = list.present.iter().map(|one| entry(one, id, now)).collect();
    let mut after = before.clone();
    after.details = details(after.details, &list);
    // Who may not stand in for somebody is not taken down as standing in.
    let there: Vec<&Attendance> = attendance.iter().collect();
    let asked = quorum_facts(&after, None, &there).into_facts();
    let answer = desk
        .ask(Capability::Quorum, after.held_on.min(today), asked)
        .await?;
    refuse_blocked([&answer], "/present")?;
    after.updated_at = now;
    if after.held_on <= today {
        after.status = SittingStatus::Held;
    }
    let by = desk.by.clone();
    let work = async move |tx: &mut Tx| {
        sitting_lock_in_txn(tx, &by.council, id).await?;
        let bookings = booking_list_of_sitting(tx, &by.council, id).await?;
        let strange = attendance.iter().enumerate().filter(|(_, entry)| {
            entry
                .booking_id
                .is_some_and(|booking| !bookings.iter().any(|own| own.id == booking))
        });
        let mut faults: Vec<Fault> = strange
            .map(|(index, _)| {
                Fault::new(
                    format!("/present/{index}/bookingId"),
                    "not_found",
                    "The sitting has no such item.",
                )
            })
            .collect();
        let mut attendance = attendance;
        faults.extend(members(tx, &by.council, &before, &mut attendance).await?);
        if !faults.is_empty() {
            return Err(ServiceError::Invalid(faults));
        }
        let changed = sitting_update_in_txn(tx, &by.council, after)
            .await?
            .ok_or(ServiceError::Stale)?;
        attendance_replace_in_txn(tx, &by.council, id, &attendance).await?;
        let mut events = vec![by.event(
            now,
            "recordAttendance",
            sitting_subject(&changed),
            &changed,
            None,
        )?];
        for booking in bookings.iter().filter(|booking| is_heard(booking)) {
            // The attendance of an item belongs to the history of its case.
            let there: Vec<&Attendance> = attendance
                .iter()
                .filter(|entry| entry.booking_id.is_none_or(|own| own == booking.id))
                .collect();
            let document = json!({ "sittingId": id, "bookingId": booking.id, "attendance": there });
            let subject = Subject {
                kind: "attendance",
                id: booking.id.untyped(),
                version: changed.version,
                case_id: Some(booking.case_id),
            };
            events.push(by.event(now, "recordAttendance", subject, &document, None)?);
        }
        for event in events {
            audit_record_in_txn(tx, event);
        }
        Ok((changed, attendance, bookings))
    };
    let (sitting, attendance, bookings) = desk.desk.store.write(work).await?;
    let quorum = quorum(desk, &sitting, &attendance, &bookings).await?;
    Ok(Attended {
        sitting,
        attendance,
        quorum,
    })
}

/// Takes the person of a member from the appointment, and finds whoever holds no such post on the sitting's day.
async fn members(
    tx: &mut Tx,
    council: &permanence_core::CouncilCode,
    sitting: &Sitting,
    attendance: &mut [Attendance],
) -> Result<Vec<Fault>, ServiceError> {
    let mut faults = Vec::new();
    for (index, entry) in attendance.iter_mut().enumerate() {
        let Some(id) = entry.member_id() else {
            continue;
        };
        let pointer = format!("/present/{index}/memberId");
        match panel_member_get(tx, council, id).await? {
            Some(member) if member.panel == sitting.panel && member.role == entry.role => {
                let gone = member.to_on.is_some_and(|last| last < sitting.held_on);
                if gone || member.from_on > sitting.held_on {
                    let message = "The member is not in office on the sitting's day.";
                    faults.push(Fault::new(pointer, "not_in_office", message));
                }
                entry.person_ref = entry.person_ref.take().or(member.person_ref);
            }
            _ => {
                let message = "The panel has no such member in this role.";
                faults.push(Fault::new(pointer, "not_found", message));
            }
        }
    }
    Ok(faults)
}

fn is_heard(booking: &Booking) -> bool {
    matches!(
        booking.status,
        BookingStatus::Listed | BookingStatus::Decided
    )
}

fn check(desk: &PanelDesk, sitting: &Sitting, list: &AttendanceList) -> Result<(), ServiceError> {
    let policy = desk.policy(sitting.held_on)?;
    for (index, one) in list.present.iter().enumerate() {
        known_code(
            policy,
            "roles",
            &format!("/present/{index}/role"),
            &one.role,
        )?;
        if let Some(role) = &one.substitute_for {
            known_code(
                policy,
                "roles",
                &format!("/present/{index}/substituteFor"),
                role,
            )?;
        }
        for (name, grade) in [("grade", &one.grade), ("memberGrade", &one.member_grade)] {
            if grade.is_none() {
                continue;
            }
            let entry = json!([{ "role": one.role, (name): grade }]);
            let asked = Map::from_iter([("present".to_owned(), entry)]);
            if Facts::read(&asked, policy.dictionary()).is_err() {
                return Err(ServiceError::invalid(
                    format!("/present/{index}/{name}"),
                    "unknown_fact",
                    "The council's policy does not look at grades.",
                ));
            }
        }
        if let Some(mode) = &one.mode {
            known_code(
                policy,
                "attendance_modes",
                &format!("/present/{index}/mode"),
                mode,
            )?;
        }
    }
    if let Some(chair) = &list.chair {
        known_code(policy, "roles", "/chair", chair)?;
    }
    for (index, (session, chair)) in list.session_chairs.iter().enumerate() {
        known_code(
            policy,
            "roles",
            &format!("/sessionChairs/{index}/chair"),
            chair,
        )?;
        if !sitting.sessions.iter().any(|own| own.session == *session) {
            let pointer = format!("/sessionChairs/{index}/session");
            return Err(ServiceError::invalid(
                pointer,
                "unknown_code",
                "The sitting has no session of this code.",
            ));
        }
    }
    Ok(())
}

fn entry(one: &Present, sitting_id: SittingId, now: chrono::DateTime<chrono::Utc>) -> Attendance {
    Attendance {
        id: AttendanceId::generate(),
        sitting_id,
        booking_id: one.booking_id,
        role: one.role.clone(),
        mode: one.mode.clone(),
        capacity: one.capacity,
        person_ref: one.person_ref.clone(),
        substitute_for: one.substitute_for.clone(),
        details: json!({
            "grade": one.grade,
            "memberGrade": one.member_grade,
            "memberId": one.member_id,
        }),
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

fn details(before: Value, list: &AttendanceList) -> Value {
    let mut members = match before {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    let chairs: Map<String, Value> = list
        .session_chairs
        .iter()
        .map(|(session, chair)| (session.to_string(), chair.to_string().into()))
        .collect();
    members.insert("chair".into(), json!(list.chair));
    members.insert("chairs".into(), Value::Object(chairs));
    Value::Object(members)
}

/// A sitting with who was there.
///
/// # Errors
/// [`ServiceError::NotFound`], or when the policy gives no answer.
pub async fn of_sitting(desk: &PanelDesk, id: SittingId) -> Result<Attended, ServiceError> {
    let sitting = sitting(desk, id).await?;
    let council = &desk.by.council;
    let (attendance, bookings) = desk
        .desk
        .store
        .read(async |conn: &mut Conn| {
            let attendance = attendance_list_of_sitting(conn, council, id).await?;
            let bookings = booking_list_of_sitting(conn, council, id).await?;
            Ok::<_, ServiceError>((attendance, bookings))
        })
        .await?;
    let quorum = quorum(desk, &sitting, &attendance, &bookings).await?;
    Ok(Attended {
        sitting,
        attendance,
        quorum,
    })
}

/// Asks whether those present are a quorum: for each session with items, or once. Nobody recorded, nothing asked.
async fn quorum(
    desk: &PanelDesk,
    sitting: &Sitting,
    attendance: &[Attendance],
    bookings: &[Booking],
) -> Result<Vec<(Option<Code>, Answer)>, ServiceError> {
    if attendance.is_empty() {
        return Ok(Vec::new());
    }
    let mut sessions: Vec<Option<Code>> = Vec::new();
    for booking in bookings.iter().filter(|booking| is_heard(booking)) {
        if !sessions.contains(&booking.session) {
            sessions.push(booking.session.clone());
        }
    }
    if sessions.is_empty() {
        sessions.push(None);
    }
    let as_of = sitting.held_on.min(desk.desk.today());
    let mut answers = Vec::new();
    for session in sessions {
        let of_session = |entry: &&Attendance| {
            entry.booking_id.is_none_or(|id| {
                bookings
                    .iter()
                    .any(|booking| booking.id == id && booking.session == session)
            })
        };
        let there: Vec<&Attendance> = attendance.iter().filter(of_session).collect();
        let facts = quorum_facts(sitting, session.as_ref(), &there);
        answers.push((
            session,
            desk.ask(Capability::Quorum, as_of, facts.into_facts())
                .await?,
        ));
    }
    Ok(answers)
}

/// What the policy is asked about a quorum.
#[must_use]
pub fn quorum_facts(sitting: &Sitting, session: Option<&Code>, there: &[&Attendance]) -> FactSheet {
    let present = FactValue::List(there.iter().map(|entry| present(entry)).collect());
    let mut sheet = FactSheet::default();
    sheet
        .code("panel", Some(&sitting.panel))
        .day("panel_date", Some(sitting.held_on))
        .code("session", session)
        .code("chair", chaired_by(sitting, session).as_ref())
        .set("present", Some(present.clone()))
        .set("attended", Some(present));
    sheet
}
