//! What must always be true, looked at in the stored data: each invariant is a query, and a row it finds is something to mend.
//! A job asks every few minutes and keeps what it found for `GET /admin/integrity`; `udaan integrity` asks from the command line.
//!
//! Owns `integrity_checks` and changes no other table: it alone may read those of every slice, in one transaction that only reads.

pub mod api;
mod job;
mod report;
mod store;

use platform::limits::LimitClass;
use utoipa_axum::routes;

use crate::access::{Access, Permission, Routes};

pub(crate) fn routes() -> Routes {
    Routes::new().add(
        Access::Staff(Permission::IntegrityRead),
        LimitClass::Export,
        routes!(report::get_integrity, report::ask_integrity),
    )
}
