//! An item of a panel's list: a booking with everything that its council's policy is asked about.

use chrono::NaiveDate;
use permanence_core::facts::FactValue;
use permanence_core::rulebook::Policy;
use permanence_core::{Code, CouncilCode};
use serde_json::Value;

use super::ServiceError;
use super::booking_lists::decisions_of;
use super::children::{Child, child_load};
use super::fact_sheet::{FactSheet, code_list, local, record};
use crate::store::attendance::{Attendance, attendance_list_of_sitting};
use crate::store::bookings::{Booking, BookingStatus, booking_get, booking_list_of_sitting};
use crate::store::cases::CaseScope;
use crate::store::follow_up_codes::FollowUpKind;
use crate::store::follow_ups::{FollowUp, follow_up_list_of_booking};
use crate::store::ids::{BookingId, DecisionId};
use crate::store::legal_advice::{LegalAdvice, legal_advice_list_of_booking};
use crate::store::paperwork::{Paper, paper_list_of_booking};
use crate::store::sittings::{Sitting, SittingSession, sitting_get};
use crate::store::{Conn, StoreError};

/// A booking with everything around it.
#[derive(Debug, Clone)]
pub struct Item {
    /// The booking.
    pub booking: Booking,
    /// The decision on it.
    pub decision_id: Option<DecisionId>,
    /// The sitting that it is booked on.
    pub sitting: Sitting,
    /// The child.
    pub child: Child,
    /// The papers that came in.
    pub papers: Vec<Paper>,
    /// The legal advice on it.
    pub advice: Vec<LegalAdvice>,
    /// Everybody at the sitting.
    pub attendance: Vec<Attendance>,
    /// The other bookings of the sitting.
    pub others: Vec<Booking>,
    /// What somebody was told of it.
    pub notices: Vec<FollowUp>,
}

/// An item, if the caller may see its case.
///
/// # Errors
/// Whatever the database says.
pub async fn item_load(
    conn: &mut Conn,
    council: &CouncilCode,
    scope: &CaseScope,
    id: BookingId,
) -> Result<Option<Item>, StoreError> {
    let Some(booking) = booking_get(conn, council, id).await? else {
        return Ok(None);
    };
    let Some(child) = child_load(conn, council, scope, booking.case_id).await? else {
        return Ok(None);
    };
    let decision_id = decisions_of(conn, council, [&booking]).await?.remove(&id);
    let sitting = sitting_get(conn, council, booking.sitting_id)
        .await?
        .ok_or(StoreError::Corrupt("a booking without its sitting"))?;
    let papers = paper_list_of_booking(conn, council, id).await?;
    let advice = legal_advice_list_of_booking(conn, council, id).await?;
    let attendance = attendance_list_of_sitting(conn, council, sitting.id).await?;
    let mut others = booking_list_of_sitting(conn, council, sitting.id).await?;
    others.retain(|other| other.id != id);
    let mut notices = follow_up_list_of_booking(conn, council, id).await?;
    notices.retain(|follow_up| follow_up.kind == FollowUpKind::Notice);
    Ok(Some(Item {
        booking,
        decision_id,
        sitting,
        child,
        papers,
        advice,
        attendance,
        others,
        notices,
    }))
}

impl Item {
    /// The part of the sitting that hears it.
    #[must_use]
    pub fn session(&self) -> Option<&SittingSession> {
        let code = self.booking.session.as_ref()?;
        self.sitting
            .sessions
            .iter()
            .find(|session| session.session == *code)
    }

    /// The role that is to chair it.
    #[must_use]
    pub fn chair_role(&self) -> Option<&Code> {
        self.session()
            .and_then(|session| session.chair_role.as_ref())
            .or(self.sitting.chair_role.as_ref())
    }

    /// The role that was in the chair, as recorded with the attendance.
    #[must_use]
    pub fn chaired_by(&self) -> Option<Code> {
        chaired_by(&self.sitting, self.booking.session.as_ref())
    }

    /// Those who were there for it.
    pub fn attended(&self) -> impl Iterator<Item = &Attendance> {
        self.attendance
            .iter()
            .filter(|entry| entry.booking_id.is_none_or(|id| id == self.booking.id))
    }

