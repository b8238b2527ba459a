//! Who gets in, and what they may do.

mod every_operation;
mod issuers;
