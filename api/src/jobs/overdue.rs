//! Marking what is overdue: whoever is to do it is told, once for each due day.

use chrono::NaiveDate;
use permanence_core::Code;
use serde_json::json;

use super::{PAGE, Report};
use crate::service::ServiceError;
use crate::service::follow_ups::{Origin, notice, subject};
use crate::service::policy::PanelDesk;
use crate::store::audit::audit_record_in_txn;
use crate::store::follow_up_codes::FollowUpKind;
use crate::store::follow_ups::{FollowUp, FollowUpFilter, follow_up_create_in_txn, follow_up_list};
use crate::store::ids::FollowUpId;
use crate::store::job_runs::{JobRun, job_run_claim_in_txn};
use crate::store::{Conn, Tx};

/// What can be overdue.
const KINDS: [FollowUpKind; 4] = [
    FollowUpKind::Action,
    FollowUpKind::Letter,
    FollowUpKind::Record,
    FollowUpKind::Distribution,
];

pub(super) async fn run(
    desk: &PanelDesk,
    as_of: NaiveDate,
    report: &mut Report,
) -> Result<(), ServiceError> {
    for kind in KINDS {
        let mut after: Option<(NaiveDate, FollowUpId)> = None;
        loop {
            let (council, scope) = (desk.by.council.clone(), desk.by.scope.clone());
            let page = desk
                .desk
                .store
                .list(async move |conn: &mut Conn| {
                    let filter = FollowUpFilter {
                        overdue_on: Some(as_of),
                        ..FollowUpFilter::default()
                    };
                    follow_up_list(
                        conn,
                        &council,
                        &scope,
                        kind,
                        &filter,
                        (after.as_ref(), i64::from(PAGE)),
                    )
                    .await
                })
                .await?;
            let full = page.len() == usize::from(PAGE);
            after = page.last().map(|last| (last.due_key, last.id));
            for follow_up in page {
                if mark(desk, follow_up, as_of).await? {
                    report.overdue += 1;
                }
            }
            if !full {
                break;
            }
        }
    }
    Ok(())
}

async fn mark(desk: &PanelDesk, late: FollowUp, as_of: NaiveDate) -> Result<bool, ServiceError> {
    let (Some(due_on), Ok(code)) = (late.due_on, Code::new("overdue")) else {
        return Ok(false);
    };
    let now = desk.desk.now();
    let by = desk.by.clone();
    let run = JobRun {
        job: "overdue",
        subject: format!("{}:{}", late.kind.as_str(), late.id),
        due_on,
        as_of,
        ran_at: now,
        outcome: "done",
        details: json!({ "followUpId": late.id }),
    };
    let work = async move |tx: &mut Tx| {
        if !job_run_claim_in_txn(tx, &by.council, &run).await? {
            return Ok::<_, ServiceError>(false);
        }
        let origin = Origin {
            case_id: late.case_id,
            booking_id: late.booking_id,
            sitting_id: late.sitting_id,
            decision_id: late.decision_id,
        };
        let about =
            json!({ "followUpId": late.id, "kind": late.kind, "code": late.code, "dueOn": due_on });
        let told = notice(
            code,
            late.responsible_role,
            due_on.succ_opt(),
            late.clauses,
            about,
        );
        let told = told.into_follow_up(origin, now);
        follow_up_create_in_txn(tx, &by.council, std::slice::from_ref(&told)).await?;
        let event = by.event(now, "runJobs", subject(&told), &told, None)?;
        audit_record_in_txn(tx, event);
        Ok(true)
    };
    desk.desk.store.write(work).await
}
