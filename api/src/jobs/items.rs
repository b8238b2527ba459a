//! What is due of items: notices of their bookings, papers to the chair, and coming off the list.

use chrono::NaiveDate;
use permanence_core::{Answer, ClauseId, Code};
use serde_json::{Map, Value, json};

use super::{PAGE, Report};
use crate::service::ServiceError;
use crate::service::arising::results_by_clause;
use crate::service::bookings::subject as booking_subject;
use crate::service::days::NamedDay;
use crate::service::follow_ups::{Draft, Origin, notice, subject};
use crate::service::item_judgement::Judgement;
use crate::service::items::{Item, item_load};
use crate::service::policy::PanelDesk;
use crate::store::audit::audit_record_in_txn;
use crate::store::bookings::{BookingStatus, booking_get, booking_list_due, booking_update_in_txn};
use crate::store::follow_ups::{FollowUp, follow_up_create_in_txn};
use crate::store::ids::BookingId;
use crate::store::job_runs::{JobRun, job_run_claim_in_txn};
use crate::store::{Conn, Tx};

/// Days of an item on which somebody is told something, by the names of the answers, with the notice's code.
const NOTICES: [(&str, &str); 3] = [
    ("reminderOn", "reminder"),
    ("bookingEmailOn", "booking_email"),
    ("sendToChairOn", "papers_to_chair"),
];

/// One thing that is due of an item.
struct Due {
    job: &'static str,
    on: NaiveDate,
    removes: bool,
    notices: Vec<Draft>,
}

pub(super) async fn run(
    desk: &PanelDesk,
    as_of: NaiveDate,
    report: &mut Report,
) -> Result<(), ServiceError> {
    let mut after: Option<BookingId> = None;
    loop {
        let council = desk.by.council.clone();
        let page = desk
            .desk
            .store
            .list(async move |conn: &mut Conn| {
                booking_list_due(conn, &council, as_of, after, i64::from(PAGE)).await
            })
            .await?;
        let full = page.len() == usize::from(PAGE);
        after = page.last().map(|booking| booking.id);
        for booking in page {
            one(desk, booking.id, as_of, report).await?;
        }
        if !full {
            return Ok(());
        }
    }
}

async fn one(
    desk: &PanelDesk,
    id: BookingId,
    as_of: NaiveDate,
    report: &mut Report,
) -> Result<(), ServiceError> {
    // A removal changes what else is due, so what is left is looked at again after each.
    for _ in 0..=NOTICES.len() {
        let (council, scope) = (&desk.by.council, &desk.by.scope);
        let found = desk
            .desk
            .store
            .read(async |conn: &mut Conn| item_load(conn, council, scope, id).await)
            .await?;
        let Some(item) = found else { return Ok(()) };
        let judgement = item.judge(desk, as_of).await?;
        let mut again = false;
        for due in due(&item, &judgement) {
            let removes = due.removes;
            match carry_out(desk, &item, due, as_of).await {
                Ok(Some(job)) => {
                    match job {
                        "removal" => report.removals += 1,
                        "papers_to_chair" => report.papers_sent += 1,
                        _ => report.notices += 1,
                    }
                    again = removes;
                }
                Ok(None) => {}
                Err(ServiceError::Stale | ServiceError::StillRunning) => report.left += 1,
                Err(other) => return Err(other),
            }
            if again {
                break;
            }
        }
        if !again {
            return Ok(());
        }
    }
    Ok(())
}

/// What is due of an item as of the day it was judged on.
fn due(item: &Item, judgement: &Judgement) -> Vec<Due> {
    let booking = &item.booking;
    if booking.status != BookingStatus::Listed {
        return Vec::new();
    }
    let off = judgement
        .item_status
        .as_ref()
        .is_some_and(|status| *status == "removed_from_list");
    if off && !booking.maintained_by_chair {
        return vec![removal(item, judgement)];
    }
    let mut due = Vec::new();
    for (name, job) in NOTICES {
        let days = judgement
            .dates
            .iter()
            .filter(|day| day.name == name && day.on <= judgement.as_of);
        due.extend(days.filter_map(|day| telling(day, job, judgement)));
    }
    due
}

fn telling(day: &NamedDay, job: &'static str, judgement: &Judgement) -> Option<Due> {
    let mut about = Map::new();
    for answer in [&judgement.paperwork, &judgement.booking] {
        for (clause, results) in results_by_clause(answer) {
            if day.clauses.contains(&clause) {
                about.extend(results);
            }
        }
    }
    let to = about.get("sentTo").map(roles).unwrap_or_default();
    let code = Code::new(job).ok()?;
    let draft = |to| {
        notice(
            code.clone(),
            to,
            Some(day.on),
            day.clauses.clone(),
            Value::Object(about.clone()),
        )
    };
    let notices = match to.is_empty() {
        true => vec![draft(None)],
        false => to.into_iter().map(|role| draft(Some(role))).collect(),
    };
    Some(Due {
        job,
        on: day.on,
        removes: false,
        notices,
    })
}

