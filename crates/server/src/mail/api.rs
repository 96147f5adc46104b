//! The door of the mail slice.

pub use super::jobs::jobs;
pub use super::letter::{Attachment, Letter, Notice, Template};
pub(crate) use super::mailbox::page as mailbox;
pub use super::queue::{NoticeMail, To, forget, queue, queue_copies, queue_notice, sent_to};
pub use super::smtp::Mailer;
