//! A whole airline for one test: database, gateway, clock to turn, and requests that speak its language.

mod aboard;
pub(crate) mod documented;
mod held;
pub(crate) mod protected;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ::platform::config::{Config, Mode, Required};
use ::platform::db::Sql;
use ::platform::jobs::Job;
use ::platform::keys::KeyFile;
use ::platform::random::Random;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use jiff::SignedDuration;
use kernel::Clock;
use kernel::clock::ManualClock;
use serde_json::{Value, json};
use server::App;
use server::flights::import::{File, import_airports};
use server::identity::api::{NewAccount, Role, create_account};
use server::migrations::MIGRATIONS;
use testkit::{TestDb, canary};
use tokio::net::TcpListener;
use tower::ServiceExt;

pub(crate) const AIRPORTS: &str = "iata,name,city,subdivision,country,latitude,longitude,timezone
ABE,Lehigh Valley International,Allentown,Pennsylvania,US,40.6521,-75.4408,America/New_York
ATL,Hartsfield Jackson,Atlanta,Georgia,US,33.6367,-84.428101,America/New_York
LAX,Los Angeles International,Los Angeles,California,US,33.9425,-118.408,America/Los_Angeles
PHX,Sky Harbor,Phoenix,Arizona,US,33.4343,-112.012,America/Phoenix
";

/// What the tests' gateway gives up waiting after; long against a local answer, short against a hang.
const GATEWAY_TIMEOUT_MS: u64 = 1_500;

pub(crate) const WEBHOOK_SECRET: &str = "whsec_test";

pub(crate) struct Airline {
    pub(crate) app: App,
    pub(crate) clock: Arc<ManualClock>,
    /// Dropped last: it takes the database with it.
    test_db: TestDb,
    pub(crate) gateway: SocketAddr,
    router: Router,
    keys: KeyFile,
}

/// The token with one character changed, three from its end: six bits that count in any length of base64url.
/// The last one may be what is written already, or bits nobody reads.
pub(crate) fn altered(token: &str) -> String {
    let (before, after) = token.split_at(token.len() - 3);
    let other = if after.starts_with('A') { 'B' } else { 'A' };
    format!("{before}{other}{}", &after[1..])
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
    pub(crate) json: Value,
}

impl Reply {
    pub(crate) fn code(&self) -> &str {
        self.json["code"].as_str().unwrap_or("")
    }

    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", String::from_utf8_lossy(&self.bytes));
        self
    }

    /// It was refused for this.
    #[track_caller]
    pub(crate) fn has_code(&self, code: &str) {
        assert_eq!(self.code(), code, "{}", self.json);
    }

    #[track_caller]
    pub(crate) fn text(&self, pointer: &str) -> String {
        let value = self.json.pointer(pointer).and_then(Value::as_str);
        value.unwrap_or_else(|| panic!("no text at {pointer} in {}", self.json)).to_owned()
    }
}

