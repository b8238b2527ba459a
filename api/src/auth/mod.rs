//! Who calls, and what they may do.
//!
//! A token says who; roles give rights; the signature of a handler names the right that it needs.
//! Which cases a right reaches is part of the answer: every query starts from it.

mod development;
mod extract;
mod issuer;
mod jwks;
mod limit;
mod matrix;
mod principal;
mod token;
mod token_cache;

pub use development::{DEVELOPMENT_ISSUER, DevelopmentKey, Minted};
pub use extract::{Authz, Caller, Scope, scope};
pub use matrix::{Right, Role, reach};
pub use principal::{Principal, Reach};
pub use token::{Authenticator, install_crypto};
