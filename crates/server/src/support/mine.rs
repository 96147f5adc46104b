//! `GET /support/tickets`: what I asked, and what was answered.

use axum::extract::State;
use kernel::TicketId;
use platform::db::{DbError, Sql};
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::store::{self, TicketRow, files, messages};
use super::view::{Parts, Ticket, TicketThread};
use crate::access::Caller;
use crate::app::App;
use crate::identity;

const LIMIT_MAX: i64 = 100;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct TicketQuery {
    /// At most so many, 1 to 100.
    #[param(default = 20, minimum = 1, maximum = 100)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<TicketId>,
}

/// A page of tickets, the newest first.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"tickets": [], "next_cursor": null}))]
pub(super) struct TicketList {
    tickets: Vec<Ticket>,
    /// Null at the end.
    #[schema(value_type = Option<String>)]
    next_cursor: Option<TicketId>,
}

/// A ticket with everything that belongs to it.
pub(super) async fn parts(sql: &Sql, ticket: TicketRow) -> Result<Parts, DbError> {
    let (messages, files) =
        tokio::try_join!(messages::of(sql, ticket.user, ticket.id), files::of(sql, ticket.user, ticket.id))?;
    Ok(Parts { ticket, messages, files })
}

/// What I asked.
#[utoipa::path(get, path = "/support/tickets", tag = "support", params(TicketQuery),
    responses((status = 200, description = "A page of my tickets", body = TicketList)))]
pub(super) async fn list_tickets(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<TicketQuery>,
) -> Outcome<Json<TicketList>> {
    let limit = query.limit.unwrap_or(20);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Problem::invalid("limit", format!("it must be 1 to {LIMIT_MAX}")));
    }
    let sql = app.db.read().await?;
    let key = identity::api::user_key(&sql, &app.sealer, caller.user).await?;
    let mut rows = store::of_user(&sql, caller.user, query.cursor, limit + 1).await?;
    let page = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > page;
    rows.truncate(page);
    let tickets = rows.iter().map(|row| Ticket::of(&app, &key, row)).collect::<Result<_, _>>()?;
    Ok(Json(TicketList { tickets, next_cursor: rows.last().filter(|_| more).map(|row| row.id) }))
}

/// One of them, with all that was said.
#[utoipa::path(get, path = "/support/tickets/{id}", tag = "support",
    params(("id" = String, Path, description = "Ticket id", example = "sup_0193f2a1c5d07bb2a4d1c0ffee000010")),
    responses((status = 200, description = "The ticket", body = TicketThread)))]
pub(super) async fn get_ticket(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<TicketId>,
) -> Outcome<Json<TicketThread>> {
    let sql = app.db.snapshot().await?;
    let key = identity::api::user_key(&sql, &app.sealer, caller.user).await?;
    let ticket = store::find(&sql, caller.user, id).await?.ok_or_else(Problem::not_found)?;
    Ok(Json(parts(&sql, ticket).await?.thread(&app, &key)?))
}
