//! A loaded plugin that can be called: its instance, its threads and its breaker.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::breaker::{Admission, Breaker, BreakerLimits};
use super::failure::{CallFault, EvaluateError};
use super::library::{Instance, Library};
use super::pool::{Pool, PoolLimits};

/// A loaded plugin.
#[derive(Debug)]
pub(super) struct Handle {
    name: String,
    library: &'static Library,
    instance: Arc<Mutex<Arc<Instance>>>,
    pool: Pool,
    breaker: Breaker,
}

/// How a plugin is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PluginHealth {
    /// It is called; false while it is left alone after failing again and again.
    pub serving: bool,
    /// Faults since the last call that went well.
    pub faults_in_a_row: u32,
    /// Threads lost to calls that never returned.
    pub lost_threads: usize,
}

impl Handle {
    pub fn new(
        name: &str,
        library: &'static Library,
        instance: Instance,
        pool: PoolLimits,
        breaker: BreakerLimits,
    ) -> Self {
        let threads = if library.is_serial() { 1 } else { pool.threads };
        Self {
            name: name.to_owned(),
            library,
            instance: Arc::new(Mutex::new(Arc::new(instance))),
            pool: Pool::new(name, PoolLimits { threads, ..pool }),
            breaker: Breaker::new(breaker),
        }
    }

    pub fn health(&self) -> PluginHealth {
        PluginHealth {
            serving: !self.breaker.is_open(),
            faults_in_a_row: self.breaker.faults_in_a_row(),
            lost_threads: self.pool.lost_threads(),
        }
    }

    /// Calls an operation and reads its answer. It blocks for at most two budgets of the pool.
    ///
    /// Reading is part of the call: an answer that cannot be read is a fault like any other.
    pub fn call<T: Send + 'static>(
        &self,
        operation: u32,
        request: Vec<u8>,
        read: impl FnOnce(Vec<u8>) -> Result<T, CallFault> + Send + 'static,
    ) -> Result<T, EvaluateError> {
        let restart = match self.breaker.admit(Instant::now()) {
            Admission::Call => false,
            Admission::Restart => true,
            Admission::Refuse => return Err(EvaluateError::PluginFailed),
        };
        let (library, slot) = (self.library, Arc::clone(&self.instance));
        let answer = self.pool.run(move || {
            if restart {
                // The old instance may hold what made it fail; calls that still use it keep it alive until they end.
                let fresh = library
                    .create(b"{}")
                    .map_err(|problem| CallFault::Plugin(problem.message))?;
                let old = std::mem::replace(&mut *lock(&slot), Arc::new(fresh));
                drop(old);
            }
            let instance = Arc::clone(&lock(&slot));
            read(
                instance
                    .call(operation, &request)
                    .map_err(CallFault::from)?,
            )
        });
        self.judge(answer.unwrap_or_else(|error| Err(error.into())))
    }

    fn judge<T>(&self, answer: Result<T, CallFault>) -> Result<T, EvaluateError> {
        let plugin = self.name.as_str();
        match answer {
            Ok(answer) => {
                self.breaker.succeeded();
                Ok(answer)
            }
            Err(CallFault::Refused {
                code,
                message,
                clause,
            }) => {
                self.breaker.succeeded();
                Err(EvaluateError::Refused {
                    code: code.to_string(),
                    message,
                    clause: Some(clause),
                })
            }
            Err(CallFault::Plugin(reason)) => {
                if self.breaker.failed(Instant::now()) {
                    tracing::error!(
                        plugin,
                        reason,
                        "the plugin failed again and again and is left alone for a while"
                    );
                } else {
                    tracing::warn!(plugin, reason, "a call of the plugin failed");
                }
                Err(EvaluateError::PluginFailed)
            }
            Err(CallFault::NotCalled(reason)) => {
                self.breaker.not_called();
                tracing::warn!(plugin, reason, "the plugin was not called");
                Err(EvaluateError::PluginFailed)
            }
            Err(CallFault::Server(reason)) => {
                self.breaker.not_called();
                tracing::error!(plugin, reason, "the plugin did not understand this server");
                Err(EvaluateError::ServerFault)
            }
        }
    }
}

fn lock(slot: &Mutex<Arc<Instance>>) -> MutexGuard<'_, Arc<Instance>> {
    // Nothing that can panic runs under this lock.
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}
