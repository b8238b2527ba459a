//! When a plugin that fails again and again is left alone for a while.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How many faults in a row open the breaker, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerLimits {
    /// Faults in a row.
    pub faults: u32,
    /// How long nothing is called after that.
    pub rest: Duration,
}

/// Counts faults in a row and says whether the next call may be made.
#[derive(Debug)]
pub struct Breaker {
    limits: BreakerLimits,
    state: Mutex<State>,
}

/// Whether a call may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// Call.
    Call,
    /// Make a new instance first, then call: the rest is over, and this one call decides.
    Restart,
    /// Do not call.
    Refuse,
}

#[derive(Debug, Default)]
struct State {
    faults: u32,
    rests_until: Option<Instant>,
    on_trial: bool,
}

impl Default for BreakerLimits {
    fn default() -> Self {
        Self {
            faults: 3,
            rest: Duration::from_secs(30),
        }
    }
}

impl Breaker {
    /// A closed breaker.
    pub fn new(limits: BreakerLimits) -> Self {
        Self {
            limits,
            state: Mutex::default(),
        }
    }

    /// Asks before a call.
    pub fn admit(&self, now: Instant) -> Admission {
        let mut state = self.lock();
        match state.rests_until {
            None => Admission::Call,
            Some(until) if now < until || state.on_trial => Admission::Refuse,
            Some(_) => {
                state.on_trial = true;
                Admission::Restart
            }
        }
    }

    /// Notes that a call went well.
    pub fn succeeded(&self) {
        *self.lock() = State::default();
    }

    /// Notes that a call failed; true when this fault opened the breaker.
    pub fn failed(&self, now: Instant) -> bool {
        let mut state = self.lock();
        state.faults = state.faults.saturating_add(1);
        let was_open = state.rests_until.is_some() && !state.on_trial;
        if state.on_trial || state.faults >= self.limits.faults {
            state.rests_until = Some(now + self.limits.rest);
            state.on_trial = false;
        }
        !was_open && state.rests_until.is_some()
    }

    /// Notes that a call was not made after all, so that a trial may be made by another one.
    pub fn not_called(&self) {
        self.lock().on_trial = false;
    }

    /// Whether calls are refused at present.
    pub fn is_open(&self) -> bool {
        self.lock().rests_until.is_some()
    }

    /// Faults since the last call that went well.
    pub fn faults_in_a_row(&self) -> u32 {
        self.lock().faults
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REST: Duration = Duration::from_secs(30);

    fn breaker() -> Breaker {
        Breaker::new(BreakerLimits {
            faults: 3,
            rest: REST,
        })
    }

    #[test]
    fn three_faults_in_a_row_open_it() {
        let (breaker, now) = (breaker(), Instant::now());
        assert!(!breaker.failed(now));
        assert!(!breaker.failed(now));
        breaker.succeeded();
        assert!(!breaker.failed(now));
        assert!(!breaker.failed(now));
        assert_eq!(breaker.admit(now), Admission::Call);
        assert!(breaker.failed(now));
        assert_eq!(breaker.admit(now), Admission::Refuse);
        assert!(breaker.is_open());
    }

    #[test]
    fn after_the_rest_one_call_decides() {
        let (breaker, now) = (breaker(), Instant::now());
        (0..3).for_each(|_| {
            breaker.failed(now);
        });
        assert_eq!(
            breaker.admit(now + REST - Duration::from_millis(1)),
            Admission::Refuse
        );
        assert_eq!(breaker.admit(now + REST), Admission::Restart);
        assert_eq!(breaker.admit(now + REST), Admission::Refuse);
        breaker.failed(now + REST);
        assert_eq!(breaker.admit(now + REST), Admission::Refuse);
        assert_eq!(breaker.admit(now + REST + REST), Admission::Restart);
        breaker.succeeded();
        assert_eq!(breaker.admit(now + REST + REST), Admission::Call);
        assert!(!breaker.is_open());
    }

    #[test]
    fn a_trial_that_was_not_made_can_be_made_again() {
        let (breaker, now) = (breaker(), Instant::now());
        (0..3).for_each(|_| {
            breaker.failed(now);
        });
        assert_eq!(breaker.admit(now + REST), Admission::Restart);
        breaker.not_called();
        assert_eq!(breaker.admit(now + REST), Admission::Restart);
    }
}
