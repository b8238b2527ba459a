//! Every mechanism through the public interface, over a small invented policy: tables of cases and properties.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    missing_docs
)]

mod calendar_rules;
mod clocks;
mod conditions;
mod editions;
mod evaluation;
mod extents;
mod lists;
mod quorum;
mod sessions;
mod steps_and_shares;
mod trial;
