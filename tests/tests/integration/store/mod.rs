//! Promises of the store, on both databases.

mod audit;
mod cases;
mod idempotency;
mod migrations;
mod reads;
mod schema;
mod transactions;
