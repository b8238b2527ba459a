//! One connection type for both databases, and the macro that runs one query text on either.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use diesel::SqliteConnection;

use super::audit::Event;
use super::postgres::PgConn;

/// A connection to either database.
pub enum Conn {
    /// PostgreSQL: shared, so that queries of several callers travel together.
    Pg(Arc<PgConn>),
    /// SQLite: one caller at a time.
    Sqlite(Box<SqliteConnection>),
}

/// A connection with an open transaction.
///
/// Functions named `_in_txn` ask for this type, so that they cannot be called without one.
pub struct Tx {
    pub(super) conn: Conn,
    /// What happened in it, for the audit.
    pub(super) recorded: Vec<Event>,
}

impl Tx {
    pub(super) fn new(conn: Conn) -> Self {
        Self {
            conn,
            recorded: Vec::new(),
        }
    }
}

impl Deref for Tx {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        &self.conn
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.conn
    }
}

/// Runs one query on whichever database the connection belongs to.
///
/// The query is written once and compiled for both; the call is diesel's own:
/// `let rows: Vec<CaseRow> = on!(conn, load(cases::table.select(CaseRow::as_select())))?;`
/// Inside the query, `Db` is the database at hand: `.into_boxed::<Db>()`.
#[macro_export]
macro_rules! on {
    ($conn:expr, $method:ident($query:expr)) => {
        match $conn.either() {
            $crate::store::conn::Conn::Pg(shared) => {
                #[allow(dead_code, reason = "only queries put together in steps name it")]
                type Db = ::diesel::pg::Pg;
                let mut pg = shared.diesel();
                ::diesel_async::RunQueryDsl::$method($query, &mut pg).await
            }
            $crate::store::conn::Conn::Sqlite(sqlite) => {
                #[allow(dead_code, reason = "only queries put together in steps name it")]
                type Db = ::diesel::sqlite::Sqlite;
                ::diesel::RunQueryDsl::$method($query, &mut **sqlite)
            }
        }
    };
}

pub use on;

impl Conn {
    /// The connection itself; called through [`Tx`], the one inside it.
    #[must_use]
    pub fn either(&mut self) -> &mut Self {
        self
    }

    /// Runs statements that bind nothing.
    ///
    /// # Errors
    /// Whatever the database says.
    pub(crate) async fn batch(&mut self, sql: &str) -> diesel::QueryResult<()> {
        match self {
            Self::Pg(shared) => {
                diesel_async::SimpleAsyncConnection::batch_execute(&mut shared.diesel(), sql).await
            }
            Self::Sqlite(sqlite) => {
                diesel::connection::SimpleConnection::batch_execute(&mut **sqlite, sql)
            }
        }
    }
}
