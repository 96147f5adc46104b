//! The door of the mail slice.

pub use super::jobs::jobs;
pub use super::letter::{Letter, Template};
pub use super::queue::{To, forget, queue, sent_to};
pub use super::smtp::Mailer;
