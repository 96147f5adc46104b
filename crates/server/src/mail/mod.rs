//! Mail: queued in the transaction of whatever there is to say, sent afterwards. docs/mail.md is for operators.
//!
//! Owns `mails`. Invariants: a mail is queued if and only if what it tells of was committed; addresses and arguments are at rest
//! only sealed, and gone when the mail is over; it ends as sent or as failed; a retry has the Message-ID of the first try;
//! nothing of a caller's becomes a header or markup; a mail that tells a notification goes out only while that is so.

pub mod api;
mod jobs;
mod letter;
mod list;
mod mailbox;
mod open;
mod queue;
mod send;
mod smtp;
mod store;

use platform::limits::LimitClass;
use utoipa_axum::routes;

use crate::access::{Access, Permission, Routes};

pub(crate) fn routes() -> Routes {
    Routes::new().add(Access::Staff(Permission::MailsRead), LimitClass::Other, routes!(list::list_mails))
}
