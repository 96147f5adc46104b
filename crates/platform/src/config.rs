//! The configuration, one struct per concern. `udaan.example.toml` is the reference with a word on each
//! setting; the binary reads file and environment and hands the finished value down.

mod auth;
mod check_in;
mod events;
mod gateway;
mod limits;
mod live;
mod mail;
mod notify;
mod push;
mod reviews;
mod search;
mod support;
mod tracking;
mod wallet;

use std::collections::BTreeMap;

use kernel::{Currency, Money};
use serde::Deserialize;

pub use self::auth::{Auth, Provider};
pub use self::check_in::CheckIn;
pub use self::events::{Events, Webhooks};
pub use self::gateway::{CardFields, Gateway};
pub use self::limits::{Admission, Breakers, Limits};
pub use self::live::Live;
pub use self::mail::Mail;
pub use self::notify::Notify;
pub use self::push::Push;
pub use self::reviews::{Moderation, Reviews, ReviewsRequire};
pub use self::search::Search;
pub use self::support::{Faq, Support};
pub use self::tracking::Tracking;
pub use self::wallet::Wallet;

/// Whether this is somebody's airline or a demonstration of one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Safe defaults: secrets must be given, card numbers never reach us.
    #[default]
    Production,
    /// Demo logins exist, raw test card numbers are accepted, missing secrets are made up and kept in a file.
    Demo,
}

/// When something is required.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Required {
    /// Except in demo mode.
    InProduction,
    /// In demo mode too.
    Always,
    /// Never.
    Never,
}

/// Everything that can be set.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Production or demo.
    pub mode: Mode,
    /// The listening sockets.
    pub http: Http,
    /// PostgreSQL.
    pub database: Database,
    /// Where the secrets are.
    pub keys: Keys,
    /// Accounts.
    pub auth: Auth,
    /// Selling.
    pub booking: Booking,
    /// Seats, baggage and other extras.
    pub extras: Extras,
    /// Check-in.
    pub check_in: CheckIn,
    /// Boarding passes for the wallets of telephones.
    pub wallet: Wallet,
    /// Connections and lists.
    pub search: Search,
    /// The payment gateway.
    pub gateway: Gateway,
    /// Refunds that staff see to.
    pub refunds: Refunds,
    /// The check of what must always be true.
    pub integrity: Integrity,
    /// Telling what happened.
    pub events: Events,
    /// Telling it to addresses outside.
    pub webhooks: Webhooks,
    /// Sending mail.
    pub mail: Mail,
    /// Telling travellers.
    pub notify: Notify,
    /// Telling their browsers.
    pub push: Push,
    /// Reviews of flights.
    pub reviews: Reviews,
    /// Support tickets.
    pub support: Support,
    /// Answers to what is asked often.
    pub faq: Faq,
    /// Watching prices.
    pub tracking: Tracking,
    /// Sockets.
    pub live: Live,
    /// Rate limits.
    pub limits: Limits,
    /// How much may be under way.
    pub admission: Admission,
    /// When others that do not answer are left alone.
    pub breakers: Breakers,
    /// Logs.
    pub log: Log,
}

impl Config {
    /// Whether staff need a second factor for what only staff may do.
    pub fn staff_second_factor(&self) -> bool {
        match self.auth.staff_second_factor {
            Required::InProduction => self.mode == Mode::Production,
            Required::Always => true,
            Required::Never => false,
        }
    }
}

/// The listening sockets and what a request may cost.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Http {
    /// Address of the API and the pages.
    pub listen: String,
    /// Address of the operations port (metrics); never public.
    pub operations_listen: String,
    /// The address people reach the service at, for links.
    pub public_url: String,
    /// Origins of other sites whose pages may call the API, such as `https://partner.example`; exactly these.
    pub cors_origins: Vec<String>,
    /// For how long browsers that came by https come by nothing else, seconds; 0: they are not told.
    pub hsts_seconds: u64,
    /// Whether the OpenAPI document and the page to browse it are served.
    pub docs: bool,
    /// Longest a request may take, seconds (design: client 15 > proxy 12 > handler 10 > lock 3).
    pub handler_seconds: u64,
    /// Largest request body, bytes.
    pub body_bytes: usize,
    /// How deep a JSON body may be nested.
    pub json_depth: usize,
    /// How long a list in a JSON body may be.
    pub json_items: usize,
    /// How many headers a request may have.
    pub headers: usize,
    /// How long they may be in all, bytes.
    pub header_bytes: usize,
    /// How long a connection may take for them, and how long it may be idle, seconds.
    pub header_seconds: u64,
    /// Connections at one time.
    pub connections: usize,
    /// And from one address that is no trusted proxy.
    pub connections_per_address: usize,
    /// How long a stopping server waits for requests under way, seconds.
    pub drain_seconds: u64,
    /// Addresses of proxies whose `X-Forwarded-For` is believed; empty means none.
    pub trusted_proxies: Vec<std::net::IpAddr>,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".into(),
            operations_listen: "127.0.0.1:9090".into(),
            public_url: "http://127.0.0.1:8080".into(),
            cors_origins: Vec::new(),
            hsts_seconds: 365 * 24 * 60 * 60,
            docs: false,
            handler_seconds: 10,
            body_bytes: 64 * 1024,
            json_depth: 16,
            json_items: 100,
            headers: 100,
            header_bytes: 16 * 1024,
            header_seconds: 10,
            connections: 10_000,
            connections_per_address: 200,
            drain_seconds: 25,
            trusted_proxies: Vec::new(),
        }
    }
}

