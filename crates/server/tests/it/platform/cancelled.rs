//! Requests that are dropped half-way: the client hung up, a time-out fired. First the damage a naive transaction does
//! on a pooled connection (the bug of docs/locking.md, "Cancelled requests"), then that ours does none.

use std::time::Duration;

use ::platform::config;
use ::platform::db::Db;
use futures_util::FutureExt;
use testkit::TestDb;

use crate::support::{Airline, booking_body, request, send};

/// A pool of one connection, so that the next borrower gets what the last one left.
async fn lonely_pool() -> (TestDb, Db) {
    let test_db = TestDb::new(server::migrations::MIGRATIONS).await.expect("a database");
    let config = config::Database { pool: 1, ..test_db.config.clone() };
    let db = Db::new(&config).expect("a pool");
    (test_db, db)
}

const OPEN: &str = "SELECT pg_current_xact_id_if_assigned() IS NOT NULL";
const WRITE: &str = "INSERT INTO leases VALUES ('half-way', gen_random_uuid(), now())";

#[tokio::test]
async fn control_a_dropped_begin_poisons_the_pool() {
    let (_test_db, db) = lonely_pool().await;
    let connection = db.read().await.expect("a connection");
    connection.batch("SELECT 1").await.expect("connected");
    // The handler's future is dropped while BEGIN is under way, as when a client hangs up.
    let begin = connection.batch("BEGIN; INSERT INTO leases VALUES ('half-way', gen_random_uuid(), now())");
    assert!(begin.now_or_never().is_none(), "the statement is under way");
    drop(connection);
    let next = db.read().await.expect("a connection");
    let open: bool = next.query_one(OPEN, &[]).await.expect("a row").get(0);
    assert!(
        open,
        "the next borrower should be inside the stale transaction; if not, the test below proves nothing"
    );
}

/// What is joined is sent in its order, also where the first of them is not prepared yet and the second is.
#[tokio::test]
async fn statements_do_not_overtake_one_another() {
    const WARM: &str = "INSERT INTO seen (what) SELECT 'warm'";
    const COLD: &str = "INSERT INTO seen (what) SELECT 'cold'";
    let (_test_db, db) = lonely_pool().await;
    let tx = db.begin().await.expect("a transaction");
    tx.batch("CREATE TEMP TABLE seen (number serial, what text)").await.expect("created");
    tx.execute(WARM, &[]).await.expect("prepared");
    tx.batch("TRUNCATE seen").await.expect("emptied");
    tokio::try_join!(biased; tx.execute(COLD, &[]), tx.execute(WARM, &[])).expect("both");
    let first: String =
        tx.query_one("SELECT what FROM seen ORDER BY number", &[]).await.expect("rows").get(0);
    assert_eq!(first, "cold");
}

#[tokio::test]
async fn a_dropped_transaction_leaves_a_clean_connection() {
    let (_test_db, db) = lonely_pool().await;
    for _ in 0..50 {
        let tx = db.begin().await.expect("a transaction");
        assert!(tx.execute(WRITE, &[]).now_or_never().is_none(), "the statement is under way");
        drop(tx);
        let next = db.read().await.expect("a connection");
        let open: bool = next.query_one(OPEN, &[]).await.expect("a row").get(0);
        assert!(!open);
        let left: i64 = next.query_one("SELECT count(*) FROM leases", &[]).await.expect("a row").get(0);
        assert_eq!(left, 0, "nothing half-done stays");
    }
}

#[tokio::test]
async fn a_failed_transaction_cannot_be_committed() {
    let (_test_db, db) = lonely_pool().await;
    let tx = db.begin().await.expect("a transaction");
    tx.execute(WRITE, &[]).await.expect("written");
    tx.execute(WRITE, &[]).await.expect_err("the name is taken");
    assert!(
        tx.commit().await.is_err(),
        "PostgreSQL would answer COMMIT with a rollback that looks like success"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_hang_up_leave_no_open_transaction_and_no_half_booking() {
    let airline = Airline::with(|config| config.database.pool = 3).await;
    let (admin, token) = (airline.admin().await, airline.traveller().await);
    airline.flight(&admin, "KR1", ("ABE", "ATL"), ("2026-06-10T08:35", "2026-06-10T10:35"), 900).await;
    let offer = airline.offer("origin=ABE&destination=ATL&date=2026-06-10").await;
    for n in 0..300_u64 {
        let asked =
            request("POST", "/bookings", Some(&token), Some(booking_body(&offer)), Some(&format!("k{n}")));
        let patience = Duration::from_micros(n * 37 % 4_000);
        let _ = tokio::time::timeout(patience, send(airline.router(), asked)).await;
    }
    let idle = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state <> 'idle' AND pid <> pg_backend_pid()";
    let settled = async {
        while airline.count(idle).await > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), settled).await.expect("no transaction stays open");
    let held = airline.count("SELECT count(*) FROM bookings WHERE status = 'held'").await;
    assert!(held > 0, "some got through");
    assert_eq!(airline.count("SELECT taken::bigint FROM inventory").await, held);
    assert_eq!(airline.count("SELECT count(*) FROM booking_passengers").await, held);
    assert_eq!(airline.count("SELECT count(*) FROM idempotency_keys").await, held);
}