impl Airline {
    /// Airports are known, nothing is on sale, and it is noon of 1 June 2026 in UTC.
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        Self::with_gateway(change, |_| {}, false).await
    }

    /// An airline that hears of its payments by webhook, over a socket of its own.
    pub(crate) async fn with_gateway(
        change: impl FnOnce(&mut Config),
        change_gateway: impl FnOnce(&mut gateway::Config),
        with_webhooks: bool,
    ) -> Self {
        let hook = TcpListener::bind("127.0.0.1:0").await.expect("a socket");
        let hook_url = format!("http://{}/api/v1/payments/webhook", hook.local_addr().expect("an address"));
        let test_db = TestDb::new(MIGRATIONS).await.expect("a database");
        let clock = Arc::new(ManualClock::new("2026-06-01T12:00:00Z".parse().expect("an instant")));
        let gateway = start_gateway(&clock, with_webhooks.then_some(hook_url), change_gateway).await;
        let mut config = Config { mode: Mode::Demo, database: test_db.config.clone(), ..Config::default() };
        // Tests of second factors ask for them; in all others staff sign in with their password, in production too.
        config.auth.staff_second_factor = Required::Never;
        // The clock of a test leaps over weeks; nobody's session ends of that.
        config.auth.token_minutes = 60 * 24 * 30;
        config.auth.idle_minutes = 60 * 24 * 1_000;
        config.auth.session_hours = 24 * 1_000;
        config.auth.staff_idle_minutes = 60 * 24 * 1_000;
        config.auth.staff_session_hours = 24 * 1_000;
        config.auth.step_up_minutes = 60 * 24 * 1_000;
        // As a demo's are (udaan/src/config.rs).
        (config.auth.login_unconfirmed, config.http.docs) = (true, true);
        config.auth.hash_memory_kib = 64;
        config.auth.hash_passes = 1;
        config.auth.hash_queue = 1_000;
        config.limits.search_per_second = 1_000_000;
        config.limits.accounts_per_hour = 1_000_000;
        config.limits.webhooks_per_second = 1_000_000;
        config.limits.codes_per_hour = 1_000_000;
        config.limits.sales_per_second = 1_000_000;
        config.limits.exports_per_hour = 1_000_000;
        config.limits.live_per_second = 1_000_000;
        config.limits.other_per_second = 1_000_000;
        config.limits.expired_holds = 0;
        (config.limits.given_up_holds, config.limits.declines) = (0, 0);
        // Tests make the gateway fail on purpose, and a circuit that opens by the wall's clock would do so now and then.
        config.breakers.calls_min = 1_000_000;
        // Nor does the limit follow how long this machine lets them wait.
        config.admission.least = config.admission.most;
        config.admission.search_wait_ms = 5_000;
        config.booking.live_holds = 0;
        config.gateway.url = format!("http://{gateway}");
        config.gateway.timeout_ms = GATEWAY_TIMEOUT_MS;
        config.gateway.webhook_secrets = vec![WEBHOOK_SECRET.into()];
        change(&mut config);
        let keys = KeyFile::generate(Random);
        let app =
            App::new(config, keys.clone(), Arc::clone(&clock) as Arc<dyn Clock>).expect("an application");
        let airports = File { name: "airports.csv", bytes: AIRPORTS.as_bytes() };
        import_airports(&app.db, app.now(), airports).await.expect("airports");
        // What is loaded next has them; tests of the feed begin with an empty one.
        app.db.read().await.expect("a connection").batch("DELETE FROM search_inbox").await.expect("emptied");
        server::search::api::load(&app).await.expect("loaded");
        let router = server::router::service(&app);
        if with_webhooks {
            let routes = router.clone();
            tokio::spawn(async move { axum::serve(hook, routes).await });
        }
        Self { app, clock, test_db, gateway, router, keys }
    }

    /// A server with this installation's keys on another database.
    pub(crate) async fn server_on(&self, other: &TestDb) -> Router {
        let config = Config { database: other.config.clone(), ..self.app.config.clone() };
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        let app = App::new(config, self.keys.clone(), clock).expect("an application");
        server::search::api::load(&app).await.expect("loaded");
        server::router::service(&app)
    }

    /// Another process of this airline, with settings of its own.
    pub(crate) fn app_with(&self, config: Config, clock: Arc<dyn Clock>) -> App {
        App::new(config, self.keys.clone(), clock).expect("an application")
    }

    /// A second server on the same database, with its own pool and its own memory.
    pub(crate) async fn second_server(&self) -> (App, Router) {
        self.server_with(self.app.config.database.clone()).await
    }

    /// The keys of the installation.
    pub(crate) fn keys(&self) -> KeyFile {
        self.keys.clone()
    }

    /// A second server on the same database, with another key file.
    pub(crate) async fn server_with_keys(&self, keys: KeyFile) -> (App, Router) {
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        let app = App::new(self.app.config.clone(), keys, clock).expect("an application");
        server::search::api::load(&app).await.expect("loaded");
        let router = server::router::service(&app);
        (app, router)
    }

    /// A second server that goes to its database by another way.
    pub(crate) async fn server_with(&self, database: ::platform::config::Database) -> (App, Router) {
        let config = Config { database, ..self.app.config.clone() };
        let app = self.app_with(config, Arc::clone(&self.clock) as Arc<dyn Clock>);
        server::search::api::load(&app).await.expect("loaded");
        let router = server::router::service(&app);
        (app, router)
    }

    /// Opens every connection of the pool, so that requests sent together run together.
    pub(crate) async fn warm_pool(&self) {
        let connections = (0..self.app.config.database.pool).map(|_| self.sql());
        futures_util::future::join_all(connections).await;
    }

    /// Whose data lies open, in the database or in the log; asked by itself at the end of each test.
    pub(crate) async fn exposed(&mut self) -> Vec<String> {
        self.test_db.let_personal_data_lie();
        self.test_db.exposed().await.expect("searched")
    }

    pub(crate) fn router(&self) -> Router {
        self.router.clone()
    }

    pub(crate) async fn sql(&self) -> Sql {
        self.app.db.read().await.expect("a connection")
    }

    /// One number from the database.
    pub(crate) async fn count(&self, sql: &'static str) -> i64 {
        self.sql().await.query_one(sql, &[]).await.expect("a row").get(0)
    }

    /// Every invariant holds.
    #[track_caller]
    pub(crate) fn assert_sound(&self) -> impl Future<Output = ()> + '_ {
        let place = std::panic::Location::caller();
        async move {
            let choice = self.app.config.booking.choice_hours;
            let findings = server::integrity::api::check(&self.app.db, self.app.now(), choice);
            let findings = findings.await.expect("asked");
            let broken: Vec<_> = findings.iter().filter(|finding| finding.broken > 0).collect();
            assert!(broken.is_empty(), "{place}: {broken:#?}");
        }
    }

    pub(crate) fn later(&self, by: SignedDuration) {
        self.clock.advance(by);
    }

    /// Runs every job once, and the feed to its end: what the background does within seconds.
    pub(crate) async fn run_jobs(&self) {
        for job in jobs(&self.app) {
            job.turn().await.unwrap_or_else(|error| panic!("{}: {error:#}", job.name));
        }
        self.follow_feed().await;
    }

    pub(crate) async fn run_job(&self, name: &str) -> u64 {
        run_job_of(&self.app, name).await
    }

    pub(crate) async fn follow_feed(&self) {
        while self.run_job("sequence_search_feed").await > 0 {}
        while self.run_job("follow_search_feed").await > 0 {}
    }

    pub(crate) async fn account(&self, email: &str, role: Role) -> String {
        let password = "a password of some length".to_owned();
        let account =
            NewAccount { email: email.into(), password: password.clone(), name: "Asha Rao".into(), role };
        create_account(&self.app, account).await.expect("an account");
        let body = json!({"email": email, "password": password});
        self.call("POST", "/login", None, Some(body)).await.expect(200).text("/access_token")
    }

    pub(crate) async fn traveller(&self) -> String {
        self.account("traveller@example.com", Role::Traveller).await
    }

    pub(crate) async fn admin(&self) -> String {
        self.account("admin@example.com", Role::Admin).await
    }

    pub(crate) async fn call(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: Option<Value>,
    ) -> Reply {
        self.call_keyed(method, path, token, body, None).await
    }

    pub(crate) async fn call_keyed(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: Option<Value>,
        key: Option<&str>,
    ) -> Reply {
        send(self.router(), request(method, path, token, body, key)).await
    }

    /// Puts a flight on sale with one economy class of `seats` seats, as staff do, and lets search know.
    pub(crate) async fn flight(
        &self,
        admin: &str,
        number: &str,
        route: (&str, &str),
        times: (&str, &str),
        seats: i16,
    ) -> String {
        let classes = json!([{"class": "Y", "fare": 20_000}]);
        self.flight_with(
            admin,
            number,
            route,
            times,
            json!([{"cabin": "economy", "capacity": seats, "classes": classes}]),
        )
        .await
    }

    pub(crate) async fn flight_with(
        &self,
        admin: &str,
        number: &str,
        route: (&str, &str),
        times: (&str, &str),
        cabins: Value,
    ) -> String {
        let body = json!({"flight_number": number, "origin": route.0, "destination": route.1, "departs_local": times.0,
            "arrives_local": times.1, "aircraft": "73H", "cabins": cabins});
        let id = self.call("POST", "/flights", Some(admin), Some(body)).await.expect(201).text("/id");
        self.follow_feed().await;
        id
    }

    /// The first offer of a search.
    pub(crate) async fn offer(&self, query: &str) -> String {
        self.call("GET", &format!("/search?{query}"), None, None)
            .await
            .expect(200)
            .text("/itineraries/0/offer_id")
    }

    /// Holds an offer for one adult.
    pub(crate) async fn hold(&self, token: &str, offer: &str, key: &str) -> Reply {
        self.call_keyed("POST", "/bookings", Some(token), Some(booking_body(offer)), Some(key)).await
    }

    pub(crate) async fn pay(&self, token: &str, booking: &str, card: &str, key: &str) -> Reply {
        let body = json!({"booking_id": booking, "method": {"type": "card", "number": card}});
        self.call_keyed("POST", "/payments", Some(token), Some(body), Some(key)).await
    }

    /// Pays with any method.
    pub(crate) async fn pay_by(&self, token: &str, booking: &str, method: Value, key: &str) -> Reply {
        let body = json!({"booking_id": booking, "method": method});
        self.call_keyed("POST", "/payments", Some(token), Some(body), Some(key)).await
    }

    /// The gateway's own book.
    pub(crate) async fn gateway_book(&self) -> Value {
        self.gateway_get("/_test/book").await
    }

    /// Asks the gateway itself.
    pub(crate) async fn gateway_get(&self, path: &str) -> Value {
        let request = reqwest::Client::new().get(format!("http://{}{path}", self.gateway));
        let answer = request.bearer_auth("sk_test_udaan").send().await.expect("the gateway");
        answer.json().await.expect("JSON")
    }

    /// Tells the gateway itself.
    pub(crate) async fn gateway_post(&self, path: &str, form: &[(&str, &str)]) -> Value {
        let request = reqwest::Client::new().post(format!("http://{}{path}", self.gateway)).form(form);
        let answer = request.bearer_auth("sk_test_udaan").send().await.expect("the gateway");
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().await.expect("JSON")
    }
}

