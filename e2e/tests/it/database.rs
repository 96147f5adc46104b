//! PostgreSQL ends at once while travellers hold, pay and cancel, and comes back; nobody starts the server again. What was
//! acknowledged is there afterwards, and what was asked twice happened once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use testkit::cluster::Cluster;
use tokio::task::JoinSet;

use crate::support::api::{Api, booking_of, try_send};
use crate::support::eventually;
use crate::support::small::Small;

const CARD: &str = "4242424242424242";
const CLIENTS: usize = 6;
/// What fits beside the other tests; `./dev chaos database` makes as many as one likes.
const STOPS: usize = 4;
/// So many of the first trips of each client at most, in a flight of a thousand seats.
const KEPT: usize = 120;
const UP: Duration = Duration::from_millis(2_500);
const RECOVERED_WITHIN: Duration = Duration::from_secs(10);
const SETTLED_WITHIN: Duration = Duration::from_mins(4);

/// What a traveller was told.
#[derive(Clone, Debug)]
struct Told {
    booking: String,
    state: &'static str,
}

/// Asks until there is an answer, as a client with an idempotency key may.
async fn insist(api: &Api, method: Method, path: &str, key: &str, body: Option<&Value>) -> Value {
    let began = Instant::now();
    loop {
        let request = api.request(method.clone(), path).header("Idempotency-Key", key);
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        // 409: the first of these requests is still at work. Everything else is an answer to what was asked.
        if let Some(answer) = try_send(request).await
            && !matches!(answer.status, 409 | 503)
        {
            return answer.json(if method == Method::POST { 201 } else { 200 });
        }
        assert!(began.elapsed() < SETTLED_WITHIN, "{method} {path} {key} is not answered");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn travel(
    api: Api,
    offer: Value,
    client: usize,
    stop: Arc<AtomicBool>,
    asked: Arc<AtomicUsize>,
) -> Vec<Told> {
    let mut told = vec![];
    for trip in 0.. {
        if stop.load(Ordering::SeqCst) {
            break;
        }
        let key = |what: &str| format!("{what}-{client}-{trip}");
        let held = insist(&api, Method::POST, "/bookings", &key("hold"), Some(&booking_of(&offer))).await;
        asked.fetch_add(1, Ordering::SeqCst);
        let booking = held["id"].as_str().expect("an id").to_owned();
        let mut state = "held";
        if trip % 4 > 0 {
            let body = json!({"booking_id": booking, "method": {"type": "card", "number": CARD}});
            let paid = insist(&api, Method::POST, "/payments", &key("pay"), Some(&body)).await;
            state = if paid["status"] == "succeeded" { "confirmed" } else { "paying" };
        }
        // Some are kept, as many as there are seats for.
        let is_kept = trip < KEPT && trip % 2 == 0;
        if !is_kept && state != "paying" {
            insist(&api, Method::DELETE, &format!("/bookings/{booking}"), &key("cancel"), None).await;
            state = "cancelled";
        }
        told.push(Told { booking, state });
    }
    told
}

async fn stop_again_and_again(stops: usize) {
    let mut cluster = Cluster::start().await.expect("a cluster");
    let url = cluster.config.url.clone();
    let mut small = Small::new(&url, &url).await;
    let _process = small.serve("all").await;
    small.open(&cluster.db).await;
    let offer = small.offer("KR1").await.expect("KR1 is on sale");
    let (stop, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let mut clients = JoinSet::new();
    for client in 0..CLIENTS {
        clients.spawn(travel(
            small.api.clone(),
            offer.clone(),
            client,
            Arc::clone(&stop),
            Arc::clone(&asked),
        ));
    }
    for number in 0..stops {
        tokio::time::sleep(UP).await;
        let before = asked.load(Ordering::SeqCst);
        cluster.stop_at_once().await.expect("stopped");
        tokio::time::sleep(Duration::from_millis(500)).await;
        cluster.start_again().await.expect("started");
        let goes_on = async || (asked.load(Ordering::SeqCst) > before + CLIENTS).then_some(());
        eventually(&format!("sales go on after stop {number}"), RECOVERED_WITHIN, goes_on).await;
    }
    stop.store(true, Ordering::SeqCst);
    let told: Vec<Told> = clients.join_all().await.into_iter().flatten().collect();
    println!("{} trips through {stops} stops", told.len());
    assert!(told.len() > stops * CLIENTS, "too little was sold between the stops");
    account_for(&small, &cluster, &told).await;
}

/// What was acknowledged and is not there.
async fn lost<'a>(small: &Small, told: &'a [Told]) -> Vec<&'a Told> {
    let mut lost = vec![];
    for trip in told {
        if small.api.get(&format!("/bookings/{}", trip.booking)).await.status == 404 {
            lost.push(trip);
        }
    }
    lost
}

async fn account_for(small: &Small, cluster: &Cluster, told: &[Told]) {
    let lost = lost(small, told).await;
    assert!(lost.is_empty(), "acknowledged, and not there: {lost:?}");
    for Told { booking, state } in told {
        eventually(&format!("{booking} is {state}"), SETTLED_WITHIN, async || {
            let now = small.api.get(&format!("/bookings/{booking}")).await.json(200);
            let open = |of: &str| {
                now[of]
                    .as_array()
                    .expect("a list")
                    .iter()
                    .any(|each| !matches!(each["status"].as_str(), Some("succeeded" | "declined")))
            };
            // Whoever was told that nothing is known yet is told later; it is either of the two.
            let fits = match *state {
                "paying" => now["status"] == "confirmed" || now["status"] == "held",
                state => now["status"] == state,
            };
            (fits && !open("payments") && !open("refunds")).then_some(())
        })
        .await;
    }
    small.is_sound().await;
    small.books_agree(&cluster.db).await;
    let sql = cluster.db.read().await.expect("a connection");
    let bookings: i64 = sql.query_one("SELECT count(*) FROM bookings", &[]).await.expect("a row").get(0);
    assert_eq!(usize::try_from(bookings).expect("few"), told.len(), "each trip was booked once");
}

#[tokio::test(flavor = "multi_thread")]
async fn postgresql_stops_at_once_and_nothing_acknowledged_is_lost() {
    stop_again_and_again(STOPS).await;
}

/// Negative control: a database that acknowledges what it has not written yet loses it, and that is found. It writes now and then all the
/// same, every ten seconds at least; so it has some tries to lose something.
#[tokio::test(flavor = "multi_thread")]
async fn control_a_database_that_acknowledges_too_early_is_found_to_lose_bookings() {
    let mut cluster = Cluster::start_forgetful().await.expect("a cluster");
    let url = cluster.config.url.clone();
    let mut small = Small::new(&url, &url).await;
    let _process = small.serve("all").await;
    small.open(&cluster.db).await;
    let offer = small.offer("KR1").await.expect("KR1 is on sale");
    let mut told = vec![];
    for round in 0..5 {
        // What is on sale is written; the bookings are not.
        cluster.db.read().await.expect("a connection").batch("CHECKPOINT").await.expect("a checkpoint");
        let key = format!("early-{round}");
        let held = insist(&small.api, Method::POST, "/bookings", &key, Some(&booking_of(&offer))).await;
        told.push(Told { booking: held["id"].as_str().expect("an id").to_owned(), state: "held" });
        cluster.stop_at_once().await.expect("stopped");
        cluster.start_again().await.expect("started");
        let ready = async || small.api.is_ready().await.then_some(());
        eventually("the server answers again", RECOVERED_WITHIN, ready).await;
        if !lost(&small, &told).await.is_empty() {
            return;
        }
    }
    panic!("a loss is not seen: {told:?}");
}

/// `./dev chaos database`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes many minutes; ./dev chaos database runs it"]
#[expect(clippy::disallowed_methods, reason = "./dev chaos says here how many there shall be")]
async fn chaos_database() {
    let many = std::env::var("UDAAN_CHAOS").ok().and_then(|many| many.parse().ok());
    stop_again_and_again(many.unwrap_or(200)).await;
}
