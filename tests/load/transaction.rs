//! The statements of a booking and nothing else: what the database alone asks for one.
//!
//! They run in a council of their own, so that the service's chain of audit events stays whole and unlocked.

use std::sync::atomic::{AtomicUsize, Ordering};

use actix_web::web::Data;
use actix_web::{HttpResponse, rt};
use chrono::{DateTime, Utc};
use serde_json::json;
use tokio::sync::{Mutex, MutexGuard};
use tokio_postgres::{Client, NoTls, Statement};
use uuid::Uuid;

/// The council of these rows.
const COUNCIL: &str = "bare";

/// Connections of one worker.
const CONNECTIONS: usize = 4;

const STATEMENTS: [&str; 12] = [
    // What the service reads to plan a booking.
    "SELECT * FROM cases WHERE council = $1 AND id = $2",
    "SELECT * FROM sittings WHERE council = $1 AND id = $2",
    "SELECT * FROM bookings WHERE council = $1 AND sitting_id = $2 ORDER BY id",
    // What it does in its transaction.
    "DELETE FROM idempotency_keys WHERE council = $1 AND caller = 'x' AND operation = 'createBooking' AND key = $2 AND expires_at <= $3",
    "INSERT INTO idempotency_keys (council, caller, operation, key, request_hash, created_at, expires_at) \
     VALUES ($1, 'x', 'createBooking', $2, $3, $4, $4) ON CONFLICT DO NOTHING",
    "SELECT id FROM sittings WHERE council = $1 AND id = $2 FOR UPDATE",
    "INSERT INTO bookings (council, id, case_id, sitting_id, session, slot_starts_at, slot_ends_at, request_type, status, \
     status_reason, maintained_by_chair, booked_by, booked_on, moved_from, facts, details, version, created_at, updated_at) \
     VALUES ($1, $2, $3, $4, NULL, NULL, NULL, 'x', 'listed', NULL, false, 'social_worker', $5, NULL, '{}', '{}', 1, $6, $6)",
    "UPDATE audit_heads SET seq = seq + 1 WHERE council = $1 RETURNING seq, hash",
    "INSERT INTO audit_events (council, seq, id, occurred_at, actor, operation, subject_kind, subject_id, subject_version, \
     document, prev_hash, hash) VALUES ($1, $2, $3, $4, 'x', 'createBooking', 'booking', $5, 1, $6, $7, $7)",
    "UPDATE audit_heads SET hash = $2 WHERE council = $1",
    "UPDATE idempotency_keys SET status = 201, body = $3, location = '/', etag = 'x' WHERE council = $1 AND caller = 'x' \
     AND operation = 'createBooking' AND key = $2",
    // And the check of the slot, with the sitting locked.
    "SELECT * FROM sittings WHERE council = $1 AND id = $2",
];

/// Connections that take transactions in turns.
pub struct Transactions {
    connections: Vec<Mutex<Prepared>>,
    next: AtomicUsize,
    case: Uuid,
    sittings: Vec<Uuid>,
}

struct Prepared {
    client: Client,
    statements: Vec<Statement>,
}

/// Copies a case and the sittings of the service's council, once.
pub async fn prepare(database: &str) -> Result<(), tokio_postgres::Error> {
    let client = connect(database).await?;
    for table in ["cases", "sittings"] {
        let row = client
            .query_one(
                "SELECT string_agg(quote_ident(column_name), ',' ORDER BY ordinal_position) FROM information_schema.columns \
                 WHERE table_schema = current_schema() AND table_name = $1 AND column_name <> 'council'",
                &[&table],
            )
            .await?;
        let columns: String = row.get(0);
        let copy = format!(
            "INSERT INTO {table} (council, {columns}) SELECT '{COUNCIL}', {columns} FROM {table} WHERE council <> '{COUNCIL}' \
             ON CONFLICT DO NOTHING"
        );
        client.batch_execute(&copy).await?;
    }
    let head = format!(
        "INSERT INTO audit_heads (council, seq, hash) VALUES ('{COUNCIL}', 0, '\\x00') ON CONFLICT DO NOTHING"
    );
    client.batch_execute(&head).await
}

