//! Support tickets: travellers ask, staff answer, each sees whose turn it is.
//!
//! Owns `support_tickets`, `support_messages` and `support_attachments`. Invariants: a ticket waits for staff if and only if it has a time by
//! which they should answer; its messages are 1, 2, 3 … without a gap, because whoever adds one has locked the ticket; nobody but
//! whoever asked and staff read it, and what staff say among themselves is for staff alone. Everything written or attached is sealed under
//! the key of the account that asked, and goes with it.

mod answer;
pub mod api;
mod ask;
mod body;
mod desk;
mod files;
mod fuzzing;
mod jobs;
mod mine;
mod pictures;
mod queue;
mod store;
mod talk;
mod view;

use axum::extract::DefaultBodyLimit;
use platform::limits::LimitClass;
use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;

use crate::access::{Access, Permission, Routes};
use crate::app::App;

/// Where files come in: their bodies are longer than others', and take longer to come.
pub(crate) const UPLOADS: [&str; 2] = ["/api/v1/support/attachments", "/api/v1/admin/support/attachments"];

pub(crate) fn routes(attachment_bytes: usize) -> Routes {
    let large = |(schemas, paths, methods): UtoipaMethodRouter<App>| {
        (schemas, paths, methods.layer(DefaultBodyLimit::max(attachment_bytes)))
    };
    let (see, act) = (Access::Staff(Permission::SupportRead), Access::Staff(Permission::SupportWrite));
    Routes::new()
        .add(Access::Owner, LimitClass::Other, routes!(mine::list_tickets, ask::create_ticket))
        .add(Access::Owner, LimitClass::Other, routes!(mine::get_ticket))
        .add(Access::Owner, LimitClass::Other, routes!(talk::write_message))
        .add(Access::Owner, LimitClass::Other, routes!(talk::resolve_ticket))
        .add(Access::Owner, LimitClass::Export, large(routes!(files::upload_attachment)))
        .add(Access::Owner, LimitClass::Other, routes!(files::get_attachment))
        .add(see, LimitClass::Other, routes!(queue::list_support_queue))
        .add(see, LimitClass::Other, routes!(desk::get_ticket_for_staff))
        .add(act, LimitClass::Other, routes!(desk::update_ticket))
        .add(act, LimitClass::Other, routes!(answer::answer_ticket))
        .add(act, LimitClass::Export, large(routes!(files::upload_attachment_for_staff)))
        .add(see, LimitClass::Other, routes!(files::get_attachment_for_staff))
}
