//! `/admin/support/tickets/{id}`: staff read a ticket, take it, and say what it is about.

use axum::extract::State;
use domain::support::{Category, Step};
use kernel::TicketId;
use platform::db::{DbError, Sql};
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::queue::assignee;
use super::store::{self, TicketRow};
use super::talk::{answer_times, move_on};
use super::view::{StaffThread, StaffTicket};
use super::{body, mine};
use crate::access::Permission;
use crate::app::App;
use crate::audit::api::{self as audit, Act, Actor};
use crate::identity;

/// What to change of a ticket; members left out stay as they are.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"assigned_to": "me", "category": "baggage"}))]
pub(super) struct TicketPatch {
    /// `me`, `nobody`, or the id of an account of the staff.
    assigned_to: Option<String>,
    /// What it is about after all.
    category: Option<String>,
    /// `true`: it is dealt with, without another word.
    resolved: Option<bool>,
}

/// A ticket with all that was said, among staff too. Who looked at it is recorded.
#[utoipa::path(get, path = "/admin/support/tickets/{id}", tag = "support",
    params(("id" = String, Path, description = "Ticket id", example = "sup_0193f2a1c5d07bb2a4d1c0ffee000010")),
    responses((status = 200, description = "The ticket", body = StaffThread)))]
pub(super) async fn get_ticket_for_staff(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<TicketId>,
) -> Outcome<Json<StaffThread>> {
    let sql = app.db.snapshot().await?;
    let ticket = store::find_any(&sql, id).await?.ok_or_else(Problem::not_found)?;
    let key = identity::api::user_key(&sql, &app.sealer, ticket.user).await?;
    let thread = mine::parts(&sql, ticket).await?.for_staff(&app, &key)?;
    // Nobody waits for a second connection with the first in hand.
    drop(sql);
    audit::record_look(&app, &actor, Act::new("support_ticket.read", &id)).await?;
    Ok(Json(thread))
}

/// Take a ticket or give it to somebody, say what it is about, or that it is dealt with. 409 `ticket_closed`.
#[utoipa::path(patch, path = "/admin/support/tickets/{id}", tag = "support", request_body = TicketPatch,
    params(("id" = String, Path, description = "Ticket id", example = "sup_0193f2a1c5d07bb2a4d1c0ffee000010")),
    responses((status = 200, description = "The ticket", body = StaffTicket), (status = 409, description = "`ticket_closed`")))]
pub(super) async fn update_ticket(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<TicketId>,
    Json(patch): Json<TicketPatch>,
) -> Outcome<Json<StaffTicket>> {
    let tx = app.db.begin().await?;
    let mut ticket = store::lock(&tx, id, None).await?.ok_or_else(Problem::not_found)?;
    let before = facts(&ticket);
    if let Some(word) = &patch.assigned_to {
        ticket.assigned_to = assignee(&actor, word)?;
        if !may_answer(&tx, &ticket).await? {
            let reason = "it must be the account of somebody who may answer tickets";
            return Err(Problem::invalid("assigned_to", reason));
        }
        ticket.changed_at = app.now();
    }
    if let Some(word) = &patch.category {
        file_under(&app, &mut ticket, body::category(word)?);
    }
    if patch.resolved == Some(true) && ticket.resolved_at.is_none() {
        move_on(&app, &mut ticket, Step::Resolve)?;
    }
    store::update(&tx, &ticket).await?;
    let act = Act::new("support_ticket.update", &id).before(&before).after(&facts(&ticket));
    audit::record(&app, &tx, &actor, act).await?;
    let key = identity::api::user_key(&tx, &app.sealer, ticket.user).await?;
    tx.commit().await?;
    Ok(Json(StaffTicket::of(&app, &key, &ticket)?))
}

/// What it is about decides how soon staff should answer: never later than they were to before.
fn file_under(app: &App, ticket: &mut TicketRow, category: Category) {
    ticket.category = category;
    ticket.changed_at = app.now();
    let due = answer_times(app).due(category, app.now());
    ticket.answer_due_at = ticket.answer_due_at.map(|before| before.min(due));
}

async fn may_answer(sql: &Sql, ticket: &TicketRow) -> Result<bool, DbError> {
    let Some(user) = ticket.assigned_to else { return Ok(true) };
    let role = identity::api::role_of(sql, user).await?;
    Ok(role.is_some_and(|role| role.may(Permission::SupportWrite)))
}

/// What the audit log keeps of a ticket: nothing that anybody wrote.
pub(super) fn facts(ticket: &TicketRow) -> serde_json::Value {
    json!({"category": ticket.category.as_str(), "status": ticket.status.as_str(), "assigned_to": ticket.assigned_to,
        "messages": ticket.messages})
}
