//! What the service is measured against: a bare handler that sends bytes, handlers that read the service's own rows
//! with tokio-postgres and prepared statements, and a bare transaction.
//!
//! It is started by the load program: `yardstick DATABASE ONE LIST`, where ONE and LIST are files of bytes to send.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::indexing_slicing
)]

mod transaction;

use actix_web::web::{Bytes, Data, Path};
use actix_web::{App, HttpResponse, HttpServer, web};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use serde_json::value::RawValue;
use tokio_postgres::types::Json;
use tokio_postgres::{Client, NoTls, Row, Statement};
use uuid::Uuid;

/// One connection of a worker, on which statements are pipelined, and one for transactions.
struct Database {
    reads: Client,
    one: Statement,
    list: Statement,
}

struct Sent {
    one: Bytes,
    list: Bytes,
}

/// A case as it stands in its row.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Case<'a> {
    id: Uuid,
    reference: &'a str,
    given_name: Option<&'a str>,
    family_name: Option<&'a str>,
    date_of_birth: Option<NaiveDate>,
    sex: Option<&'a str>,
    social_worker: Option<&'a str>,
    team: Option<&'a str>,
    service: Option<&'a str>,
    status: &'a str,
    closed_on: Option<NaiveDate>,
    closed_reason: Option<&'a str>,
    source: &'a str,
    details: &'a RawValue,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

#[derive(Serialize)]
struct Cases<'a> {
    items: Vec<Case<'a>>,
}

const COLUMNS: &str = "id, reference, given_name, family_name, date_of_birth, sex, social_worker, team, service, status, \
     closed_on, closed_reason, source, details, version, created_at, updated_at";

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, database, one, list] = arguments.try_into().expect("yardstick DATABASE ONE LIST");
    let sent = Data::new(Sent {
        one: std::fs::read(one)?.into(),
        list: std::fs::read(list)?.into(),
    });
    transaction::prepare(&database)
        .await
        .expect("rows to work on");
    let server = HttpServer::new(move || {
        let (database, transactions) = (database.clone(), database.clone());
        App::new()
            .app_data(sent.clone())
            .data_factory(move || connect(database.clone()))
            .data_factory(move || {
                let database = transactions.clone();
                async move { transaction::Transactions::open(&database).await }
            })
            .route("/transaction", web::post().to(transaction::book))
            .route(
                "/bytes/one",
                web::get().to(async |sent: Data<Sent>| json_bytes(sent.one.clone())),
            )
            .route(
                "/bytes/list",
                web::get().to(async |sent: Data<Sent>| json_bytes(sent.list.clone())),
            )
            .route("/row/{council}/{id}", web::get().to(row))
            .route("/rows/{council}", web::get().to(rows))
    })
    .workers(2)
    .bind(("127.0.0.1", 0))?;
    println!("{}", server.addrs()[0]);
    server.run().await
}

async fn connect(database: String) -> Result<Database, tokio_postgres::Error> {
    let (reads, connection) = tokio_postgres::connect(&database, NoTls).await?;
    actix_web::rt::spawn(async move { connection.await.expect("the connection holds") });
    let one = format!("SELECT {COLUMNS} FROM cases WHERE council = $1 AND id = $2");
    let list = format!("SELECT {COLUMNS} FROM cases WHERE council = $1 ORDER BY id LIMIT 51");
    Ok(Database {
        one: reads.prepare(&one).await?,
        list: reads.prepare(&list).await?,
        reads,
    })
}

async fn row(database: Data<Database>, path: Path<(String, Uuid)>) -> HttpResponse {
    let (council, id) = path.into_inner();
    let row = database
        .reads
        .query_one(&database.one, &[&council, &id])
        .await
        .expect("the row");
    HttpResponse::Ok().json(case(&row))
}

async fn rows(database: Data<Database>, path: Path<String>) -> HttpResponse {
    let rows = database
        .reads
        .query(&database.list, &[&*path])
        .await
        .expect("the rows");
    HttpResponse::Ok().json(Cases {
        items: rows.iter().take(50).map(case).collect(),
    })
}

fn case(row: &Row) -> Case<'_> {
    Case {
        id: row.get(0),
        reference: row.get(1),
        given_name: row.get(2),
        family_name: row.get(3),
        date_of_birth: row.get(4),
        sex: row.get(5),
        social_worker: row.get(6),
        team: row.get(7),
        service: row.get(8),
        status: row.get(9),
        closed_on: row.get(10),
        closed_reason: row.get(11),
        source: row.get(12),
        details: row.get::<_, Json<&RawValue>>(13).0,
        version: row.get(14),
        created_at: row.get(15),
        updated_at: row.get(16),
    }
}

fn json_bytes(bytes: Bytes) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(bytes)
}
