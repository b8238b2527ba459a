//! Promise: both databases have the same tables, and a migration can be taken back.

use permanence_api::cli::migrate;
use permanence_api::store::migrations::{known_names, revert_all, run};
use permanence_api::store::{Store, StoreError};

use crate::databases::TestDatabase;
use crate::on_both_databases;

#[test]
fn both_databases_have_the_same_migrations() {
    let (sqlite, postgres) = known_names().expect("names");
    assert!(!sqlite.is_empty());
    assert_eq!(sqlite, postgres);
}

on_both_databases! {
    async fn a_migrated_database_opens_and_migrates_no_further(database: &TestDatabase) {
        assert!(Store::connect(database.url()).await.is_ok());
        let mut said = Vec::new();
        migrate::run(database.url(), &mut said).expect("nothing to do");
        assert_eq!(String::from_utf8_lossy(&said), "The database is up to date.\n");
    }

    async fn what_goes_up_comes_down_and_up_again(database: &TestDatabase) {
        let down = revert_all(database.url()).expect("down");
        refused(database.url()).await;
        let mut up = run(database.url()).expect("up again");
        up.reverse();
        assert_eq!(up, down);
        assert!(Store::connect(database.url()).await.is_ok());
    }
}

#[tokio::test]
async fn a_database_that_lacks_migrations_is_refused_with_the_command_to_run() {
    for database in [TestDatabase::empty_sqlite(), TestDatabase::empty_postgres()] {
        refused(database.url()).await;
        run(database.url()).expect("migrates");
        assert!(Store::connect(database.url()).await.is_ok());
    }
}

async fn refused(url: &str) {
    match Store::connect(url).await {
        Err(StoreError::SchemaBehind(message)) => {
            assert!(message.contains("permanence migrate"), "{message}")
        }
        Err(other) => panic!("another fault: {other}"),
        Ok(_) => panic!("it opened"),
    }
}
