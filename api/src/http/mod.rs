//! What every operation shares on the wire: bodies, parameters, versions, pages, retries, and the edge around them.

mod answers;
mod body;
mod conditional;
mod cursor;
pub mod edge;
mod entry;
mod faults;
mod idempotency;
mod object;
mod page;
mod parameters;
mod patch;
mod request_id;
#[cfg(test)]
mod sample;
mod unread;
mod upload;
pub mod written;

pub use answers::{Accepted, Created, Json, NoContent, Reply, StoredAnswer, Tagged};
pub use body::{BodyLimit, MERGE_PATCH_JSON, MergePatch, given};
pub use conditional::{ETag, IfMatch, MaybeMatch};
pub use entry::{Entry, accepts};
pub use faults::field_errors;
pub use idempotency::{Claim, Idempotency};
pub use object::FromObject;
pub use page::{Listing, Page, PageRequest, default_limit};
pub use parameters::{Path, Query};
pub use patch::Patch;
pub use request_id::RequestId;
pub use upload::{Upload, UploadLimit};
