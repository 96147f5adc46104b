//! An airline whose serving process reaches the database through a proxy, dies where a test wants it to, and is started again.
//! Its jobs run in a process of their own, which lives on.

use std::collections::HashSet;
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::{Value, json};
use testkit::TestDb;
use testkit::proxy::{FaultAt, PgProxy, Place, Record};
use tokio::process::Child;

use super::airline::{Binary, Scratch, address, find_binary, free_ports, tomorrow};
use super::api::Api;
use super::eventually;

const PASSWORD: &str = "monsoon over malabar";

/// Statements that are not an operation's own: those of jobs, and the opening of a transaction, which travels with the statement
/// after it.
type Ignored = HashSet<Arc<str>>;

pub(crate) struct Fragile {
    /// A traveller, who is staff as well.
    pub(crate) api: Api,
    pub(crate) gateway_url: String,
    /// A day on which KR1 flies from ABE to ATL for 200.00, KR2 for 150.00 and KR3 for 260.00.
    pub(crate) day: Date,
    pub(crate) proxy: PgProxy,
    serving: Mutex<Child>,
    _work: Child,
    _gateway: Child,
    ports: [u16; 2],
    ignored: Ignored,
    scratch: Scratch,
    direct: Binary,
    proxied: Binary,
    pub(crate) db: TestDb,
}

impl Fragile {
    pub(crate) async fn on_sale() -> Self {
        let db = TestDb::empty().await.expect("a database");
        let proxy = PgProxy::start(&db.config).await.expect("a proxy");
        let scratch = Scratch::new();
        let [http, operations, gateway, unused] = free_ports();
        let gateway_url = format!("http://{}", address(gateway));
        let settings = |url: &str| {
            vec![
                ("DATABASE_URL", url.to_owned()),
                ("UDAAN_MODE", "demo".into()),
                ("UDAAN_BOOKING__LIVE_HOLDS", "0".into()),
                ("UDAAN_KEYS__FILE", scratch.path("keys.toml").display().to_string()),
                ("UDAAN_HTTP__LISTEN", address(http)),
                ("UDAAN_HTTP__PUBLIC_URL", format!("http://{}", address(http))),
                ("UDAAN_GATEWAY__URL", gateway_url.clone()),
            ]
        };
        let binary = |url: &str, operations: u16| {
            let mut settings = settings(url);
            settings.push(("UDAAN_HTTP__OPERATIONS_LISTEN", address(operations)));
            Binary { path: find_binary(), settings }
        };
        let direct = binary(&db.config.url, unused);
        let proxied = binary(&proxy.database().url, operations);
        direct.run(&["migrate"]).await;
        direct.run(&["import", "airports", "data/airports.csv"]).await;
        let gateway = direct.start(&["gateway", "--listen", &address(gateway)], &scratch.path("gateway.log"));
        let work = direct.start(&["work"], &scratch.path("work.log"));
        let serving = proxied.start(&["serve"], &scratch.path("udaan.log"));
        let mut airline = Self {
            api: Api::new(format!("http://{}", address(http))),
            gateway_url,
            day: tomorrow().checked_add(30.days()).expect("a date"),
            proxy,
            serving: Mutex::new(serving),
            _work: work,
            _gateway: gateway,
            ports: [http, operations],
            ignored: Ignored::from(["BEGIN".into()]),
            scratch,
            direct,
            proxied,
            db,
        };
        airline.is_ready().await;
        airline.api = airline.signed_in().await;
        airline.sell().await;
        airline.learn_what_jobs_send().await;
        airline
    }

    async fn is_ready(&self) {
        let ready = async || self.api.is_ready().await.then_some(());
        eventually("the server is ready", Duration::from_mins(1), ready).await;
    }

    async fn signed_in(&self) -> Api {
        let account = json!({"email": "asha@example.com", "password": PASSWORD, "name": "Asha Rao"});
        self.api.post("/register", &account).await.json(201);
        let sql = self.db.db.read().await.expect("a connection");
        sql.batch("UPDATE users SET role = 'admin'").await.expect("promoted");
        let login = json!({"email": "asha@example.com", "password": PASSWORD});
        let token = self.api.post("/login", &login).await.json(200)["access_token"].clone();
        self.api.signed_in(token.as_str().expect("a token"))
    }

