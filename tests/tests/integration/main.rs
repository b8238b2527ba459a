//! Integration tests.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod auth;
mod databases;
mod house;
mod http;
mod imports;
mod invented_drift;
mod openapi;
mod panel_journey;
mod plugins;
mod policy;
mod policy_cases;
mod store;
mod support;
