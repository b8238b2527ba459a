//! The edge: what happens to every request and every answer, whatever lies between.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::Method;
use actix_web::http::header::{
    ACCESS_CONTROL_REQUEST_METHOD, CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue,
    IF_NONE_MATCH, VARY, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse, web};
use futures_util::FutureExt;
use tracing::Instrument;

use super::RequestId;
use crate::metrics::Metrics;
use crate::problem::{FieldError, PROBLEM_JSON, Place, Problem, ProblemCode};

/// Gives the request its id, catches panics, makes every error a problem, sets the headers that every answer has, counts and logs.
///
/// The log line holds the matched pattern and never the address: an address names a case.
pub async fn edge(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let begun = Instant::now();
    let id = RequestId::choose(request.headers().get(RequestId::HEADER));
    request.extensions_mut().insert(id.clone());
    let method = request.method().clone();
    if method == Method::HEAD {
        // A HEAD is a GET whose body stays here; the connection knows and leaves it out.
        request.head_mut().method = Method::GET;
    }
    let metrics = request.app_data::<web::Data<Metrics>>().cloned();
    let span = tracing::info_span!("request", request_id = id.as_str());
    async {
        let refused = oversized(request.headers()).or_else(|| misrouted(&request));
        let answered = match refused {
            Some(problem) => Ok(Err(problem.into())),
            None => AssertUnwindSafe(next.call(request)).catch_unwind().await,
        };
        let answered = match answered {
            Ok(Ok(response)) => Ok(as_problem(response.map_into_boxed_body(), &id)),
            Ok(Err(error)) => Err(error
                .as_error::<Problem>()
                .cloned()
                .unwrap_or_else(|| Problem::of_status(error.as_response_error().status_code()))),
            Err(_) => Err(Problem::internal("a handler panicked")),
        };
        let (pattern, status) = match &answered {
            Ok(response) => (
                response.request().match_pattern(),
                response.status().as_u16(),
            ),
            Err(problem) => (None, problem.code.status()),
        };
        let pattern = pattern.unwrap_or_else(|| "unmatched".to_owned());
        let micros = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        if let Some(metrics) = metrics {
            metrics.record(method.as_str(), &pattern, status, micros);
        }
        tracing::info!(method = %method, pattern, status, micros, "answered");
        match answered {
            Ok(mut response) => {
                stamp(response.headers_mut(), &id);
                Ok(response)
            }
            // The request has gone with the failed call, so the answer travels as an error.
            Err(problem) => {
                let mut response = problem.respond(id.as_str());
                stamp(response.headers_mut(), &id);
                Err(InternalError::from_response(problem, response).into())
            }
        }
    }
    .instrument(span)
    .await
}

/// Headers that every operation takes, and how long the description lets each be.
const LONGEST: [(HeaderName, usize); 2] = [(RequestId::HEADER, 200), (IF_NONE_MATCH, 1000)];

/// What these headers hold is read leniently, but not at any length: the description states a bound, so it is kept.
fn oversized(headers: &HeaderMap) -> Option<Problem> {
    let too_long = |(name, longest): &&(HeaderName, usize)| {
        headers.get_all(name).any(|value| value.len() > *longest)
    };
    LONGEST.iter().find(too_long).map(|(name, longest)| {
        Problem::new(ProblemCode::BadRequest, "A header is too long.").with([FieldError::at(
            Place::Header,
            format!("/{name}"),
            "too_long",
            format!("This holds more than {longest} characters."),
        )])
    })
}

/// A method that the path does not take, though a wider path that matches it too does.
fn misrouted(request: &ServiceRequest) -> Option<Problem> {
    if request
        .headers()
        .contains_key(ACCESS_CONTROL_REQUEST_METHOD)
    {
        return None;
    }
    request
        .app_data::<web::Data<crate::openapi::Addresses>>()
        .and_then(|addresses| addresses.refused(request.path(), request.method().as_str()))
        .map(Problem::method_not_allowed)
}

/// The headers that every answer has.
fn stamp(headers: &mut HeaderMap, id: &RequestId) {
    if let Ok(value) = HeaderValue::from_str(id.as_str()) {
        headers.insert(RequestId::HEADER, value);
    }
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.append(VARY, HeaderValue::from_static("Accept, Authorization"));
}

/// Every answer of 400 and above is a problem with the request's id, whoever made it.
fn as_problem(response: ServiceResponse<BoxBody>, id: &RequestId) -> ServiceResponse<BoxBody> {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let known = response
        .response()
        .error()
        .and_then(|error| error.as_error::<Problem>())
        .cloned();
    let is_problem = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|value| value == PROBLEM_JSON);
    let problem = match known {
        Some(problem) => problem,
        None if is_problem => return response,
        None => Problem::of_status(status),
    };
    let mut rendered = problem.respond(id.as_str());
    // Headers set on the way out, such as those for other origins, stay.
    for (name, value) in response.headers() {
        if !rendered.headers().contains_key(name) {
            rendered.headers_mut().append(name.clone(), value.clone());
        }
    }
    response.into_response(rendered)
}

/// Answers what no route took: 405 with every method of the path, or 404.
pub async fn unmatched(request: actix_web::HttpRequest) -> Result<HttpResponse, Problem> {
    let methods = request
        .app_data::<web::Data<crate::openapi::Addresses>>()
        .map(|addresses| addresses.methods(request.path()).to_vec())
        .unwrap_or_default();
    if methods.is_empty() {
        Err(Problem::new(
            ProblemCode::NotFound,
            "There is no such address.",
        ))
    } else {
        Err(Problem::method_not_allowed(&methods))
    }
}
