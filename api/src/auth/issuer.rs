//! One issuer: its keys, and how its claims become a caller.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey};
use permanence_core::CouncilCode;
use serde_json::Value;

use super::jwks::Jwks;
use super::{DEVELOPMENT_ISSUER, DevelopmentKey, Principal, Role};
use crate::config::{self, SigningAlgorithm};
use crate::problem::Problem;

/// Somebody who vouches for callers.
pub(super) struct Issuer {
    name: String,
    pub(super) audience: String,
    algorithms: Vec<Algorithm>,
    keys: Keys,
    claims: Claims,
}

enum Keys {
    Own(DecodingKey),
    Fetched(Box<Jwks>),
}

/// Which claim says what.
struct Claims {
    tenant: Option<String>,
    councils: Vec<CouncilCode>,
    councils_claim: Option<String>,
    subject: String,
    roles_claim: String,
    roles: BTreeMap<String, Role>,
    teams: Option<String>,
}

impl Issuer {
    /// The development key's own.
    pub(super) fn development(audience: &str, key: &DevelopmentKey) -> Self {
        Self {
            name: DEVELOPMENT_ISSUER.to_owned(),
            audience: audience.to_owned(),
            algorithms: vec![Algorithm::EdDSA],
            keys: Keys::Own(key.verifying()),
            claims: Claims {
                tenant: None,
                councils: Vec::new(),
                councils_claim: Some("councils".to_owned()),
                subject: "sub".to_owned(),
                roles_claim: "roles".to_owned(),
                roles: Role::ALL
                    .iter()
                    .map(|role| (role.as_str().to_owned(), *role))
                    .collect(),
                teams: Some("teams".to_owned()),
            },
        }
    }

    /// One of the configuration's.
    pub(super) fn configured(auth: &config::Auth, settings: &config::Issuer) -> Self {
        Self {
            name: settings.issuer.clone(),
            audience: settings
                .audience
                .clone()
                .unwrap_or_else(|| auth.audience.clone()),
            algorithms: settings
                .algorithms
                .iter()
                .map(|algorithm| algorithm_of(*algorithm))
                .collect(),
            keys: Keys::Fetched(Box::new(Jwks::new(
                &settings.issuer,
                settings.jwks_url.as_deref(),
                Duration::from_secs(auth.refresh_pause_seconds),
            ))),
            claims: Claims {
                tenant: settings.tenant.clone(),
                councils: settings.councils.clone(),
                councils_claim: settings.councils_claim.clone(),
                subject: settings.subject_claim.clone(),
                roles_claim: settings.roles_claim.clone(),
                roles: settings.roles.clone(),
                teams: settings.teams_claim.clone(),
            },
        }
    }

    /// Its name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The key that a token with this header is to be checked with, if there is one for just this algorithm.
    pub(super) async fn key(
        &self,
        id: Option<&str>,
        algorithm: Algorithm,
        changed: impl Fn(),
    ) -> Result<Option<DecodingKey>, Problem> {
        if !self.algorithms.contains(&algorithm) {
            return Ok(None);
        }
        match &self.keys {
            Keys::Own(key) => Ok(Some(key.clone())),
            Keys::Fetched(keys) => Ok(keys.find(id, algorithm, changed).await?.map(|key| key.key)),
        }
    }

    /// The caller whom these claims, already checked, describe.
    pub(super) fn principal(&self, claims: &Value) -> Result<Principal, &'static str> {
        let mapping = &self.claims;
        if let Some(tenant) = &mapping.tenant
            && claims.get("tid").and_then(Value::as_str) != Some(tenant)
        {
            return Err("The token is of another tenant.");
        }
        if claims.get("cnf").is_some() {
            return Err(
                "The token is bound to a key of the sender's, which cannot be checked here.",
            );
        }
        let subject = claims
            .get(&mapping.subject)
            .and_then(Value::as_str)
            .filter(|subject| !subject.is_empty());
        let roles: BTreeSet<Role> = texts(claims, &mapping.roles_claim)
            .iter()
            .filter_map(|name| mapping.roles.get(name))
            .copied()
            .collect();
        let groups_overflowed =
            claims.get("_claim_names").is_some() || claims.get("hasgroups").is_some();
        if roles.is_empty() && groups_overflowed {
            return Err(
                "The caller is in more groups than a token holds: use app roles instead of groups.",
            );
        }
        Ok(Principal {
            issuer: self.name.clone(),
            subject: subject
                .ok_or("The token does not say who its caller is.")?
                .to_owned(),
            councils: mapping.councils_of(claims),
            roles,
            teams: mapping
                .teams
                .as_deref()
                .map(|name| texts(claims, name))
                .unwrap_or_default()
                .into_iter()
                .collect(),
        })
    }
}

impl Claims {
    fn councils_of(&self, claims: &Value) -> BTreeSet<CouncilCode> {
        let Some(claim) = &self.councils_claim else {
            return self.councils.iter().cloned().collect();
        };
        let said = texts(claims, claim)
            .into_iter()
            .filter_map(|code| CouncilCode::new(code).ok());
        said.filter(|code| self.councils.is_empty() || self.councils.contains(code))
            .collect()
    }
}

fn algorithm_of(algorithm: SigningAlgorithm) -> Algorithm {
    match algorithm {
        SigningAlgorithm::RS256 => Algorithm::RS256,
        SigningAlgorithm::ES256 => Algorithm::ES256,
        SigningAlgorithm::EdDSA => Algorithm::EdDSA,
    }
}

/// A claim that is a text or a list of texts.
fn texts(claims: &Value, name: &str) -> Vec<String> {
    match claims.get(name) {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(many)) => many
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        _ => Vec::new(),
    }
}
