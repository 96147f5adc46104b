//! What every slice of the airline stands on. The platform knows no feature by name: it offers a database
//! with transactions that cannot leak, sealing of personal data, jobs, idempotency, limits, a message
//! catalogue and the HTTP kit.

pub mod admission;
pub mod attempts;
pub mod backoff;
pub mod breaker;
pub mod clock;
pub mod config;
pub mod db;
pub mod http;
pub mod hub;
pub mod idempotency;
pub mod jobs;
pub mod keys;
pub mod limits;
pub mod messages;
pub mod outbox;
pub mod random;
pub mod seal;
pub mod signed;
pub mod telemetry;
pub mod tls;
