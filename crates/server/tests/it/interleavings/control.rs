//! The search for orders finds the harmful one: a counter that is read and then written loses an update in some orders, and
//! never when it is written at once.

use platform::db::Db;
use testkit::proxy::{Operation, Pair, explore};

use crate::support::Airline;

async fn airline_with_a_counter() -> (Airline, Pair) {
    let airline = Airline::new().await;
    airline
        .sql()
        .await
        .batch("CREATE TABLE naive (n bigint); INSERT INTO naive VALUES (0)")
        .await
        .expect("made");
    let pair = Pair::start(&airline.app.config.database, &[]).await.expect("two proxies");
    (airline, pair)
}

fn read_then_write(db: Db) -> Operation {
    Box::pin(async move {
        let tx = db.begin().await.expect("begun");
        let seen: i64 = tx.query_one("SELECT n FROM naive", &[]).await.expect("read").get(0);
        tx.execute("UPDATE naive SET n = $1", &[&(seen + 1)]).await.expect("written");
        tx.commit().await.expect("committed");
    })
}

fn write_at_once(db: Db) -> Operation {
    Box::pin(async move {
        let tx = db.begin().await.expect("begun");
        tx.query_one("SELECT n FROM naive", &[]).await.expect("read");
        tx.execute("UPDATE naive SET n = n + 1", &[]).await.expect("written");
        tx.commit().await.expect("committed");
    })
}

async fn lost_updates(operation: fn(Db) -> Operation) -> (usize, usize) {
    let (airline, pair) = airline_with_a_counter().await;
    let dbs = pair.databases().map(|database| Db::new(&database).expect("a pool"));
    let mut lost = 0;
    let begin = async || {
        airline.sql().await.batch("UPDATE naive SET n = 0").await.expect("reset");
        ((), dbs.each_ref().map(|db| operation(db.clone())))
    };
    let check = async |()| lost += usize::from(airline.count("SELECT n FROM naive").await != 2);
    let explored = explore(&pair, begin, check).await.expect("explored");
    println!("{explored:?}, {lost} lost");
    assert!(explored.with_waiting > 0, "neither ever waited for the other's lock");
    (explored.schedules, lost)
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_before_writing_loses_an_update_in_some_orders() {
    let (schedules, lost) = lost_updates(read_then_write).await;
    assert!(0 < lost && lost < schedules, "{lost} of {schedules}");
}

#[tokio::test(flavor = "multi_thread")]
async fn writing_at_once_loses_none_in_any_order() {
    let (schedules, lost) = lost_updates(write_at_once).await;
    assert!(schedules >= 2);
    assert_eq!(lost, 0);
}

/// Two that take each other's rows in opposite order are found out, not waited for.
#[tokio::test(flavor = "multi_thread")]
async fn a_deadlock_is_found() {
    let (airline, pair) = airline_with_a_counter().await;
    airline.sql().await.batch("CREATE TABLE other AS TABLE naive").await.expect("made");
    drop(pair);
    let pair = Pair::start(&airline.app.config.database, &[]).await.expect("two proxies");
    let dbs = pair.databases().map(|database| Db::new(&database).expect("a pool"));
    let both = |db: Db, first: &'static str, second: &'static str| -> Operation {
        Box::pin(async move {
            let tx = db.begin().await.expect("begun");
            tx.execute(first, &[]).await.expect("the first row");
            // PostgreSQL ends one of two that wait for each other.
            if tx.execute(second, &[]).await.is_ok() {
                tx.commit().await.expect("committed");
            }
        })
    };
    let (naive, other) = ("UPDATE naive SET n = n + 1", "UPDATE other SET n = n + 1");
    let begin = async || ((), [both(dbs[0].clone(), naive, other), both(dbs[1].clone(), other, naive)]);
    let error = explore(&pair, begin, async |()| {}).await.expect_err("a deadlock");
    assert!(format!("{error:#}").contains("deadlock"), "{error:#}");
}
