//! The queue of imports, after their requests were answered.
//!
//! Any process may work on it. An import is held by whoever touched it last; one that nobody has touched for a while was left
//! behind by a process that ended, and is begun again from the start: nothing is in twice.

use std::time::Duration;

use chrono::TimeDelta;
use permanence_core::CouncilCode;

use super::work::work_on;
use crate::service::Desk;
use crate::store::import_work::import_next;
use crate::store::imports::{Import, ImportStatus, import_update_in_txn};
use crate::store::{Conn, StoreError, Tx};

/// How long an import may lie untouched before another worker takes it over.
const LEFT_BEHIND_AFTER: TimeDelta = TimeDelta::seconds(60);

/// Works on imports as they come, for as long as the process runs.
pub async fn work_forever(desk: &Desk, every: Duration) {
    loop {
        work_through(desk).await;
        tokio::time::sleep(every).await;
    }
}

/// Works on imports until none waits.
pub async fn work_through(desk: &Desk) {
    loop {
        match claim(desk).await {
            Ok(Some((council, import))) => work_on(desk, council, import).await,
            Ok(None) => return,
            Err(cause) => {
                tracing::warn!(error = &cause as &dyn std::error::Error, "imports wait");
                return;
            }
        }
    }
}

/// Takes the next import, if one waits.
async fn claim(desk: &Desk) -> Result<Option<(CouncilCode, Import)>, StoreError> {
    // Who holds an import is a matter of real time, also where the service's clock stands still.
    let now = crate::clock::Clock::System.now();
    let waiting = desk
        .store
        .list(async move |conn: &mut Conn| import_next(conn, now - LEFT_BEHIND_AFTER).await)
        .await?;
    let Some((council, mut import)) = waiting else {
        return Ok(None);
    };
    import.status = ImportStatus::Running;
    import.updated_at = now;
    let own = council.clone();
    let claimed = desk
        .store
        .write(async move |tx: &mut Tx| import_update_in_txn(tx, &own, import).await)
        .await?;
    Ok(claimed.map(|import| (council, import)))
}
