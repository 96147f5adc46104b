//! Leases on names: one holder at a time, renewed while it works, and a rest that nobody skips.

use std::time::Duration;

use platform::jobs::Lease;
use uuid::Uuid;

use crate::support::Airline;

#[tokio::test]
async fn one_works_while_its_lease_is_renewed_and_nobody_while_it_rests() {
    let airline = Airline::new().await;
    let lease = |holder| Lease::new("probe", Uuid::from_u128(holder), Duration::from_millis(600));
    let (first, second) = (lease(1), lease(2));
    let db = &airline.app.db;
    let work = async {
        // Twice the life of the lease: without renewals the second would have it by now.
        tokio::time::sleep(Duration::from_millis(1_200)).await;
        second.during(db, async { "both" }).await.expect("asked")
    };
    assert_eq!(first.during(db, work).await.expect("held"), Some(None), "two were at work");
    assert!(
        !Lease::wake(&db.read().await.expect("a connection"), "probe").await.expect("asked"),
        "it does not rest"
    );

    first.rest(db, Duration::from_mins(10)).await.expect("rests");
    for one in [&first, &second] {
        assert_eq!(one.during(db, async { "worked" }).await.expect("asked"), None, "it rests");
    }
    assert!(Lease::wake(&db.read().await.expect("a connection"), "probe").await.expect("woken"));
    assert_eq!(second.during(db, async { "worked" }).await.expect("asked"), Some("worked"));
}