/// PostgreSQL.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// A libpq URL. `DATABASE_URL` in the environment sets it. With `sslmode=require` the connection is TLS, and the server must prove
    /// that it is the host of the URL.
    pub url: String,
    /// Certificates (PEM) to trust for that besides the operating system's; empty for none.
    pub ca_file: String,
    /// Connections of one process.
    pub pool: usize,
    /// Longest wait for a connection, milliseconds; then the answer is 503.
    pub wait_ms: u64,
    /// Longest wait for a lock, milliseconds.
    pub lock_ms: u64,
    /// Longest statement, milliseconds.
    pub statement_ms: u64,
}

impl Default for Database {
    fn default() -> Self {
        Self {
            url: "postgresql://udaan@localhost/udaan".into(),
            ca_file: String::new(),
            pool: 16,
            wait_ms: 2_000,
            lock_ms: 3_000,
            statement_ms: 5_000,
        }
    }
}

/// Where the secrets are.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Keys {
    /// The key file (see `platform::keys`). `udaan keys FILE` makes one; demo mode does so by itself.
    pub file: String,
}

/// Selling.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Booking {
    /// How long an unpaid booking keeps its seats, minutes.
    pub hold_minutes: i64,
    /// How long a payment that waits for the traveller keeps the hold frozen, minutes.
    pub payment_minutes: i64,
    /// How many unpaid bookings a user may have at once; 0 is any number.
    pub live_holds: i16,
    /// How long after its deadline a hold is kept for a payment whose outcome is open, minutes. Money that comes later takes
    /// the same seats if they are still there, and goes back if not.
    pub frozen_minutes: i64,
    /// How long a quote for a cancellation or a change can be confirmed, minutes.
    pub quote_minutes: i64,
    /// How long after the airline cancelled a flight its travellers may choose before everything goes back by itself, hours.
    pub choice_hours: i64,
    /// Sales close this long before departure, minutes.
    pub sales_close_minutes: i64,
    /// How long an offer can be booked, minutes.
    pub offer_minutes: i64,
    /// What a child pays of the adult fare, percent.
    pub child_percent: u32,
    /// What an infant without a seat pays of the adult fare, percent.
    pub infant_percent: u32,
    /// The airline's accounting code, the first three digits of its ticket numbers.
    pub ticket_prefix: u16,
    /// What the airline calls itself on paper.
    pub airline_name: String,
}

impl Default for Booking {
    fn default() -> Self {
        Self {
            hold_minutes: 15,
            payment_minutes: 15,
            live_holds: 2,
            frozen_minutes: 60,
            quote_minutes: 15,
            choice_hours: 24,
            sales_close_minutes: 60,
            offer_minutes: 15,
            child_percent: 75,
            infant_percent: 10,
            ticket_prefix: 999,
            airline_name: "Udaan".into(),
        }
    }
}

/// Seats, baggage and other extras.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Extras {
    /// Buying and changing them ends so long before departure, when check-in closes, minutes.
    pub close_minutes: i64,
}

impl Default for Extras {
    fn default() -> Self {
        Self { close_minutes: 60 }
    }
}

/// Refunds that staff see to.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Refunds {
    /// From which amount on a refund is settled outside the gateway by two people, by currency, in minor units.
    pub second_person_from: BTreeMap<Currency, i64>,
}

impl Refunds {
    /// Whether one person may not settle it alone. A currency that is not named has no amount that one may.
    pub fn needs_second_person(&self, amount: Money) -> bool {
        self.second_person_from.get(&amount.currency).is_none_or(|from| amount.amount >= *from)
    }
}

impl Default for Refunds {
    fn default() -> Self {
        let named = [("EUR", 50_000), ("GBP", 50_000), ("INR", 4_000_000), ("USD", 50_000)];
        let named = named.into_iter().filter_map(|(code, from)| Some((code.parse().ok()?, from)));
        Self { second_person_from: named.collect() }
    }
}

/// The check of what must always be true.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Integrity {
    /// How often one of the working processes asks every invariant, minutes; 0 is never. A check that takes long is followed by a
    /// longer pause.
    pub minutes: u64,
}

impl Default for Integrity {
    fn default() -> Self {
        Self { minutes: 5 }
    }
}

/// Logs.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// `text` for people, `json` for machines.
    pub format: LogFormat,
    /// What is logged, in `tracing`'s filter syntax.
    pub filter: String,
}

/// How a log line looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// For machines.
    Json,
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::Text, filter: "info".into() }
    }
}
