//! permanence: the service.

pub mod app;
pub mod auth;
pub mod batch;
pub mod cli;
pub mod clock;
pub mod config;
pub mod demo;
pub mod http;
pub mod integrations;
pub mod jobs;
pub mod json_schema;
pub mod metrics;
pub mod openapi;
pub mod plugins;
pub mod problem;
pub mod routes;
pub mod service;
pub mod store;
