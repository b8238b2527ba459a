//! `Idempotency-Key`: what a caller says so that a retry does nothing twice.

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use crate::auth::Principal;
use crate::openapi::{Sketch, Takes};
use crate::problem::{FieldError, Place, Problem, ProblemCode};

/// The SHA-256 of the body as it came; kept by whoever read it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BodyDigest(pub(crate) [u8; 32]);

/// What the store needs to give the first answer again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The caller's key.
    pub key: String,
    /// Whose key it is: two callers may use the same one.
    pub caller: String,
    /// Method and path.
    pub operation: String,
    /// SHA-256 of the body: another body under the same key is refused.
    pub digest: [u8; 32],
}

/// The key, if the caller sent one.
#[derive(Debug, Clone)]
pub struct Idempotency {
    key: Option<String>,
    request: HttpRequest,
}

impl Idempotency {
    /// The claim on this request, to be made in the same transaction as its effect; none without a key.
    ///
    /// Call it in the handler, when the body has been read.
    pub fn claim(&self) -> Option<Claim> {
        let extensions = self.request.extensions();
        let caller = extensions
            .get::<Arc<Principal>>()
            .map(|principal| format!("{}|{}", principal.issuer, principal.subject))
            .unwrap_or_default();
        self.key.clone().map(|key| Claim {
            key,
            caller,
            operation: format!("{} {}", self.request.method(), self.request.path()),
            digest: extensions
                .get::<BodyDigest>()
                .map_or([0; 32], |digest| digest.0),
        })
    }
}

impl FromRequest for Idempotency {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let given = request.headers().get("idempotency-key");
        let usable = |text: &&str| {
            (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
        };
        let key = given.map(|value| value.to_str().ok().filter(usable).map(str::to_owned));
        ready(match key {
            None => Ok(Self {
                key: None,
                request: request.clone(),
            }),
            Some(Some(key)) => Ok(Self {
                key: Some(key),
                request: request.clone(),
            }),
            Some(None) => Err(Problem::new(
                ProblemCode::BadRequest,
                "Idempotency-Key cannot be used.",
            )
            .with([FieldError::at(
                Place::Header,
                "/Idempotency-Key",
                "invalid_value",
                "Expected 1 to 255 visible ASCII characters, such as a UUID.",
            )])),
        })
    }
}

impl Takes for Idempotency {
    fn describe(sketch: &mut Sketch) {
        sketch.header_parameter(
            "Idempotency-Key",
            "A text of your own, such as a UUID, for this one effect. The same request under the same key gives the first answer again.",
            false,
            1,
            255,
            "0b6f2c1e-4f7e-4a57-9d0e-3b1f8f0c2a11",
        );
        sketch.problems(&[400, 409, 422]);
    }
}
