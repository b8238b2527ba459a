//! The chain of a council's audit events: each holds the hash of the one before.

use diesel::pg::Pg;
use diesel::query_builder::{QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Binary, Nullable, Text};
use diesel::{ExpressionMethods as _, OptionalExtension as _, QueryDsl as _};
use permanence_core::CouncilCode;
use sha2::{Digest as _, Sha256};

use super::audit::{Actor, AuditEvent, AuditHead, Event};
use super::conn::on;
use super::ids::{AnyId, AuditEventId, CaseId};
use super::prepared::Prepared;
use super::schema::{audit_events, audit_heads};
use super::types::{Stamp, Uid};
use super::{Conn, Moment, StoreError, Tx};

#[derive(diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = audit_events)]
pub(super) struct AuditRow {
    council: String,
    pub(super) seq: i64,
    id: AuditEventId,
    occurred_at: Moment,
    actor: String,
    actor_role: Option<String>,
    operation: String,
    subject_kind: String,
    subject_id: Option<AnyId>,
    subject_version: Option<i64>,
    case_id: Option<CaseId>,
    document: Option<String>,
    why: Option<String>,
    request_id: Option<String>,
    pub(super) prev_hash: Vec<u8>,
    pub(super) hash: Vec<u8>,
}

/// Appends what a transaction recorded, in its order; from here to the commit, other writers of these councils wait.
///
/// # Errors
/// Whatever the database says.
pub(super) async fn append_recorded_in_txn(tx: &mut Tx) -> Result<(), StoreError> {
    let mut events = std::mem::take(&mut tx.recorded);
    // Where there are several councils, every transaction takes them in the same order.
    events.sort_by(|one, other| one.council.cmp(&other.council));
    while let Some(first) = events.first() {
        let council = first.council.clone();
        let others = events.partition_point(|event| event.council == council);
        let later = events.split_off(others);
        append_in_txn(tx, &council, events).await?;
        events = later;
    }
    Ok(())
}

async fn append_in_txn(
    tx: &mut Tx,
    council: &CouncilCode,
    events: Vec<Event>,
) -> Result<(), StoreError> {
    let count = i64::try_from(events.len()).map_err(|_| StoreError::Corrupt("too many events"))?;
    let head = advance_head(tx, council, count).await?;
    let mut hash = head.hash;
    let mut rows = Vec::with_capacity(events.len());
    for (event, seq) in events.into_iter().zip(head.seq - count + 1..) {
        let row = AuditRow::chained(event, seq, hash)?;
        hash = row.hash.clone();
        rows.push(row);
    }
    let council = council.as_str();
    let end =
        Prepared(diesel::update(audit_heads::table.find(council)).set(audit_heads::hash.eq(&hash)));
    match tx.either() {
        Conn::Pg(shared) => {
            // Others wait for this: both statements travel together. Reads come in hundreds: as columns they are parsed and
            // planned once, as values of one statement each time anew.
            let (mut one, mut other) = (shared.diesel(), shared.diesel());
            let insert = Prepared(Columns::of(rows).insert());
            let inserted = diesel_async::RunQueryDsl::execute(insert, &mut one);
            let moved = diesel_async::RunQueryDsl::execute(end, &mut other);
            futures_util::future::try_join(inserted, moved).await?;
        }
        Conn::Sqlite(sqlite) => {
            for row in &rows {
                let insert = Prepared(diesel::insert_into(audit_events::table).values(row));
                diesel::RunQueryDsl::execute(insert, &mut **sqlite)?;
            }
            diesel::RunQueryDsl::execute(end, &mut **sqlite)?;
        }
    }
    Ok(())
}

/// Moves the head on and locks it; gives its new place with the hash before.
async fn advance_head(
    tx: &mut Tx,
    council: &CouncilCode,
    by: i64,
) -> Result<AuditHead, StoreError> {
    let council = council.as_str();
    for _ in 0..2 {
        let moved: Option<(i64, Vec<u8>)> = on!(
            tx,
            get_result(Prepared(
                diesel::update(audit_heads::table.find(council))
                    .set(audit_heads::seq.eq(audit_heads::seq + by))
                    .returning((audit_heads::seq, audit_heads::hash))
            ))
        )
        .optional()?;
        if let Some((seq, hash)) = moved {
            return Ok(AuditHead { seq, hash });
        }
        let first = (
            audit_heads::council.eq(council),
            audit_heads::seq.eq(0),
            audit_heads::hash.eq(GENESIS.as_slice()),
        );
        on!(
            tx,
            execute(
                diesel::insert_into(audit_heads::table)
                    .values(first)
                    .on_conflict_do_nothing()
            )
        )?;
    }
    Err(StoreError::Corrupt(
        "the head of an audit chain cannot be made",
    ))
}

/// What stands before the first event.
pub(super) const GENESIS: [u8; 32] = [0; 32];

impl AuditRow {
    fn chained(event: Event, seq: i64, prev_hash: Vec<u8>) -> Result<Self, StoreError> {
        let document = event
            .after_document
            .map(|document| serde_json::to_string(&document))
            .transpose()?;
        let mut row = Self {
            council: event.council.into(),
            seq,
            id: AuditEventId::generate(),
            occurred_at: Moment::new(event.occurred_at),
            actor: event.actor.id,
            actor_role: event.actor.role,
            operation: event.operation,
            subject_kind: event.subject_kind.to_owned(),
            subject_id: event.subject_id,
            subject_version: event.subject_version,
            case_id: event.case_id,
            document,
            why: event.why,
            request_id: event.request_id,
            prev_hash,
            hash: Vec::new(),
        };
        row.hash = row.digest();
        Ok(row)
    }

