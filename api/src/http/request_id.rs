//! The request's id: the caller's if it is safe to repeat, else a new one.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use uuid::Uuid;

use crate::openapi::{Sketch, Takes};

/// Stands in every answer, every problem, every log line and every audit event of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    /// The header that carries it, both ways.
    pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

    /// The caller's id, if it is at most 64 letters, digits, dots, hyphens and underscores; else a new one.
    pub fn choose(offered: Option<&HeaderValue>) -> Self {
        let safe = |text: &&str| {
            (1..=64).contains(&text.len())
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
        };
        offered
            .and_then(|value| value.to_str().ok())
            .filter(safe)
            .map_or_else(
                || Self(Uuid::now_v7().to_string()),
                |text| Self(text.to_owned()),
            )
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromRequest for RequestId {
    type Error = std::convert::Infallible;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let known = request.extensions().get::<Self>().cloned();
        ready(Ok(known.unwrap_or_else(|| Self::choose(None))))
    }
}

impl Takes for RequestId {
    fn describe(_: &mut Sketch) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_safe_id_is_kept_and_any_other_replaced() {
        let choose = |text: &'static str| RequestId::choose(Some(&HeaderValue::from_static(text)));
        assert_eq!(choose("abc-1.2_3").as_str(), "abc-1.2_3");
        assert_ne!(choose("a b").as_str(), "a b");
        assert_ne!(choose("").as_str(), "");
        assert_eq!(RequestId::choose(None).as_str().len(), 36);
    }
}
