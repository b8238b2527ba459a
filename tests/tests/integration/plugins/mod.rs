//! Council plugins: whatever a library does, it is refused with a plain reason or costs one answer, and the server lives.

mod at_load;
mod commands;
mod councils;
mod in_calls;
mod in_panic;
mod trust;
pub(crate) mod workshop;
