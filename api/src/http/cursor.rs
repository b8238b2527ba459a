//! Cursors: where a list goes on, bound to the question and to the caller.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::problem::{FieldError, Place, Problem, ProblemCode};

#[derive(Serialize, Deserialize)]
struct Inside<K> {
    /// The question's fingerprint.
    q: String,
    /// The key after which the next page begins.
    k: K,
}

/// Makes the cursor.
pub(crate) fn encode<K: Serialize>(fingerprint: &str, key: &K) -> Result<String, Problem> {
    let inside = Inside {
        q: fingerprint.to_owned(),
        k: key,
    };
    serde_json::to_vec(&inside)
        .map(|json| URL_SAFE_NO_PAD.encode(json))
        .map_err(Problem::internal)
}

/// Reads the cursor; one of another list, question or caller is as bad as one that nobody gave.
pub(crate) fn decode<K: DeserializeOwned>(fingerprint: &str, cursor: &str) -> Result<K, Problem> {
    URL_SAFE_NO_PAD
        .decode(cursor)
        .ok()
        .and_then(|json| serde_json::from_slice::<Inside<K>>(&json).ok())
        .filter(|inside| inside.q == fingerprint)
        .map(|inside| inside.k)
        .ok_or_else(|| {
            Problem::new(ProblemCode::BadCursor, "Begin again without a cursor.").with([
                FieldError::at(
                    Place::Query,
                    "/cursor",
                    "bad_cursor",
                    "This cursor was not given for this question.",
                ),
            ])
        })
}

/// What tells one question by one caller from another: the path, the filters and who asks.
pub(crate) fn fingerprint(path: &str, query: &str, caller: &str) -> String {
    let mut filters: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .filter(|(name, _)| name != "cursor" && name != "limit")
        .collect();
    filters.sort();
    let mut hash = Sha256::new();
    for part in [path, caller].into_iter().chain(
        filters
            .iter()
            .flat_map(|(name, value)| [name.as_str(), value]),
    ) {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let digest: [u8; 32] = hash.finalize().into();
    URL_SAFE_NO_PAD.encode(digest.get(..9).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_cursor_fits_its_own_question_only() {
        let mine = fingerprint("/v1/x", "status=open&limit=5", "me");
        let cursor = encode(&mine, &(3, "a")).unwrap();
        assert_eq!(
            decode::<(i32, String)>(&mine, &cursor).unwrap(),
            (3, "a".to_owned())
        );
        for other in [
            fingerprint("/v1/x", "status=closed", "me"),
            fingerprint("/v1/y", "status=open", "me"),
            fingerprint("/v1/x", "status=open", "you"),
        ] {
            assert!(decode::<(i32, String)>(&other, &cursor).is_err());
        }
        assert!(decode::<(i32, String)>(&mine, "nonsense").is_err());
        assert!(decode::<(i32, i32)>(&mine, &cursor).is_err());
    }

    #[test]
    fn limit_and_cursor_do_not_change_the_question() {
        assert_eq!(
            fingerprint("/x", "a=1&limit=5", "me"),
            fingerprint("/x", "cursor=z&a=1", "me")
        );
    }
}