/// The jobs of a server.
fn jobs(app: &App) -> Vec<Job> {
    let mut jobs = server::search::api::sequence_jobs(app);
    jobs.push(server::search::api::follow_job(app));
    jobs.push(server::reviews::api::follow_job(app));
    jobs.extend(server::booking::api::jobs(app));
    jobs.extend(server::payments::api::jobs(app));
    jobs.extend(server::events::api::jobs(app));
    jobs.extend(server::identity::api::jobs(app));
    jobs.extend(server::audit::api::jobs(app));
    jobs.extend(server::webhooks::api::jobs(app));
    jobs.extend(server::mail::api::jobs(app));
    jobs.extend(server::records::api::jobs(app));
    jobs.extend(server::check_in::api::jobs(app));
    jobs.extend(server::boarding::api::jobs(app));
    jobs.extend(server::notify::api::jobs(app));
    jobs.extend(server::support::api::jobs(app));
    jobs.extend(server::realtime::api::jobs(app));
    jobs.extend(server::tracking::api::jobs(app));
    jobs.extend(server::push::api::jobs(app));
    jobs.push(server::realtime::api::follow_job(app));
    jobs
}

/// A turn of one of them.
pub(crate) async fn run_job_of(app: &App, name: &str) -> u64 {
    let job = jobs(app).into_iter().find(|job| job.name == name).expect("a job of that name");
    job.turn().await.unwrap_or_else(|error| panic!("{name}: {error:#}"))
}

