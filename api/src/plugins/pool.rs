//! Threads that a library may keep.
//!
//! A call into a library cannot be interrupted. It therefore runs on a thread of its own pool, never on the threads
//! that serve requests; whoever waits for it stops waiting when the budget is used up. A thread whose call is over
//! its budget is given up and replaced, up to a limit; if its call returns one day, the thread ends.

use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How many threads, how long a call may take, how many calls may wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolLimits {
    /// Calls at the same time.
    pub threads: usize,
    /// Threads that may be lost to calls that never return, before nothing is called any more.
    pub lost_threads: usize,
    /// Calls that may wait for a thread.
    pub queue: usize,
    /// How long a call may take, and how long it may wait for a thread before that.
    pub budget: Duration,
}

/// Why there is no answer from the pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PoolError {
    /// Too many calls are waiting, or this one waited too long for a thread. It was not made.
    Busy,
    /// The call was made and used up its budget.
    TimedOut,
    /// Too many threads were lost.
    Exhausted,
    /// The work panicked on this side of the boundary, or no thread could be started.
    Failed,
}

/// A bounded pool of replaceable threads.
#[derive(Debug)]
pub struct Pool {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    name: String,
    limits: PoolLimits,
    state: Mutex<State>,
    work_came: Condvar,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Job>,
    /// Threads that wait for work.
    idle: usize,
    /// Threads at work, by number, and since when.
    running: HashMap<u64, Instant>,
    /// Threads that were given up and have not come back.
    lost: usize,
    /// The number of the next thread.
    next: u64,
    closed: bool,
}

type Job = Box<dyn FnOnce() + Send>;

impl Default for PoolLimits {
    fn default() -> Self {
        Self {
            threads: 2,
            lost_threads: 4,
            queue: 256,
            budget: Duration::from_secs(2),
        }
    }
}

impl Pool {
    /// A pool that starts its threads when they are needed.
    pub fn new(name: impl Into<String>, limits: PoolLimits) -> Self {
        let (state, work_came) = (Mutex::default(), Condvar::new());
        Self {
            shared: Arc::new(Shared {
                name: name.into(),
                limits,
                state,
                work_came,
            }),
        }
    }

