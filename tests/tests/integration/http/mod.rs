//! What every address keeps to, whatever it is about.

pub(crate) mod anytown;
mod bodies;
mod cases;
mod conventions;
mod exception_reports;
mod filters;
mod forms;
mod members;
mod trackers;
