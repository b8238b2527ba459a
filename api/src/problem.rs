//! Problems: the one form in which anything that goes wrong is answered (RFC 9457).
//!
//! A problem names no child and repeats no value that was sent. What went wrong inside is logged once and never answered.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{
    ALLOW, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE,
};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use utoipa::ToSchema;

/// The media type of every problem.
pub const PROBLEM_JSON: &str = "application/problem+json";

macro_rules! problem_codes {
    ($($(#[$doc:meta])* $name:ident = $status:literal, $code:literal, $title:literal;)*) => {
        /// Every kind of problem that the service answers with.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ProblemCode { $($(#[$doc])* $name,)* }

        impl ProblemCode {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The status that it is answered with.
            pub fn status(self) -> u16 { match self { $(Self::$name => $status,)* } }

            /// Its stable name.
            pub fn as_str(self) -> &'static str { match self { $(Self::$name => $code,)* } }

            /// What it is called; the same for every occurrence.
            pub fn title(self) -> &'static str { match self { $(Self::$name => $title,)* } }
        }
    };
}

problem_codes! {
    /// The request cannot be read: its JSON, its address, its query or a header.
    BadRequest = 400, "bad_request", "The request cannot be read";
    /// The body is not JSON.
    MalformedBody = 400, "malformed_body", "The body is not JSON";
    /// A query parameter is unknown, given twice or not of its type.
    BadQuery = 400, "bad_query", "A query parameter is not usable";
    /// The cursor is not one that this list gave for this question.
    BadCursor = 400, "bad_cursor", "The cursor does not fit this list";
    /// There is no token, or it is not good.
    Unauthorized = 401, "unauthorized", "A valid access token is needed";
    /// None of the caller's roles may do this.
    Forbidden = 403, "forbidden", "Your roles do not allow this";
    /// It is not there, or not yours to see: the two are told apart by nothing.
    NotFound = 404, "not_found", "There is nothing here";
    /// The path is there, but not for this method.
    MethodNotAllowed = 405, "method_not_allowed", "This address does not take that method";
    /// None of the media types that the caller accepts can be given.
    NotAcceptable = 406, "not_acceptable", "None of the accepted media types can be given";
    /// The body did not arrive in time.
    RequestTimeout = 408, "request_timeout", "The body did not arrive in time";
    /// The state of the thing does not allow this.
    Conflict = 409, "conflict", "The state of this does not allow it";
    /// There is one with this reference already.
    AlreadyExists = 409, "already_exists", "There is one already";
    /// The same request is being worked on.
    StillRunning = 409, "still_running", "The same request is still being worked on";
    /// Somebody else changed it since it was read.
    VersionConflict = 412, "version_conflict", "It has changed since you read it";
    /// The body is larger than this operation takes.
    PayloadTooLarge = 413, "payload_too_large", "The body is too large";
    /// The body is of another media type than this operation takes.
    UnsupportedMediaType = 415, "unsupported_media_type", "The body is of an unsupported media type";
    /// The body was read, but breaks a rule that its schema states.
    Invalid = 422, "invalid", "The request is not valid";
    /// The idempotency key was used before with another body.
    KeyReused = 422, "key_reused", "This idempotency key was used for something else";
    /// A rule of the council forbids this; the clauses are named.
    RuleRefused = 422, "rule_refused", "The council's policy does not allow this";
    /// A change needs `If-Match`.
    PreconditionRequired = 428, "precondition_required", "Say which version you are changing";
    /// The caller asks more often than is allowed.
    TooManyRequests = 429, "too_many_requests", "Too many requests";
    /// The service failed; the cause is in its log under the request's id.
    Internal = 500, "internal", "Something went wrong here";
    /// The service cannot do this now.
    Unavailable = 503, "unavailable", "The service cannot do this now";
    /// The council's plugin failed; nothing was concluded in its place.
    PluginFailed = 503, "plugin_failed", "The council's plugin failed";
}

/// Where in the request a fault is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
/// The part of the request that a fault is in: `body`, `query`, `path` or `header`.
pub enum Place {
    /// The body; the pointer is a JSON Pointer into it.
    Body,
    /// The query string; the pointer is `/` and the parameter's name.
    Query,
    /// The path; the pointer is `/` and the parameter's name.
    Path,
    /// A header; the pointer is `/` and the header's name.
    Header,
}

/// One fault in one place of the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FieldError {
    /// The part of the request.
    pub r#in: Place,
    /// Where in it, as a JSON Pointer (RFC 6901); empty for the whole.
    #[schema(max_length = 2000, example = "/facts/panelDate")]
    pub pointer: String,
    /// What is wrong, for programs.
    #[schema(max_length = 100, example = "wrong_type")]
    pub code: String,
    /// What is wrong, for people; it never repeats what was sent.
    #[schema(max_length = 2000, example = "This is not a date such as 2026-03-02.")]
    pub message: String,
    /// The clauses of the council's policy that say so, where it is a rule of the council.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 50, example = json!(["ANY-BOOKING-01"]))]
    pub clauses: Vec<String>,
}

impl FieldError {
    /// A fault in the body.
    pub fn body(
        pointer: impl Into<String>,
        code: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self::at(Place::Body, pointer, code, message)
    }

    /// A fault anywhere.
    pub fn at(
        place: Place,
        pointer: impl Into<String>,
        code: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            r#in: place,
            pointer: pointer.into(),
            code: code.into(),
            message: message.into(),
            clauses: Vec::new(),
        }
    }

    /// Names the clauses that say so.
    #[must_use]
    pub fn citing(mut self, clauses: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.clauses = clauses.into_iter().map(Into::into).collect();
        self
    }
}

