//! Chance that repeats itself: a seed gives the same numbers on every machine and in every version.

/// A stream of numbers (SplitMix64). Not for secrets.
#[derive(Debug, Clone)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A stream of its own, so that one child's story does not depend on the length of another's.
    pub(super) fn fork(&mut self) -> Self {
        Self(self.next())
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % (high.saturating_sub(low) + 1)
    }

    /// True once in `n` times.
    pub(super) fn once_in(&mut self, n: u64) -> bool {
        self.between(1, n) == 1
    }

    /// One of several.
    pub(super) fn pick<T: Copy>(&mut self, of: &[T], or: T) -> T {
        let last = u64::try_from(of.len()).unwrap_or(1).saturating_sub(1);
        usize::try_from(self.between(0, last))
            .ok()
            .and_then(|at| of.get(at).copied())
            .unwrap_or(or)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers() {
        let numbers = |seed| {
            let mut chance = Chance::new(seed);
            [0; 5].map(|_: u64| chance.between(10, 12))
        };
        assert_eq!(numbers(7), numbers(7));
        assert!(numbers(7).iter().all(|number| (10..=12).contains(number)));
        assert_ne!(Chance::new(1).next(), Chance::new(2).next());
    }
}
