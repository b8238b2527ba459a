//! What happens by itself once its day has come: reminders, papers to the chair, items that come off the list, overdue marks;
//! and keys that are forgotten once their time is over.
//!
//! `permanence jobs run` does it all for a day, and may run as often as one likes, in several processes at once: each thing
//! claims its row in the transaction of its effect, so it happens once. What is due, and when, is the council's policy alone.

mod items;
mod overdue;

use chrono::NaiveDate;
use permanence_core::CouncilCode;

use crate::service::policy::PanelDesk;
use crate::service::{Acting, Desk, ServiceError};
use crate::store::Tx;
use crate::store::audit::Actor;
use crate::store::cases::CaseScope;
use crate::store::idempotency::idempotency_forget_in_txn;

/// Whom the audit names for what jobs do.
pub const ACTOR: &str = "system:jobs";

/// How many rows a job reads at once.
const PAGE: u16 = 200;

/// What jobs did for one council.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// The council.
    pub council: String,
    /// Reminders and other notices of a booking that went out.
    pub notices: usize,
    /// Items that came off their list.
    pub removals: usize,
    /// Items whose papers went to the chair.
    pub papers_sent: usize,
    /// Things that were marked as overdue.
    pub overdue: usize,
    /// Things that somebody else was changing meanwhile; the next run sees to them.
    pub left: usize,
    /// Idempotency keys past their time that were forgotten.
    pub forgotten: usize,
}

/// Does everything that is due up to a day, for one council or for all.
///
/// # Errors
/// When a council has no answer or the store fails; what was done before stays done.
pub async fn run(
    desk: &Desk,
    as_of: NaiveDate,
    only: Option<&CouncilCode>,
) -> Result<Vec<Report>, ServiceError> {
    let mut reports = Vec::new();
    for council in desk.councils.iter() {
        if only.is_some_and(|only| only != council.code()) {
            continue;
        }
        let panel = PanelDesk {
            desk: desk.clone(),
            by: acting(council.code()),
            council: council.clone(),
        };
        let mut report = Report {
            council: council.code().to_string(),
            ..Report::default()
        };
        items::run(&panel, as_of, &mut report).await?;
        overdue::run(&panel, as_of, &mut report).await?;
        report.forgotten = forget_keys(&panel).await?;
        reports.push(report);
    }
    Ok(reports)
}

/// Forgets idempotency keys whose time is over. The day asked about does not matter to them: the clock does.
async fn forget_keys(desk: &PanelDesk) -> Result<usize, ServiceError> {
    let (council, now) = (desk.by.council.clone(), desk.desk.now());
    let work = async move |tx: &mut Tx| Ok(idempotency_forget_in_txn(tx, &council, now).await?);
    desk.desk.store.write(work).await
}

fn acting(council: &CouncilCode) -> Acting {
    Acting {
        council: council.clone(),
        actor: Actor {
            id: ACTOR.to_owned(),
            role: None,
        },
        scope: CaseScope::all(),
        request_id: None,
    }
}
