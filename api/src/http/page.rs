//! Pages of a list, by keyset.

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::body::BoxBody;
use actix_web::dev::Payload;
use actix_web::http::header::LINK;
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, Responder};
use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;

use super::cursor;
use crate::auth::Principal;
use crate::openapi::{Answers, Sketch, Takes};
use crate::problem::Problem;

/// How many items a page has unless the caller says otherwise.
pub fn default_limit() -> u16 {
    50
}

/// What `#[dto(query, paged)]` adds to a list's question.
pub trait PageRequest {
    /// The cursor, if this is not the first page.
    fn cursor(&self) -> Option<&str>;
    /// How many items at most; within bounds.
    fn limit(&self) -> u16;
}

/// The question that a list is asked, for reading and making its cursors.
#[derive(Debug, Clone)]
pub struct Listing {
    fingerprint: String,
}

impl Listing {
    /// The key after which this page begins; none for the first page.
    pub fn after<K: DeserializeOwned>(
        &self,
        request: &impl PageRequest,
    ) -> Result<Option<K>, Problem> {
        request
            .cursor()
            .map(|cursor| cursor::decode(&self.fingerprint, cursor))
            .transpose()
    }

    /// A page of what lies in memory in the order of its keys: as many as the limit, and a cursor if there are more.
    pub fn keyed<T, K: Serialize>(
        &self,
        rest: impl IntoIterator<Item = T>,
        limit: u16,
        key: impl Fn(&T) -> K,
    ) -> Result<Page<T>, Problem> {
        let mut rest = rest.into_iter();
        let items: Vec<T> = rest.by_ref().take(usize::from(limit)).collect();
        let more = rest.next().is_some();
        let next = items.last().filter(|_| more).map(key);
        self.page(items, next)
    }

    /// The page, and where the next one begins if there is one.
    pub fn page<T, K: Serialize>(
        &self,
        items: impl IntoIterator<Item = T>,
        next: Option<K>,
    ) -> Result<Page<T>, Problem> {
        let next_cursor = next
            .map(|key| cursor::encode(&self.fingerprint, &key))
            .transpose()?;
        Ok(Page {
            items: items.into_iter().collect(),
            next_cursor,
        })
    }
}

impl FromRequest for Listing {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let extensions = request.extensions();
        let caller = extensions
            .get::<Arc<Principal>>()
            .map(|principal| principal.subject.as_str())
            .unwrap_or_default();
        let fingerprint = cursor::fingerprint(request.path(), request.query_string(), caller);
        ready(Ok(Self { fingerprint }))
    }
}

impl Takes for Listing {
    fn describe(_: &mut Sketch) {}
}

/// One page of a list.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Where the next page begins; null on the last.
    pub next_cursor: Option<String>,
}

impl<T: Serialize> Responder for Page<T> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponse::Ok();
        if let Some(cursor) = &self.next_cursor {
            let mut query = form_urlencoded::Serializer::new(String::new());
            for (name, value) in form_urlencoded::parse(request.query_string().as_bytes()) {
                if name != "cursor" {
                    query.append_pair(&name, &value);
                }
            }
            query.append_pair("cursor", cursor);
            response.insert_header((
                LINK,
                format!("<{}?{}>; rel=\"next\"", request.path(), query.finish()),
            ));
        }
        super::answers::json(response, &self)
    }
}

impl<T: ToSchema> Answers for Page<T> {
    const PRODUCES: &'static [&'static str] = &["application/json"];

    fn describe(sketch: &mut Sketch) {
        sketch.page::<T>();
    }
}
