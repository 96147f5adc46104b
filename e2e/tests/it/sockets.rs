//! A thousand sockets, a hundred of which never read, and a server that is killed in between: who reads is told everything once and in
//! order, as fast as without those who do not, and memory does not grow. Judged by the clock, so it is no part of `./dev test`.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use futures_util::{SinkExt, StreamExt};
use platform::db::Db;
use serde_json::{Value, json};
use testkit::cluster::Cluster;
use tokio::net::{TcpSocket, TcpStream};
use tokio::process::Child;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;

use crate::support::eventually;
use crate::support::load::quantile;
use crate::support::small::Small;

const READERS: usize = 900;
const SLEEPERS: usize = 100;
const BETWEEN: Duration = Duration::from_millis(100);
/// What is told is as long as a flight's news at its longest.
const BYTES: usize = 1_000;
/// What a client that does not read lets its system keep.
const KEPT: u32 = 4_096;
/// As long as it takes until a socket that answers to nothing is let go: three pings and a goodbye.
const NOTICED: Duration = Duration::from_secs(75);
/// For so long a crowd is told one message a second.
const TOLD_TO_THE_CROWD: Duration = Duration::from_secs(30);
const GROWTH_MOST: i64 = 50 * 1_024;
/// What two runs of the same may differ by on a machine that does other things too.
const NOISE: Duration = Duration::from_millis(20);

type Socket = WebSocketStream<TcpStream>;

/// When each message was put, by its number.
type Puts = Arc<Mutex<Vec<Instant>>>;

struct Stage {
    small: Small,
    db: Db,
    address: SocketAddr,
    topic: String,
    puts: Puts,
}

impl Stage {
    /// Opens a socket; `None` where there is no room, or nobody.
    async fn connect(&self, receive: Option<u32>) -> Option<Socket> {
        let socket = TcpSocket::new_v4().expect("a socket");
        if let Some(bytes) = receive {
            socket.set_recv_buffer_size(bytes).expect("a size");
        }
        let stream = socket.connect(self.address).await.ok()?;
        let mut request =
            format!("ws://{}/api/v1/live", self.address).into_client_request().expect("a request");
        let token = format!("Bearer {}", self.small.api.token().expect("a token"));
        request.headers_mut().insert("authorization", HeaderValue::from_str(&token).expect("a value"));
        Some(tokio_tungstenite::client_async(request, stream).await.ok()?.0)
    }

    /// Comes again until there is room, as clients do, and listens.
    async fn listen(&self, after: Option<i64>, receive: Option<u32>) -> Socket {
        let subscribe = json!({"type": "subscribe", "topic": self.topic, "after": after}).to_string();
        loop {
            if let Some(mut socket) = self.connect(receive).await
                && socket.send(Message::text(subscribe.as_str())).await.is_ok()
            {
                return socket;
            }
            tokio::time::sleep(BETWEEN * 5).await;
        }
    }

    /// Tells messages for so long, each so long after the one before.
    async fn tell(&self, lasting: Duration, between: Duration) {
        let (began, sql) = (Instant::now(), self.db.read().await.expect("a connection"));
        let put = "INSERT INTO live_inbox (topic, event, data, created_at)
                   VALUES ($1, 'test', jsonb_build_object('n', $2::bigint, 'long', repeat('x', $3)), now())";
        let long = i32::try_from(BYTES).expect("a number");
        while began.elapsed() < lasting {
            let mut puts = self.puts.lock().await;
            let number = i64::try_from(puts.len()).expect("a number");
            sql.execute(put, &[&self.topic, &number, &long]).await.expect("put");
            puts.push(Instant::now());
            drop(puts);
            tokio::time::sleep(between).await;
        }
    }

    /// Tells a last message, after which readers end; how many there were with it.
    async fn end(&self, until: &AtomicU64) -> usize {
        let sql = self.db.read().await.expect("a connection");
        let number = self.puts.lock().await.len();
        until.store(number as u64 + 1, Ordering::SeqCst);
        let put = "INSERT INTO live_inbox (topic, event, data, created_at)
                   VALUES ($1, 'test', jsonb_build_object('n', $2::bigint), now())";
        let last = i64::try_from(number).expect("a number");
        sql.execute(put, &[&self.topic, &last]).await.expect("put");
        number + 1
    }
}

