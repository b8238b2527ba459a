//! Versions of things: `ETag`, `If-Match`, `If-None-Match`.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{HeaderMap, IF_MATCH, IF_NONE_MATCH};
use actix_web::{FromRequest, HttpRequest};
use sha2::{Digest, Sha256};

use crate::openapi::{Sketch, Takes};
use crate::problem::{FieldError, Place, Problem, ProblemCode};

/// The longest conditional header that is read.
const LONGEST: usize = 1000;

/// A strong entity tag, with its quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ETag(String);

impl ETag {
    /// The tag of a row's version.
    pub fn version(version: i64) -> Self {
        Self(format!("\"v{version}\""))
    }

    /// The tag of a row's version with what is computed beside it: the same row reads differently on another day.
    pub fn computed(version: i64, body: &impl serde::Serialize) -> Self {
        let digest = Sha256::digest(serde_json::to_vec(body).unwrap_or_default());
        let mut text = format!("\"v{version}-");
        for byte in digest.iter().take(8) {
            text.push_str(&format!("{byte:02x}"));
        }
        text.push('"');
        Self(text)
    }

    /// The tag of something told by its content or by the name of its edition: characters that a tag cannot hold are left out.
    pub fn named(name: &str) -> Self {
        let safe: String = name
            .chars()
            .filter(|c| c.is_ascii_graphic() && *c != '"')
            .collect();
        Self(format!("\"{safe}\""))
    }

    /// As it stands in the header.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the request holds this version already. Read leniently: what is no tag matches nothing.
    pub fn is_held_by(&self, headers: &HeaderMap) -> bool {
        headers
            .get_all(IF_NONE_MATCH)
            .filter_map(|value| value.to_str().ok())
            .filter(|text| text.len() <= LONGEST)
            .flat_map(|text| text.split(','))
            .map(|tag| tag.trim().trim_start_matches("W/"))
            .any(|tag| tag == "*" || tag == self.0)
    }
}

/// The version that the caller means to change.
#[derive(Debug, Clone)]
pub struct IfMatch(Vec<String>);

impl IfMatch {
    /// Refuses if the thing's version is not one that the caller means. Only for callers who may see the thing.
    pub fn admits(&self, version: i64) -> Result<(), Problem> {
        let computed = format!("\"v{version}-");
        if self.0.iter().any(|tag| tag.starts_with(&computed)) {
            return Ok(());
        }
        self.admits_tag(&ETag::version(version))
    }

    /// The same for a thing that is not told by a number.
    pub fn admits_tag(&self, current: &ETag) -> Result<(), Problem> {
        let fits = self
            .0
            .iter()
            .any(|tag| tag == "*" || tag == current.as_str());
        if fits {
            Ok(())
        } else {
            Err(Problem::version_conflict())
        }
    }
}

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read(request.headers()))
    }
}

fn read(headers: &HeaderMap) -> Result<IfMatch, Problem> {
    let mut tags = Vec::new();
    for value in headers.get_all(IF_MATCH) {
        let text = value
            .to_str()
            .ok()
            .filter(|text| text.len() <= LONGEST)
            .ok_or_else(|| {
                Problem::new(ProblemCode::BadRequest, "If-Match cannot be read.").with([
                    FieldError::at(
                        Place::Header,
                        "/If-Match",
                        "invalid_value",
                        "Expected the ETag of the version that you read.",
                    ),
                ])
            })?;
        let given = text.split(',').map(str::trim).filter(|tag| !tag.is_empty());
        tags.extend(given.map(str::to_owned));
    }
    if tags.is_empty() {
        return Err(Problem::new(
            ProblemCode::PreconditionRequired,
            "Send If-Match with the ETag of the version that you read, so that nobody else's change is lost.",
        ));
    }
    Ok(IfMatch(tags))
}

impl Takes for IfMatch {
    fn describe(sketch: &mut Sketch) {
        sketch.header_parameter(
            "If-Match",
            "The `ETag` of the version that you read and mean to change.",
            true,
            1,
            LONGEST,
            "\"v1\"",
        );
        sketch.problems(&[412, 428]);
    }
}

/// The version that the caller means to change, if there is something to change.
#[derive(Debug, Clone)]
pub struct MaybeMatch(pub Option<IfMatch>);

impl FromRequest for MaybeMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let given = request.headers().contains_key(IF_MATCH);
        ready(given.then(|| read(request.headers())).transpose().map(Self))
    }
}

impl Takes for MaybeMatch {
    fn describe(sketch: &mut Sketch) {
        sketch.header_parameter(
            "If-Match",
            "The `ETag` of the version that you read and mean to change; without it, only what is not there yet is made.",
            false,
            1,
            LONGEST,
            "\"v1\"",
        );
        sketch.problems(&[412, 428]);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use actix_web::http::header::HeaderValue;

    fn headers(name: actix_web::http::header::HeaderName, text: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_static(text));
        headers
    }

    #[test]
    fn a_change_says_which_version_it_means() {
        assert_eq!(
            read(&HeaderMap::new()).unwrap_err().code,
            ProblemCode::PreconditionRequired
        );
        let two = read(&headers(IF_MATCH, "\"v1\", \"v2\"")).unwrap();
        assert!(two.admits(2).is_ok());
        assert_eq!(
            two.admits(3).unwrap_err().code,
            ProblemCode::VersionConflict
        );
        assert!(read(&headers(IF_MATCH, "*")).unwrap().admits(9).is_ok());
        let computed = read(&headers(IF_MATCH, "\"v2-00ff\"")).unwrap();
        assert!(computed.admits(2).is_ok() && computed.admits(20).is_err());
    }

    #[test]
    fn a_weak_tag_never_admits_a_change() {
        assert!(
            read(&headers(IF_MATCH, "W/\"v1\""))
                .unwrap()
                .admits(1)
                .is_err()
        );
    }

    #[test]
    fn a_read_is_lenient() {
        let tag = ETag::version(1);
        assert!(tag.is_held_by(&headers(IF_NONE_MATCH, "W/\"v1\"")));
        assert!(!tag.is_held_by(&headers(IF_NONE_MATCH, "v1")));
        assert!(!tag.is_held_by(&HeaderMap::new()));
    }
}
