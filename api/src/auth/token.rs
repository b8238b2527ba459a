//! Access tokens: checked as RFC 8725 says, against keys that the configuration names.

use std::collections::BTreeSet;
use std::sync::Once;

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use permanence_core::CouncilCode;
use serde_json::Value;

use super::{DEVELOPMENT_ISSUER, DevelopmentKey, Principal, Role};
use crate::config::Auth;
use crate::problem::{Problem, ProblemCode};

/// How far clocks may be apart, in seconds.
const LEEWAY: u64 = 30;

/// The longest token that is looked at.
const LONGEST: usize = 16 * 1024;

/// Chooses the cryptography. Without it the first token would end the thread: another crate may switch on a second provider.
pub fn install_crypto() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Somebody was faster: then there is one, which is all that is needed.
        let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
    });
}

/// Turns tokens into callers.
pub struct Authenticator {
    audience: String,
    development: Option<DecodingKey>,
}

impl Authenticator {
    /// One that takes tokens for this audience; from the development key too, if there is one.
    pub fn new(settings: &Auth, development: Option<&DevelopmentKey>) -> Self {
        install_crypto();
        Self {
            audience: settings.audience.clone(),
            development: development.map(DevelopmentKey::verifying),
        }
    }

    /// The caller whom this token names.
    pub async fn authenticate(&self, token: &str) -> Result<Principal, Problem> {
        if token.len() > LONGEST {
            return Err(refused("The token is too long."));
        }
        let key = self
            .development
            .as_ref()
            .ok_or_else(|| refused("The token's issuer is not known here."))?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[DEVELOPMENT_ISSUER]);
        validation.set_audience(&[&self.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.validate_nbf = true;
        validation.leeway = LEEWAY;
        let data = decode::<Value>(token, key, &validation).map_err(|_| {
            refused("The token is not good: check its issuer, audience, expiry and signature.")
        })?;
        principal(&data.claims).ok_or_else(|| refused("The token lacks a subject."))
    }
}

impl std::fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authenticator")
            .field("audience", &self.audience)
            .finish_non_exhaustive()
    }
}

fn principal(claims: &Value) -> Option<Principal> {
    let texts = |name: &str| -> Vec<String> {
        match claims.get(name) {
            Some(Value::String(one)) => vec![one.clone()],
            Some(Value::Array(many)) => many
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
            _ => Vec::new(),
        }
    };
    Some(Principal {
        issuer: claims.get("iss")?.as_str()?.to_owned(),
        subject: claims.get("sub")?.as_str()?.to_owned(),
        councils: texts("councils")
            .into_iter()
            .filter_map(|code| CouncilCode::new(code).ok())
            .collect(),
        roles: texts("roles")
            .iter()
            .filter_map(|code| Role::parse(code))
            .collect(),
        teams: texts("teams").into_iter().collect::<BTreeSet<_>>(),
    })
}

fn refused(detail: &str) -> Problem {
    Problem::new(ProblemCode::Unauthorized, detail).header(
        actix_web::http::header::WWW_AUTHENTICATE,
        actix_web::http::header::HeaderValue::from_static("Bearer error=\"invalid_token\""),
    )
}
