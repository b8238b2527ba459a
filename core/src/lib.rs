//! Placeholder.

pub mod care;
