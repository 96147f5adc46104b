//! A small airline of three flights a day, whose processes a test starts and ends as it likes.

use std::path::PathBuf;
use std::time::Duration;

use jiff::ToSpan;
use jiff::civil::Date;
use platform::db::Db;
use serde_json::{Value, json};
use tokio::process::Child;

use super::airline::{Binary, LOGGED, Scratch, address, find_binary, free_ports, tomorrow};
use super::api::Api;
use super::eventually;
use super::limits::Room;

/// What everybody signs in with.
pub(crate) const PASSWORD: &str = "monsoon over malabar";

pub(crate) struct Small {
    /// Nobody yet; after `open`, a traveller, who is staff as well.
    pub(crate) api: Api,
    pub(crate) gateway_url: String,
    /// A day on which KR1 flies from ABE to ATL for 200.00, KR2 for 150.00 and KR3 for 260.00.
    pub(crate) day: Date,
    _gateway: Child,
    scratch: Scratch,
    /// Straight to the database.
    direct: Binary,
    /// The way the serving process goes.
    serving: Binary,
}

impl Small {
    /// An empty database is made ready, and the gateway runs.
    pub(crate) async fn new(database: &str, serving: &str) -> Self {
        Self::with((database, serving), Room::Wide, &[]).await
    }

    /// The same with more settings; `databases` are the way straight there and the way the serving process goes.
    pub(crate) async fn with(
        (database, serving): (&str, &str),
        room: Room,
        more: &[(&'static str, &str)],
    ) -> Self {
        let scratch = Scratch::new();
        let [http, operations, gateway, other] = free_ports();
        let gateway_url = format!("http://{}", address(gateway));
        let binary = |database: &str, operations: u16| Binary {
            path: find_binary(),
            processors: None,
            settings: [
                ("DATABASE_URL", database.to_owned()),
                ("UDAAN_MODE", "demo".into()),
                ("UDAAN_LOG__FILTER", LOGGED.into()),
                ("UDAAN_KEYS__FILE", scratch.path("keys.toml").display().to_string()),
                ("UDAAN_HTTP__LISTEN", address(http)),
                ("UDAAN_HTTP__OPERATIONS_LISTEN", address(operations)),
                // Browsers make passkeys for names alone.
                ("UDAAN_HTTP__PUBLIC_URL", format!("http://localhost:{http}")),
                ("UDAAN_GATEWAY__URL", gateway_url.clone()),
            ]
            .into_iter()
            .chain(room.settings())
            .chain(more.iter().map(|(name, value)| (*name, (*value).to_owned())))
            .collect(),
        };
        let (direct, serving) = (binary(database, other), binary(serving, operations));
        direct.run(&["migrate"]).await;
        direct.run(&["import", "airports", "data/airports.csv"]).await;
        let gateway = direct.start(&["gateway", "--listen", &address(gateway)], &scratch.path("gateway.log"));
        Self {
            api: Api::new(format!("http://{}", address(http))),
            gateway_url,
            day: tomorrow().checked_add(30.days()).expect("a date"),
            _gateway: gateway,
            scratch,
            direct,
            serving,
        }
    }

    /// Where its files are, for those of a test.
    pub(crate) fn folder(&self) -> PathBuf {
        self.scratch.path("")
    }

    /// Other settings for what is started from now on.
    pub(crate) fn change(&mut self, settings: &[(&'static str, &str)]) {
        let more = settings.iter().map(|(name, value)| (*name, (*value).to_owned()));
        self.serving.settings.extend(more);
    }

    /// A process that runs the jobs.
    pub(crate) fn work(&self) -> Child {
        self.direct.start(&["work"], &self.scratch.path("work.log"))
    }

    /// A process that answers; ready when this returns.
    pub(crate) async fn serve(&self, role: &str) -> Child {
        let process = self.serving.start(&[role], &self.scratch.path("udaan.log"));
        let ready = async || self.api.is_ready().await.then_some(());
        eventually("the server is ready", Duration::from_mins(1), ready).await;
        process
    }

    /// Somebody signs in, and the flights are on sale.
    pub(crate) async fn open(&mut self, db: &Db) {
        let account = json!({"email": "asha@example.com", "password": PASSWORD, "name": "Asha Rao"});
        self.api.post("/register", &account).await.json(202);
        let sql = db.read().await.expect("a connection");
        sql.batch("UPDATE users SET role = 'admin'").await.expect("promoted");
        let login = json!({"email": "asha@example.com", "password": PASSWORD});
        let token = self.api.post("/login", &login).await.json(200)["access_token"].clone();
        self.api = self.api.signed_in(token.as_str().expect("a token"));
        for (number, hour, fare) in [("KR1", 8, 20_000), ("KR2", 10, 15_000), ("KR3", 12, 26_000)] {
            let (departs, arrives) =
                (format!("{}T{hour:02}:35", self.day), format!("{}T{:02}:35", self.day, hour + 2));
            let flight = json!({"flight_number": number, "origin": "ABE", "destination": "ATL", "aircraft": "73H",
                "departs_local": departs, "arrives_local": arrives,
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
        let path = format!("/search?origin=ABE&destination=ATL&date={}", self.day);
        let found = self.api.get(&path).await.json(200);
        let flies = |itinerary: &&Value| itinerary["segments"][0]["flight_number"] == number;
        Some(found["itineraries"].as_array()?.iter().find(flies)?["offer_id"].clone())
    }

    /// `udaan integrity`, which fails when an invariant is broken.
    pub(crate) async fn is_sound(&self) {
        self.direct.run(&["integrity"]).await;
    }

    /// The gateway's book says the same as ours.
    pub(crate) async fn books_agree(&self, db: &Db) {
        let ours = "SELECT COALESCE(sum(amount), 0)::bigint, COALESCE(sum(refunded), 0)::bigint
                    FROM payments WHERE status = 'succeeded'";
        let sql = db.read().await.expect("a connection");
        let ours = sql.query_one(ours, &[]).await.expect("a row");
        let book = self.api.gateway_book(&self.gateway_url).await;
        let intents = book["payment_intents"].as_array().expect("intents").clone();
        let sum = |member: &str| intents.iter().filter_map(|intent| intent[member].as_i64()).sum::<i64>();
        let (paid, returned): (i64, i64) = (ours.get(0), ours.get(1));
        assert_eq!(
            (sum("amount_received"), sum("amount_refunded")),
            (paid, returned),
            "the gateway's book and ours"
        );
    }
}
