//! By which rules something was taken: kept with every record that a policy judged.

use serde::{Deserialize, Serialize};

/// The edition of the policy and the library that brought it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JudgedBy {
    /// The edition.
    pub edition: String,
    /// The library's name.
    pub plugin_id: String,
    /// Its version.
    pub plugin_version: String,
    /// The SHA-256 of its file.
    pub plugin_digest: String,
}