/// Somebody who reads, and comes again when the socket breaks; ends when it has been told so many.
fn reader(stage: Arc<Stage>, until: Arc<AtomicU64>, told: Arc<AtomicU64>) -> JoinHandle<Vec<Duration>> {
    tokio::spawn(async move {
        let (mut took, mut after, mut next) = (Vec::new(), None, 0);
        let mut socket = stage.listen(after, None).await;
        loop {
            match socket.next().await {
                Some(Ok(Message::Text(text))) => {
                    let came = Instant::now();
                    let message: Value = serde_json::from_str(text.as_str()).expect("JSON");
                    assert_ne!(message["type"], "refetch", "something is lost");
                    after = message["seq"].as_i64().or(after);
                    if message["type"] == "subscribed" && next == 0 {
                        told.fetch_add(1, Ordering::SeqCst);
                    }
                    let Some(number) = message["data"]["n"].as_u64() else { continue };
                    assert_eq!(number, next, "one is missing, or told twice");
                    next += 1;
                    let index = usize::try_from(number).expect("a number");
                    let put = stage.puts.lock().await.get(index).copied();
                    took.push(put.map_or(Duration::ZERO, |put| came.saturating_duration_since(put)));
                    if next == until.load(Ordering::SeqCst) {
                        return took;
                    }
                }
                Some(Ok(_)) => {}
                // The server was killed; it comes back.
                Some(Err(_)) | None => socket = stage.listen(after, None).await,
            }
        }
    })
}

/// Waits until so many have been told that they listen.
async fn all_listen(listening: &AtomicU64, readers: usize) {
    eventually("all listen", Duration::from_mins(5), async || {
        (listening.load(Ordering::SeqCst) == readers as u64).then_some(())
    })
    .await;
}

/// Resident memory of a process, KiB.
fn memory(process: &Child) -> i64 {
    let path = format!("/proc/{}/status", process.id().expect("a process that runs"));
    let status = std::fs::read_to_string(path).expect("this is Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
    line.split_whitespace().next().and_then(|number| number.parse().ok()).expect("a number")
}

/// The slowest hundredth of what was told between two messages, over all readers.
fn p99(all: &[Vec<Duration>], (from, to): (usize, usize)) -> Duration {
    let mut took: Vec<Duration> = all.iter().flat_map(|one| one[from..to].iter().copied()).collect();
    took.sort();
    quantile(&took, 0.99)
}

async fn stage(cluster: &Cluster, room: usize) -> (Arc<Stage>, Child, Child) {
    let (url, room) = (cluster.config.url.clone(), room.to_string());
    // All of them come from one address and one account here.
    let more = [
        ("UDAAN_LIVE__SOCKETS", room.as_str()),
        ("UDAAN_LIVE__SOCKETS_PER_ACCOUNT", "20000"),
        ("UDAAN_HTTP__CONNECTIONS_PER_ADDRESS", "20000"),
        ("UDAAN_HTTP__CONNECTIONS", "20000"),
        ("UDAAN_LOG__FILTER", "info"),
    ];
    let mut small = Small::with((&url, &url), crate::support::limits::Room::Wide, &more).await;
    let (work, serve) = (small.work(), small.serve("serve").await);
    let db = Db::new(&cluster.config).expect("a pool");
    small.open(&db).await;
    let offer = format!("/search?origin=ABE&destination=ATL&date={}", small.day);
    let found = small.api.get(&offer).await.json(200);
    let flight = found["itineraries"][0]["segments"][0]["flight_id"].as_str().expect("a flight").to_owned();
    let address = small.api.site().trim_start_matches("http://").parse().expect("an address");
    let stage = Stage { small, db, address, topic: format!("flight:{flight}"), puts: Puts::default() };
    (Arc::new(stage), work, serve)
}

/// `./dev chaos sockets SECONDS`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "judged by the clock; ./dev chaos sockets runs it"]
#[expect(clippy::disallowed_methods, reason = "the command says for how long")]
async fn chaos_sockets() {
    let seconds = std::env::var("UDAAN_CHAOS").ok().and_then(|many| many.parse().ok()).unwrap_or(60);
    let lasting = Duration::from_secs(seconds);
    let cluster = Cluster::start().await.expect("a cluster");
    let (stage, _work, mut serve) = stage(&cluster, 2 * READERS).await;
    let empty = memory(&serve);
    let (until, listening) = (Arc::new(AtomicU64::new(u64::MAX)), Arc::new(AtomicU64::new(0)));
    let readers: Vec<_> = (0..READERS)
        .map(|_| reader(Arc::clone(&stage), Arc::clone(&until), Arc::clone(&listening)))
        .collect();
    all_listen(&listening, READERS).await;
    stage.tell(lasting, BETWEEN).await;
    let calm = stage.puts.lock().await.len();
    let before = memory(&serve);
    let each = (before - empty) / i64::try_from(READERS).expect("a number");
    let sleepers = join_all((0..SLEEPERS).map(|_| stage.listen(None, Some(KEPT)))).await;
    stage.tell(lasting.max(NOTICED), BETWEEN).await;
    let crowded = stage.puts.lock().await.len();
    let after = memory(&serve);
    let cut = join_all(sleepers.into_iter().map(ends)).await.into_iter().filter(|cut| *cut).count();

    // Killed while messages are told, and started again.
    let killing = async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        serve.kill().await.expect("killed");
        serve = stage.small.serve("serve").await;
    };
    tokio::join!(stage.tell(Duration::from_secs(20), BETWEEN), killing);
    let last = stage.end(&until).await;
    let told: Vec<Vec<Duration>> =
        join_all(readers).await.into_iter().map(|one| one.expect("all of it, once")).collect();
    let (calm_p99, crowded_p99) = (p99(&told, (0, calm)), p99(&told, (calm, crowded)));
    println!(
        "{READERS} readers were told {last} messages each, once and in order, over a SIGKILL; p99 {calm_p99:.1?}, with {SLEEPERS} that \
         never read {crowded_p99:.1?}; memory {empty} KiB, with them {before} KiB ({each} each), then {after} KiB; {cut} were cut"
    );
    assert_eq!(cut, SLEEPERS, "who never read is still told");
    assert!(after - before < GROWTH_MOST, "memory grew by {} KiB", after - before);
    assert!(crowded_p99 <= calm_p99.mul_f64(1.2) + NOISE, "others noticed");
}

