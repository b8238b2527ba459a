//! JSON bodies that carry files: larger than others, and with more time to arrive.

use std::ops::Deref;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;
use validator::Validate;

use super::body::{bytes_within, parse};
use crate::openapi::{Sketch, Takes};
use crate::problem::Problem;

/// How long an upload may take to arrive.
const PATIENCE: Duration = Duration::from_secs(300);

/// How many bytes an upload may have; in the application's data.
#[derive(Debug, Clone, Copy)]
pub struct UploadLimit(pub usize);

impl Default for UploadLimit {
    fn default() -> Self {
        Self(64 << 20)
    }
}

/// A body of JSON that carries files.
#[derive(Debug, Clone)]
pub struct Upload<T>(pub T);

impl<T> Deref for Upload<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned + Validate + ToSchema> FromRequest for Upload<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        let limit = request
            .app_data::<UploadLimit>()
            .copied()
            .unwrap_or_default()
            .0;
        Box::pin(async move {
            let body = bytes_within(&request, payload, "application/json", limit, PATIENCE).await?;
            parse(&body).map(Self)
        })
    }
}

impl<T: ToSchema> Takes for Upload<T> {
    fn describe(sketch: &mut Sketch) {
        sketch.body::<T>("application/json");
    }
}
