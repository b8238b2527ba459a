//! Integration tests.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod auth;
mod commands;
mod coverage;
mod databases;
mod failing_plugin;
mod house;
mod http;
mod imports;
mod invented_drift;
mod leaving_care;
mod many_children;
mod openapi;
mod panel;
mod panel_journey;
mod plugins;
mod policy;
mod policy_cases;
mod recorded;
mod replays;
mod store;
mod stories;
mod support;