    async fn sell(&self) {
        for (number, hour, fare) in [("KR1", 8, 20_000), ("KR2", 10, 15_000), ("KR3", 12, 26_000)] {
            let flight = json!({"flight_number": number, "origin": "ABE", "destination": "ATL", "aircraft": "73H",
                "departs_local": format!("{}T{hour:02}:35", self.day), "arrives_local": format!("{}T{:02}:35", self.day, hour + 2),
                "cabins": [{"cabin": "economy", "capacity": 1_000, "classes": [{"class": "Y", "fare": fare}]}]});
            self.api.post("/flights", &flight).await.json(201);
        }
        eventually("the flights are found", Duration::from_secs(20), async || {
            for number in ["KR1", "KR2", "KR3"] {
                self.offer(number).await?;
            }
            Some(())
        })
        .await;
    }

    /// An offer of a flight.
    pub(crate) async fn offer(&self, number: &str) -> Option<Value> {
        let found =
            self.api.get(&format!("/search?origin=ABE&destination=ATL&date={}", self.day)).await.json(200);
        let flies = |itinerary: &&Value| itinerary["segments"][0]["flight_number"] == number;
        Some(found["itineraries"].as_array()?.iter().find(flies)?["offer_id"].clone())
    }

    async fn learn_what_jobs_send(&mut self) {
        let record = Arc::new(Record::default());
        self.proxy.watch(Arc::clone(&record) as Arc<_>);
        tokio::time::sleep(Duration::from_secs(2)).await;
        self.proxy.pass();
        self.ignored.extend(record.statements());
    }

    /// What an operation sends, in order.
    pub(crate) async fn statements_of(&self, operation: impl Future<Output = ()>) -> Vec<Arc<str>> {
        let record = Arc::new(Record::default());
        self.proxy.watch(Arc::clone(&record) as Arc<_>);
        operation.await;
        self.proxy.pass();
        record.statements().into_iter().filter(|sql| !self.ignored.contains(sql)).collect()
    }

    /// The serving process dies by SIGKILL at that statement of the operation. Says whether it did.
    pub(crate) async fn dies_at(&self, place: &Place, operation: impl Future<Output = ()>) -> bool {
        let pid =
            self.serving.lock().unwrap_or_else(PoisonError::into_inner).id().expect("a process that runs");
        let kill = move || {
            let sent = Command::new("kill").args(["-KILL", &pid.to_string()]).status();
            assert!(sent.is_ok_and(|sent| sent.success()), "SIGKILL was not sent to {pid}");
        };
        let fault = Arc::new(FaultAt::new(place.clone(), kill));
        self.proxy.watch(Arc::clone(&fault) as Arc<_>);
        operation.await;
        self.proxy.pass();
        if fault.happened() {
            self.start_again().await;
        }
        fault.happened()
    }

    /// The connection breaks at that statement of the operation. Says whether it did.
    pub(crate) async fn is_cut_at(&self, place: &Place, operation: impl Future<Output = ()>) -> bool {
        let fault = Arc::new(FaultAt::new(place.clone(), || {}));
        self.proxy.watch(Arc::clone(&fault) as Arc<_>);
        operation.await;
        self.proxy.pass();
        fault.happened()
    }

    async fn start_again(&self) {
        let mut dead = {
            let next =
                self.proxied.start(&["serve"], &self.scratch.path(&format!("udaan-{}.log", self.ports[0])));
            std::mem::replace(&mut *self.serving.lock().unwrap_or_else(PoisonError::into_inner), next)
        };
        let status = dead.wait().await.expect("an end");
        assert_eq!(status.code(), None, "it ended by a signal");
        self.is_ready().await;
    }

    /// `udaan integrity`, which fails when an invariant is broken.
    pub(crate) async fn is_sound(&self) {
        self.direct.run(&["integrity"]).await;
    }
}
