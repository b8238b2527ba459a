//! The caller's right, as an extractor: a handler that takes it is only reached by callers who hold it.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::ops::Deref;

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::future::LocalBoxFuture;
use permanence_core::CouncilCode;
use serde_json::Value;
use utoipa::openapi::Required;
use utoipa::openapi::path::{ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};

use super::{Principal, Reach, Right};
use crate::app::State;
use crate::openapi::{Sketch, Takes};
use crate::problem::{Problem, ProblemCode};

pub use super::matrix::scope;

/// A right as a type.
pub trait Scope: 'static {
    /// The right.
    const RIGHT: Right;
}

/// A caller who holds this right, at the council of the path.
pub struct Authz<S> {
    council: CouncilCode,
    reach: Reach,
    principal: Principal,
    scope: PhantomData<S>,
}

impl<S> Authz<S> {
    /// The council of the path; the caller acts for it.
    pub fn council(&self) -> &CouncilCode {
        &self.council
    }

    /// Which cases the right reaches. Every query starts from it.
    pub fn reach(&self) -> Reach {
        self.reach
    }

    /// The caller.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }
}

/// A caller who holds this right, where the path names no council.
pub struct Caller<S> {
    principal: Principal,
    scope: PhantomData<S>,
}

impl<S> Deref for Caller<S> {
    type Target = Principal;

    fn deref(&self) -> &Principal {
        &self.principal
    }
}

impl<S> fmt::Debug for Authz<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authz")
            .field("council", &self.council)
            .finish_non_exhaustive()
    }
}

impl<S> fmt::Debug for Caller<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller").finish_non_exhaustive()
    }
}

impl<S: Scope> FromRequest for Authz<S> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let council = request
            .match_info()
            .get("council")
            .and_then(|text| CouncilCode::new(text).ok());
        let caller = authenticate(request);
        Box::pin(async move {
            let principal = caller.await?;
            // Another council's things are like things that are not there, so this comes before the role.
            let council = council
                .filter(|code| principal.councils.contains(code))
                .ok_or_else(Problem::not_found)?;
            let reach = held(&principal, S::RIGHT)?;
            Ok(Self {
                council,
                reach,
                principal,
                scope: PhantomData,
            })
        })
    }
}

impl<S: Scope> FromRequest for Caller<S> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let caller = authenticate(request);
        Box::pin(async move {
            let principal = caller.await?;
            held(&principal, S::RIGHT)?;
            Ok(Self {
                principal,
                scope: PhantomData,
            })
        })
    }
}

fn held(principal: &Principal, right: Right) -> Result<Reach, Problem> {
    let reach = principal.reach(right);
    if reach.is_none() {
        let detail = format!("None of your roles has the permission {}.", right.as_str());
        return Err(Problem::new(ProblemCode::Forbidden, detail));
    }
    Ok(reach)
}

/// The caller whom the bearer token names; kept with the request for whatever comes after.
fn authenticate(request: &HttpRequest) -> impl Future<Output = Result<Principal, Problem>> + use<> {
    let state = request.app_data::<State>().cloned();
    let mut given = request.headers().get_all(AUTHORIZATION);
    let token = match (given.next(), given.next()) {
        (Some(value), None) => value.to_str().ok().and_then(bearer).map(str::to_owned),
        _ => None,
    };
    let request = request.clone();
    async move {
        let state = state.ok_or_else(|| Problem::internal("the application has no state"))?;
        let token = token.ok_or_else(|| {
            Problem::new(
                ProblemCode::Unauthorized,
                "Send an access token as `Authorization: Bearer ...`.",
            )
        })?;
        let principal = state.auth.authenticate(&token).await?;
        request.extensions_mut().insert(principal.clone());
        Ok(principal)
    }
}

fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

impl<S: Scope> Takes for Authz<S> {
    fn describe(sketch: &mut Sketch) {
        sketch.permission(S::RIGHT.as_str(), S::RIGHT.about());
        let schema = ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::String))
            .min_length(Some(1))
            .max_length(Some(80))
            .examples([Value::from("derby")])
            .build();
        let parameter = ParameterBuilder::new()
            .name("council")
            .parameter_in(ParameterIn::Path)
            .description(Some("The council's code, as `listCouncils` gives it."))
            .required(Required::True)
            .schema(Some(Schema::Object(schema)));
        sketch.parameters.insert(0, parameter.build());
    }
}

impl<S: Scope> Takes for Caller<S> {
    fn describe(sketch: &mut Sketch) {
        sketch.permission(S::RIGHT.as_str(), S::RIGHT.about());
    }
}
