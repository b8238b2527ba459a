//! A database of its own for each test, on SQLite and on PostgreSQL, from one source.
//!
//! `PERMANENCE_TEST_POSTGRES` holds the url of a cluster that tests may make databases in (`.ci/postgres start`).
//! Without it the PostgreSQL half of every test fails: a half that is skipped is a half that nobody runs.

use std::sync::Arc;

use permanence_api::store::{Store, migrations};
use tempfile::TempDir;
use tokio_postgres::NoTls;
use uuid::Uuid;

/// One database, removed when the test is over; a clone is the same one.
#[derive(Clone)]
pub struct TestDatabase {
    url: String,
    home: Arc<Home>,
}

enum Home {
    Folder { _folder: TempDir },
    Cluster { admin: String, name: String },
}

impl TestDatabase {
    /// An empty SQLite file.
    pub fn empty_sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = folder.path().join("permanence.db").display().to_string();
        Self {
            url,
            home: Arc::new(Home::Folder { _folder: folder }),
        }
    }

    /// An empty PostgreSQL database.
    pub fn empty_postgres() -> Self {
        let admin = std::env::var("PERMANENCE_TEST_POSTGRES").expect(
            "PERMANENCE_TEST_POSTGRES must name a cluster: export it from `.ci/postgres start`",
        );
        let name = format!("t_{}", Uuid::now_v7().simple());
        administer(admin.clone(), format!("CREATE DATABASE {name}"));
        let (base, query) = admin
            .split_once('?')
            .map_or((admin.as_str(), None), |(base, query)| (base, Some(query)));
        let at = base
            .rfind('/')
            .filter(|at| *at > "postgresql://".len())
            .unwrap_or(base.len());
        let mut url = format!("{}/{name}", &base[..at]);
        if let Some(query) = query {
            url = format!("{url}?{query}");
        }
        Self {
            url,
            home: Arc::new(Home::Cluster { admin, name }),
        }
    }

    /// A migrated SQLite file.
    pub fn sqlite() -> Self {
        Self::empty_sqlite().migrated()
    }

    /// A migrated PostgreSQL database.
    pub fn postgres() -> Self {
        Self::empty_postgres().migrated()
    }

    fn migrated(self) -> Self {
        migrations::run(&self.url).expect("the migrations apply");
        self
    }

    /// Where it is, as the service's configuration takes it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The store on it.
    pub async fn store(&self) -> Store {
        Store::connect(&self.url).await.expect("the database opens")
    }

    /// Runs SQL behind the service's back.
    pub async fn run(&self, sql: &str) {
        self.try_run(sql).await.expect("the database obeys");
    }

    /// Runs SQL behind the service's back; what the database says against it comes back as text.
    pub async fn try_run(&self, sql: &str) -> Result<(), String> {
        match &*self.home {
            Home::Folder { .. } => {
                use diesel::Connection as _;
                use diesel::connection::SimpleConnection as _;
                let mut conn =
                    diesel::SqliteConnection::establish(&self.url).expect("the file opens");
                conn.batch_execute("PRAGMA busy_timeout = 5000")
                    .expect("a setting");
                conn.batch_execute(sql).map_err(|fault| fault.to_string())
            }
            Home::Cluster { .. } => {
                let (client, driver) = tokio_postgres::connect(&self.url, NoTls)
                    .await
                    .expect("the database answers");
                tokio::spawn(driver);
                let said = client.batch_execute(sql).await;
                said.map_err(|fault| {
                    fault
                        .as_db_error()
                        .map_or(fault.to_string(), |said| said.message().to_owned())
                })
            }
        }
    }

    /// The lines of a query whose one column is the text `line`.
    pub async fn lines(&self, sql: &str) -> Vec<String> {
        #[derive(diesel::QueryableByName)]
        struct Line {
            #[diesel(sql_type = diesel::sql_types::Text)]
            line: String,
        }
        match &*self.home {
            Home::Folder { .. } => {
                use diesel::{Connection as _, RunQueryDsl as _};
                let mut conn =
                    diesel::SqliteConnection::establish(&self.url).expect("the file opens");
                let lines: Vec<Line> = diesel::sql_query(sql).load(&mut conn).expect("lines");
                lines.into_iter().map(|line| line.line).collect()
            }
            Home::Cluster { .. } => {
                let (client, driver) = tokio_postgres::connect(&self.url, NoTls)
                    .await
                    .expect("the database answers");
                tokio::spawn(driver);
                let rows = client.query(sql, &[]).await.expect("lines");
                rows.iter().map(|row| row.get("line")).collect()
            }
        }
    }

    /// Takes the guards off the audit, as a database owner could.
    pub async fn unguard(&self) {
        match &*self.home {
            Home::Folder { .. } => {
                self.run(
                    "DROP TRIGGER audit_events_no_update; DROP TRIGGER audit_events_no_delete",
                )
                .await;
            }
            Home::Cluster { .. } => {
                self.run("ALTER TABLE audit_events DISABLE TRIGGER ALL")
                    .await
            }
        }
    }

    /// Whether it is PostgreSQL.
    pub fn is_postgres(&self) -> bool {
        matches!(*self.home, Home::Cluster { .. })
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if let Self::Cluster { admin, name } = self {
            administer(admin.clone(), format!("DROP DATABASE {name} WITH (FORCE)"));
        }
    }
}

/// Runs one statement on the cluster, on a thread of its own: the caller may be inside a runtime.
fn administer(url: String, statement: String) {
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async move {
            let (client, driver) = tokio_postgres::connect(&url, NoTls)
                .await
                .expect("the cluster answers");
            let driver = tokio::spawn(driver);
            client
                .batch_execute(&statement)
                .await
                .expect("the cluster obeys");
            drop(client);
            driver
                .await
                .expect("the driver ends")
                .expect("the connection ends");
        });
    });
    thread.join().expect("the cluster was administered");
}

/// Makes two tests of one: `name::sqlite` and `name::postgres`.
///
/// ```ignore
/// on_both_databases! {
///     async fn a_promise(database: &TestDatabase) { ... }
/// }
/// ```
#[macro_export]
macro_rules! on_both_databases {
    ($($(#[$doc:meta])* async fn $name:ident($database:ident: &TestDatabase) $body:block)*) => {$(
        $(#[$doc])*
        mod $name {
            use super::*;

            async fn promise($database: &$crate::databases::TestDatabase) $body

            #[tokio::test]
            async fn sqlite() {
                promise(&$crate::databases::TestDatabase::sqlite()).await;
            }

            #[tokio::test]
            async fn postgres() {
                promise(&$crate::databases::TestDatabase::postgres()).await;
            }
        }
    )*};
}
