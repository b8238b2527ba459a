//! Connections to PostgreSQL: one shared for reads on each worker thread, a small pool for transactions.
//!
//! Reads of one worker travel down one connection one after another without waiting for each other's answers;
//! measured, that costs half of what a pool costs, on both sides.
//! A connection's driver runs on the runtime that opened it, so each thread has its own.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::ThreadId;
use std::time::Duration;

use diesel_async::{AsyncPgConnection, SimpleAsyncConnection as _};
use permanence_core::CouncilCode;
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard, Semaphore};
use tokio_postgres::NoTls;

use super::StoreError;
use super::audit_chain::append_recorded_in_txn;
use super::conn::{Conn, Tx};

/// Transactions that may run at one time.
const WRITERS: usize = 16;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A statement that runs longer has gone wrong, and would hold up every read behind it.
const STATEMENT_TIMEOUT_MS: u32 = 30_000;
/// How long a writer waits for another's row before it gives up with "busy".
const LOCK_TIMEOUT_MS: u32 = 5_000;
/// How long it waits for its turn at the head of its council's chain.
const TURN_TIMEOUT: Duration = Duration::from_secs(5);

/// A connection, and whether its driver has ended.
pub struct PgConn {
    inner: AsyncPgConnection,
    closed: Arc<AtomicBool>,
}

impl PgConn {
    /// The connection as diesel-async takes it: a shared reference is enough.
    #[must_use]
    pub fn diesel(&self) -> &AsyncPgConnection {
        &self.inner
    }

    fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }
}

/// Tells that the driver has ended, however it ended: also when its runtime was dropped.
struct Ended(Arc<AtomicBool>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

/// All connections of one store.
pub(super) struct PgPool {
    config: tokio_postgres::Config,
    readers: Mutex<HashMap<ThreadId, Arc<PgConn>>>,
    writers: Mutex<Vec<(ThreadId, PgConn)>>,
    permits: Semaphore,
    turns: Mutex<HashMap<CouncilCode, Arc<AsyncMutex<()>>>>,
}

impl PgPool {
    pub(super) fn new(url: &str) -> Result<Self, StoreError> {
        let mut config: tokio_postgres::Config = url.parse().map_err(StoreError::unavailable)?;
        let given = config.get_options().unwrap_or_default();
        let options = format!(
            "{given} -c statement_timeout={STATEMENT_TIMEOUT_MS} -c lock_timeout={LOCK_TIMEOUT_MS}"
        );
        config
            .options(options.trim())
            .connect_timeout(CONNECT_TIMEOUT)
            .application_name("permanence");
        Ok(Self {
            config,
            readers: Mutex::default(),
            writers: Mutex::default(),
            permits: Semaphore::new(WRITERS),
            turns: Mutex::default(),
        })
    }

    /// The read connection of this thread, opened anew if it has gone.
    pub(super) async fn reader(&self) -> Result<Conn, StoreError> {
        let thread = std::thread::current().id();
        let known = self
            .readers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&thread)
            .cloned();
        if let Some(reader) = known.filter(|reader| !reader.is_closed()) {
            return Ok(Conn::Pg(reader));
        }
        let opened = Arc::new(self.open().await?);
        self.readers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(thread, opened.clone());
        Ok(Conn::Pg(opened))
    }

    /// Runs a transaction; its connection goes back to the pool only after a clean end.
    ///
    /// A caller that goes away in the middle drops the connection, and PostgreSQL rolls back what was open on it.
    pub(super) async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        E: From<StoreError>,
        F: AsyncFnOnce(&mut Tx) -> Result<T, E>,
    {
        let _permit = self
            .permits
            .acquire()
            .await
            .map_err(StoreError::unavailable)?;
        let writer = Arc::new(self.begin().await?);
        let mut tx = Tx::new(Conn::Pg(Arc::clone(&writer)));
        let (outcome, _turns) = match work(&mut tx).await {
            Ok(done) => match self.append_recorded(&mut tx).await {
                Ok(turns) => (Ok(done), turns),
                Err(fault) => (Err(fault.into()), Vec::new()),
            },
            Err(fault) => (Err(fault), Vec::new()),
        };
        drop(tx);
        let end = if outcome.is_ok() {
            "COMMIT"
        } else {
            "ROLLBACK"
        };
        if let Err(fault) = writer.diesel().batch_execute(end).await {
            // The connection is dropped with its transaction; a fault of the work itself says more than this one.
            return outcome.and(Err(StoreError::from(fault).into()));
        }
        if let Some(writer) = Arc::into_inner(writer) {
            self.writers
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push((std::thread::current().id(), writer));
        }
        outcome
    }

    /// Appends what a transaction recorded for the audit. It has the turns of its councils until it has ended: those who wait here
    /// cost the database nothing, and those of other processes wait at the head of the chain.
    async fn append_recorded(&self, tx: &mut Tx) -> Result<Vec<OwnedMutexGuard<()>>, StoreError> {
        let councils: BTreeSet<&CouncilCode> =
            tx.recorded.iter().map(|event| &event.council).collect();
        let mut turns = Vec::with_capacity(councils.len());
        for council in councils {
            let turn = self.turn_of(council).lock_owned();
            let turn = tokio::time::timeout(TURN_TIMEOUT, turn).await;
            turns.push(turn.map_err(|late| StoreError::Busy(late.into()))?);
        }
        append_recorded_in_txn(tx).await?;
        Ok(turns)
    }

    fn turn_of(&self, council: &CouncilCode) -> Arc<AsyncMutex<()>> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(turns.entry(council.clone()).or_default())
    }

    /// A connection with an open transaction; one that died in the pool is replaced once.
    async fn begin(&self) -> Result<PgConn, StoreError> {
        while let Some(idle) = self.idle() {
            if idle.is_closed() {
                continue;
            }
            match idle.diesel().batch_execute("BEGIN").await {
                Ok(()) => return Ok(idle),
                Err(fault) => tracing::debug!(
                    error = &fault as &dyn std::error::Error,
                    "idle connection dropped"
                ),
            }
        }
        let fresh = self.open().await?;
        fresh.diesel().batch_execute("BEGIN").await?;
        Ok(fresh)
    }

    /// An idle writer, of this thread if there is one.
    fn idle(&self) -> Option<PgConn> {
        let thread = std::thread::current().id();
        let mut writers = self.writers.lock().unwrap_or_else(PoisonError::into_inner);
        match writers.iter().rposition(|(owner, _)| *owner == thread) {
            Some(own) => Some(writers.swap_remove(own).1),
            None => writers.pop().map(|(_, other)| other),
        }
    }

    pub(super) async fn open(&self) -> Result<PgConn, StoreError> {
        let (client, driver) = self
            .config
            .connect(NoTls)
            .await
            .map_err(StoreError::unavailable)?;
        let closed = Arc::new(AtomicBool::new(false));
        let ended = Ended(Arc::clone(&closed));
        tokio::spawn(async move {
            let _ended = ended;
            if let Err(fault) = driver.await {
                tracing::warn!(
                    error = &fault as &dyn std::error::Error,
                    "connection to PostgreSQL lost"
                );
            }
        });
        let inner = AsyncPgConnection::try_from(client)
            .await
            .map_err(StoreError::unavailable)?;
        Ok(PgConn { inner, closed })
    }
}
