//! One operation's description while its parts are being gathered.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa::openapi::path::{
    HttpMethod, OperationBuilder, Parameter, ParameterBuilder, ParameterIn, PathItem, Paths,
};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{
    Content, ContentBuilder, HeaderBuilder, Ref, RefOr, Required, Response, ResponseBuilder,
    Responses, SecurityRequirement,
};

/// The name of the one security scheme.
pub(crate) const BEARER: &str = "bearer";

/// The problems that every operation can end in.
const ALWAYS: [u16; 5] = [400, 406, 429, 500, 503];

/// One operation's description.
#[derive(Default)]
pub struct Sketch {
    id: String,
    tag: String,
    summary: String,
    description: String,
    status: String,
    scope: Option<String>,
    permission: Option<String>,
    conditional: bool,
    problems: BTreeSet<u16>,
    responses: BTreeMap<u16, Response>,
    body: Option<utoipa::openapi::request_body::RequestBody>,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// The schemas that it refers to.
    pub schemas: Vec<(String, RefOr<Schema>)>,
}

impl Sketch {
    /// An operation of which only the names are known.
    pub fn new(id: &str, tag: &str, summary: &str, description: &str, status: &str) -> Self {
        Self {
            id: id.to_owned(),
            tag: tag.to_owned(),
            summary: summary.to_owned(),
            description: description.to_owned(),
            status: status.to_owned(),
            problems: ALWAYS.into_iter().collect(),
            ..Self::default()
        }
    }

    /// Adds problems that it can end in.
    pub fn problems(&mut self, statuses: &[u16]) {
        self.problems.extend(statuses);
    }

    /// Says who may; the same words for every operation with this scope.
    pub fn permission(&mut self, scope: &str, who: &str) {
        self.scope = Some(scope.to_owned());
        self.permission = Some(format!("Permission: `{scope}` ({who})."));
        self.problems(&[401, 403]);
    }

    /// Adds a JSON body.
    pub fn body<T: ToSchema>(&mut self, media_type: &str) {
        let reference = self.refer::<T>();
        self.raw_body(media_type, Content::new(Some(reference)));
    }

    /// Adds a body of any kind.
    pub fn raw_body(&mut self, media_type: &str, content: Content) {
        let body = RequestBodyBuilder::new()
            .content(media_type, content)
            .required(Some(Required::True));
        self.body = Some(body.build());
        self.problems(&[400, 413, 415, 422]);
    }

    /// Gives the body an example of this operation's own, where many share its schema.
    pub fn body_example(&mut self, example: Value) {
        let contents = self
            .body
            .iter_mut()
            .flat_map(|body| body.content.values_mut());
        for content in contents {
            if let RefOr::T(content) = content {
                content.example = Some(example.clone());
            }
        }
    }

