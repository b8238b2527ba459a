//! Promise: both databases have the same tables, they are those that the code names, and a fresh database is like one
//! that went down and up again.

use permanence_api::store::migrations::{revert_all, run};

use crate::databases::TestDatabase;

/// `table.column type`, with `?` where there may be none; the types are the code's names for them.
async fn columns(database: &TestDatabase) -> Vec<String> {
    let sql = if database.is_postgres() {
        "SELECT table_name || '.' || column_name || ' ' || CASE data_type \
            WHEN 'uuid' THEN 'Uid' WHEN 'timestamp with time zone' THEN 'Stamp' WHEN 'jsonb' THEN 'JsonDoc' \
            WHEN 'text' THEN 'Text' WHEN 'date' THEN 'Date' WHEN 'bigint' THEN 'BigInt' WHEN 'integer' THEN 'Integer' \
            WHEN 'boolean' THEN 'Bool' WHEN 'bytea' THEN 'Binary' ELSE data_type END \
            || CASE is_nullable WHEN 'YES' THEN '?' ELSE '' END AS line \
            FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%'"
    } else {
        "SELECT tables.name || '.' || columns.name || ' ' || columns.type \
            || CASE columns.\"notnull\" WHEN 1 THEN '' ELSE '?' END AS line \
            FROM sqlite_schema AS tables JOIN pragma_table_info(tables.name) AS columns \
            WHERE tables.type = 'table' AND tables.name NOT LIKE '\\_\\_%' ESCAPE '\\'"
    };
    let mut lines = database.lines(sql).await;
    lines.sort();
    lines
}

/// Every index with its table and columns.
async fn indexes(database: &TestDatabase) -> Vec<String> {
    let sql = if database.is_postgres() {
        "SELECT tables.relname || ' ' || entries.relname || ' ' || string_agg(columns.attname, ',' ORDER BY keys.place) \
            || CASE WHEN indexes.indisunique THEN ' unique' ELSE '' END AS line \
            FROM pg_index AS indexes JOIN pg_class AS entries ON entries.oid = indexes.indexrelid \
            JOIN pg_class AS tables ON tables.oid = indexes.indrelid \
            JOIN pg_namespace AS spaces ON spaces.oid = tables.relnamespace AND spaces.nspname = 'public' \
            CROSS JOIN LATERAL unnest(indexes.indkey) WITH ORDINALITY AS keys (attnum, place) \
            JOIN pg_attribute AS columns ON columns.attrelid = tables.oid AND columns.attnum = keys.attnum \
            WHERE NOT indexes.indisprimary AND tables.relname NOT LIKE '\\_\\_%' \
            GROUP BY tables.relname, entries.relname, indexes.indisunique"
    } else {
        "SELECT tables.name || ' ' || indexes.name || ' ' || (SELECT group_concat(name, ',') FROM \
            (SELECT name FROM pragma_index_info(indexes.name) ORDER BY seqno)) \
            || CASE indexes.\"unique\" WHEN 1 THEN ' unique' ELSE '' END AS line \
            FROM sqlite_schema AS tables JOIN pragma_index_list(tables.name) AS indexes \
            WHERE tables.type = 'table' AND indexes.origin = 'c'"
    };
    let mut lines = database.lines(sql).await;
    lines.sort();
    lines
}

/// The columns that the code names, in the same form.
fn named() -> Vec<String> {
    let mut lines = Vec::new();
    let mut table = String::new();
    for line in include_str!("../../../../api/src/store/schema.rs")
        .lines()
        .map(str::trim)
    {
        if let Some((column, kind)) = line
            .strip_suffix(',')
            .and_then(|line| line.split_once(" -> "))
        {
            let nullable = kind
                .strip_prefix("Nullable<")
                .and_then(|kind| kind.strip_suffix('>'));
            let kind = nullable.map_or_else(|| kind.to_owned(), |kind| format!("{kind}?"));
            lines.push(format!("{table}.{column} {kind}"));
        } else if let Some((name, _)) = line.split_once(" (").filter(|_| line.ends_with('{')) {
            name.clone_into(&mut table);
        }
    }
    lines.sort();
    lines
}

/// SQLite keeps ids as BLOB, moments as INTEGER and so on: a column of ours as SQLite has it.
fn in_sqlite(line: &str) -> String {
    let mut line = line.to_owned();
    for (ours, sqlite) in [
        ("Uid", "BLOB"),
        ("Binary", "BLOB"),
        ("Stamp", "INTEGER"),
        ("BigInt", "INTEGER"),
        ("Integer", "INTEGER"),
        ("Bool", "INTEGER"),
        ("JsonDoc", "TEXT"),
        ("Text", "TEXT"),
        ("Date", "TEXT"),
    ] {
        line = line.replace(&format!(" {ours}"), &format!(" {sqlite}"));
    }
    line
}

#[tokio::test]
async fn both_databases_have_the_tables_that_the_code_names() {
    let named = named();
    assert!(named.len() > 200, "the committed schema was not read");
    assert_eq!(columns(&TestDatabase::postgres()).await, named);
    let mut named: Vec<String> = named.iter().map(|line| in_sqlite(line)).collect();
    named.sort();
    assert_eq!(columns(&TestDatabase::sqlite()).await, named);
}

#[tokio::test]
async fn both_databases_have_the_same_indexes_and_each_begins_with_the_council() {
    let sqlite = indexes(&TestDatabase::sqlite()).await;
    assert!(sqlite.len() > 30);
    assert_eq!(indexes(&TestDatabase::postgres()).await, sqlite);
    for index in &sqlite {
        let columns = index.split(' ').nth(2).unwrap();
        assert!(
            columns == "council" || columns.starts_with("council,"),
            "{index}"
        );
    }
}

#[tokio::test]
async fn a_fresh_database_is_like_one_that_went_down_and_up() {
    for database in [TestDatabase::sqlite(), TestDatabase::postgres()] {
        let fresh = (columns(&database).await, indexes(&database).await);
        revert_all(database.url()).unwrap();
        assert!(columns(&database).await.is_empty(), "something was left");
        run(database.url()).unwrap();
        assert_eq!((columns(&database).await, indexes(&database).await), fresh);
    }
}
