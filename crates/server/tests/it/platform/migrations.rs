//! The schema: every file is in the binary, applied once, and survives a dump and restore.

use ::platform::db::{Migration, migrate, pending_migrations};
use server::migrations::MIGRATIONS;
use testkit::TestDb;

#[test]
fn the_binary_has_every_file_in_order() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations");
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .expect("the folder")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
        .filter(|name| std::path::Path::new(name).extension().is_some_and(|kind| kind == "sql"))
        .collect();
    files.sort();
    assert_eq!(MIGRATIONS.iter().map(|migration| migration.name).collect::<Vec<_>>(), files);
}

#[tokio::test]
async fn migrations_apply_once_also_when_two_start_together() {
    let test = TestDb::empty().await.expect("a database");
    assert_eq!(pending_migrations(&test.db, MIGRATIONS).await.expect("asked").len(), MIGRATIONS.len());
    let (one, two) = tokio::join!(migrate(&test.db, MIGRATIONS), migrate(&test.db, MIGRATIONS));
    let applied = one.expect("migrated").applied.len() + two.expect("migrated").applied.len();
    assert_eq!(applied, MIGRATIONS.len());
    assert_eq!(pending_migrations(&test.db, MIGRATIONS).await.expect("asked"), Vec::<&str>::new());
}

#[tokio::test]
async fn a_broken_migration_leaves_nothing_and_a_changed_one_is_refused() {
    let test = TestDb::empty().await.expect("a database");
    let broken = [Migration { name: "1.sql", sql: "CREATE TABLE a (x int); SELECT nonsense" }];
    migrate(&test.db, &broken).await.expect_err("broken");
    let sql = test.db.read().await.expect("a connection");
    let there: bool = sql.query_one("SELECT to_regclass('a') IS NOT NULL", &[]).await.expect("a row").get(0);
    assert!(!there, "nothing half-done");
    migrate(&test.db, &[Migration { name: "1.sql", sql: "CREATE TABLE a (x int)" }]).await.expect("mended");
    let changed = [Migration { name: "1.sql", sql: "CREATE TABLE a (x bigint)" }];
    let error = migrate(&test.db, &changed).await.expect_err("changed").to_string();
    assert!(error.contains("changed after it was applied"), "{error}");
}