    /// The hash over the hash before and every column, each with its length, so that nothing can move between columns.
    pub(super) fn digest(&self) -> Vec<u8> {
        let mut hash = Sha256::new();
        let mut part = |bytes: Option<&[u8]>| match bytes {
            Some(bytes) => {
                hash.update([1]);
                hash.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
                hash.update(bytes);
            }
            None => hash.update([0]),
        };
        part(Some(&self.prev_hash));
        part(Some(self.council.as_bytes()));
        part(Some(&self.seq.to_be_bytes()));
        part(Some(self.id.as_uuid().as_bytes()));
        part(Some(
            &self.occurred_at.utc().timestamp_micros().to_be_bytes(),
        ));
        part(Some(self.actor.as_bytes()));
        part(self.actor_role.as_deref().map(str::as_bytes));
        part(Some(self.operation.as_bytes()));
        part(Some(self.subject_kind.as_bytes()));
        part(
            self.subject_id
                .as_ref()
                .map(|id| id.as_uuid().as_bytes().as_slice()),
        );
        part(
            self.subject_version
                .map(i64::to_be_bytes)
                .as_ref()
                .map(<[u8; 8]>::as_slice),
        );
        part(
            self.case_id
                .as_ref()
                .map(|id| id.as_uuid().as_bytes().as_slice()),
        );
        part(self.document.as_deref().map(str::as_bytes));
        part(self.why.as_deref().map(str::as_bytes));
        part(self.request_id.as_deref().map(str::as_bytes));
        hash.finalize().to_vec()
    }
}

impl From<AuditRow> for AuditEvent {
    fn from(row: AuditRow) -> Self {
        Self {
            seq: row.seq,
            id: row.id,
            occurred_at: row.occurred_at.utc(),
            actor: Actor {
                id: row.actor,
                role: row.actor_role,
            },
            operation: row.operation,
            subject_kind: row.subject_kind,
            subject_id: row.subject_id,
            subject_version: row.subject_version,
            case_id: row.case_id,
            document: row.document,
            why: row.why,
            request_id: row.request_id,
            hash: row.hash,
        }
    }
}

/// Rows of the chain by column, as PostgreSQL takes them.
#[derive(Default)]
struct Columns {
    council: Vec<String>,
    seq: Vec<i64>,
    id: Vec<AuditEventId>,
    occurred_at: Vec<Moment>,
    actor: Vec<String>,
    actor_role: Vec<Option<String>>,
    operation: Vec<String>,
    subject_kind: Vec<String>,
    subject_id: Vec<Option<AnyId>>,
    subject_version: Vec<Option<i64>>,
    case_id: Vec<Option<CaseId>>,
    document: Vec<Option<String>>,
    why: Vec<Option<String>>,
    request_id: Vec<Option<String>>,
    prev_hash: Vec<Vec<u8>>,
    hash: Vec<Vec<u8>>,
}

impl Columns {
    fn of(rows: Vec<AuditRow>) -> Self {
        let mut columns = Self::default();
        for row in rows {
            columns.council.push(row.council);
            columns.seq.push(row.seq);
            columns.id.push(row.id);
            columns.occurred_at.push(row.occurred_at);
            columns.actor.push(row.actor);
            columns.actor_role.push(row.actor_role);
            columns.operation.push(row.operation);
            columns.subject_kind.push(row.subject_kind);
            columns.subject_id.push(row.subject_id);
            columns.subject_version.push(row.subject_version);
            columns.case_id.push(row.case_id);
            columns.document.push(row.document);
            columns.why.push(row.why);
            columns.request_id.push(row.request_id);
            columns.prev_hash.push(row.prev_hash);
            columns.hash.push(row.hash);
        }
        columns
    }

    fn insert(self) -> impl QueryFragment<Pg> + QueryId + Send {
        diesel::sql_query(
            "INSERT INTO audit_events (council, seq, id, occurred_at, actor, actor_role, operation, subject_kind, \
             subject_id, subject_version, case_id, document, why, request_id, prev_hash, hash) \
             SELECT * FROM UNNEST($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        )
        .bind::<Array<Text>, _>(self.council)
        .bind::<Array<BigInt>, _>(self.seq)
        .bind::<Array<Uid>, _>(self.id)
        .bind::<Array<Stamp>, _>(self.occurred_at)
        .bind::<Array<Text>, _>(self.actor)
        .bind::<Array<Nullable<Text>>, _>(self.actor_role)
        .bind::<Array<Text>, _>(self.operation)
        .bind::<Array<Text>, _>(self.subject_kind)
        .bind::<Array<Nullable<Uid>>, _>(self.subject_id)
        .bind::<Array<Nullable<BigInt>>, _>(self.subject_version)
        .bind::<Array<Nullable<Uid>>, _>(self.case_id)
        .bind::<Array<Nullable<Text>>, _>(self.document)
        .bind::<Array<Nullable<Text>>, _>(self.why)
        .bind::<Array<Nullable<Text>>, _>(self.request_id)
        .bind::<Array<Binary>, _>(self.prev_hash)
        .bind::<Array<Binary>, _>(self.hash)
    }
}
