//! Connections to SQLite: readers as many as are wanted at once, and one writer.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use diesel::connection::{AnsiTransactionManager, SimpleConnection as _, TransactionManager as _};
use diesel::{Connection as _, SqliteConnection};
use tokio::runtime::Handle;

use super::StoreError;
use super::audit_chain::append_recorded_in_txn;
use super::conn::{Conn, Tx};

/// Settings of every connection; the journal mode is the file's own and is set by the writer.
const PRAGMAS: &str = "PRAGMA busy_timeout = 5000; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; \
    PRAGMA mmap_size = 268435456; PRAGMA cache_size = -20000;";

/// All connections to one file.
pub(super) struct SqlitePool {
    path: PathBuf,
    #[expect(
        clippy::vec_box,
        reason = "a `Conn` holds a boxed connection: taking it from here must not move it"
    )]
    readers: Mutex<Vec<Box<SqliteConnection>>>,
    writer: Arc<tokio::sync::Mutex<Writer>>,
}

/// The writer, and whether a transaction was left open on it by a panic.
struct Writer {
    conn: Option<Box<SqliteConnection>>,
}

impl SqlitePool {
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let writer = connect(path)?;
        Ok(Self {
            path: path.to_owned(),
            readers: Mutex::default(),
            writer: Arc::new(tokio::sync::Mutex::new(Writer { conn: Some(writer) })),
        })
    }

    /// Runs reads on the caller's own thread: for look-ups by key, shorter than a hop to another thread.
    pub(super) async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        E: From<StoreError>,
        F: AsyncFnOnce(&mut Conn) -> Result<T, E>,
    {
        let mut conn = Conn::Sqlite(self.reader()?);
        let outcome = work(&mut conn).await;
        self.give_back(conn);
        outcome
    }

    /// Runs reads off the async threads.
    pub(super) async fn list<T, E, F>(self: &Arc<Self>, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: AsyncFnOnce(&mut Conn) -> Result<T, E> + Send + 'static,
    {
        let pool = Arc::clone(self);
        off_thread(move |runtime| {
            let mut conn = Conn::Sqlite(pool.reader()?);
            let outcome = runtime.block_on(work(&mut conn));
            pool.give_back(conn);
            outcome
        })
        .await
    }

    /// Runs a transaction off the async threads, one at a time.
    ///
    /// A caller that goes away does not stop it: it runs to its end on its own thread.
    pub(super) async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: AsyncFnOnce(&mut Tx) -> Result<T, E> + Send + 'static,
    {
        let mut writer = Arc::clone(&self.writer).lock_owned().await;
        let path = self.path.clone();
        off_thread(move |runtime| {
            // A panic in the work below drops the connection, and with it the open transaction.
            let mut sqlite = match writer.conn.take() {
                Some(conn) => conn,
                None => connect(&path)?,
            };
            // Through diesel's own bookkeeping: a batch insert inside opens a savepoint then, and no second transaction.
            if let Err(fault) =
                AnsiTransactionManager::begin_transaction_sql(&mut *sqlite, "BEGIN IMMEDIATE")
            {
                writer.conn = Some(sqlite);
                return Err(StoreError::from(fault).into());
            }
            let mut tx = Tx::new(Conn::Sqlite(sqlite));
            let outcome = runtime.block_on(async {
                let done = work(&mut tx).await?;
                append_recorded_in_txn(&mut tx).await?;
                Ok(done)
            });
            let Conn::Sqlite(mut sqlite) = tx.conn else {
                return Err(StoreError::Corrupt("a connection changed its kind").into());
            };
            let ended = if outcome.is_ok() {
                AnsiTransactionManager::commit_transaction(&mut *sqlite)
            } else {
                AnsiTransactionManager::rollback_transaction(&mut *sqlite)
            };
            if let Err(fault) = ended {
                // A connection that could not end its transaction is not used again.
                return outcome.and(Err(StoreError::from(fault).into()));
            }
            writer.conn = Some(sqlite);
            outcome
        })
        .await
    }

    fn reader(&self) -> Result<Box<SqliteConnection>, StoreError> {
        let idle = self
            .readers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        match idle {
            Some(conn) => Ok(conn),
            None => connect(&self.path),
        }
    }

    fn give_back(&self, conn: Conn) {
        if let Conn::Sqlite(conn) = conn {
            self.readers
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(conn);
        }
    }
}

/// Opens one connection to the file.
pub(super) fn connect(path: &Path) -> Result<Box<SqliteConnection>, StoreError> {
    let text = path
        .to_str()
        .ok_or_else(|| StoreError::unavailable("the path of the database is not UTF-8"))?;
    let mut conn = SqliteConnection::establish(text).map_err(StoreError::unavailable)?;
    // The patience comes first: another process that closes the file holds it for a moment.
    conn.batch_execute(PRAGMAS)?;
    conn.batch_execute("PRAGMA journal_mode = WAL;")?;
    Ok(Box::new(conn))
}

/// Runs blocking work on a thread for it; a panic there is a fault of this call alone.
async fn off_thread<T, E>(
    work: impl FnOnce(Handle) -> Result<T, E> + Send + 'static,
) -> Result<T, E>
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    let runtime = Handle::current();
    match tokio::task::spawn_blocking(move || work(runtime)).await {
        Ok(outcome) => outcome,
        Err(_) => Err(StoreError::Abandoned.into()),
    }
}