/// A problem on its way to the caller. It gets its request id at the edge.
#[derive(Debug, Clone)]
pub struct Problem {
    /// Its kind.
    pub code: ProblemCode,
    /// What happened this time, for people.
    pub detail: String,
    /// Every fault that was found.
    pub errors: Vec<FieldError>,
    /// Headers that go with it.
    pub headers: Vec<(HeaderName, HeaderValue)>,
}

/// What a problem looks like on the wire (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Problem)]
pub struct ProblemBody<'a> {
    /// What kind of problem it is, as a name that never changes.
    #[schema(format = "uri", example = "urn:permanence:problem:not_found")]
    pub r#type: String,
    /// What this kind is called.
    #[schema(max_length = 200, example = "There is nothing here")]
    pub title: &'a str,
    /// The HTTP status.
    #[schema(format = "int32", minimum = 400, maximum = 599, example = 404)]
    pub status: u16,
    /// What happened this time.
    #[schema(
        max_length = 2000,
        example = "There is no such thing, or it is not yours to see."
    )]
    pub detail: &'a str,
    /// This very occurrence.
    #[schema(
        format = "uri",
        example = "urn:permanence:request:01980f0e-8a70-7c55-9d36-1b1f5a8f0c11"
    )]
    pub instance: String,
    /// The kind again, for programs.
    #[schema(max_length = 100, example = "not_found")]
    pub code: &'a str,
    /// The request's id, as in `X-Request-ID` and in the service's log.
    #[schema(max_length = 64, example = "01980f0e-8a70-7c55-9d36-1b1f5a8f0c11")]
    pub request_id: &'a str,
    /// Every fault that was found, each with its place.
    #[schema(max_items = 1000)]
    pub errors: &'a [FieldError],
}

