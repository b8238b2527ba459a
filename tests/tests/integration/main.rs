//! Integration tests.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod databases;
mod house;
mod http;
mod imports;
mod panel_journey;
mod plugins;
mod store;
mod support;
