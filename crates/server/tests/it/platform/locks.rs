//! Locks, one by one and without luck: the test holds the row, sees the request wait for it, changes what the lock
//! protects, lets go, and looks at what the request made of it. A request that does not wait has decided on a state that
//! was gone; so each test fails, every time, when its lock is taken away.

use std::future::Future;

use kernel::FlightId;
use platform::db::Tx;
use server::flights::api as flights;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::support::{Airline, Reply, booking_body, request, send};

const QUERY: &str = "origin=ABE&destination=ATL&date=2026-06-10";

struct Scene {
    airline: Airline,
    admin: String,
    token: String,
    flight: String,
}

async fn scene() -> Scene {
    let airline = Airline::new().await;
    let (admin, token) = (airline.admin().await, airline.traveller().await);
    let times = ("2026-06-10T08:35", "2026-06-10T10:35");
    let flight = airline.flight(&admin, "KR1", ("ABE", "ATL"), times, 5).await;
    airline.warm_pool().await;
    Scene { airline, admin, token, flight }
}

impl Scene {
    async fn holding(&self, statement: &str) -> Tx {
        self.airline.holding(statement).await
    }

    /// Starts the work and waits until PostgreSQL says that somebody waits for a lock.
    async fn waiting<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<T> {
        self.airline.waiting(work).await
    }

    fn asks(
        &self,
        method: &str,
        path: &str,
        token: &str,
        body: Option<serde_json::Value>,
    ) -> impl Future<Output = Reply> + Send + use<> {
        send(self.airline.router(), request(method, path, Some(token), body, Some("a-key")))
    }

    async fn booking(&self) -> String {
        let offer = self.airline.offer(QUERY).await;
        self.airline.hold(&self.token, &offer, "k1").await.expect(201).text("/id")
    }
}

/// Without the row lock the cancellation reads `paying = false` and gives seats back that are being paid for.
#[tokio::test(flavor = "multi_thread")]
async fn a_cancellation_waits_for_the_payment_that_has_the_booking() {
    let scene = scene().await;
    let id = scene.booking().await;
    let paying = scene.holding("UPDATE bookings SET paying = true").await;
    let cancel = scene.asks("DELETE", &format!("/bookings/{id}"), &scene.token, None);
    let cancel = scene.waiting(cancel).await;
    paying.commit().await.expect("committed");
    let refused = cancel.await.expect("an answer").expect(409);
    assert_eq!(refused.code(), "payment_in_progress");
    assert_eq!(scene.airline.count("SELECT taken::bigint FROM inventory").await, 1);
}

/// Without the lock on the inventory the deletion reads `taken = 0` and deletes the flight under the sale.
#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_waits_for_the_sale_that_has_the_cabin() {
    let scene = scene().await;
    let sale = scene.holding("UPDATE inventory SET taken = 1, version = version + 1").await;
    let delete = scene.asks("DELETE", &format!("/flights/{}", scene.flight), &scene.admin, None);
    let delete = scene.waiting(delete).await;
    sale.commit().await.expect("committed");
    assert_eq!(delete.await.expect("an answer").expect(409).code(), "flight_sold");
    assert_eq!(scene.airline.count("SELECT count(*) FROM flights").await, 1);
}

/// Without the lock on the inventory a smaller cabin is checked against what was taken before the sale; then only the
/// constraint stands between the two, and the answer is an error of ours.
#[tokio::test(flavor = "multi_thread")]
async fn a_smaller_cabin_waits_for_the_sale_that_has_it() {
    let scene = scene().await;
    let sale = scene.holding("UPDATE inventory SET taken = 3, version = version + 1").await;
    let body = serde_json::json!({"cabins": [{"cabin": "economy", "capacity": 2}]});
    let change = scene.asks("PUT", &format!("/flights/{}", scene.flight), &scene.admin, Some(body));
    let change = scene.waiting(change).await;
    sale.commit().await.expect("committed");
    let refused = change.await.expect("an answer");
    assert!(refused.status.is_client_error(), "{} {}", refused.status, refused.json);
    assert_eq!(scene.airline.count("SELECT capacity::bigint FROM inventory").await, 5);
}