    /// What is known of it as of a day.
    ///
    /// # Errors
    /// Those of [`Child::facts`].
    pub fn facts(&self, policy: &Policy, as_of: NaiveDate) -> Result<FactSheet, ServiceError> {
        let (booking, sitting) = (&self.booking, &self.sitting);
        let mut sheet = FactSheet::from(self.child.facts(policy.dictionary(), as_of)?);
        sheet.read(&booking.facts, policy.dictionary());
        let status = match booking.status {
            BookingStatus::RemovedFromList => "removed_from_list",
            _ => "listed",
        };
        sheet
            .code("request_type", Some(&booking.request_type))
            .code("session", booking.session.as_ref())
            .code("panel", Some(&sitting.panel))
            .day("panel_date", Some(sitting.held_on))
            .time("starts_at", booking.slot_starts_at.or(sitting.starts_at))
            .time("slot_starts_at", booking.slot_starts_at)
            .time("slot_ends_at", booking.slot_ends_at)
            .day("booked_on", Some(booking.booked_on))
            .code(
                "requested_by",
                Code::new(booking.booked_by.clone()).ok().as_ref(),
            )
            .code("item_status", Code::new(status).ok().as_ref())
            .answer("maintained_by_chair", Some(booking.maintained_by_chair))
            .set(
                "documents",
                Some(FactValue::List(self.papers.iter().map(document).collect())),
            )
            .set(
                "taken_slots",
                Some(FactValue::List(self.taken_slots().collect())),
            );
        let contents: Vec<Code> = self
            .papers
            .iter()
            .flat_map(|paper| paper.contents.clone())
            .collect();
        if !contents.is_empty() {
            sheet.set("contents", Some(code_list(&contents)));
        }
        if !self.attendance.is_empty() {
            let present = FactValue::List(self.attended().map(present).collect());
            sheet
                .set("present", Some(present.clone()))
                .set("attended", Some(present));
            sheet.code("chair", self.chaired_by().as_ref());
        }
        if let Some(advice) = self.advice.last() {
            let how = &advice.details;
            sheet
                .code("legal_advice", how.kind.as_ref())
                .code("given_by", Some(&advice.given_by))
                .day("given_on", Some(advice.given_on))
                .text("exceptional_reason", how.exceptional_reason.as_deref())
                .day("legal_advice_confirmed_on", how.confirmed_on);
        }
        Ok(sheet)
    }

    fn taken_slots(&self) -> impl Iterator<Item = FactValue> {
        self.others
            .iter()
            .filter(|other| {
                other.status == BookingStatus::Listed && other.session == self.booking.session
            })
            .chain(std::iter::once(&self.booking))
            .filter_map(|booking| {
                let start = booking.slot_starts_at?;
                Some(record([
                    ("starts_at", Some(FactValue::Time(start))),
                    ("ends_at", booking.slot_ends_at.map(FactValue::Time)),
                ]))
            })
    }
}

/// The role that was in the chair of a sitting, or of one of its sessions.
#[must_use]
pub fn chaired_by(sitting: &Sitting, session: Option<&Code>) -> Option<Code> {
    let chairs = sitting.details.get("chairs");
    let own = session.and_then(|session| chairs?.get(session.as_str())?.as_str());
    let all = sitting.details.get("chair").and_then(Value::as_str);
    own.or(all).and_then(|text| Code::new(text).ok())
}

fn document(paper: &Paper) -> FactValue {
    let at = local(paper.received_at);
    record([
        ("document", Some(FactValue::Code(paper.document.clone()))),
        ("received_on", at.as_date().map(FactValue::Date)),
        ("received_at", Some(at)),
        ("approved_by", Some(code_list(&paper.approvals))),
        ("contents", Some(code_list(&paper.contents))),
    ])
}

/// Somebody's presence as a fact.
#[must_use]
pub fn present(entry: &Attendance) -> FactValue {
    let grade = |name: &str| {
        let grade = entry.details.get(name).and_then(Value::as_str);
        grade.map(|grade| FactValue::Text(grade.to_owned()))
    };
    record([
        ("role", Some(FactValue::Code(entry.role.clone()))),
        (
            "attendance_type",
            Code::new(entry.capacity.as_str()).ok().map(FactValue::Code),
        ),
        (
            "substitute_for",
            entry.substitute_for.clone().map(FactValue::Code),
        ),
        ("mode", entry.mode.clone().map(FactValue::Code)),
        ("grade", grade("grade")),
        ("member_grade", grade("memberGrade")),
    ])
}
