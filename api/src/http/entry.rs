//! What every operation asks of a request before it looks closer; `#[op]` adds it to every handler.

use std::future::{Ready, ready};
use std::marker::PhantomData;

use actix_web::dev::Payload;
use actix_web::http::header::ACCEPT;
use actix_web::{FromRequest, HttpRequest};

use crate::openapi::Answers;
use crate::problem::{FieldError, Place, Problem, ProblemCode};

/// The caller accepts what the operation produces, and an operation without query parameters was sent none.
#[derive(Debug)]
pub struct Entry<R, const QUERIES: bool>(PhantomData<R>);

impl<R: Answers, const QUERIES: bool> FromRequest for Entry<R, QUERIES> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(check(request, R::PRODUCES, QUERIES).map(|()| Self(PhantomData)))
    }
}

fn check(request: &HttpRequest, produces: &[&str], queries: bool) -> Result<(), Problem> {
    if !queries && !request.query_string().is_empty() {
        let unknown = form_urlencoded::parse(request.query_string().as_bytes()).map(|(name, _)| {
            FieldError::at(
                Place::Query,
                format!("/{}", super::faults::escape(&name)),
                "unknown_parameter",
                "This operation takes no query parameters.",
            )
        });
        return Err(Problem::new(
            ProblemCode::BadQuery,
            "This operation takes no query parameters.",
        )
        .with(unknown));
    }
    if produces.is_empty()
        || produces
            .iter()
            .any(|media_type| accepts(request, media_type))
    {
        return Ok(());
    }
    Err(Problem::new(
        ProblemCode::NotAcceptable,
        format!("This operation gives {}.", produces.join(", ")),
    ))
}

/// Whether the request's `Accept` admits this media type. What cannot be read there is left out; no `Accept` admits everything.
pub fn accepts(request: &HttpRequest, media_type: &str) -> bool {
    let (kind, _) = media_type.split_once('/').unwrap_or((media_type, ""));
    let mut best: Option<(u8, bool)> = None;
    let mut asked = false;
    for range in request
        .headers()
        .get_all(ACCEPT)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(','))
    {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        if !name.contains('/') {
            continue;
        }
        asked = true;
        let exactness = if name.eq_ignore_ascii_case(media_type) {
            3
        } else if name
            .strip_suffix("/*")
            .is_some_and(|range| range.eq_ignore_ascii_case(kind))
        {
            2
        } else if name == "*/*" {
            1
        } else {
            continue;
        };
        let refused = parts
            .filter_map(|part| part.strip_prefix("q="))
            .any(|weight| weight.parse::<f32>().is_ok_and(|weight| weight <= 0.0));
        if best.is_none_or(|(known, _)| exactness > known) {
            best = Some((exactness, !refused));
        }
    }
    !asked || best.is_some_and(|(_, admitted)| admitted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn json(accept: &'static str) -> bool {
        accepts(
            &TestRequest::get()
                .insert_header(("accept", accept))
                .to_http_request(),
            "application/json",
        )
    }

    #[test]
    fn accept_is_read_as_the_standard_has_it() {
        assert!(json("*/*"));
        assert!(json("application/*"));
        assert!(json("text/html, application/json;q=0.5"));
        assert!(json("nonsense"));
        assert!(!json("text/csv"));
        assert!(!json("application/json;q=0, */*"));
        assert!(!json("*/*;q=0"));
    }

    #[test]
    fn no_parameter_is_taken_silently() {
        let request = TestRequest::get().uri("/x?colour=red").to_http_request();
        assert!(check(&request, &[], false).is_err());
        assert!(check(&request, &[], true).is_ok());
    }
}