/// Whether a socket that never read finds its end behind what it was told.
async fn ends(mut socket: Socket) -> bool {
    let reading = async { while let Some(Ok(_)) = socket.next().await {} };
    tokio::time::timeout(Duration::from_secs(30), reading).await.is_ok()
}

/// `./dev chaos crowd SOCKETS`: so many in one process, all told the same, and the next is refused.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "judged by the clock; ./dev chaos crowd runs it"]
#[expect(clippy::disallowed_methods, reason = "the command says how many")]
async fn chaos_crowd() {
    let crowd: usize = std::env::var("UDAAN_CHAOS").ok().and_then(|many| many.parse().ok()).unwrap_or(5_000);
    let cluster = Cluster::start().await.expect("a cluster");
    let (stage, _work, serve) = stage(&cluster, crowd).await;
    let empty = memory(&serve);
    let (until, listening) = (Arc::new(AtomicU64::new(u64::MAX)), Arc::new(AtomicU64::new(0)));
    let readers: Vec<_> =
        (0..crowd).map(|_| reader(Arc::clone(&stage), Arc::clone(&until), Arc::clone(&listening))).collect();
    all_listen(&listening, crowd).await;
    assert!(stage.connect(None).await.is_none(), "there was room for one more than live.sockets");
    let each = (memory(&serve) - empty) / i64::try_from(crowd).expect("a number");
    stage.tell(TOLD_TO_THE_CROWD, BETWEEN * 10).await;
    let last = stage.end(&until).await;
    let told: Vec<Vec<Duration>> =
        join_all(readers).await.into_iter().map(|one| one.expect("all of it, once")).collect();
    // It was for want of room that the other was refused.
    eventually("room again", NOTICED, async || stage.connect(None).await.map(drop)).await;
    let slowest = p99(&told, (0, last - 1));
    println!(
        "{crowd} sockets of one process were told {last} messages each, once and in order, one a second; p99 {slowest:.1?}; {each} KiB each"
    );
}
