//! Who works on which import: one is taken from the queue and touched while it is worked on.
//!
//! A worker holds an import by touching it: one that nobody has touched for a while is taken over.

use chrono::{DateTime, Utc};
use diesel::{BoolExpressionMethods as _, ExpressionMethods as _, QueryDsl as _};
use permanence_core::CouncilCode;

use super::conn::on;
use super::ids::ImportId;
use super::imports::{Import, ImportStatus, import_get};
use super::schema::imports;
use super::{Conn, Document, Moment, StoreError, Tx};

/// The import that a worker may begin or take over: the oldest one that waits, or that nobody has touched since
/// `untouched_since`. There is none while another import of the same council is being worked on.
///
/// # Errors
/// Whatever the database says.
pub async fn import_next(
    conn: &mut Conn,
    untouched_since: DateTime<Utc>,
) -> Result<Option<(CouncilCode, Import)>, StoreError> {
    let since = Moment::new(untouched_since);
    let open: Vec<(String, ImportId, String, Moment)> = on!(
        conn,
        load(
            imports::table
                .filter(
                    imports::status
                        .eq(ImportStatus::Queued.as_str())
                        .or(imports::status.eq(ImportStatus::Running.as_str()))
                )
                .order((imports::council.asc(), imports::id.asc()))
                .limit(1_000)
                .select((
                    imports::council,
                    imports::id,
                    imports::status,
                    imports::updated_at
                ))
        )
    )?;
    let held: Vec<&String> = open
        .iter()
        .filter(|(_, _, status, at)| status == ImportStatus::Running.as_str() && *at > since)
        .map(|(council, ..)| council)
        .collect();
    let Some((council, id, ..)) = open.iter().find(|(council, ..)| !held.contains(&council)) else {
        return Ok(None);
    };
    let council = CouncilCode::new(council.clone())
        .map_err(|_| StoreError::Corrupt("an import belongs to no council"))?;
    let import = import_get(conn, &council, *id).await?;
    Ok(import.map(|import| (council, import)))
}

/// Writes how far an import is, without its files; tells whether its worker still holds it.
///
/// # Errors
/// Whatever the database says.
pub async fn import_touch_in_txn(
    tx: &mut Tx,
    council: &CouncilCode,
    import: &mut Import,
) -> Result<bool, StoreError> {
    let stored = imports::table
        .find((council.as_str(), import.id))
        .filter(imports::version.eq(import.version));
    let change = (
        imports::version.eq(import.version + 1),
        imports::progress.eq(Document(import.progress.clone())),
        imports::updated_at.eq(Moment::new(import.updated_at)),
    );
    let count = on!(tx, execute(diesel::update(stored).set(change)))?;
    import.version += 1;
    Ok(count == 1)
}
