//! The door of the webhooks slice.

pub use super::client::Sender;
pub use super::consumer::Deliveries;
pub use super::jobs::jobs;
pub use super::send::send_due;
