//! Use cases: the only place where store, core and plugins meet.

pub mod care_history;
