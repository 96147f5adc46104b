//! The listening socket. A connection costs memory before it has said anything, so there are so many and no more, and each must
//! say what it wants in time: a client that sends its request a byte a minute (slowloris) is cut.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use super::client_address::{TrustedProxies, household};
use crate::config;

/// What a connection beyond the limits is told, as far as it can be told without waiting.
const FULL: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 2\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
const HEADERS_OF_HYPER: usize = 100;
/// Streams of an HTTP/2 connection at one time.
const STREAMS: u32 = 100;
/// How HTTP/2 without TLS begins (RFC 9113 section 3.4); no method of HTTP/1 begins with the first two.
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Serves `router` until `stop`, and then until the requests under way have ended.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    http: &config::Http,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let connections = Connections {
        limits: Arc::new(http.clone()),
        trusted: TrustedProxies::new(&http.trusted_proxies),
        open: Arc::default(),
    };
    let tracker = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                // Out of file descriptors: they come free as connections end.
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let Some(place) = connections.enter(peer.ip()) else {
            metrics::counter!("connections_refused_total").increment(1);
            let _ = stream.try_write(FULL);
            continue;
        };
        let (router, limits, stop) = (router.clone(), Arc::clone(&connections.limits), stop.clone());
        tracker.spawn(async move {
            if let Err(error) = converse(stream, peer, router, &limits, stop).await {
                tracing::debug!(error = %error, "a connection ended early");
            }
            drop(place);
        });
    }
    drop(listener);
    tracker.close();
    tracker.wait().await;
    Ok(())
}

/// The open connections, and from where.
#[derive(Clone)]
struct Connections {
    limits: Arc<config::Http>,
    trusted: TrustedProxies,
    open: Arc<Mutex<Open>>,
}

#[derive(Default)]
struct Open {
    count: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// A connection's place, given back when it ends.
struct Place {
    open: Arc<Mutex<Open>>,
    address: IpAddr,
}

impl Connections {
    /// A place for one more, unless there are too many, or too many from there.
    fn enter(&self, from: IpAddr) -> Option<Place> {
        let address = household(from);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.count >= self.limits.connections {
            return None;
        }
        let from_there = open.by_address.get(&address).copied().unwrap_or(0);
        // A proxy speaks for everybody behind it.
        if from_there >= self.limits.connections_per_address && !self.trusted.contains(from) {
            return None;
        }
        open.count += 1;
        open.by_address.insert(address, from_there + 1);
        metrics::gauge!("connections_open").set(open.count as f64);
        Some(Place { open: Arc::clone(&self.open), address })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.count = open.count.saturating_sub(1);
        if let Some(count) = open.by_address.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                open.by_address.remove(&self.address);
            }
        }
        metrics::gauge!("connections_open").set(open.count as f64);
    }
}

/// Whether the client speaks HTTP/2; nothing when it says too little in time. The bytes stay for the protocol to read. The whole
/// preface is waited for here, because hyper waits for it without an end.
async fn speaks_http2(stream: &TcpStream, patience: Duration) -> Option<bool> {
    let listen = async {
        let mut first = [0; PREFACE.len()];
        loop {
            match stream.peek(&mut first).await {
                Ok(0) | Err(_) => return None,
                Ok(count) if count >= 2 && first[..2] != PREFACE[..2] => return Some(false),
                Ok(count) if count == PREFACE.len() => return Some(first == *PREFACE),
                // A byte is there already, so that waiting for readiness would not wait.
                Ok(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    };
    tokio::time::timeout(patience, listen).await.ok().flatten()
}

async fn converse(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    limits: &config::Http,
    stop: CancellationToken,
) -> Result<(), hyper::Error> {
    let patience = Duration::from_secs(limits.header_seconds);
    let http2 = tokio::select! {
        http2 = speaks_http2(&stream, patience) => http2,
        () = stop.cancelled() => None,
    };
    let Some(http2) = http2 else { return Ok(()) };
    // Answers are written whole; waiting to fill a packet would only delay them.
    let _ = stream.set_nodelay(true);
    let io = TokioIo::new(stream);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let router = router.clone();
        async move { Ok::<_, Infallible>(answer(router, request, peer).await) }
    });
    if http2 {
        let mut builder = http2::Builder::new(TokioExecutor::new());
        builder
            .timer(TokioTimer::new())
            .max_header_list_size(u32::try_from(limits.header_bytes).unwrap_or(u32::MAX))
            .max_concurrent_streams(STREAMS)
            .keep_alive_interval(patience)
            .keep_alive_timeout(patience);
        let mut connection = pin!(builder.serve_connection(io, service));
        tokio::select! {
            ended = connection.as_mut() => return ended,
            () = stop.cancelled() => connection.as_mut().graceful_shutdown(),
        }
        return connection.await;
    }
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(patience).max_header_size(limits.header_bytes);
    // Another number than its own makes hyper keep headers on the heap.
    if limits.headers != HEADERS_OF_HYPER {
        builder.max_headers(limits.headers);
    }
    let mut connection = pin!(builder.serve_connection(io, service).with_upgrades());
    tokio::select! {
        ended = connection.as_mut() => return ended,
        () = stop.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    connection.await
}

async fn answer(router: Router, request: hyper::Request<Incoming>, peer: SocketAddr) -> Response {
    let mut request: Request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(peer));
    match router.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever has a network of their own has more addresses in it than there are connections.
    #[test]
    fn connections_of_one_network_are_counted_together() {
        let limits = config::Http { connections_per_address: 2, ..config::Http::default() };
        let connections = Connections {
            trusted: TrustedProxies::new(&limits.trusted_proxies),
            limits: Arc::new(limits),
            open: Arc::default(),
        };
        let enter = |address: &str| connections.enter(address.parse().expect("an address"));
        let first = enter("2001:db8:1:2::1");
        let second = enter("2001:db8:1:2:ffff::7");
        assert!(first.is_some() && second.is_some());
        assert!(enter("2001:db8:1:2:3::9").is_none(), "the third of a network");
        assert!(enter("2001:db8:1:3::1").is_some(), "another network");
        drop(first);
        assert!(enter("2001:db8:1:2:3::9").is_some());
        let (one, two) = (enter("192.0.2.1"), enter("::ffff:192.0.2.1"));
        assert!(one.is_some() && two.is_some() && enter("192.0.2.1").is_none());
        assert!(enter("192.0.2.2").is_some());
    }
}
