//! JSON bodies.

use std::ops::Deref;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use actix_web::web::{Bytes, BytesMut};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::error::Category;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use validator::Validate;

use super::Json;
use super::faults::{escape, field_errors, serde_fault};
use super::idempotency::BodyDigest;
use super::unread::every_fault;
use crate::openapi::{Sketch, Takes};
use crate::problem::{FieldError, Place, Problem, ProblemCode};

/// The media type of a merge patch (RFC 7396).
pub const MERGE_PATCH_JSON: &str = "application/merge-patch+json";

/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);

/// How many bytes a JSON body may have; in the application's data.
#[derive(Debug, Clone, Copy)]
pub struct BodyLimit(pub usize);

impl Default for BodyLimit {
    fn default() -> Self {
        Self(1 << 20)
    }
}

/// A merge patch.
#[derive(Debug, Clone)]
pub struct MergePatch<T>(pub T);

impl<T> Deref for MergePatch<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned + Validate + ToSchema> FromRequest for Json<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(
            async move { parse(&bytes(&request, payload, "application/json").await?).map(Self) },
        )
    }
}

impl<T: ToSchema> Takes for Json<T> {
    fn describe(sketch: &mut Sketch) {
        sketch.body::<T>("application/json");
    }
}

impl<T: DeserializeOwned + Validate + ToSchema> FromRequest for MergePatch<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move { parse(&bytes(&request, payload, MERGE_PATCH_JSON).await?).map(Self) })
    }
}

impl<T: ToSchema> Takes for MergePatch<T> {
    fn describe(sketch: &mut Sketch) {
        sketch.body::<T>(MERGE_PATCH_JSON);
    }
}

/// For a member that may be absent but not null.
pub fn given<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: serde::Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}

/// The whole body, if it is of this media type and not too large.
pub(crate) async fn bytes(
    request: &HttpRequest,
    payload: Payload,
    media_type: &str,
) -> Result<Bytes, Problem> {
    let limit = request
        .app_data::<BodyLimit>()
        .copied()
        .unwrap_or_default()
        .0;
    bytes_within(request, payload, media_type, limit, PATIENCE).await
}

/// The whole body, if it is of this media type, no larger than this, and here in time.
pub(crate) async fn bytes_within(
    request: &HttpRequest,
    mut payload: Payload,
    media_type: &str,
    limit: usize,
    patience: Duration,
) -> Result<Bytes, Problem> {
    let given = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case(media_type) {
        return Err(Problem::new(
            ProblemCode::UnsupportedMediaType,
            format!("The body is to be {media_type}."),
        ));
    }
    // Unpacked it would be any size, and as it is it would be called broken JSON.
    if request
        .headers()
        .get(CONTENT_ENCODING)
        .is_some_and(|coding| coding != "identity")
    {
        return Err(Problem::new(
            ProblemCode::UnsupportedMediaType,
            "The body is to be sent as it is, without a content coding.",
        ));
    }
    let too_large = || {
        Problem::new(
            ProblemCode::PayloadTooLarge,
            format!("A body has at most {limit} bytes here."),
        )
    };
    let announced = request
        .headers()
        .get("content-length")
        .and_then(|value| value.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: usize| length > limit) {
        return Err(too_large());
    }
    let whole = async {
        let mut body = BytesMut::new();
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|_| {
                Problem::new(ProblemCode::BadRequest, "The body did not arrive whole.")
            })?;
            if body.len().saturating_add(chunk.len()) > limit {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    };
    let late = || {
        Problem::new(
            ProblemCode::RequestTimeout,
            "The body did not arrive in time.",
        )
    };
    let body = tokio::time::timeout(patience, whole)
        .await
        .map_err(|_| late())??;
    request
        .extensions_mut()
        .insert(BodyDigest(Sha256::digest(&body).into()));
    Ok(body)
}

/// Reads and checks a JSON object.
pub(crate) fn parse<T: DeserializeOwned + Validate + ToSchema>(body: &[u8]) -> Result<T, Problem> {
    let value: T = read_object(body)?;
    value
        .validate()
        .map_err(|errors| Problem::invalid(field_errors(Place::Body, &errors)))?;
    Ok(value)
}

/// Reads a JSON object; of one that cannot be read, all faults are told.
pub(crate) fn read_object<T: DeserializeOwned + ToSchema>(body: &[u8]) -> Result<T, Problem> {
    // serde takes an array for a struct whose members stand in order, and text with U+0000 that PostgreSQL then refuses.
    let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
    if first != Some(&b'{') || holds_nul(body) {
        let value: Value = serde_json::from_slice(body).map_err(|_| malformed())?;
        let mut faults = Vec::new();
        if !value.is_object() {
            faults.push(FieldError::body("", "wrong_type", "Expected an object."));
        }
        nul_faults("", &value, &mut faults);
        if !faults.is_empty() {
            return Err(Problem::invalid(faults));
        }
    }
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        match error.inner().classify() {
            Category::Data => {
                let ended = serde_fault(error.path(), &error.inner().to_string());
                Problem::invalid(every_fault::<T>(body, ended))
            }
            Category::Syntax | Category::Eof | Category::Io => malformed(),
        }
    })?;
    json.end().map_err(|_| malformed())?;
    Ok(value)
}

fn malformed() -> Problem {
    Problem::new(ProblemCode::MalformedBody, "The body is not JSON in UTF-8.")
}

fn holds_nul(body: &[u8]) -> bool {
    body.windows(6)
        .any(|window| window.eq_ignore_ascii_case(b"\\u0000"))
}

fn nul_faults(pointer: &str, value: &Value, faults: &mut Vec<FieldError>) {
    match value {
        Value::String(text) if text.contains('\0') => {
            faults.push(FieldError::body(
                pointer,
                "invalid_value",
                "It holds a character that is not allowed.",
            ));
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                nul_faults(&format!("{pointer}/{at}"), item, faults);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                nul_faults(&format!("{pointer}/{}", escape(name)), member, faults);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize, Validate, ToSchema)]
    struct Note {
        #[validate(length(min = 1, max = 5))]
        text: String,
    }

    #[test]
    fn a_body_that_cannot_be_read_is_told_from_one_that_is_not_valid() {
        for (body, status, code) in [
            ("{", 400, "malformed_body"),
            ("", 400, "malformed_body"),
            (r#"{"text": "a"} x"#, 400, "malformed_body"),
            ("[\"a\"]", 422, "invalid"),
            ("null", 422, "invalid"),
            (r#"{"text": 1}"#, 422, "invalid"),
            (r#"{"text": "a\u0000"}"#, 422, "invalid"),
            (r#"{"text": "abcdef"}"#, 422, "invalid"),
        ] {
            let problem = parse::<Note>(body.as_bytes()).unwrap_err();
            assert_eq!(
                (problem.code.status(), problem.code.as_str()),
                (status, code),
                "{body}"
            );
        }
        assert!(parse::<Note>(br#" {"text": "a"} "#).is_ok());
    }

    #[test]
    fn invalid_utf8_is_malformed() {
        assert_eq!(
            parse::<Note>(b"{\"text\": \"\xff\"}").unwrap_err().code,
            ProblemCode::MalformedBody
        );
    }
}
