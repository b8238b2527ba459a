//! permanence: the service.

pub mod cli;
pub mod integrations;
pub mod plugins;
pub mod store;
