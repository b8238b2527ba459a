//! An item of a panel's list: a booking with everything that its council's policy is asked about.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use permanence_core::facts::FactValue;
use permanence_core::rulebook::Policy;
use permanence_core::{Answer, Capability, Code, CouncilCode, Facts, Finding};
use serde_json::Value;

use super::ServiceError;
use super::booking_lists::decisions_of;
use super::children::{Child, child_load};
use super::codes::{given_code, listed_codes};
use super::days::{NamedDay, is_late, named_days, papers_due};
use super::fact_sheet::{FactSheet, code_list, local, record};
use super::policy::PanelDesk;
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

/// What the policy says of an item as of a day.
#[derive(Debug, Clone)]
pub struct Judgement {
    /// The day.
    pub as_of: NaiveDate,
    /// The edition that judged.
    pub edition: String,
    /// Each paper with where it stands.
    pub checklist: Vec<ChecklistEntry>,
    /// Whether nothing that is required is missing.
    pub papers_complete: bool,
    /// Every date of the item.
    pub dates: Vec<NamedDay>,
    /// Where the policy puts it on the list; none where it does not say.
    pub item_status: Option<Code>,
    /// What the paperwork rules answered.
    pub paperwork: Answer,
    /// What the booking rules answered.
    pub booking: Answer,
    /// All findings.
    pub findings: Vec<Finding>,
    /// What the policy is silent on.
    pub silent: Vec<String>,
}

/// A paper on the checklist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChecklistEntry {
    /// What it is; alternatives joined by `|`.
    pub document: Code,
    /// Whether it must be there.
    pub required: bool,
    /// When it came in.
    pub received_at: Option<DateTime<Utc>>,
    /// Whether it came later than papers are due.
    pub late: bool,
    /// Who approved it.
    pub approvals: Vec<Code>,
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

    /// Asks the policy about it as of a day.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn judge(
        &self,
        desk: &PanelDesk,
        as_of: NaiveDate,
    ) -> Result<Judgement, ServiceError> {
        let policy = desk.policy(as_of)?;
        let mut facts = self.facts(policy, as_of)?;
        let mut paperwork = desk
            .ask(Capability::Paperwork, as_of, facts.clone().into_facts())
            .await?;
        let missing = listed_codes(&paperwork, "missingDocuments");
        let all_in = missing.as_ref().is_some_and(Vec::is_empty);
        if let (true, Some(last)) = (
            all_in,
            self.papers.iter().map(|paper| paper.received_at).max(),
        ) {
            // "When the papers came" is when the last one did, and is not known before.
            facts.moment("submitted_at", Some(last));
            paperwork = desk
                .ask(Capability::Paperwork, as_of, facts.clone().into_facts())
                .await?;
        }
        let facts: Facts = facts.into_facts();
        let booking = desk.ask(Capability::Booking, as_of, facts.clone()).await?;
        let after = desk.ask(Capability::FollowUp, as_of, facts).await?;
        let panel = policy.panel(Some(self.sitting.panel.as_str()));
        let mut dates: Vec<NamedDay> = Vec::new();
        let own = panel.and_then(|panel| papers_due(panel, self.sitting.held_on));
        for day in [&paperwork, &booking, &after]
            .into_iter()
            .flat_map(named_days)
            .chain(own)
        {
            if !dates
                .iter()
                .any(|known| known.name == day.name && known.on == day.on)
            {
                dates.push(day);
            }
        }
        dates.sort_by(|one, other| (one.on, &one.name).cmp(&(other.on, &other.name)));
        let late = |at| panel.is_some_and(|panel| is_late(panel, self.sitting.held_on, at));
        let mut silent: Vec<String> = Vec::new();
        for topic in paperwork.silent.iter().chain(&booking.silent) {
            if !silent.contains(topic) {
                silent.push(topic.clone());
            }
        }
        Ok(Judgement {
            as_of,
            edition: paperwork.edition.clone(),
            checklist: self.checklist(&paperwork, late),
            papers_complete: all_in,
            dates,
            item_status: given_code(&paperwork, "itemStatus"),
            findings: paperwork
                .findings
                .iter()
                .chain(&booking.findings)
                .cloned()
                .collect(),
            silent,
            paperwork,
            booking,
        })
    }

    fn checklist(
        &self,
        answer: &Answer,
        late: impl Fn(DateTime<Utc>) -> bool,
    ) -> Vec<ChecklistEntry> {
        let missing = listed_codes(answer, "missingDocuments").unwrap_or_default();
        let optional = listed_codes(answer, "optionalMissing").unwrap_or_default();
        let required = listed_codes(answer, "requiredDocuments").unwrap_or_default();
        let mut documents: Vec<Code> = Vec::new();
        let mut seen = BTreeSet::new();
        let received = self.papers.iter().map(|paper| &paper.document);
        let asked = || required.iter().chain(&missing);
        // A paper that is one of an entry's alternatives stands there, and is no entry of its own.
        let received = received.filter(|paper| !asked().any(|entry| serves(paper, entry)));
        for code in asked().chain(received).chain(&optional) {
            if seen.insert(code.clone()) {
                documents.push(code.clone());
            }
        }
        documents
            .into_iter()
            .map(|document| {
                let paper = self
                    .papers
                    .iter()
                    .rev()
                    .find(|paper| serves(&paper.document, &document));
                ChecklistEntry {
                    required: required.contains(&document) || missing.contains(&document),
                    received_at: paper.map(|paper| paper.received_at),
                    late: paper.is_some_and(|paper| late(paper.received_at)),
                    approvals: paper
                        .map(|paper| paper.approvals.clone())
                        .unwrap_or_default(),
                    document,
                }
            })
            .collect()
    }
}

/// Whether a paper is what an entry of the checklist asks for, or one of its alternatives.
fn serves(paper: &Code, entry: &Code) -> bool {
    entry.as_str().split('|').any(|one| one == paper.as_str())
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
