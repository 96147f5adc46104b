//! Whether an address has an account must not be heard from how long an answer takes: means for known and unknown ones, from the real binary.
//! Judged by the clock, so it is no part of `./dev test`.

use std::time::Instant;

use serde_json::{Value, json};
use testkit::TestDb;
use tokio::process::Child;

use crate::support::api::{Api, booking_of, send};
use crate::support::limits::Room;
use crate::support::small::{PASSWORD, Small};
use reqwest::Method;

/// Each address is asked about so often: fewer times than wrong passwords are put off.
const TIMES: usize = 4;
/// A difference of the means counts if it is so many times what chance makes of it, and more than this share of the mean.
const DEVIATIONS: f64 = 5.0;
const SHARE: f64 = 0.03;

/// What one operation took: milliseconds for those it knows, and for those it does not.
struct Measured {
    name: &'static str,
    known: Vec<f64>,
    unknown: Vec<f64>,
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The square of how far chance moves the mean.
fn error(values: &[f64]) -> f64 {
    let mean = mean(values);
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    squares / (values.len() as f64 - 1.0) / values.len() as f64
}

/// Without the slowest tenth: a neighbour on the machine, a checkpoint.
fn usual(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values.truncate(values.len() * 9 / 10);
    values
}

impl Measured {
    /// Whether somebody who asks often enough can tell the two.
    fn tells(self) -> bool {
        let (known, unknown) = (usual(self.known), usual(self.unknown));
        let difference = (mean(&known) - mean(&unknown)).abs();
        let deviations = difference / (error(&known) + error(&unknown)).sqrt();
        println!(
            "{}: known {:.2} ms, unknown {:.2} ms, {deviations:.1} deviations over {} and {}",
            self.name,
            mean(&known),
            mean(&unknown),
            known.len(),
            unknown.len()
        );
        deviations > DEVIATIONS && difference > SHARE * mean(&known)
    }
}

struct Asked {
    small: Small,
    server: Option<Child>,
    _db: TestDb,
    /// Accounts there are, and a booking of each.
    known: Vec<(String, String)>,
    number: u32,
}

impl Asked {
    async fn new(accounts: usize, more: &[(&'static str, &str)]) -> Self {
        let db = TestDb::empty().await.expect("a database");
        let url = db.config.url.clone();
        let more = [&[("UDAAN_HTTP__TRUSTED_PROXIES", r#"["127.0.0.1"]"#)], more].concat();
        let mut small = Small::with((&url, &url), Room::Wide, &more).await;
        let server = small.serve("all").await;
        small.open(&db.db).await;
        let mut all = Self { small, server: Some(server), _db: db, known: Vec::new(), number: 0 };
        let offer = all.small.offer("KR2").await.expect("an offer");
        for number in 0..accounts {
            let email = format!("known{number}@example.com");
            let account = json!({"email": email, "password": PASSWORD, "name": "Asha Rao"});
            all.small.api.post("/register", &account).await.json(202);
            let booking = all
                .small
                .api
                .post_once("/bookings", &format!("booking-{number}"), &booking_of(&offer))
                .await
                .json(201);
            all.known.push((email, booking["locator"].as_str().expect("a locator").to_owned()));
        }
        all
    }

    /// How long a POST took, from an address of its own; milliseconds.
    async fn ask(&mut self, path: &str, body: &Value, status: u16) -> f64 {
        self.number += 1;
        let from = format!("10.{}.{}.{}", self.number >> 16 & 255, self.number >> 8 & 255, self.number & 255);
        let request = self.nobody().request(Method::POST, path).header("X-Forwarded-For", from).json(body);
        let began = Instant::now();
        send(request).await.json(status);
        began.elapsed().as_secs_f64() * 1_000.0
    }

    fn nobody(&self) -> Api {
        Api::new(self.small.api.site().to_owned())
    }

    /// Known and unknown ones in turn, so that what else happens happens to both.
    async fn measure(
        &mut self,
        name: &'static str,
        (path, status): (&str, u16),
        body: impl Fn(&str, &str) -> Value,
    ) -> Measured {
        let (mut known, mut unknown) = (Vec::new(), Vec::new());
        for round in 0..TIMES {
            for (number, (email, locator)) in self.known.clone().into_iter().enumerate() {
                let other = format!("unknown{number}@example.com");
                // Of locators there are 887 million, so that none of these is one.
                let nothing = format!("ZZ{number:04}").replace('0', "Z").replace('1', "Y");
                if (round + number).is_multiple_of(2) {
                    known.push(self.ask(path, &body(&email, &locator), status).await);
                    unknown.push(self.ask(path, &body(&other, &nothing), status).await);
                } else {
                    unknown.push(self.ask(path, &body(&other, &nothing), status).await);
                    known.push(self.ask(path, &body(&email, &locator), status).await);
                }
            }
        }
        Measured { name, known, unknown }
    }

    async fn login(&mut self) -> Measured {
        self.measure("login", ("/login", 401), |email, _| json!({"email": email, "password": "not this one"}))
            .await
    }
}

/// `./dev chaos enumeration`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "judged by the clock; ./dev chaos enumeration runs it"]
async fn chaos_enumeration() {
    let mut asked = Asked::new(accounts(), &[]).await;
    let mut told = Vec::new();
    for measured in [
        asked.login().await,
        asked
            .measure("forgotten password", ("/password/forgotten", 204), |email, _| json!({"email": email}))
            .await,
        asked
            .measure(
                "record",
                ("/records", 404),
                |_, locator| json!({"locator": locator, "surname": "Nobody"}),
            )
            .await,
    ] {
        let name = measured.name;
        if measured.tells() {
            told.push(name);
        }
    }
    let registered = registering(&mut asked).await;
    if registered.tells() {
        told.push("register");
    }
    assert!(told.is_empty(), "how long it takes tells whether there is one: {told:?}");
    no_decoy_is_seen().await;
}

/// Once for each address, which has an account afterwards.
async fn registering(asked: &mut Asked) -> Measured {
    let mut measured = Measured { name: "register", known: Vec::new(), unknown: Vec::new() };
    for round in 0..TIMES {
        for (number, (email, _)) in asked.known.clone().into_iter().enumerate() {
            let body = |email: &str| json!({"email": email, "password": PASSWORD, "name": "Asha Rao"});
            let fresh = format!("fresh{round}-{number}@example.com");
            if (round + number).is_multiple_of(2) {
                measured.known.push(asked.ask("/register", &body(&email), 202).await);
                measured.unknown.push(asked.ask("/register", &body(&fresh), 202).await);
            } else {
                measured.unknown.push(asked.ask("/register", &body(&fresh), 202).await);
                measured.known.push(asked.ask("/register", &body(&email), 202).await);
            }
        }
    }
    measured
}

/// The accounts' passwords were hashed dearly, and the decoy is cheap: as if there were none. That must be seen.
async fn no_decoy_is_seen() {
    let mut asked = Asked::new(10, &[]).await;
    // To its end: the next one listens at the same port.
    asked.server.take().expect("a server").kill().await.expect("ended");
    asked.small.change(&[("UDAAN_AUTH__HASH_MEMORY_KIB", "64"), ("UDAAN_AUTH__HASH_PASSES", "1")]);
    asked.server = Some(asked.small.serve("all").await);
    let mut measured = asked.login().await;
    measured.name = "login without a decoy";
    assert!(
        measured.tells(),
        "without a decoy the difference is not seen, so that nothing above proves anything"
    );
}

#[expect(clippy::disallowed_methods, reason = "./dev chaos says here how many there shall be")]
fn accounts() -> usize {
    std::env::var("UDAAN_CHAOS").ok().and_then(|many| many.parse().ok()).unwrap_or(100)
}
