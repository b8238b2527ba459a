//! Whether the service is well, and its own description. All of it is public, and tells nothing of versions or hosts.

use actix_web::body::BoxBody;
use actix_web::{HttpRequest, HttpResponse, Responder, web};
use permanence_api_macros::{dto, op};
use serde_json::Value;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{Ref, RefOr};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::app::{Document, State};
use crate::http::{Json, Reply};
use crate::openapi::{Answers, Sketch, content};
use crate::problem::{Problem, ProblemCode};

/// Registers these routes.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(get_liveness)
        .service(get_readiness)
        .service(get_open_api);
}

/// How the service is.
#[dto]
pub struct Health {
    /// How it is.
    pub status: HealthStatus,
}

/// How the service is.
#[dto(code)]
pub enum HealthStatus {
    /// It works.
    Ok,
    /// It works, but a council's plugin is left alone for a while because it failed again and again: questions to that
    /// council's policy are answered with 503.
    Degraded,
}

/// Say whether the process lives
///
/// Answers as soon as the process runs. Restart it if this does not answer; it asks nothing else, so a slow database is no reason to.
#[op(get "/health/live", tag = "Service", public)]
async fn get_liveness() -> Reply<Json<Health>> {
    Ok(Json(Health {
        status: HealthStatus::Ok,
    }))
}

/// Say whether requests can be served
///
/// Asks the database. Send no requests here while the answer is 503. `degraded` is no reason to send none: all but one
/// council's policy is as well as ever, and the metrics say whose is not.
#[op(get "/health/ready", tag = "Service", public)]
async fn get_readiness(state: State) -> Reply<Json<Health>> {
    state.store.ping().await.map_err(|cause| {
        tracing::warn!(cause = %cause, "not ready");
        Problem::new(ProblemCode::Unavailable, "The database does not answer.")
    })?;
    let is_well = state
        .councils
        .iter()
        .all(|council| council.health().serving);
    let status = if is_well {
        HealthStatus::Ok
    } else {
        HealthStatus::Degraded
    };
    Ok(Json(Health { status }))
}

/// Get this description
///
/// The OpenAPI document of this very server: generate a client from it, or read it at `/docs`.
#[op(get "/openapi.json", tag = "Service", public)]
async fn get_open_api(document: web::Data<Document>) -> Reply<OpenApiJson> {
    Ok(OpenApiJson(document.get_ref().clone()))
}

/// The description as it was written at the start.
struct OpenApiJson(Document);

impl Responder for OpenApiJson {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok()
            .content_type("application/json")
            .insert_header(("cache-control", "public, max-age=300"))
            .body(self.0.0.to_string())
    }
}

impl Answers for OpenApiJson {
    const PRODUCES: &'static [&'static str] = &["application/json"];

    fn describe(sketch: &mut Sketch) {
        let schema = ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::Object))
            .description(Some("An OpenAPI 3.1 document."))
            .build();
        sketch.schemas.push((
            "OpenApiDocument".to_owned(),
            RefOr::T(Schema::Object(schema)),
        ));
        let example: Value = serde_json::json!({"openapi": "3.1.0", "info": {"title": "Permanence", "version": "0.1.0"}});
        let reference = RefOr::Ref(Ref::from_schema_name("OpenApiDocument"));
        sketch.answer_with(
            200,
            "The description.",
            &[],
            "application/json",
            content(reference, example),
        );
    }
}
