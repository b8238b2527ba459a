//! Callers whose tokens were checked a moment ago: a check costs more than most answers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};

use super::Principal;

/// How long a checked token is believed, in seconds; never past its own end.
const BELIEVED: i64 = 60;

/// How many tokens each of the two generations holds.
const GENERATION: usize = 4096;

type Key = [u8; 32];

#[derive(Debug, Clone)]
struct Checked {
    principal: Arc<Principal>,
    until: i64,
}

#[derive(Debug, Default)]
struct Generations {
    young: HashMap<Key, Checked>,
    old: HashMap<Key, Checked>,
}

/// The tokens of the last minute, by their digest: the token itself is not kept.
///
/// Two generations instead of a list in order of use: when the young one is full it becomes the old one, and what is asked
/// for there moves back. It never holds more than twice [`GENERATION`].
#[derive(Debug, Default)]
pub(super) struct TokenCache(Mutex<Generations>);

impl TokenCache {
    /// The token's key here.
    pub(super) fn key(token: &str) -> Key {
        Sha256::digest(token.as_bytes()).into()
    }

    /// Who the token names, if it was checked lately.
    pub(super) fn get(&self, key: &Key, now: i64) -> Option<Arc<Principal>> {
        let mut generations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(checked) = generations.young.get(key) {
            return (now < checked.until).then(|| Arc::clone(&checked.principal));
        }
        let checked = generations
            .old
            .remove(key)
            .filter(|checked| now < checked.until)?;
        let principal = Arc::clone(&checked.principal);
        generations.insert(*key, checked);
        Some(principal)
    }

    /// Keeps a token that was just checked and ends then.
    pub(super) fn put(&self, key: Key, principal: &Arc<Principal>, now: i64, expires: i64) {
        let until = expires.min(now.saturating_add(BELIEVED));
        let checked = Checked {
            principal: Arc::clone(principal),
            until,
        };
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(key, checked);
    }

    /// Forgets everything: an issuer's keys have changed.
    pub(super) fn clear(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Generations::default();
    }
}

impl Generations {
    fn insert(&mut self, key: Key, checked: Checked) {
        if self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, checked);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn somebody() -> Arc<Principal> {
        Arc::new(Principal {
            issuer: "i".to_owned(),
            subject: "s".to_owned(),
            councils: BTreeSet::new(),
            roles: BTreeSet::new(),
            teams: BTreeSet::new(),
        })
    }

    #[test]
    fn a_token_is_believed_for_a_minute_and_never_past_its_end() {
        let cache = TokenCache::default();
        let (long, short) = (TokenCache::key("long"), TokenCache::key("short"));
        cache.put(long, &somebody(), 1000, 9000);
        cache.put(short, &somebody(), 1000, 1010);
        assert!(cache.get(&long, 1059).is_some() && cache.get(&long, 1060).is_none());
        assert!(cache.get(&short, 1009).is_some() && cache.get(&short, 1010).is_none());
        cache.clear();
        assert!(cache.get(&long, 1001).is_none());
    }

    #[test]
    fn it_is_bounded_and_keeps_what_is_used() {
        let cache = TokenCache::default();
        let used = TokenCache::key("used");
        cache.put(used, &somebody(), 0, 100);
        for number in 0..3 * GENERATION {
            cache.put(TokenCache::key(&number.to_string()), &somebody(), 0, 100);
            if number % 1000 == 0 {
                assert!(cache.get(&used, 1).is_some());
            }
        }
        let generations = cache.0.lock().expect("nobody panicked");
        assert!(generations.young.len() + generations.old.len() <= 2 * GENERATION);
    }
}
