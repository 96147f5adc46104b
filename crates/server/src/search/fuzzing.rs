//! The doors of the fuzz targets in `fuzz/`: everything in search that reads bytes from outside, with no database behind
//! it. A test goes through them too, so that they stay open; nothing else does.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Uri};
use itinerary::{ClassState, FlightState, Minute};
use jiff::Timestamp;
use jiff::civil::date;
use jiff::tz::TimeZone;
use kernel::clock::ManualClock;
use kernel::codes::CLASSES_PER_CABIN;
use kernel::{AirportCode, Cabin, FlightId, FlightKey, SessionId, UserId};
use platform::config::{Config, Database, Limits, Mode};
use platform::keys::KeyFile;
use platform::random::Random;
use tower::ServiceExt;

use super::{cursor, live, offer};
use crate::app::App;
use crate::flights::api::{Airport, Directory, zone};
use crate::identity::api::Speaker;

/// Code, city, country, position, time zone.
const AIRPORTS: [(&str, &str, &str, f64, f64, &str); 5] = [
    ("ABE", "Allentown", "US", 40.7, -75.4, "America/New_York"),
    ("ATL", "Atlanta", "US", 33.6, -84.4, "America/New_York"),
    ("LAX", "Los Angeles", "US", 33.9, -118.4, "America/Los_Angeles"),
    ("PHX", "Phoenix", "US", 33.4, -112.0, "America/Phoenix"),
    ("APW", "Apia", "WS", -13.8, -172.0, "Pacific/Apia"),
];
/// Number, from, to, hour of departure in UTC, hours in the air; on each of [`DAYS`] days.
const FLIGHTS: [(&str, &str, &str, u32, u32); 7] = [
    ("KR1", "ABE", "ATL", 12, 2),
    ("S22", "ATL", "LAX", 15, 5),
    ("KR3", "ATL", "PHX", 16, 4),
    ("S24", "PHX", "LAX", 21, 1),
    ("KR5", "LAX", "APW", 22, 11),
    ("S26", "APW", "LAX", 20, 10),
    ("KR7", "LAX", "ABE", 6, 5),
];
/// From 1 October 2026: over the end of daylight saving time in America.
const DAYS: u32 = 45;

/// An airline in memory, asked over HTTP without a socket.
pub struct Airline {
    router: Router,
    token: String,
    runtime: tokio::runtime::Runtime,
}

impl Airline {
    /// The same five airports and seven daily flights each time; it is 1 October 2026, 06:00 in UTC.
    pub fn new() -> anyhow::Result<Self> {
        let now: Timestamp = "2026-10-01T06:00:00Z".parse()?;
        let unlimited = u32::MAX;
        let limits = Limits {
            search_per_second: unlimited,
            accounts_per_hour: unlimited,
            webhooks_per_second: unlimited,
            codes_per_hour: unlimited,
            sales_per_second: unlimited,
            exports_per_hour: unlimited,
            live_per_second: unlimited,
            other_per_second: unlimited,
            expired_holds: 0,
            given_up_holds: 0,
            declines: 0,
            record_misses_per_hour: 0,
            client_factor: 1,
        };
        // Nobody listens there, and whoever asks is told at once.
        let database = Database {
            url: "postgresql://nobody@127.0.0.1:1/none".into(),
            wait_ms: 1,
            ..Database::default()
        };
        let config = Config { mode: Mode::Demo, limits, database, ..Config::default() };
        let app = App::new(config, KeyFile::generate(Random), Arc::new(ManualClock::new(now)))?;
        let directory = Directory::of(AIRPORTS.iter().filter_map(airport).collect());
        let network = live::empty_network(&directory);
        let days = (0..DAYS).flat_map(|day| FLIGHTS.iter().filter_map(move |flight| state(day, flight)));
        let refused = network.load(days);
        anyhow::ensure!(
            refused.is_empty() && network.flight_count() > 300,
            "the flights are not as they were"
        );
        app.directory.store(Arc::new(directory));
        app.live.set(network, 1);
        app.ended.believe();
        let token = token(&app)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        // The service is made inside: parts of it look for the runtime they will run on.
        let router = runtime.block_on(async { crate::router::service(&app) });
        Ok(Self { router, token, runtime })
    }

