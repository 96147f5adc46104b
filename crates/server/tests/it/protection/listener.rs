//! The listening socket: connections that are many, slow, or say too much.

use std::net::SocketAddr;
use std::time::Duration;

use ::platform::config;
use ::platform::http::listener;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use crate::support::Airline;

/// Long enough for whatever must happen to happen on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

struct Served {
    airline: Airline,
    address: SocketAddr,
    stop: CancellationToken,
    serving: tokio::task::JoinHandle<anyhow::Result<()>>,
}

async fn serve(change: impl FnOnce(&mut config::Http)) -> Served {
    let airline = Airline::with(|config| {
        config.http.header_seconds = 1;
        config.http.handler_seconds = 2;
        change(&mut config.http);
    })
    .await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a socket");
    let address = listener.local_addr().expect("an address");
    let (router, http, stop) = (airline.router(), airline.app.config.http.clone(), CancellationToken::new());
    let until = stop.clone();
    let serving = tokio::spawn(async move { listener::serve(listener, router, &http, until).await });
    Served { airline, address, stop, serving }
}

impl Served {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("connected")
    }

    /// Sends and reads to the end.
    async fn say(&self, text: &str) -> String {
        let mut stream = self.connect().await;
        // A server that has heard enough may close before everything is written.
        let _ = stream.write_all(text.as_bytes()).await;
        rest(&mut stream).await
    }
}

#[track_caller]
fn rest(stream: &mut TcpStream) -> impl Future<Output = String> + '_ {
    let place = std::panic::Location::caller();
    async move {
        let mut heard = Vec::new();
        let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut heard)).await;
        // A reset is an end as well.
        assert!(read.is_ok(), "{place}: the connection is open still: {}", String::from_utf8_lossy(&heard));
        String::from_utf8_lossy(&heard).into_owned()
    }
}

const HEALTH: &str = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

#[tokio::test]
async fn a_connection_that_says_nothing_or_half_is_cut() {
    let served = serve(|_| {}).await;
    for beginning in ["", "P", "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ", "PRI * HTTP/2.0\r\n"] {
        let mut stream = served.connect().await;
        stream.write_all(beginning.as_bytes()).await.expect("written");
        let heard = rest(&mut stream).await;
        assert!(!heard.contains("200 OK"), "{beginning}: {heard}");
    }
    // Idle after an answer: cut as well.
    let mut stream = served.connect().await;
    stream.write_all(HEALTH.replace("close", "keep-alive").as_bytes()).await.expect("written");
    assert!(rest(&mut stream).await.contains("200 OK"));
}

#[tokio::test]
async fn headers_are_few_and_short() {
    let served = serve(|http| (http.headers, http.header_bytes) = (20, 4_096)).await;
    let with = |headers: String| HEALTH.replace("Host: x\r\n", &format!("Host: x\r\n{headers}"));
    let many = |count: usize| with((0..count).map(|number| format!("X-{number}: 1\r\n")).collect());
    assert!(served.say(&many(15)).await.starts_with("HTTP/1.1 200"));
    assert!(served.say(&many(30)).await.starts_with("HTTP/1.1 431"));
    let long = |bytes: usize| with(format!("X-Long: {}\r\n", "a".repeat(bytes)));
    assert!(served.say(&long(3_000)).await.starts_with("HTTP/1.1 200"));
    assert!(served.say(&long(5_000)).await.starts_with("HTTP/1.1 431"));
}

#[tokio::test]
async fn one_address_takes_so_many_connections_and_no_more() {
    let served = serve(|http| {
        (http.connections_per_address, http.header_seconds) = (3, 60);
    })
    .await;
    let mut open = Vec::new();
    for _ in 0..3 {
        let mut stream = served.connect().await;
        stream.write_all(HEALTH.replace("close", "keep-alive").as_bytes()).await.expect("written");
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.expect("an answer");
        open.push(stream);
    }
    let refused = rest(&mut served.connect().await).await;
    assert!(refused.starts_with("HTTP/1.1 503") && refused.contains("Retry-After"), "{refused}");
    open.pop();
    // Its place is free once the server has seen it go.
    let mut answer = String::new();
    for _ in 0..600 {
        answer = served.say(HEALTH).await;
        if answer.starts_with("HTTP/1.1 200") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn a_trusted_proxy_takes_as_many_as_there_are() {
    let proxy = "127.0.0.1".parse().expect("an address");
    let served = serve(|http| {
        (http.connections_per_address, http.connections, http.header_seconds) = (1, 3, 60);
        http.trusted_proxies = vec![proxy];
    })
    .await;
    let mut open = Vec::new();
    for _ in 0..3 {
        let mut stream = served.connect().await;
        stream.write_all(HEALTH.replace("close", "keep-alive").as_bytes()).await.expect("written");
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.expect("an answer");
        open.push(stream);
    }
    assert!(rest(&mut served.connect().await).await.starts_with("HTTP/1.1 503"), "there are three in all");
}

/// A body that never ends: its request is answered when its time is up, and nothing of it stays inside.
#[tokio::test]
async fn a_body_that_never_ends_is_given_up() {
    let served = serve(|http| http.header_seconds = 60).await;
    let mut stream = served.connect().await;
    let head = "POST /api/v1/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{";
    stream.write_all(head.as_bytes()).await.expect("written");
    let heard = rest(&mut stream).await;
    assert!(heard.starts_with("HTTP/1.1 503") && heard.contains("timed_out"), "{heard}");
    assert_eq!(served.airline.app.admission.inside(), 0);
    // What says that it is longer than it may be is waited for only a moment, and who sends all of it hears why not.
    let long = head.replace("Content-Length: 100", "Connection: close\r\nContent-Length: 900000");
    for sent in [0, 899_999] {
        let mut stream = served.connect().await;
        stream.write_all(long.as_bytes()).await.expect("written");
        stream.write_all(&vec![b' '; sent]).await.expect("all of it is read");
        assert!(rest(&mut stream).await.contains("body_too_large"), "{sent}");
    }
}

#[tokio::test]
async fn stopping_ends_what_is_idle_and_waits_for_what_is_not() {
    let served = serve(|http| http.header_seconds = 60).await;
    let mut idle = served.connect().await;
    idle.write_all(HEALTH.replace("close", "keep-alive").as_bytes()).await.expect("written");
    let mut answer = [0; 12];
    idle.read_exact(&mut answer).await.expect("an answer");
    served.stop.cancel();
    rest(&mut idle).await;
    let ended = tokio::time::timeout(PATIENCE, served.serving).await.expect("it ends").expect("no panic");
    ended.expect("served");
    assert!(TcpStream::connect(served.address).await.is_err(), "the port is closed");
}
