//! Council plugins: loading them, asking them, surviving them.
//!
//! [`load()`] turns libraries into [`Councils`]; [`Council`] is what the rest of the server asks.
//! A library that is wrong is refused before it is mapped here: a child process goes through its first steps first.
//! A call that goes wrong fails for that request alone, with [`EvaluateError::PluginFailed`]:
//! never with a default answer.
//! A plugin is native code in this process all the same, with all its rights; only what is trusted belongs here.

mod breaker;
pub mod check;
mod coded;
mod config;
mod council;
mod councils;
pub mod digest;
mod examine;
mod failure;
pub mod file;
mod handle;
mod host;
mod library;
mod load;
mod manifest;
mod pool;
pub mod probe;
pub mod problem;
mod schemas;
pub mod template;

pub use breaker::BreakerLimits;
pub use config::{LibraryConfig, PluginsConfig, PluginsConfigError};
pub use council::{Asked, Council, PluginIdentity, QuestionError};
pub use councils::Councils;
pub use digest::Digest;
pub use examine::{CheckResult, Examination, examine};
pub use failure::EvaluateError;
pub use handle::PluginHealth;
pub use load::{LoadSettings, Loaded, PinnedLibrary, Source, load};
pub use pool::PoolLimits;
pub use problem::LoadError;
pub use schemas::{Schemas, What};
