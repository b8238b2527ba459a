//! What every address keeps to, whatever it is about.

pub(crate) mod anytown;
mod cases;
mod conventions;
mod exception_reports;
mod forms;
mod members;
mod trackers;