fn removal(item: &Item, judgement: &Judgement) -> Due {
    let answer = &judgement.paperwork;
    let clauses = cited(answer, "itemStatus", "removed_from_list");
    let told = answer
        .results
        .get("notifications")
        .map(roles)
        .unwrap_or_default();
    let papers_due = judgement
        .dates
        .iter()
        .find(|day| day.name.starts_with("paperworkDue"))
        .map(|day| day.on);
    let missing = answer
        .results
        .get("missingDocuments")
        .cloned()
        .unwrap_or(Value::Null);
    let about = json!({ "missingDocuments": missing, "heldOn": item.sitting.held_on });
    let notices = told
        .into_iter()
        .filter_map(|role| {
            let code = Code::new("removed_from_list").ok()?;
            Some(notice(
                code,
                Some(role),
                Some(judgement.as_of),
                clauses.clone(),
                about.clone(),
            ))
        })
        .collect();
    Due {
        job: "removal",
        on: papers_due.unwrap_or(item.sitting.held_on),
        removes: true,
        notices,
    }
}

/// The clauses that give a result this value.
fn cited(answer: &Answer, name: &str, value: &str) -> Vec<ClauseId> {
    let own: Vec<ClauseId> = results_by_clause(answer)
        .into_iter()
        .filter(|(_, results)| results.get(name).and_then(Value::as_str) == Some(value))
        .map(|(clause, _)| clause)
        .collect();
    if own.is_empty() {
        answer.because.get(name).cloned().unwrap_or_default()
    } else {
        own
    }
}

/// The roles that a list names: plainly, or as whom something goes to.
fn roles(list: &Value) -> Vec<Code> {
    let role = |entry: &Value| {
        let named = entry.as_str().or_else(|| {
            ["to", "role", "recipient"]
                .iter()
                .find_map(|member| entry.get(member).and_then(Value::as_str))
        });
        named.and_then(|text| Code::new(text).ok())
    };
    match list {
        Value::Array(entries) => entries.iter().filter_map(role).collect(),
        other => role(other).into_iter().collect(),
    }
}

/// Does what is due, once; gives the job if this was the time.
async fn carry_out(
    desk: &PanelDesk,
    item: &Item,
    due: Due,
    as_of: NaiveDate,
) -> Result<Option<&'static str>, ServiceError> {
    let now = desk.desk.now();
    let by = desk.by.clone();
    let (id, version) = (item.booking.id, item.booking.version);
    let origin = Origin {
        case_id: Some(item.booking.case_id),
        booking_id: Some(id),
        sitting_id: Some(item.sitting.id),
        decision_id: None,
    };
    // On another sitting the same things are due again.
    let run = JobRun {
        job: due.job,
        subject: format!("booking:{id}:{}", item.sitting.id),
        due_on: due.on,
        as_of,
        ran_at: now,
        outcome: "done",
        details: json!({ "bookingId": id, "sittingId": item.sitting.id }),
    };
    let work = async move |tx: &mut Tx| {
        if !job_run_claim_in_txn(tx, &by.council, &run).await? {
            return Ok(None);
        }
        let mut booking = booking_get(tx, &by.council, id)
            .await?
            .ok_or(ServiceError::NotFound)?;
        if booking.version != version {
            return Err(ServiceError::Stale);
        }
        let mut events = Vec::new();
        if due.removes {
            booking.status = BookingStatus::RemovedFromList;
            booking.status_reason = Some("papers_missing".into());
            booking.updated_at = now;
            let booking = booking_update_in_txn(tx, &by.council, booking)
                .await?
                .ok_or(ServiceError::Stale)?;
            events.push(by.event(now, "runJobs", booking_subject(&booking), &booking, None)?);
        }
        let notices: Vec<FollowUp> = due
            .notices
            .into_iter()
            .map(|draft| draft.into_follow_up(origin, now))
            .collect();
        follow_up_create_in_txn(tx, &by.council, &notices).await?;
        for notice in &notices {
            events.push(by.event(now, "runJobs", subject(notice), notice, None)?);
        }
        for event in events {
            audit_record_in_txn(tx, event);
        }
        Ok(Some(due.job))
    };
    desk.desk.store.write(work).await
}
