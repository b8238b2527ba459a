//! permanence: the service.

pub mod cli;
pub mod store;
