//! What handlers give back: each says its own status, headers and body, to the caller and to the description.

use std::ops::Deref;

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{ETAG, LOCATION, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, Responder};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::ETag;
use crate::openapi::{Answers, Sketch};
use crate::problem::Problem;

/// What every handler returns.
pub type Reply<T> = Result<T, Problem>;

const JSON: &[&str] = &["application/json"];

/// A body of JSON: taken, or answered with 200.
#[derive(Debug, Clone)]
pub struct Json<T>(pub T);

impl<T> Deref for Json<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// 200 with the version of the thing; 304 if the caller holds it already.
#[derive(Debug, Clone)]
pub struct Tagged<T> {
    /// The thing.
    pub body: T,
    /// Its version.
    pub etag: ETag,
}

impl<T> Tagged<T> {
    /// A thing with the version of its row.
    pub fn new(body: T, version: i64) -> Self {
        Self {
            body,
            etag: ETag::version(version),
        }
    }

    /// A thing with the version of its row and what is computed beside it.
    pub fn computed(body: T, version: i64) -> Self
    where
        T: Serialize,
    {
        let etag = ETag::computed(version, &body);
        Self { body, etag }
    }

    /// A thing told by its content or edition.
    pub fn with_tag(body: T, etag: ETag) -> Self {
        Self { body, etag }
    }
}

/// An answer that was kept under an idempotency key.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredAnswer {
    /// Its `Location`.
    pub location: String,
    /// Its `ETag`, if it had one.
    pub etag: Option<String>,
    /// Its body.
    pub body: Value,
}

/// 201 with the address and the version of what was made.
#[derive(Debug, Clone)]
pub struct Created<T> {
    body: CreatedBody<T>,
    location: String,
    etag: Option<String>,
}

#[derive(Debug, Clone)]
enum CreatedBody<T> {
    Fresh(T),
    Kept(Value),
}

impl<T: Serialize> Created<T> {
    /// What was made, where it is and at which version.
    pub fn new(body: T, location: impl Into<String>, version: i64) -> Self {
        let etag = Some(ETag::version(version).as_str().to_owned());
        Self {
            body: CreatedBody::Fresh(body),
            location: location.into(),
            etag,
        }
    }

    /// The first answer again.
    pub fn replay(stored: StoredAnswer) -> Self {
        Self {
            body: CreatedBody::Kept(stored.body),
            location: stored.location,
            etag: stored.etag,
        }
    }

    /// What to keep so that the same answer can be given again.
    pub fn stored(&self) -> Result<StoredAnswer, Problem> {
        let body = match &self.body {
            CreatedBody::Fresh(body) => serde_json::to_value(body).map_err(Problem::internal)?,
            CreatedBody::Kept(body) => body.clone(),
        };
        Ok(StoredAnswer {
            location: self.location.clone(),
            etag: self.etag.clone(),
            body,
        })
    }
}

/// 202 with the address where progress can be followed.
#[derive(Debug, Clone)]
pub struct Accepted<T> {
    body: CreatedBody<T>,
    location: String,
    retry_after: u32,
}

impl<T> Accepted<T> {
    /// What was begun, where to look, and after how many seconds.
    pub fn new(body: T, location: impl Into<String>, retry_after: u32) -> Self {
        Self {
            body: CreatedBody::Fresh(body),
            location: location.into(),
            retry_after,
        }
    }

    /// The first answer again.
    pub fn replay(stored: StoredAnswer, retry_after: u32) -> Self {
        Self {
            body: CreatedBody::Kept(stored.body),
            location: stored.location,
            retry_after,
        }
    }
}

/// 204.
#[derive(Debug, Clone, Copy)]
pub struct NoContent;

/// The body as JSON; a body that cannot be written is a 500 and not half an answer.
pub(crate) fn json(mut response: HttpResponseBuilder, body: &impl Serialize) -> HttpResponse {
    match serde_json::to_vec(body) {
        Ok(bytes) => response.content_type("application/json").body(bytes),
        Err(cause) => HttpResponse::from_error(Problem::internal(cause)),
    }
}

impl<T: Serialize> Responder for Json<T> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        json(HttpResponse::Ok(), &self.0)
    }
}

impl<T: Serialize> Responder for Tagged<T> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let held = request.method().is_safe() && self.etag.is_held_by(request.headers());
        let mut response = HttpResponse::build(if held {
            StatusCode::NOT_MODIFIED
        } else {
            StatusCode::OK
        });
        response.insert_header((ETAG, self.etag.as_str()));
        if held {
            response.finish()
        } else {
            json(response, &self.body)
        }
    }
}

impl<T: Serialize> Responder for Created<T> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponse::Created();
        response.insert_header((LOCATION, self.location));
        if let Some(etag) = self.etag {
            response.insert_header((ETAG, etag));
        }
        match &self.body {
            CreatedBody::Fresh(body) => json(response, body),
            CreatedBody::Kept(body) => json(response, body),
        }
    }
}

impl<T: Serialize> Responder for Accepted<T> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponse::Accepted();
        response.insert_header((LOCATION, self.location));
        response.insert_header((RETRY_AFTER, self.retry_after.to_string()));
        match &self.body {
            CreatedBody::Fresh(body) => json(response, body),
            CreatedBody::Kept(body) => json(response, body),
        }
    }
}

impl Responder for NoContent {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::NoContent().finish()
    }
}

impl<T: ToSchema> Answers for Json<T> {
    const PRODUCES: &'static [&'static str] = JSON;

    fn describe(sketch: &mut Sketch) {
        sketch.answer::<T>(200, "The answer.", &[]);
    }
}

impl<T: ToSchema> Answers for Tagged<T> {
    const PRODUCES: &'static [&'static str] = JSON;

    fn describe(sketch: &mut Sketch) {
        sketch.answer::<T>(200, "It as it is now.", &["ETag"]);
        sketch.conditional();
    }
}

impl<T: ToSchema> Answers for Created<T> {
    const PRODUCES: &'static [&'static str] = JSON;

    fn describe(sketch: &mut Sketch) {
        sketch.answer::<T>(201, "It was made.", &["Location", "ETag"]);
    }
}

impl<T: ToSchema> Answers for Accepted<T> {
    const PRODUCES: &'static [&'static str] = JSON;

    fn describe(sketch: &mut Sketch) {
        sketch.answer::<T>(
            202,
            "It was begun; its address tells how far it is.",
            &["Location", "Retry-After"],
        );
    }
}

impl Answers for NoContent {
    const PRODUCES: &'static [&'static str] = &[];

    fn describe(sketch: &mut Sketch) {
        sketch.empty_answer(204, "It is done.");
    }
}

impl<T: Answers> Answers for Result<T, Problem> {
    const PRODUCES: &'static [&'static str] = T::PRODUCES;

    fn describe(sketch: &mut Sketch) {
        T::describe(sketch);
    }
}
