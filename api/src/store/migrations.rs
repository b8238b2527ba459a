//! The tables' history: the same migrations for both databases, in one folder each.

use diesel::migration::{MigrationSource, MigrationVersion};
use diesel::pg::Pg;
use diesel::sqlite::Sqlite;
use diesel::{ExpressionMethods as _, QueryDsl as _};
use diesel_async::{AsyncMigrationHarness, AsyncPgConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::conn::on;
use super::{Conn, Location, StoreError, sqlite};

const POSTGRES: EmbeddedMigrations = embed_migrations!("../migrations/postgres");
const SQLITE: EmbeddedMigrations = embed_migrations!("../migrations/sqlite");

mod applied_versions {
    diesel::table! {
    __diesel_schema_migrations (version) {
        version -> diesel::sql_types::Text,
        run_on -> diesel::sql_types::Timestamp,
    }
    }
}

/// Applies what has not been applied yet, and gives the names of what it applied.
///
/// An SQLite file that is not there is made.
///
/// # Errors
/// When the database cannot be reached or refuses a statement.
pub fn run(url: &str) -> Result<Vec<String>, StoreError> {
    match Location::parse(url) {
        Location::Sqlite(path) => {
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder)?;
            }
            let mut conn = sqlite::connect(&path)?;
            names(conn.run_pending_migrations(SQLITE))
        }
        Location::Postgres(url) => on_postgres(url, |harness| {
            names(harness.run_pending_migrations(POSTGRES))
        }),
    }
}

/// Takes back every migration, the last one first: for tests, and for a deployment that is undone.
///
/// # Errors
/// When the database cannot be reached or refuses a statement.
pub fn revert_all(url: &str) -> Result<Vec<String>, StoreError> {
    match Location::parse(url) {
        Location::Sqlite(path) => names(sqlite::connect(&path)?.revert_all_migrations(SQLITE)),
        Location::Postgres(url) => on_postgres(url, |harness| {
            names(harness.revert_all_migrations(POSTGRES))
        }),
    }
}

/// The versions that a database says were applied to it; none when it has never been migrated.
pub(super) async fn applied(conn: &mut Conn) -> Result<Vec<String>, StoreError> {
    let find = "CREATE TABLE IF NOT EXISTS __diesel_schema_migrations (\
         version VARCHAR(50) PRIMARY KEY NOT NULL, run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)";
    conn.batch(find).await?;
    use applied_versions::__diesel_schema_migrations::dsl;
    Ok(on!(
        conn,
        load(
            dsl::__diesel_schema_migrations
                .select(dsl::version)
                .order(dsl::version.asc())
        )
    )?)
}

/// Whether the applied migrations are those that this program knows.
pub(super) fn check(applied: &[String]) -> Result<(), StoreError> {
    let known = known()?;
    if applied == known {
        return Ok(());
    }
    if applied.iter().any(|version| !known.contains(version)) {
        return Err(StoreError::SchemaBehind(
            "the database was migrated by a newer version of permanence; start that version instead".to_owned(),
        ));
    }
    Err(behind(applied))
}

/// The fault of a database that lacks migrations.
pub(super) fn behind(applied: &[String]) -> StoreError {
    let missing = known().map_or(0, |known| known.len().saturating_sub(applied.len()));
    StoreError::SchemaBehind(format!(
        "the database lacks {missing} migration(s); run `permanence migrate` and start again"
    ))
}

/// The versions that this program knows, oldest first.
///
/// # Errors
/// When an embedded migration has no readable name.
pub fn known() -> Result<Vec<String>, StoreError> {
    let migrations =
        MigrationSource::<Sqlite>::migrations(&SQLITE).map_err(StoreError::unavailable)?;
    Ok(sorted(
        migrations
            .iter()
            .map(|migration| migration.name().version().to_string())
            .collect(),
    ))
}

/// The full names of the migrations for each database: SQLite's, then PostgreSQL's.
///
/// # Errors
/// When an embedded migration has no readable name.
pub fn known_names() -> Result<(Vec<String>, Vec<String>), StoreError> {
    let sqlite = MigrationSource::<Sqlite>::migrations(&SQLITE).map_err(StoreError::unavailable)?;
    let postgres = MigrationSource::<Pg>::migrations(&POSTGRES).map_err(StoreError::unavailable)?;
    Ok((
        sorted(
            sqlite
                .iter()
                .map(|migration| migration.name().to_string())
                .collect(),
        ),
        sorted(
            postgres
                .iter()
                .map(|migration| migration.name().to_string())
                .collect(),
        ),
    ))
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort();
    names
}

fn names(
    outcome: Result<Vec<MigrationVersion<'_>>, Box<dyn std::error::Error + Send + Sync>>,
) -> Result<Vec<String>, StoreError> {
    let versions = outcome.map_err(StoreError::unavailable)?;
    Ok(versions.iter().map(ToString::to_string).collect())
}

/// The migration harness blocks its thread, which only a runtime with several threads allows:
/// it gets a thread and a runtime of its own, whatever the caller runs on.
fn on_postgres<T: Send>(
    url: String,
    work: impl FnOnce(&mut AsyncMigrationHarness<AsyncPgConnection>) -> Result<T, StoreError> + Send,
) -> Result<T, StoreError> {
    std::thread::scope(|scope| {
        let thread = scope.spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(1)
                .enable_all()
                .build()?;
            runtime.block_on(async move {
                let conn =
                    <AsyncPgConnection as diesel_async::AsyncConnection>::establish(&url).await;
                let mut harness =
                    AsyncMigrationHarness::new(conn.map_err(StoreError::unavailable)?);
                work(&mut harness)
            })
        });
        thread.join().unwrap_or(Err(StoreError::Abandoned))
    })
}
