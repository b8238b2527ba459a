//! The whole description: what the operations have in common, and the finishing touches.

use std::collections::BTreeSet;

use actix_web::App;
use serde_json::{Value, json};
use utoipa::openapi::info::{ContactBuilder, InfoBuilder, LicenseBuilder};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    Components, OpenApi, OpenApiBuilder, Paths, Ref, RefOr, ResponseBuilder, ServerBuilder,
};
use utoipa::{PartialSchema, ToSchema};
use utoipa_actix_web::AppExt;
use utoipa_actix_web::service_config::ServiceConfig;

use super::sketch::{BEARER, content, header};
use crate::problem::{FieldError, PROBLEM_JSON, Place, Problem, ProblemBody, ProblemCode};

const ABOUT: &str = "Councils' permanence panels: cases, sittings, bookings, decisions and drift, under each council's own rules.\n\n\
Every council is a plugin. Its rules can be asked without storing anything, and every answer names the clauses of the policy that it rests on.\n\n\
- Errors are `application/problem+json` (RFC 9457) with a stable `code` and, in `errors`, a pointer to each fault.\n\
- What is not yours to see is answered like what is not there: 404.\n\
- A change needs `If-Match` with the `ETag` that you read: 428 without it, 412 if somebody was faster.\n\
- A POST that makes something takes `Idempotency-Key`: the same request under the same key gives the first answer again.\n\
- Lists come in pages: `limit` and `cursor`, with `nextCursor` in the body and `Link` in the header.\n\
- New members and new codes may be added at any time; what you send must have none that is unknown.\n\
- An operation's `x-status` is `alpha`, `beta`, `stable` or `deprecated`; a deprecated one stays for twelve months.";

const TAGS: &[(&str, &str)] = &[
    (
        "Service",
        "Whether the service is well, and its own description.",
    ),
    (
        "Councils",
        "The councils that are loaded, their policies clause by clause, and their code lists.",
    ),
    (
        "Policy",
        "Questions to a council's rules. Nothing is stored, and no case is needed.",
    ),
    ("Cases", "Children's cases and what is known of their care."),
    (
        "Care history",
        "Episodes, reviews, plans, assessments and what else happened to a child in care, with the source of each.",
    ),
    (
        "Panel",
        "Sittings, bookings, paperwork, attendance, decisions and what follows from them.",
    ),
    (
        "Forms",
        "The forms that a policy asks for, and what was handed in on them.",
    ),
    (
        "Drift",
        "Due dates and the children who are overdue under their council's policy.",
    ),
    (
        "Integration",
        "Returns and other data from councils' own systems.",
    ),
    ("Audit", "Who did and saw what."),
];

/// The description of these routes, from the router alone: no server, database or plugin is needed.
pub fn document(routes: impl FnOnce(&mut ServiceConfig<'_>)) -> Value {
    let (_, gathered) = App::new()
        .into_utoipa_app()
        .openapi(frame())
        .configure(routes)
        .split_for_parts();
    finish(gathered)
}

fn frame() -> OpenApi {
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Permanence")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some(ABOUT))
                .contact(Some(
                    ContactBuilder::new()
                        .name(Some("Permanence"))
                        .email(Some("permanence@example.org"))
                        .build(),
                ))
                .license(Some(
                    LicenseBuilder::new()
                        .name("MIT")
                        .identifier(Some("MIT"))
                        .build(),
                ))
                .build(),
        )
        .servers(Some([ServerBuilder::new()
            .url("/")
            .description(Some("This server."))
            .build()]))
        .paths(Paths::new())
        .build()
}

/// Adds what the operations refer to: problems, the security scheme, tags and examples.
pub fn finish(mut document: OpenApi) -> Value {
    let used: BTreeSet<String> = operations(&document)
        .filter_map(|operation| operation.tags.clone())
        .flatten()
        .collect();
    document.tags = Some(
        TAGS.iter()
            .filter(|(name, _)| used.contains(*name))
            .map(|(name, text)| {
                TagBuilder::new()
                    .name(*name)
                    .description(Some(*text))
                    .build()
            })
            .collect(),
    );
    let statuses: BTreeSet<u16> = operations(&document)
        .flat_map(|operation| operation.responses.responses.keys())
        .filter_map(|status| status.parse().ok())
        .filter(|status| *status >= 400)
        .collect();
    let components = document.components.get_or_insert_with(Components::new);
    components
        .schemas
        .insert(ProblemBody::name().into_owned(), ProblemBody::schema());
    let mut referred = Vec::new();
    ProblemBody::schemas(&mut referred);
    components.schemas.extend(referred);
    for status in statuses {
        components.responses.insert(
            format!("Problem{status}"),
            RefOr::T(problem_response(status)),
        );
    }
    components.security_schemes.insert(
        BEARER.to_owned(),
        RefOr::T(SecurityScheme::Http(
            HttpBuilder::new()
                .scheme(HttpAuthScheme::Bearer)
                .bearer_format("JWT")
                .description(Some(
                    "An OAuth 2 access token as a signed JWT (RFC 9068, checked as RFC 8725 says) from one of the configured issuers. \
                     Each operation names the permission that it needs; a caller's roles give permissions.",
                ))
                .build(),
        )),
    );
    super::examples::complete(serde_json::to_value(&document).unwrap_or_default())
}

fn operations(document: &OpenApi) -> impl Iterator<Item = &utoipa::openapi::path::Operation> {
    document.paths.paths.values().flat_map(|item| {
        [&item.get, &item.post, &item.put, &item.patch, &item.delete]
            .into_iter()
            .filter_map(Option::as_ref)
    })
}

fn problem_response(status: u16) -> utoipa::openapi::Response {
    let codes: Vec<ProblemCode> = ProblemCode::ALL
        .iter()
        .copied()
        .filter(|code| code.status() == status)
        .collect();
    let meanings: Vec<String> = codes
        .iter()
        .map(|code| format!("`{}`: {}.", code.as_str(), code.title()))
        .collect();
    let mut response = ResponseBuilder::new()
        .description(meanings.join(" "))
        .header("X-Request-ID", header("X-Request-ID"))
        .content(
            PROBLEM_JSON,
            content(
                RefOr::Ref(Ref::from_schema_name(ProblemBody::name())),
                example(codes.first().copied()),
            ),
        );
    if status == 401 {
        response = response.header("WWW-Authenticate", header("WWW-Authenticate"));
    }
    // Where something of that name is there already, this is its address.
    if status == 409 {
        response = response.header("Location", header("Location"));
    }
    if matches!(status, 429 | 503) {
        response = response.header("Retry-After", header("Retry-After"));
    }
    response.build()
}

fn example(code: Option<ProblemCode>) -> Value {
    let code = code.unwrap_or(ProblemCode::Internal);
    let problem = Problem::new(code, format!("{}.", code.title()));
    let errors = match code {
        ProblemCode::Invalid => {
            vec![FieldError::body(
                "/facts/panelDate",
                "invalid_value",
                "It is not in the form that is expected here.",
            )]
        }
        ProblemCode::BadRequest => vec![FieldError::at(
            Place::Query,
            "/limit",
            "wrong_type",
            "Expected a number.",
        )],
        _ => Vec::new(),
    };
    let id = "01980f0e-8a70-7c55-9d36-1b1f5a8f0c11";
    json!({
        "type": format!("urn:permanence:problem:{}", code.as_str()),
        "title": code.title(),
        "status": code.status(),
        "detail": problem.detail,
        "instance": format!("urn:permanence:request:{id}"),
        "code": code.as_str(),
        "requestId": id,
        "errors": errors,
    })
}
