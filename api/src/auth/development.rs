//! The development key: a newcomer's way in, refused outside development mode.

use std::fs;
use std::io::Write;
use std::path::Path;

use aws_lc_rs::signature::Ed25519KeyPair;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use serde_json::json;

use super::Role;

/// Who vouches for tokens of the development key.
pub const DEVELOPMENT_ISSUER: &str = "urn:permanence:development";

/// An Ed25519 key of this machine's own.
pub struct DevelopmentKey {
    signing: EncodingKey,
    verifying: DecodingKey,
}

/// What to put in a token.
#[derive(Debug, Clone)]
pub struct Minted<'a> {
    /// Who it is for.
    pub subject: &'a str,
    /// The councils that they act for.
    pub councils: &'a [String],
    /// Their roles.
    pub roles: &'a [Role],
    /// Their teams.
    pub teams: &'a [String],
    /// For whom the token is: the service's own audience.
    pub audience: &'a str,
    /// From when, in seconds since 1970.
    pub from: i64,
    /// Until when.
    pub until: i64,
}

impl DevelopmentKey {
    /// The key in this file; made on first use, for its owner alone.
    pub fn open(path: &Path) -> Result<Self, String> {
        let fail = |what: &str, cause: &dyn std::fmt::Display| {
            format!("the development key {}: {what}: {cause}", path.display())
        };
        let pem = match fs::read(path) {
            Ok(pem) => pem,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let pem = generate().map_err(|cause| fail("cannot be made", &cause))?;
                write_private(path, &pem).map_err(|cause| fail("cannot be written", &cause))?;
                pem
            }
            Err(error) => return Err(fail("cannot be read", &error)),
        };
        Self::from_pem(&pem).map_err(|cause| fail("is not an Ed25519 key in PEM", &cause))
    }

    /// A key that lives as long as the process.
    pub fn ephemeral() -> Result<Self, String> {
        let pem = generate()?;
        Self::from_pem(&pem).map_err(|cause| cause.to_string())
    }

    fn from_pem(pem: &[u8]) -> Result<Self, jsonwebtoken::errors::Error> {
        super::install_crypto();
        let signing = EncodingKey::from_ed_pem(pem)?;
        let verifying =
            DecodingKey::from_jwk(&Jwk::from_encoding_key(&signing, Algorithm::EdDSA)?)?;
        Ok(Self { signing, verifying })
    }

    /// A token.
    pub fn mint(&self, token: &Minted<'_>) -> Result<String, String> {
        let claims = json!({
            "iss": DEVELOPMENT_ISSUER,
            "aud": token.audience,
            "sub": token.subject,
            "iat": token.from,
            "nbf": token.from,
            "exp": token.until,
            "councils": token.councils,
            "roles": token.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>(),
            "teams": token.teams,
        });
        jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), &claims, &self.signing)
            .map_err(|cause| cause.to_string())
    }

    pub(super) fn verifying(&self) -> DecodingKey {
        self.verifying.clone()
    }
}

impl std::fmt::Debug for DevelopmentKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DevelopmentKey")
    }
}

fn generate() -> Result<Vec<u8>, String> {
    let random = aws_lc_rs::rand::SystemRandom::new();
    let document = Ed25519KeyPair::generate_pkcs8v1(&random).map_err(|cause| cause.to_string())?;
    let text = STANDARD.encode(document.as_ref());
    Ok(format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n").into_bytes())
}

fn write_private(path: &Path, pem: &[u8]) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        fs::create_dir_all(folder)?;
    }
    fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?
        .write_all(pem)
}
