//! The caller's right, as an extractor: a handler that takes it is only reached by callers who hold it.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::future::LocalBoxFuture;
use permanence_core::CouncilCode;
use serde_json::Value;
use utoipa::openapi::Required;
use utoipa::openapi::path::{ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};

use super::{Principal, Reach, Right, Role, matrix};
use crate::app::State;
use crate::http::RequestId;
use crate::openapi::{Sketch, Takes};
use crate::problem::{Problem, ProblemCode};
use crate::service::Acting;
use crate::store::audit::Actor;
use crate::store::cases::CaseScope;

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
    principal: Arc<Principal>,
    request_id: Option<String>,
    scope: PhantomData<S>,
}

impl<S: Scope> Authz<S> {
    /// The caller as the use cases know them: their cases, and what the audit keeps of them.
    pub fn acting(&self) -> Acting {
        let principal = &self.principal;
        let by_this_right = |role: &&Role| !matrix::reach(**role, S::RIGHT).is_none();
        let named = |wanted: bool| wanted.then(|| principal.subject.clone());
        Acting {
            council: self.council.clone(),
            actor: Actor {
                id: principal.subject.clone(),
                role: principal
                    .roles
                    .iter()
                    .find(by_this_right)
                    .map(|role| role.as_str().to_owned()),
            },
            scope: CaseScope {
                all: self.reach.council,
                worker: named(self.reach.own),
                teams: match self.reach.teams {
                    true => principal.teams.iter().cloned().collect(),
                    false => Vec::new(),
                },
                person: named(self.reach.sittings),
            },
            request_id: self.request_id.clone(),
        }
    }
}

impl<S> Authz<S> {
    /// The same caller by another right, where part of an operation needs it.
    ///
    /// # Errors
    /// 403 when the caller does not hold it.
    pub fn also<T: Scope>(&self) -> Result<Authz<T>, Problem> {
        Ok(Authz {
            council: self.council.clone(),
            reach: held(&self.principal, T::RIGHT)?,
            principal: Arc::clone(&self.principal),
            request_id: self.request_id.clone(),
            scope: PhantomData,
        })
    }

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
    principal: Arc<Principal>,
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
        let request_id = request
            .extensions()
            .get::<RequestId>()
            .map(|id| id.as_str().to_owned());
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
                request_id,
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
fn authenticate(
    request: &HttpRequest,
) -> impl Future<Output = Result<Arc<Principal>, Problem>> + use<> {
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
            .examples([Value::from("anytown")])
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