    /// Runs the work on a thread of the pool and waits for it, at most for the budget.
    ///
    /// It blocks: it must not be called on a thread that serves requests.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PoolError> {
        let (started, start) = sync_channel(0);
        let (sender, answer) = sync_channel(1);
        self.submit(Box::new(move || {
            // Whoever asked may have left while this waited in the queue.
            if started.send(()).is_ok() {
                let _ = sender.send(work());
            }
        }))?;
        self.within_budget(&start, PoolError::Busy)?;
        drop(start);
        self.within_budget(&answer, PoolError::TimedOut)
    }

    fn within_budget<T>(&self, receiver: &Receiver<T>, late: PoolError) -> Result<T, PoolError> {
        match receiver.recv_timeout(self.shared.limits.budget) {
            Ok(answer) => Ok(answer),
            Err(RecvTimeoutError::Disconnected) => Err(PoolError::Failed),
            Err(RecvTimeoutError::Timeout) => {
                self.shared.give_up_overdue(&mut self.shared.lock());
                Err(late)
            }
        }
    }

    /// How many threads are lost to calls that have not returned.
    pub fn lost_threads(&self) -> usize {
        let mut state = self.shared.lock();
        self.shared.give_up_overdue(&mut state);
        state.lost
    }

    fn submit(&self, job: Job) -> Result<(), PoolError> {
        let limits = self.shared.limits;
        let mut state = self.shared.lock();
        self.shared.give_up_overdue(&mut state);
        if state.lost >= limits.lost_threads {
            return Err(PoolError::Exhausted);
        }
        if state.queue.len() >= limits.queue {
            return Err(PoolError::Busy);
        }
        state.queue.push_back(job);
        let busy = state.idle + state.running.len();
        let may_start = state.idle < state.queue.len() && busy < limits.threads;
        // Where no thread can be started, one that runs already will come to it.
        if may_start && self.shared.start_thread(&mut state).is_err() && busy == 0 {
            state.queue.pop_back();
            return Err(PoolError::Failed);
        }
        drop(state);
        self.shared.work_came.notify_one();
        Ok(())
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.closed = true;
        state.queue.clear();
        drop(state);
        self.shared.work_came.notify_all();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // No code of a plugin runs under this lock, and the state is whole between any two lines.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stops counting on threads whose call is over its budget.
    fn give_up_overdue(self: &Arc<Self>, state: &mut State) {
        let budget = self.limits.budget;
        let before = state.running.len();
        state.running.retain(|_, since| since.elapsed() < budget);
        let overdue = before - state.running.len();
        state.lost += overdue;
        let wanted = state.queue.len().saturating_sub(state.idle).min(overdue);
        for _ in 0..wanted {
            if state.lost < self.limits.lost_threads {
                let _ = self.start_thread(state);
            }
        }
    }

    fn start_thread(self: &Arc<Self>, state: &mut State) -> std::io::Result<()> {
        let number = state.next;
        let shared = Arc::clone(self);
        std::thread::Builder::new()
            .name(format!("plugin-{}", self.name))
            .spawn(move || shared.work(number))?;
        state.next += 1;
        // It counts as idle from now on, so that two calls in a row do not start a thread too many.
        state.idle += 1;
        Ok(())
    }

    fn work(&self, number: u64) {
        let mut state = self.lock();
        loop {
            if let Some(job) = state.queue.pop_front() {
                state.idle -= 1;
                state.running.insert(number, Instant::now());
                drop(state);
                // A panic on this side of the boundary costs one answer, not the thread.
                let _ = catch_unwind(AssertUnwindSafe(job));
                state = self.lock();
                if state.running.remove(&number).is_none() {
                    state.lost = state.lost.saturating_sub(1);
                    return;
                }
                state.idle += 1;
            } else if state.closed {
                return;
            } else {
                state = self
                    .work_came
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner);
            }
        }
    }
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State")
            .field("queued", &self.queue.len())
            .field("idle", &self.idle)
            .field("running", &self.running.len())
            .field("lost", &self.lost)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::mpsc;

    use super::*;

    fn limits(threads: usize, lost_threads: usize) -> PoolLimits {
        PoolLimits {
            threads,
            lost_threads,
            queue: 2,
            budget: Duration::from_millis(100),
        }
    }

    /// A call that ends only when the returned sender is dropped.
    fn endless() -> (mpsc::Sender<()>, impl FnOnce() + Send + 'static) {
        let (sender, receiver) = mpsc::channel::<()>();
        (sender, move || {
            let _ = receiver.recv();
        })
    }

    #[test]
    fn work_is_done_on_another_thread() {
        let pool = Pool::new("test", limits(1, 1));
        let here = std::thread::current().id();
        assert_ne!(pool.run(move || std::thread::current().id()).unwrap(), here);
        assert_eq!(pool.run(|| 7), Ok(7));
    }

    #[test]
    fn a_panic_costs_one_answer() {
        let pool = Pool::new("test", limits(1, 1));
        let panicking = || -> i32 { std::panic::resume_unwind(Box::new("planned")) };
        assert_eq!(pool.run(panicking), Err(PoolError::Failed));
        assert_eq!(pool.run(|| 7), Ok(7));
        assert_eq!(pool.lost_threads(), 0);
    }

    #[test]
    fn a_lost_thread_is_replaced_until_too_many_are_lost() {
        let pool = Pool::new("test", limits(1, 2));
        let (_keep, stuck) = endless();
        assert_eq!(pool.run(stuck), Err(PoolError::TimedOut));
        assert_eq!(pool.run(|| 7), Ok(7));
        assert_eq!(pool.lost_threads(), 1);
        let (_keep, stuck) = endless();
        assert_eq!(pool.run(stuck), Err(PoolError::TimedOut));
        assert_eq!(pool.run(|| 7), Err(PoolError::Exhausted));
    }

    #[test]
    fn a_thread_that_comes_back_is_lost_no_longer() {
        let pool = Pool::new("test", limits(1, 1));
        let (release, stuck) = endless();
        assert_eq!(pool.run(stuck), Err(PoolError::TimedOut));
        assert_eq!(pool.lost_threads(), 1);
        drop(release);
        while pool.lost_threads() > 0 {
            std::thread::yield_now();
        }
        assert_eq!(pool.run(|| 7), Ok(7));
    }

    #[test]
    fn a_full_queue_refuses() {
        let pool = Arc::new(Pool::new("test", limits(1, 1)));
        let (release, stuck) = endless();
        let other = Arc::clone(&pool);
        let running = std::thread::spawn(move || other.run(stuck));
        while pool.shared.lock().running.is_empty() {
            std::thread::yield_now();
        }
        for _ in 0..2 {
            pool.submit(Box::new(|| {})).unwrap();
        }
        assert_eq!(pool.run(|| 7), Err(PoolError::Busy));
        drop(release);
        assert_eq!(running.join().unwrap(), Ok(()));
    }
}
