//! The schema: every file is in the binary, applied once, and survives a dump and restore.

use std::time::Duration;

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
async fn bookings_made_before_slices_get_one() {
    let test = TestDb::empty().await.expect("a database");
    let before = MIGRATIONS.iter().position(|migration| migration.name.starts_with("0006")).expect("fares");
    migrate(&test.db, &MIGRATIONS[..before]).await.expect("migrated");
    let sql = test.db.read().await.expect("a connection");
    sql.batch(
        "INSERT INTO bookings (id, user_id, locator, status, seats, total, currency, contact_sealed, trip_starts_at,
                               trip_ends_at, hold_expires_at, created_at)
         VALUES ('01900000-0000-7000-8000-000000000001', gen_random_uuid(), 'ABC234', 'held', 2, 50000, 'USD', '', now(),
                 now(), now(), now());
         INSERT INTO booking_passengers
         VALUES ('01900000-0000-7000-8000-000000000001', 1, 'adult', 28571, ''),
                ('01900000-0000-7000-8000-000000000001', 2, 'child', 21429, '');
         INSERT INTO booking_segments
         SELECT '01900000-0000-7000-8000-000000000001', leg, gen_random_uuid(), 2, 1, 20000, 25000
         FROM generate_series(1, 2) AS leg",
    )
    .await
    .expect("a booking of before");
    migrate(&test.db, MIGRATIONS).await.expect("migrated");
    let row = sql
        .query_one(
            "SELECT fare_family, cabin, adult, child, infant, price,
                    (SELECT count(*) FROM booking_segments g WHERE g.slice_no = s.slice_no) FROM booking_slices s",
            &[],
        )
        .await
        .expect("one slice");
    let prices: Vec<i64> = (2..7).map(|column| row.get(column)).collect();
    assert_eq!((row.get::<_, &str>(0), row.get::<_, i16>(1)), ("business", 2));
    assert_eq!(prices, [28_571, 21_429, 0, 50_000, 2]);
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

/// It gives up its place in the queue, so that nobody waits behind it for long, and has its turn when the lock is free.
#[tokio::test]
async fn a_migration_of_a_table_that_is_locked_is_tried_again() {
    const ALTER: Migration = Migration { name: "2.sql", sql: "ALTER TABLE a ADD COLUMN y int" };
    let test = TestDb::empty().await.expect("a database");
    let made = Migration { name: "1.sql", sql: "CREATE TABLE a (x int)" };
    migrate(&test.db, &[made]).await.expect("migrated");
    let holder = test.db.begin().await.expect("a connection");
    holder.batch("LOCK TABLE a IN ACCESS SHARE MODE").await.expect("locked");
    let watcher = test.db.read().await.expect("a connection");
    let waits =
        "SELECT count(*) FROM pg_locks WHERE relation = 'a'::regclass AND mode = 'AccessExclusiveLock'";
    let waiting = async |how_many: i64| {
        while watcher.query_one(waits, &[]).await.expect("asked").get::<_, i64>(0) != how_many {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let migrated = tokio::spawn({
        let db = test.db.clone();
        async move { migrate(&db, &[made, ALTER]).await }
    });
    // It waits, lets go, and waits again.
    for queued in [1, 0, 1] {
        waiting(queued).await;
    }
    drop(holder);
    let report = migrated.await.expect("no panic").expect("migrated");
    assert_eq!((report.applied, report.already), (vec!["2.sql"], 1));
}