impl Problem {
    /// A problem of this kind.
    pub fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        let mut problem = Self {
            code,
            detail: detail.into(),
            errors: Vec::new(),
            headers: Vec::new(),
        };
        match code {
            ProblemCode::Unauthorized => {
                problem = problem.header(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            ProblemCode::TooManyRequests | ProblemCode::Unavailable | ProblemCode::StillRunning => {
                problem = problem.header(RETRY_AFTER, HeaderValue::from_static("1"));
            }
            _ => {}
        }
        problem
    }

    /// It is not there, or not the caller's to see.
    pub fn not_found() -> Self {
        Self::new(
            ProblemCode::NotFound,
            "There is no such thing, or it is not yours to see.",
        )
    }

    /// The service failed. The cause is logged here, once, and not answered.
    pub fn internal(cause: impl fmt::Display) -> Self {
        tracing::error!(cause = %cause, "internal error");
        Self::new(
            ProblemCode::Internal,
            "The service failed. Its log has the cause under this request's id.",
        )
    }

    /// A valid JSON body that breaks rules; all faults at once.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            [only] => only.message.clone(),
            more => format!("{} members are not valid.", more.len()),
        };
        Self::new(ProblemCode::Invalid, detail).with(errors)
    }

    /// Somebody else changed it since it was read.
    pub fn version_conflict() -> Self {
        Self::new(
            ProblemCode::VersionConflict,
            "Somebody changed it since you read it. Read it again, then make your change to what it is now.",
        )
    }

    /// Adds the faults.
    #[must_use]
    pub fn with(mut self, errors: impl IntoIterator<Item = FieldError>) -> Self {
        self.errors.extend(errors);
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.retain(|(present, _)| *present != name);
        self.headers.push((name, value));
        self
    }

    /// A wrong method, with every method that the path does take.
    pub fn method_not_allowed(methods: &[String]) -> Self {
        let problem = Self::new(
            ProblemCode::MethodNotAllowed,
            format!("This address takes {}.", methods.join(", ")),
        );
        match HeaderValue::from_str(&methods.join(", ")) {
            Ok(value) => problem.header(ALLOW, value),
            Err(_) => problem,
        }
    }

    /// What an answer of the framework's own becomes.
    pub fn of_status(status: StatusCode) -> Self {
        match status.as_u16() {
            401 => Self::new(ProblemCode::Unauthorized, "A valid access token is needed."),
            403 => Self::new(ProblemCode::Forbidden, "This is not allowed."),
            404 => Self::not_found(),
            408 => Self::new(
                ProblemCode::RequestTimeout,
                "The body did not arrive in time.",
            ),
            413 => Self::new(
                ProblemCode::PayloadTooLarge,
                "The body is larger than this service takes.",
            ),
            415 => Self::new(
                ProblemCode::UnsupportedMediaType,
                "The body is of an unsupported media type.",
            ),
            429 => Self::new(ProblemCode::TooManyRequests, "Too many requests."),
            503 => Self::new(ProblemCode::Unavailable, "The service cannot do this now."),
            400..=499 => Self::new(ProblemCode::BadRequest, "The request cannot be read."),
            _ => Self::new(ProblemCode::Internal, "The service failed."),
        }
    }

    /// The answer, with the id of the request that it answers.
    pub fn respond(&self, request_id: &str) -> HttpResponse {
        let code = self.code;
        let status =
            StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = ProblemBody {
            r#type: format!("urn:permanence:problem:{}", code.as_str()),
            title: code.title(),
            status: code.status(),
            detail: &self.detail,
            instance: format!("urn:permanence:request:{request_id}"),
            code: code.as_str(),
            request_id,
            errors: &self.errors,
        };
        let mut response = HttpResponse::build(status);
        response.insert_header((CONTENT_TYPE, PROBLEM_JSON));
        for (name, value) in &self.headers {
            response.insert_header((name.clone(), value.clone()));
        }
        response.body(serde_json::to_vec(&body).unwrap_or_default())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.detail)
    }
}

impl std::error::Error for Problem {}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        // The edge renders it again with the request's id; this is what is left if there is no edge.
        self.respond("")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn codes_are_unique_and_statuses_are_errors() {
        let names: HashSet<_> = ProblemCode::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(names.len(), ProblemCode::ALL.len());
        assert!(
            ProblemCode::ALL
                .iter()
                .all(|code| (400..600).contains(&code.status()))
        );
    }
}
