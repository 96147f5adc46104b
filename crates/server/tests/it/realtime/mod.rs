//! Sockets over a real listener: who may open one and listen to what, what comes, and how it ends.

mod client;
mod ends;
mod opens;
mod prices;
mod resumes;

use std::net::SocketAddr;

use ::platform::config::Config;
use ::platform::http::listener;
use axum::Router;
use jiff::SignedDuration;
use serde_json::{Value, json};
use server::App;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use self::client::Client;
use crate::support::{Airline, booking_body, run_job_of};

const DATE: &str = "2026-06-10";

/// An airline with a flight, whose server listens.
struct Site {
    airline: Airline,
    address: SocketAddr,
    admin: String,
    token: String,
    flight: String,
    stop: CancellationToken,
}

impl Site {
    async fn open() -> Self {
        Self::with(|_| {}).await
    }

    async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let airline = Airline::with(change).await;
        let (admin, token) = (airline.admin().await, airline.traveller().await);
        let times = (format!("{DATE}T08:35"), format!("{DATE}T10:35"));
        let flight = airline.flight(&admin, "KR1", ("ABE", "ATL"), (&times.0, &times.1), 100).await;
        let stop = CancellationToken::new();
        let address = listen(&airline.app, airline.router(), &stop).await;
        let site = Self { airline, address, admin, token, flight, stop };
        site.pump().await;
        site
    }

    /// What the background does within a moment: events become messages, messages get their numbers and are told.
    async fn pump(&self) {
        self.airline.later(SignedDuration::from_millis(1));
        pump(&self.airline.app).await;
    }

    async fn client(&self) -> Client {
        Client::open(self.address, &self.token).await.expect("a socket")
    }

    /// Staff say another gate.
    async fn gate(&self, gate: &str) {
        let path = format!("/flights/{}", self.flight);
        let body = Some(json!({"gate": gate}));
        self.airline.call("PUT", &path, Some(&self.admin), body).await.expect(200);
    }

    fn topic(&self) -> String {
        format!("flight:{}", self.flight)
    }

    /// A booking held by somebody.
    async fn held(&self, token: &str) -> String {
        let offer = self.airline.offer(&format!("origin=ABE&destination=ATL&date={DATE}")).await;
        let held =
            self.airline.call_keyed("POST", "/bookings", Some(token), Some(booking_body(&offer)), Some("h1"));
        held.await.expect(201).text("/id")
    }
}

async fn pump(app: &App) {
    while run_job_of(app, "relay_events").await > 0 {}
    while run_job_of(app, "tell_news").await > 0 {}
    while run_job_of(app, "number_live").await > 0 {}
    follow(app).await;
}

/// The process learns which sessions have ended, and tells its sockets what is new.
async fn follow(app: &App) {
    server::identity::api::follow_job(app).turn().await.expect("it reads");
    while run_job_of(app, "follow_live").await > 0 {}
}

async fn listen(app: &App, router: Router, stop: &CancellationToken) -> SocketAddr {
    let socket = TcpListener::bind("127.0.0.1:0").await.expect("a socket");
    let address = socket.local_addr().expect("an address");
    let (http, stop) = (app.config.http.clone(), stop.clone());
    tokio::spawn(async move { listener::serve(socket, router, &http, stop).await });
    address
}

/// The gates that messages tell, in order.
fn gates(messages: &[Value]) -> Vec<String> {
    messages.iter().filter_map(|message| message["data"]["gate"].as_str().map(str::to_owned)).collect()
}