impl Transactions {
    /// The connections of one worker.
    pub async fn open(database: &str) -> Result<Self, tokio_postgres::Error> {
        let mut connections = Vec::new();
        for _ in 0..CONNECTIONS {
            let client = connect(database).await?;
            let mut statements = Vec::new();
            for text in STATEMENTS {
                statements.push(client.prepare(text).await?);
            }
            connections.push(Mutex::new(Prepared { client, statements }));
        }
        let first = connect(database).await?;
        let case = first
            .query_one(
                "SELECT id FROM cases WHERE council = $1 LIMIT 1",
                &[&COUNCIL],
            )
            .await?
            .get(0);
        let sittings = first
            .query("SELECT id FROM sittings WHERE council = $1", &[&COUNCIL])
            .await?;
        let sittings = sittings.iter().map(|row| row.get(0)).collect();
        Ok(Self {
            connections,
            next: AtomicUsize::new(0),
            case,
            sittings,
        })
    }

    async fn connection(&self) -> MutexGuard<'_, Prepared> {
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        for connection in self
            .connections
            .iter()
            .cycle()
            .skip(turn % CONNECTIONS)
            .take(CONNECTIONS)
        {
            if let Ok(free) = connection.try_lock() {
                return free;
            }
        }
        self.connections[turn % CONNECTIONS].lock().await
    }

    async fn run(&self) -> Result<(), tokio_postgres::Error> {
        let sitting = self.sittings[self.next.load(Ordering::Relaxed) % self.sittings.len()];
        let (booking, event, key) = (Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7().to_string());
        let (now, hash, document) = (
            DateTime::<Utc>::from(std::time::SystemTime::now()),
            [7_u8; 32].as_slice(),
            "x".repeat(700),
        );
        let council: &(dyn tokio_postgres::types::ToSql + Sync) = &COUNCIL;
        let mut connection = self.connection().await;
        let Prepared { client, statements } = &mut *connection;
        let [
            case,
            place,
            others,
            expired,
            claim,
            lock,
            insert,
            head,
            append,
            chain,
            answer,
            again,
        ] = statements.as_slice()
        else {
            unreachable!("there are twelve statements")
        };
        client.query(case, &[council, &self.case]).await?;
        client.query(place, &[council, &sitting]).await?;
        client.query(others, &[council, &sitting]).await?;
        let transaction = client.transaction().await?;
        transaction.execute(expired, &[council, &key, &now]).await?;
        transaction
            .execute(claim, &[council, &key, &hash, &now])
            .await?;
        transaction.query(lock, &[council, &sitting]).await?;
        transaction.query(again, &[council, &sitting]).await?;
        transaction.query(others, &[council, &sitting]).await?;
        transaction
            .execute(
                insert,
                &[
                    council,
                    &booking,
                    &self.case,
                    &sitting,
                    &now.date_naive(),
                    &now,
                ],
            )
            .await?;
        let seq: i64 = transaction.query_one(head, &[council]).await?.get(0);
        transaction
            .execute(
                append,
                &[council, &seq, &event, &now, &booking, &document, &hash],
            )
            .await?;
        transaction.execute(chain, &[council, &hash]).await?;
        transaction
            .execute(answer, &[council, &key, &document])
            .await?;
        transaction.commit().await
    }
}

/// One booking's statements.
pub async fn book(transactions: Data<Transactions>) -> HttpResponse {
    transactions.run().await.expect("the transaction");
    HttpResponse::Created().json(json!({ "done": true }))
}

async fn connect(database: &str) -> Result<Client, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(database, NoTls).await?;
    rt::spawn(async move {
        let _ = connection.await;
    });
    Ok(client)
}