pub(crate) fn booking_body(offer: &str) -> Value {
    json!({"offer_id": offer, "contact": {"email": "asha@example.com", "phone": null}, "passengers": [
        {"type": "adult", "given_name": "Asha", "family_name": "Rao", "born_on": "1990-05-17"}]})
}

pub(crate) fn request(
    method: &str,
    path: &str,
    token: Option<&str>,
    body: Option<Value>,
    key: Option<&str>,
) -> Request<Body> {
    let at_root = ["/api", "/oauth/", "/.well-known/"].iter().any(|root| path.starts_with(root));
    let path = if at_root { path.to_owned() } else { format!("/api/v1{path}") };
    let mut request = Request::builder().method(method).uri(path);
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    let body = match body {
        Some(json) => {
            request = request.header("content-type", "application/json");
            Body::from(json.to_string())
        }
        None => Body::empty(),
    };
    request.body(body).expect("a request")
}

pub(crate) async fn send(router: Router, request: Request<Body>) -> Reply {
    let asked = (request.method().clone(), request.uri().path().to_owned());
    let address = request.uri().to_string();
    let response = router.oneshot(request).await.expect("the router answers");
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.expect("a body").to_bytes().to_vec();
    let json = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    let reply = Reply { status: parts.status, headers: parts.headers, bytes, json };
    documented::check(&asked.0, &asked.1, &reply);
    tells_nobody(&address, &reply);
    reply
}

/// Nobody's data is in an address, where proxies and browsers keep it, nor in an error, which is shown to whoever asked and is copied into logs of
/// theirs.
fn tells_nobody(address: &str, reply: &Reply) {
    let location = reply.headers.get("location").and_then(|value| value.to_str().ok()).unwrap_or("");
    for address in [address, location] {
        assert_eq!(canary::in_text(address), None, "somebody's data is in an address");
    }
    if reply.status.is_client_error() || reply.status.is_server_error() {
        let told = String::from_utf8_lossy(&reply.bytes);
        assert_eq!(canary::in_text(&told), None, "somebody's data is in an error, to {address}");
    }
}

async fn start_gateway(
    clock: &Arc<ManualClock>,
    webhook: Option<String>,
    change: impl FnOnce(&mut gateway::Config),
) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a socket");
    let address = listener.local_addr().expect("an address");
    let clock = Arc::clone(clock) as Arc<dyn Clock>;
    let site = format!("http://{address}");
    let mut config = gateway::Config::new("sk_test_udaan", &site, 7, clock);
    (config.hang, config.webhook_pause) = (Duration::from_secs(30), Duration::from_millis(20));
    let hook = |url: String| gateway::Webhook::of_everything(&url, WEBHOOK_SECRET);
    config.webhooks = webhook.map(hook).into_iter().collect();
    config.minimum_amounts = ::platform::config::Gateway::default().minimum_amounts;
    change(&mut config);
    tokio::spawn(gateway::serve(listener, config, std::future::pending()));
    address
}