    /// The status of the answer to `GET path?query`; `None` for what is no URI, which a server never sees.
    pub fn get(&self, path: &str, query: &[u8]) -> Option<u16> {
        let uri = Uri::try_from([b"/api/v1", path.as_bytes(), b"?", query].concat()).ok()?;
        let request = Request::builder().uri(uri).body(Body::empty()).ok()?;
        Some(self.ask(request))
    }

    /// The status of the answer to any request. What needs the database is 503: there is none.
    pub fn ask(&self, request: Request<Body>) -> u16 {
        let answer = self.runtime.block_on(self.router.clone().oneshot(request));
        answer.map_or(500, |answer| answer.status().as_u16())
    }

    /// An access token of somebody who is signed in, so that what is behind the door is reached as well.
    pub fn token(&self) -> &str {
        &self.token
    }
}

fn token(app: &App) -> anyhow::Result<String> {
    let speaker = Speaker {
        user: app.new_id(UserId::new),
        session: app.new_id(SessionId::new),
        client: None,
        scope: String::new(),
    };
    app.tokens.issue(&speaker, [7; 16], app.now())
}

fn airport(row: &(&str, &str, &str, f64, f64, &str)) -> Option<Airport> {
    let (code, city, country, latitude, longitude, timezone) = *row;
    Some(Airport {
        code: code.parse().ok()?,
        name: format!("{city} International"),
        city: city.to_owned(),
        subdivision: String::new(),
        country: country.to_owned(),
        latitude,
        longitude,
        timezone: timezone.to_owned(),
        zone: zone(timezone)?,
        weekly_departures: 7,
    })
}

fn state(day: u32, flight: &(&str, &str, &str, u32, u32)) -> Option<FlightState> {
    let (number, origin, destination, hour, hours) = *flight;
    let origin: AirportCode = origin.parse().ok()?;
    let first = date(2026, 10, 1);
    let date = first.checked_add(jiff::Span::new().days(day)).ok()?;
    let midnight = date.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second() / 60;
    let departs = Minute(u32::try_from(midnight).ok()?).plus(hour * 60);
    let class = |fare| ClassState { fare, seats: 9, closes: departs };
    let classes: [ClassState; CLASSES_PER_CABIN] = [40_000, 30_000, 20_000, 10_000 + day].map(class);
    let mut cabins = [None; Cabin::ALL.len()];
    cabins[Cabin::Economy.index()] = Some(classes);
    cabins[Cabin::Business.index()] = Some(classes).filter(|_| day.is_multiple_of(2));
    Some(FlightState {
        id: FlightId::of(&FlightKey { number: number.parse().ok()?, origin, date }),
        origin,
        destination: destination.parse().ok()?,
        departs,
        arrives: departs.plus(hours * 60),
        on_sale: true,
        cabins,
        version: 1,
    })
}

/// Reads a cursor. Whether it is one that is written as it was read, or none at all.
pub fn read_cursor(text: &str) -> bool {
    cursor::decode(text).is_none_or(|read| cursor::decode(&cursor::encode(&read)) == Some(read))
}

/// Reads the content of an offer as if its signature had been right, and the bytes as a token, whose signature is wrong.
/// Whether the content is an offer that is the same when it is signed and opened, or none at all; and the token is refused.
pub fn read_offer(bytes: &[u8]) -> bool {
    let signer = offer::OfferSigner::new(&platform::keys::Secret::new([7; 32]));
    let token = String::from_utf8_lossy(bytes);
    let forged = signer.open(&token, Timestamp::UNIX_EPOCH).is_ok()
        || signer.open(&format!("off_{token}"), Timestamp::UNIX_EPOCH).is_ok();
    let same = [None, Some(0), Some(1)].into_iter().all(|chosen| {
        offer::decode(bytes, chosen).is_none_or(|read| {
            let again = signer.open(&signer.sign(&read), Timestamp::MIN);
            // One that ends at the first instant there is has expired at every one.
            again.as_ref() == Ok(&read) || read.expires_at == Timestamp::MIN
        })
    });
    same && !forged
}
