#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod answering;
pub mod build;
pub mod cases;
mod council;
pub mod export;
mod forward;
mod guard;
pub mod links;
pub mod page;
pub mod planted;
pub mod proof;
pub mod reading;
pub mod register;

pub use council::{CodedError, CouncilPlugin, RulebookOnly, StartError};
pub use permanence_core::mechanism::Context;
pub use permanence_core::rulebook::{CouncilPolicy, Rule};
pub use permanence_core::{ClauseAnswer, ClauseId, Code};

/// The C layout below this crate; [`export_plugin!`] needs it.
#[doc(hidden)]
pub use permanence_plugin_abi as abi;

include!(concat!(env!("OUT_DIR"), "/versions.rs"));
