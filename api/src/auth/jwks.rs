//! An issuer's public keys, fetched and kept fresh.
//!
//! The last good set serves while the issuer cannot be reached; where there never was one, nobody gets in.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use tokio::sync::Mutex;

use crate::problem::{Problem, ProblemCode};

/// How long a fetch may take: a caller waits for it.
const PATIENCE: Duration = Duration::from_secs(5);

/// After so long a set is fetched again, so that keys that were withdrawn stop working.
const FRESH: Duration = Duration::from_secs(600);

/// The largest document that is read.
const LARGEST: usize = 256 * 1024;

/// A public key and the one algorithm that it is good for.
#[derive(Clone)]
pub(super) struct PublicKey {
    id: Option<String>,
    pub(super) algorithm: Algorithm,
    pub(super) key: DecodingKey,
}

struct Fetched {
    at: Instant,
    keys: Vec<PublicKey>,
    document: JwkSet,
}

/// The keys of one issuer.
pub(super) struct Jwks {
    issuer: String,
    address: Option<String>,
    client: reqwest::Client,
    /// An unknown key, or a failed fetch, leads to a fetch at most so often: or strangers would make us hammer the issuer.
    pause: Duration,
    fetched: RwLock<Option<Arc<Fetched>>>,
    /// Held while fetching, so that many callers wait for one fetch; holds the time of the last attempt.
    fetching: Mutex<Option<Instant>>,
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

impl Jwks {
    pub(super) fn new(issuer: &str, address: Option<&str>, pause: Duration) -> Self {
        let client = reqwest::Client::builder()
            .timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none());
        Self {
            issuer: issuer.to_owned(),
            address: address.map(str::to_owned),
            client: client.build().unwrap_or_default(),
            pause,
            fetched: RwLock::default(),
            fetching: Mutex::default(),
        }
    }

    /// The key of this id and algorithm. `changed` is called when the set is another than before.
    pub(super) async fn find(
        &self,
        id: Option<&str>,
        algorithm: Algorithm,
        changed: impl Fn(),
    ) -> Result<Option<PublicKey>, Problem> {
        let known = self.fetched();
        let fresh = known
            .as_ref()
            .is_some_and(|fetched| fetched.at.elapsed() < FRESH);
        if let Some(key) = known
            .as_deref()
            .and_then(|fetched| pick(&fetched.keys, id, algorithm))
        {
            if !fresh {
                self.refresh(&changed).await;
                return Ok(self
                    .fetched()
                    .and_then(|fetched| pick(&fetched.keys, id, algorithm)));
            }
            return Ok(Some(key));
        }
        self.refresh(&changed).await;
        let fetched = self.fetched().ok_or_else(|| {
            Problem::new(
                ProblemCode::Unavailable,
                "The token's issuer cannot be reached, so nobody of its can be let in.",
            )
        })?;
        Ok(pick(&fetched.keys, id, algorithm))
    }

    fn fetched(&self) -> Option<Arc<Fetched>> {
        self.fetched
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Fetches the set, unless that was tried a moment ago. What fails leaves the last good set in place.
    async fn refresh(&self, changed: &impl Fn()) {
        let mut attempted = self.fetching.lock().await;
        if attempted.is_some_and(|at| at.elapsed() < self.pause) {
            return;
        }
        *attempted = Some(Instant::now());
        match self.fetch().await {
            Ok(document) => {
                let keys: Vec<PublicKey> = document.keys.iter().filter_map(public_key).collect();
                let before = self.fetched();
                let is_other = before.is_none_or(|before| before.document != document);
                let fetched = Arc::new(Fetched {
                    at: Instant::now(),
                    keys,
                    document,
                });
                *self.fetched.write().unwrap_or_else(PoisonError::into_inner) = Some(fetched);
                if is_other {
                    tracing::info!(issuer = self.issuer, "the issuer's keys are new");
                    changed();
                }
            }
            Err(cause) => tracing::warn!(
                issuer = self.issuer,
                cause,
                "the issuer's keys could not be fetched"
            ),
        }
    }

    async fn fetch(&self) -> Result<JwkSet, String> {
        let address = match &self.address {
            Some(address) => address.clone(),
            None => {
                let well_known = format!(
                    "{}/.well-known/openid-configuration",
                    self.issuer.trim_end_matches('/')
                );
                let discovery: Discovery = self.get(&well_known).await?;
                if discovery.issuer != self.issuer {
                    return Err("its discovery document names another issuer".to_owned());
                }
                discovery.jwks_uri
            }
        };
        self.get(&address).await
    }

    async fn get<T: for<'de> Deserialize<'de>>(&self, address: &str) -> Result<T, String> {
        let whole = async {
            let response = self
                .client
                .get(address)
                .send()
                .await
                .map_err(|cause| cause.without_url().to_string())?;
            if !response.status().is_success() {
                return Err(format!("it answered {}", response.status().as_u16()));
            }
            let mut response = response;
            let mut body = Vec::new();
            while let Some(part) = response
                .chunk()
                .await
                .map_err(|cause| cause.without_url().to_string())?
            {
                if body.len().saturating_add(part.len()) > LARGEST {
                    return Err("its answer is too long".to_owned());
                }
                body.extend_from_slice(&part);
            }
            serde_json::from_slice(&body)
                .map_err(|_| "its answer is not what was asked for".to_owned())
        };
        tokio::time::timeout(PATIENCE, whole)
            .await
            .map_err(|_| "it did not answer in time".to_owned())?
    }
}

/// The key of this id; one without an id only where there is no other of its algorithm.
fn pick(keys: &[PublicKey], id: Option<&str>, algorithm: Algorithm) -> Option<PublicKey> {
    let mut fit = keys
        .iter()
        .filter(|key| key.algorithm == algorithm && (id.is_none() || key.id.as_deref() == id));
    match (fit.next(), fit.next()) {
        (Some(only), None) => Some(only.clone()),
        _ => None,
    }
}

/// A key for signatures, with the algorithm that its kind allows; anything else in the set is passed over.
fn public_key(jwk: &Jwk) -> Option<PublicKey> {
    if jwk
        .common
        .public_key_use
        .as_ref()
        .is_some_and(|kind| *kind != PublicKeyUse::Signature)
    {
        return None;
    }
    let algorithm = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => Algorithm::RS256,
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => {
            Algorithm::ES256
        }
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
            Algorithm::EdDSA
        }
        _ => return None,
    };
    let said = jwk.common.key_algorithm.as_ref().map(ToString::to_string);
    if said.is_some_and(|said| said.parse::<Algorithm>().ok() != Some(algorithm)) {
        return None;
    }
    let key = DecodingKey::from_jwk(jwk).ok()?;
    Some(PublicKey {
        id: jwk.common.key_id.clone(),
        algorithm,
        key,
    })
}
