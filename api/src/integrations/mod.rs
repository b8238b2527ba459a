//! Other systems: what comes from them and what goes to them.

pub mod ssda903;
