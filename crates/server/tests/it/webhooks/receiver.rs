//! A receiver of webhooks on a socket of this machine: what it does is chosen by the path.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::Notify;

/// What came.
#[derive(Clone, Debug)]
pub(super) struct Received {
    pub(super) path: String,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Received {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("")
    }
}

#[derive(Default)]
struct Book {
    received: Mutex<Vec<Received>>,
    came: Notify,
    /// Lets go what hangs.
    release: Notify,
    /// What `/status` answers.
    status: Mutex<u16>,
}

pub(super) struct Receiver {
    pub(super) address: SocketAddr,
    book: Arc<Book>,
}

impl Receiver {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a socket");
        let address = listener.local_addr().expect("an address");
        let (receiver, router) = Self::at(address);
        tokio::spawn(async move { axum::serve(listener, router).await });
        receiver
    }

    /// A receiver that somebody else serves.
    pub(super) fn at(address: SocketAddr) -> (Self, Router) {
        let book = Arc::new(Book { status: Mutex::new(200), ..Book::default() });
        let router = Router::new().fallback(receive).with_state(Arc::clone(&book));
        (Self { address, book }, router)
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(super) fn received(&self) -> Vec<Received> {
        self.book.received.lock().expect("a lock").clone()
    }

    /// What came since this was asked the last time.
    pub(super) fn take(&self) -> Vec<Received> {
        std::mem::take(&mut self.book.received.lock().expect("a lock"))
    }

    /// What came to a path.
    pub(super) fn at_path(&self, path: &str) -> Vec<Received> {
        self.received().into_iter().filter(|received| received.path == path).collect()
    }

    /// Waits until so much came to a path.
    pub(super) async fn wait_for(&self, path: &str, count: usize) {
        for _ in 0..400 {
            if self.at_path(path).len() >= count {
                return;
            }
            let _soon = tokio::time::timeout(Duration::from_millis(50), self.book.came.notified()).await;
        }
        panic!("{} of {count} came to {path}", self.at_path(path).len());
    }

    pub(super) fn let_go(&self) {
        self.book.release.notify_waiters();
    }

    pub(super) fn answer_with(&self, status: u16) {
        *self.book.status.lock().expect("a lock") = status;
    }
}

async fn receive(State(book): State<Arc<Book>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let bytes = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let body = String::from_utf8_lossy(&bytes).into_owned();
    let received =
        Received { path: parts.uri.path().to_owned(), headers: parts.headers.clone(), body: body.clone() };
    book.received.lock().expect("a lock").push(received);
    book.came.notify_waiters();
    let status = StatusCode::from_u16(*book.status.lock().expect("a lock")).expect("a status");
    match parts.uri.path() {
        "/hang" => {
            book.release.notified().await;
            StatusCode::OK.into_response()
        }
        "/redirect" => (StatusCode::FOUND, [("location", "/ok")]).into_response(),
        "/echo" => format!("{:?} {body} {}", parts.headers, "x".repeat(5_000)).into_response(),
        "/endless" => Body::from_stream(endless()).into_response(),
        "/status" => status.into_response(),
        _ => StatusCode::NO_CONTENT.into_response(),
    }
}

fn endless() -> impl futures_util::Stream<Item = Result<Bytes, std::io::Error>> {
    futures_util::stream::repeat_with(|| Ok(Bytes::from_static(&[b'x'; 8_192])))
}
