//! Promises of the store, on both databases.

mod migrations;
