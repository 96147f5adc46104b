//! The test payment gateway: an HTTP service with the shapes of Stripe's PaymentIntents API, so that one adapter
//! speaks to Stripe and to it. Its test numbers decline, ask for a step-up, lose an answer or lose a request, which
//! is what the payment flow has to survive; its own book (`GET /_test/book`) is the third of the three books that
//! tests compare.
//!
//! It owns: intents, payment methods, refunds and idempotency keys, all in memory and gone when it stops.
//! What holds, also under concurrency and when a client hangs up half-way:
//! - one idempotency key has one effect, and everything a call does enters the book in one step;
//! - what is refunded of an intent never exceeds what it received;
//! - a card number is forgotten as soon as its scenario is known: it is neither kept nor logged.
//!
//! It is for tests and demonstrations: anyone who knows an intent's id may answer its challenge.

mod book;
mod cards;
mod form;
mod http;
mod intent;
mod once;
mod pages;
mod refusal;
mod routes;

use std::future::Future;
use std::hash::RandomState;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use jiff::tz::TimeZone;
use kernel::Clock;
use tokio::sync::watch;

use crate::book::Book;
use crate::once::{Keys, Moment};

/// What the gateway needs to be told.
#[derive(Clone)]
pub struct Config {
    /// The key callers prove themselves with, as `Authorization: Bearer sk_test_…`.
    pub secret_key: String,
    /// Where a browser reaches this service; challenge addresses begin with it. No slash at the end.
    pub public_url: String,
    /// How long the numbers that time out keep their callers waiting: longer than any client waits.
    pub hang: Duration,
    /// How long a POST thinks before it acts. Zero in most tests; more lets identical calls meet (409).
    pub latency: Duration,
    /// Tells the ids of one run from those of another.
    pub seed: u64,
    /// What `created` is read from.
    pub clock: Arc<dyn Clock>,
}

/// The whole service as a router, for a caller that serves it by its own means.
pub fn router(config: Config) -> Router {
    routes::router(Gateway::new(config))
}

/// Serves on `listener` until `shutdown` is ready; answers still being withheld then are let go.
pub async fn serve<F>(listener: tokio::net::TcpListener, config: Config, shutdown: F) -> std::io::Result<()>
where
    F: Future<Output = ()> + Send + 'static,
{
    let gateway = Gateway::new(config);
    let routes = routes::router(Arc::clone(&gateway));
    let until = async move {
        shutdown.await;
        gateway.closing.send_replace(true);
    };
    axum::serve(listener, routes).with_graceful_shutdown(until).await
}

/// The running service, shared by its handlers.
struct Gateway {
    config: Config,
    book: Mutex<Book>,
    keys: Mutex<Keys>,
    /// Keyed afresh by each process, so that a kept fingerprint of a body is no way back to a card number.
    fingerprints: RandomState,
    closing: watch::Sender<bool>,
}

impl Gateway {
    fn new(config: Config) -> Arc<Self> {
        let book = Book::new(config.seed, config.public_url.clone());
        Arc::new(Self {
            config,
            book: Mutex::new(book),
            keys: Mutex::default(),
            fingerprints: RandomState::new(),
            closing: watch::Sender::new(false),
        })
    }

    /// The book, for one step. A handler never waits while it holds it, so a client that hangs up cannot leave a
    /// step half done.
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keys(&self) -> MutexGuard<'_, Keys> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn moment(&self) -> Moment {
        let now = self.config.clock.now();
        let date = now.to_zoned(TimeZone::UTC).date();
        Moment { now: now.as_second(), month: (date.year(), date.month()), asked_before: false }
    }

    /// Keeps the caller waiting, unless the service is closing.
    async fn hang(&self) {
        let mut closing = self.closing.subscribe();
        tokio::select! {
            () = tokio::time::sleep(self.config.hang) => {}
            _ = closing.wait_for(|closing| *closing) => {}
        }
    }
}