/// A retiming that took the inventory first would wait for the booking here while the cancellation waits for the
/// inventory: a deadlock.
#[tokio::test(flavor = "multi_thread")]
async fn a_retiming_takes_bookings_before_inventory_as_a_cancellation_does() {
    let scene = scene().await;
    scene.booking().await;
    let cancellation = scene.holding("SELECT 1 FROM bookings FOR UPDATE").await;
    let body = serde_json::json!({"departs_local": "2026-06-10T09:35", "arrives_local": "2026-06-10T11:35"});
    let retime = scene.asks("PUT", &format!("/flights/{}", scene.flight), &scene.admin, Some(body));
    let retime = scene.waiting(retime).await;
    cancellation.batch("UPDATE inventory SET version = version + 1").await.expect("nobody has it");
    cancellation.commit().await.expect("committed");
    retime.await.expect("an answer").expect(200);
    let moved = "SELECT count(*) FROM bookings WHERE trip_starts_at = '2026-06-10T13:35Z'";
    assert_eq!(scene.airline.count(moved).await, 1);
}

/// Without the lock on the head a second sequencer counts on from the number the first is about to replace.
#[tokio::test(flavor = "multi_thread")]
async fn a_sequencer_waits_for_the_head_and_counts_on_from_it() {
    let scene = scene().await;
    let before = scene.airline.count("SELECT seq FROM search_feed_head").await;
    let first = scene
        .holding(
            "INSERT INTO search_feed (seq, flight_id, sequenced_at)
             SELECT seq + 1, gen_random_uuid(), now() FROM search_feed_head;
             UPDATE search_feed_head SET seq = seq + 1",
        )
        .await;
    let flight = FlightId::from_uuid(Uuid::from_u128(7));
    flights::announce(&scene.airline.sql().await, &[flight]).await.expect("announced");
    let (db, now) = (scene.airline.app.db.clone(), scene.airline.app.now());
    let second = async move { flights::sequence_feed(&db.read().await.expect("a connection"), now).await };
    let second = scene.waiting(second).await;
    first.commit().await.expect("committed");
    assert_eq!(second.await.expect("it ran").expect("sequenced"), 1);
    let entries = flights::feed_after(&scene.airline.sql().await, before + 1, 10).await.expect("entries");
    assert_eq!(entries, [(before + 2, flights::FeedEntry::Flight(flight))]);
}

/// The hold's own statement waits for another sale of the last seat, and looks again with what that left.
#[tokio::test(flavor = "multi_thread")]
async fn a_hold_waits_for_the_sale_before_it_and_looks_again() {
    let scene = scene().await;
    let offer = scene.airline.offer(QUERY).await;
    let sale = scene.holding("UPDATE inventory SET taken = capacity, version = version + 1").await;
    let hold = scene.asks("POST", "/bookings", &scene.token, Some(booking_body(&offer)));
    let hold = scene.waiting(hold).await;
    sale.commit().await.expect("committed");
    assert_eq!(hold.await.expect("an answer").expect(409).code(), "sold_out");
}

/// The hold has read the flight's times when it waits for its seats. Without looking again it books the times before.
#[tokio::test(flavor = "multi_thread")]
async fn a_hold_that_waited_for_a_retiming_has_the_new_times() {
    let scene = scene().await;
    let offer = scene.airline.offer(QUERY).await;
    let retiming = scene
        .holding(
            "UPDATE flights SET departs_at = departs_at + interval '1 hour', arrives_at = arrives_at + interval '1 hour',
                    departs_local = departs_local + interval '1 hour', arrives_local = arrives_local + interval '1 hour',
                    version = version + 1;
             UPDATE inventory SET version = version + 1",
        )
        .await;
    let hold = scene.asks("POST", "/bookings", &scene.token, Some(booking_body(&offer)));
    let hold = scene.waiting(hold).await;
    retiming.commit().await.expect("committed");
    let held = hold.await.expect("an answer").expect(201);
    assert_eq!(held.text("/segments/0/departs_at"), "2026-06-10T09:35:00-04:00");
    let booked = "SELECT count(*) FROM bookings WHERE trip_starts_at = '2026-06-10T13:35Z'";
    assert_eq!(scene.airline.count(booked).await, 1);
    assert_eq!(
        scene.airline.count("SELECT taken::bigint FROM inventory").await,
        1,
        "the first try left nothing"
    );
}
