//! What staff did. Owns `audit_records` and `audit_links`.
//!
//! - A record is written in the transaction that does what it tells: no act without a record, no record without its act.
//! - Records are only ever added. The application's role can neither change nor delete them.
//! - A job chains them afterwards: each link's hash covers its record and the link before, under a key that is not in the
//!   database. So whoever changes, removes, swaps or inserts one has to make all later hashes anew, and cannot without the key.
//! - `udaan audit verify` finds the first that is wrong. docs/security.md says what that proves and what it does not.

mod actor;
pub mod api;
mod chain;
mod jobs;
mod list;
mod store;
mod verify;

use platform::limits::LimitClass;
use utoipa_axum::routes;

use crate::access::{Access, Permission, Routes};

pub(crate) fn routes() -> Routes {
    Routes::new().add(Access::Staff(Permission::AuditRead), LimitClass::Other, routes!(list::list_audit))
}
