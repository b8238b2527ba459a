//! Where records are kept: SQLite or PostgreSQL, with one text for every query.
//!
//! One file for each aggregate; rows never leave their file, and "not there" is an `Option`, never a fault.
//! Functions put the resource first and the verb second (`case_create_in_txn`); those named `_in_txn` take a [`Tx`].
//! `docs/store.md` says how to add a query and a table.

pub mod attendance;
pub mod audit;
mod audit_chain;
mod audit_read;
pub mod bookings;
pub mod care_events;
pub mod case_facts;
mod case_list;
pub mod cases;
mod columns;
pub mod conn;
pub mod decision_list;
pub mod decisions;
pub mod error;
pub mod exception_reports;
pub mod follow_up_codes;
pub mod follow_ups;
pub mod form_submissions;
pub mod idempotency;
pub mod ids;
pub mod import_issues;
pub mod import_work;
pub mod imports;
pub mod job_runs;
pub mod judged_by;
mod keyed;
pub mod keyset;
pub mod legal_advice;
pub mod migrations;
pub mod panel_members;
pub mod paperwork;
mod postgres;
mod prepared;
mod reach;
pub mod read_journal;
mod schema;
pub mod sittings;
mod sqlite;
pub mod timeline;
pub mod tracker_entries;
pub mod types;

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use conn::{Conn, Tx};
pub use error::StoreError;
pub use types::{Document, Moment};

use postgres::PgPool;
use sqlite::SqlitePool;

/// The records of all councils; a clone is the same store.
#[derive(Clone)]
pub struct Store {
    backend: Backend,
}

#[derive(Clone)]
enum Backend {
    Pg(Arc<PgPool>),
    Sqlite(Arc<SqlitePool>),
}

/// Where a database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Location {
    Postgres(String),
    Sqlite(PathBuf),
}

impl Location {
    /// `postgres://…` and `postgresql://…` are servers; anything else is a file, with or without `sqlite:` before it.
    pub(crate) fn parse(url: &str) -> Self {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Self::Postgres(url.to_owned());
        }
        let path = url
            .strip_prefix("sqlite://")
            .or_else(|| url.strip_prefix("sqlite:"))
            .unwrap_or(url);
        Self::Sqlite(Path::new(path).to_owned())
    }
}

impl Store {
    /// Opens the database at `url`: `postgres://…`, or the path of an SQLite file.
    ///
    /// # Errors
    /// When the database cannot be reached, or its tables are not those of this version (see [`migrations::run`]).
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        let (backend, applied) = match Location::parse(url) {
            Location::Postgres(url) => {
                let pool = PgPool::new(&url)?;
                let mut conn = Conn::Pg(Arc::new(pool.open().await?));
                let applied = migrations::applied(&mut conn).await?;
                (Backend::Pg(Arc::new(pool)), applied)
            }
            Location::Sqlite(path) => {
                if !path.exists() {
                    return Err(migrations::behind(&[]));
                }
                let pool = SqlitePool::open(&path)?;
                let applied = pool
                    .read(async |conn: &mut Conn| migrations::applied(conn).await)
                    .await?;
                (Backend::Sqlite(Arc::new(pool)), applied)
            }
        };
        migrations::check(&applied)?;
        Ok(Self { backend })
    }

    /// Asks the database whether it is there.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] and whatever else the database says.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.read(async |conn: &mut Conn| Ok::<_, StoreError>(conn.batch("SELECT 1").await?))
            .await
    }

    /// Runs short reads (look-ups by key) where the caller is.
    ///
    /// # Errors
    /// Those of `work`, and [`StoreError::Unavailable`].
    pub async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        E: From<StoreError>,
        F: AsyncFnOnce(&mut Conn) -> Result<T, E>,
    {
        match &self.backend {
            Backend::Pg(pool) => work(&mut pool.reader().await?).await,
            Backend::Sqlite(pool) => pool.read(work).await,
        }
    }

    /// Runs longer reads (lists, reports): SQLite runs them off the async threads.
    ///
    /// `work` may wait for nothing but the store.
    ///
    /// # Errors
    /// Those of `work`, and [`StoreError::Unavailable`].
    pub async fn list<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: AsyncFnOnce(&mut Conn) -> Result<T, E> + Send + 'static,
    {
        match &self.backend {
            Backend::Pg(pool) => work(&mut pool.reader().await?).await,
            Backend::Sqlite(pool) => pool.list(work).await,
        }
    }

    /// Runs one transaction: all of it is kept when `work` is well, nothing of it when `work` fails or is given up.
    ///
    /// `work` may wait for nothing but the store: on SQLite every other writer waits meanwhile.
    ///
    /// # Errors
    /// Those of `work`, and those of beginning and committing.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: AsyncFnOnce(&mut Tx) -> Result<T, E> + Send + 'static,
    {
        match &self.backend {
            Backend::Pg(pool) => pool.write(work).await,
            Backend::Sqlite(pool) => pool.write(work).await,
        }
    }
}