    /// Adds a header that the operation reads.
    pub fn header_parameter(
        &mut self,
        name: &str,
        description: &str,
        required: bool,
        shortest: usize,
        longest: usize,
        example: &str,
    ) {
        let schema = ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::String))
            .min_length(Some(shortest))
            .max_length(Some(longest))
            .examples([Value::from(example)])
            .build();
        self.parameters.push(
            ParameterBuilder::new()
                .name(name)
                .parameter_in(ParameterIn::Header)
                .description(Some(description))
                .required(if required {
                    Required::True
                } else {
                    Required::False
                })
                .schema(Some(Schema::Object(schema)))
                .build(),
        );
    }

    /// Adds an answer of JSON with a named schema.
    pub fn answer<T: ToSchema>(&mut self, status: u16, description: &str, headers: &[&str]) {
        let reference = self.refer::<T>();
        self.answer_with(
            status,
            description,
            headers,
            "application/json",
            Content::new(Some(reference)),
        );
    }

    /// Adds an answer of any kind; several media types of one status add up.
    pub fn answer_with(
        &mut self,
        status: u16,
        description: &str,
        headers: &[&str],
        media_type: &str,
        content: Content,
    ) {
        let mut response = match self.responses.remove(&status) {
            Some(response) => ResponseBuilder::from(response),
            None => ResponseBuilder::new().description(description),
        };
        for name in headers {
            response = response.header(*name, header(name));
        }
        self.responses
            .insert(status, response.content(media_type, content).build());
    }

    /// Adds an answer without a body.
    pub fn empty_answer(&mut self, status: u16, description: &str) {
        self.responses.insert(status, Response::new(description));
    }

    /// The answer has an `ETag`: a read that names it in `If-None-Match` gets 304.
    pub fn conditional(&mut self) {
        self.conditional = true;
    }

    /// Adds a page of these.
    pub fn page<T: ToSchema>(&mut self) {
        let item = self.refer::<T>();
        let name = format!("{}Page", T::name());
        let cursor = ObjectBuilder::new()
            .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
            .description(Some(
                "Where the next page begins: send it as `cursor`. Null on the last page.",
            ))
            .max_length(Some(1024))
            .examples([Value::from("eyJ2IjoxfQ")])
            .build();
        let page = ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::Object))
            .description(Some(format!("One page of a list of {}.", T::name())))
            .property(
                "items",
                ArrayBuilder::new()
                    .items(item)
                    .max_items(Some(200))
                    .description(Some("What is on it.")),
            )
            .property("nextCursor", cursor)
            .required("items")
            .required("nextCursor")
            .build();
        self.schemas
            .push((name.clone(), RefOr::T(Schema::Object(page))));
        let content = Content::new(Some(RefOr::Ref(Ref::from_schema_name(&name))));
        self.answer_with(200, "One page.", &["Link"], "application/json", content);
    }

    /// Registers a schema with all that it refers to, and refers to it.
    pub fn refer<T: ToSchema>(&mut self) -> RefOr<Schema> {
        let name = T::name().into_owned();
        self.schemas.push((name.clone(), T::schema()));
        T::schemas(&mut self.schemas);
        RefOr::Ref(Ref::from_schema_name(name))
    }

    /// The schemas that it refers to.
    pub fn into_schemas(self) -> Vec<(String, RefOr<Schema>)> {
        self.schemas
    }

    /// The description under its path and method.
    pub fn into_paths(mut self, path: &str, method: HttpMethod) -> Paths {
        if path.contains('{') {
            self.problems(&[404]);
        }
        if self.conditional && method == HttpMethod::Get {
            self.header_parameter(
                "If-None-Match",
                "The `ETag` that you hold: if it is still the one, the answer is 304 without a body.",
                false,
                0,
                1000,
                "\"v1\"",
            );
            let held = ResponseBuilder::new()
                .description("You hold it already.")
                .header("ETag", header("ETag"));
            self.responses.insert(304, held.build());
        }
        self.header_parameter(
            "X-Request-ID",
            "An id of your own for this request, repeated in the answer if it is at most 64 letters, digits, `.`, `-` or `_`.",
            false,
            0,
            200,
            "01980f0e-8a70-7c55-9d36-1b1f5a8f0c11",
        );
        let mut responses = Responses::new();
        for (status, mut response) in self.responses {
            response
                .headers
                .insert("X-Request-ID".to_owned(), RefOr::T(header("X-Request-ID")));
            responses
                .responses
                .insert(status.to_string(), RefOr::T(response));
        }
        for status in &self.problems {
            let reference = Ref::new(format!("#/components/responses/Problem{status}"));
            responses
                .responses
                .insert(status.to_string(), RefOr::Ref(reference));
        }
        let security = match &self.scope {
            Some(scope) => vec![SecurityRequirement::new(BEARER, [scope.as_str()])],
            None => Vec::new(),
        };
        let permission = self
            .permission
            .unwrap_or_else(|| "Permission: none; this operation is public.".to_owned());
        let mut operation = OperationBuilder::new()
            .tag(self.tag)
            .operation_id(Some(self.id))
            .summary(Some(self.summary))
            .description(Some(format!("{}\n\n{permission}", self.description)))
            .securities(Some(security))
            .responses(responses)
            .request_body(self.body);
        for parameter in self.parameters {
            operation = operation.parameter(parameter);
        }
        let mut operation = operation.build();
        operation.extensions = Some(
            utoipa::openapi::extensions::Extensions::builder()
                .add("x-status", json!(self.status))
                .build(),
        );
        let mut paths = Paths::new();
        paths
            .paths
            .insert(path.to_owned(), PathItem::new(method, operation));
        paths
    }
}

/// A header of an answer.
pub(crate) fn header(name: &str) -> utoipa::openapi::header::Header {
    let (description, example) = match name {
        "ETag" => (
            "The version of this: send it as `If-Match` to change it, as `If-None-Match` to read it again.",
            "\"v1\"",
        ),
        "Location" => (
            "Where it is.",
            "/v1/councils/anytown/cases/01980f0e-8a70-7c55-9d36-1b1f5a8f0c11",
        ),
        "Link" => (
            "The next page, as `rel=\"next\"` (RFC 8288); absent on the last.",
            "</v1/things?cursor=eyJ2IjoxfQ>; rel=\"next\"",
        ),
        "Retry-After" => ("After how many seconds to try again.", "1"),
        "WWW-Authenticate" => ("How to authenticate (RFC 6750).", "Bearer"),
        _ => ("The request's id.", "01980f0e-8a70-7c55-9d36-1b1f5a8f0c11"),
    };
    let schema = ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::String))
        .max_length(Some(2000))
        .examples([Value::from(example)])
        .build();
    HeaderBuilder::new()
        .schema(Some(Schema::Object(schema)))
        .description(Some(description))
        .build()
}

/// Content with its example.
pub(crate) fn content(schema: RefOr<Schema>, example: Value) -> Content {
    ContentBuilder::new()
        .schema(Some(schema))
        .example(Some(example))
        .build()
}
