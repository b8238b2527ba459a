//! How often one caller may ask: a bucket for each, by their lasting name and not by their address.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use actix_web::http::header::{HeaderValue, RETRY_AFTER};

use super::Principal;
use crate::config::Limits;
use crate::problem::{Problem, ProblemCode};

/// So many callers are remembered; more begin anew with full buckets.
const CALLERS: usize = 10_000;

struct Bucket {
    left: f64,
    seen: Instant,
}

/// The buckets of all callers.
pub(super) struct Limiter {
    limits: Limits,
    buckets: Mutex<HashMap<String, Bucket>>,
}

impl Limiter {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            limits: limits.clone(),
            buckets: Mutex::default(),
        }
    }

    /// Takes one request out of the caller's bucket.
    pub(super) fn admit(&self, caller: &Principal) -> Result<(), Problem> {
        if self.limits.requests_per_second == 0 {
            return Ok(());
        }
        self.admit_at(
            &format!("{}|{}", caller.issuer, caller.subject),
            Instant::now(),
        )
    }

    fn admit_at(&self, caller: &str, now: Instant) -> Result<(), Problem> {
        let rate = f64::from(self.limits.requests_per_second);
        let most = f64::from(self.limits.burst.max(1));
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= CALLERS && !buckets.contains_key(caller) {
            buckets.clear();
        }
        let bucket = buckets.entry(caller.to_owned()).or_insert(Bucket {
            left: most,
            seen: now,
        });
        let since = now.saturating_duration_since(bucket.seen).as_secs_f64();
        bucket.left = (bucket.left + since * rate).min(most);
        bucket.seen = now;
        if bucket.left >= 1.0 {
            bucket.left -= 1.0;
            return Ok(());
        }
        let problem = Problem::new(
            ProblemCode::TooManyRequests,
            "You ask more often than is allowed here.",
        );
        Err(problem.header(RETRY_AFTER, HeaderValue::from_static("1")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_bucket_empties_and_fills_again() {
        let limiter = Limiter::new(&Limits {
            requests_per_second: 2,
            burst: 3,
        });
        let begun = Instant::now();
        let admitted = |caller: &str, after: u64| {
            limiter
                .admit_at(caller, begun + Duration::from_millis(after))
                .is_ok()
        };
        assert!((0..3).all(|_| admitted("one", 0)));
        assert!(!admitted("one", 0) && admitted("other", 0));
        assert!(admitted("one", 500) && !admitted("one", 500));
    }
}
