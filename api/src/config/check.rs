//! What a configuration is held to beyond its types.

use super::{Config, ConfigError, Issuer, bad};

impl Config {
    /// What no type says: the first thing that is wrong.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        self.clock()?;
        if self.server.workers == 0 {
            return Err(bad("server.workers", "at least one thread has to answer"));
        }
        if self.auth.audience.is_empty() {
            return Err(bad("auth.audience", "tokens are made out for somebody"));
        }
        for (at, issuer) in self.auth.issuers.iter().enumerate() {
            self.check_issuer(&format!("auth.issuers[{at}]"), issuer)?;
        }
        if self.database.url.is_empty() {
            return Err(bad("database.url", "records are kept somewhere"));
        }
        for origin in &self.cors.origins {
            if origin == "*" || !(origin.starts_with("https://") || origin.starts_with("http://")) {
                return Err(bad(
                    "cors.origins",
                    "an origin is a scheme, a host and perhaps a port; never `*`",
                ));
            }
        }
        Ok(())
    }

    fn check_issuer(&self, key: &str, issuer: &Issuer) -> Result<(), ConfigError> {
        let is_safe = |url: &str| {
            url.starts_with("https://")
                || (self.is_development()
                    && ["http://127.0.0.1", "http://localhost"]
                        .iter()
                        .any(|local| url.starts_with(local)))
        };
        if issuer.algorithms.is_empty() {
            return Err(bad(
                &format!("{key}.algorithms"),
                "say what the issuer signs with",
            ));
        }
        if issuer.councils.is_empty() && issuer.councils_claim.is_none() {
            return Err(bad(
                &format!("{key}.councils"),
                "say whom its callers act for, here or by councils_claim",
            ));
        }
        if issuer.jwks_url.is_none() && !is_safe(&issuer.issuer) {
            return Err(bad(
                &format!("{key}.issuer"),
                "its keys are looked up there: an https:// address, or give jwks_url",
            ));
        }
        if issuer.jwks_url.as_deref().is_some_and(|url| !is_safe(url)) {
            return Err(bad(&format!("{key}.jwks_url"), "keys come over https://"));
        }
        let again = self
            .auth
            .issuers
            .iter()
            .filter(|other| other.issuer == issuer.issuer)
            .count()
            > 1;
        if again || issuer.issuer == crate::auth::DEVELOPMENT_ISSUER {
            return Err(bad(&format!("{key}.issuer"), "this name is taken"));
        }
        Ok(())
    }
}
