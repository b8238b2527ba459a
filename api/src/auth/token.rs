//! Access tokens: checked as RFC 8725 says, against keys that the configuration names.

use std::collections::HashMap;
use std::sync::{Arc, Once};

use actix_web::http::header::{HeaderValue, WWW_AUTHENTICATE};
use jsonwebtoken::dangerous::insecure_decode_claims;
use jsonwebtoken::{Validation, decode, decode_header};
use serde::Deserialize;
use serde_json::Value;

use super::issuer::Issuer;
use super::limit::Limiter;
use super::token_cache::TokenCache;
use super::{DevelopmentKey, Principal};
use crate::clock::Clock;
use crate::config::{Auth, Limits};
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
    issuers: HashMap<String, Issuer>,
    checked: TokenCache,
    limiter: Limiter,
}

/// The one claim that is read before the signature is checked: whose signature it would have to be.
#[derive(Deserialize)]
struct Claimed {
    iss: String,
}

impl Authenticator {
    /// One for the issuers of the configuration; and for the development key, if there is one.
    pub fn new(settings: &Auth, limits: &Limits, development: Option<&DevelopmentKey>) -> Self {
        install_crypto();
        let own = development.map(|key| Issuer::development(&settings.audience, key));
        let others = settings
            .issuers
            .iter()
            .map(|issuer| Issuer::configured(settings, issuer));
        Self {
            issuers: others
                .chain(own)
                .map(|issuer| (issuer.name().to_owned(), issuer))
                .collect(),
            checked: TokenCache::default(),
            limiter: Limiter::new(limits),
        }
    }

    /// The caller whom this token names.
    ///
    /// # Errors
    /// 401 for a token that is not good, 429 for a caller who asks too often, 503 where the issuer's keys were never reached.
    pub async fn authenticate(&self, token: &str) -> Result<Arc<Principal>, Problem> {
        // The real time even where the service's own stands still: tokens are about now.
        let now = Clock::System.now().timestamp();
        let key = TokenCache::key(token);
        let principal = match self.checked.get(&key, now) {
            Some(principal) => principal,
            None => {
                let (principal, expires) = self.check(token).await?;
                let principal = Arc::new(principal);
                self.checked.put(key, &principal, now, expires);
                principal
            }
        };
        self.limiter.admit(&principal)?;
        Ok(principal)
    }

    async fn check(&self, token: &str) -> Result<(Principal, i64), Problem> {
        if token.len() > LONGEST {
            return Err(refused("The token is too long."));
        }
        let header = decode_header(token)
            .map_err(|_| refused("This is not a signed JWT of a known algorithm."))?;
        let kind = header
            .typ
            .as_deref()
            .unwrap_or("JWT")
            .trim_start_matches("application/");
        if !["jwt", "at+jwt"]
            .iter()
            .any(|known| kind.eq_ignore_ascii_case(known))
        {
            return Err(refused("This is not an access token."));
        }
        let claimed: Claimed = insecure_decode_claims(token)
            .map_err(|_| refused("The token does not say who vouches for it."))?;
        let issuer = self
            .issuers
            .get(&claimed.iss)
            .ok_or_else(|| refused("The token's issuer is not known here."))?;
        let key = issuer
            .key(header.kid.as_deref(), header.alg, || self.checked.clear())
            .await?;
        let key =
            key.ok_or_else(|| refused("The token's issuer has no such key for this algorithm."))?;
        let mut validation = Validation::new(header.alg);
        validation.set_issuer(&[issuer.name()]);
        validation.set_audience(&[&issuer.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        validation.validate_nbf = true;
        validation.leeway = LEEWAY;
        let data = decode::<Value>(token, &key, &validation).map_err(|_| {
            refused("The token is not good: check its audience, expiry and signature.")
        })?;
        let expires = data
            .claims
            .get("exp")
            .and_then(Value::as_f64)
            .unwrap_or_default();
        let principal = issuer.principal(&data.claims).map_err(refused)?;
        Ok((principal, whole_seconds(expires)))
    }
}

/// A moment of a claim, which may have a fraction.
fn whole_seconds(moment: f64) -> i64 {
    moment as i64
}

impl std::fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authenticator").finish_non_exhaustive()
    }
}

fn refused(detail: &str) -> Problem {
    let challenge = HeaderValue::from_static("Bearer error=\"invalid_token\"");
    Problem::new(ProblemCode::Unauthorized, detail).header(WWW_AUTHENTICATE, challenge)
}
