//! The door of the webhooks slice.

pub use super::client::{Post, Resolver, Sender, system_resolver};
pub use super::consumer::Deliveries;
pub use super::jobs::jobs;
pub use super::send::send_due;
