//! `GET /admin/support/tickets`: what waits for staff.

use axum::extract::State;
use domain::support::Status;
use jiff::Timestamp;
use kernel::{TicketId, UserId};
use platform::http::problem::Outcome;
use platform::http::{Json, Problem, Query};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::body;
use super::store::{self, Assigned, TicketRow, Wanted};
use super::view::StaffTicket;
use crate::app::App;
use crate::audit::api::{self as audit, Act, Actor};
use crate::identity;

/// Each has a key of its own to be opened with.
const LIMIT_MAX: i64 = 50;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct QueueQuery {
    /// `waiting`: for staff, the one that should be answered first in front; or a state: `open`, `waiting_staff`, `waiting_customer`,
    /// `resolved`, `closed`.
    #[param(default = "waiting")]
    status: Option<String>,
    /// Only of that category.
    category: Option<String>,
    /// Only those of `me`, `nobody`, or an account id.
    assigned_to: Option<String>,
    /// Only those that should have been answered by now.
    overdue: Option<bool>,
    /// At most so many, 1 to 50.
    #[param(default = 20, minimum = 1, maximum = 50)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// A page of tickets.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"tickets": [], "waiting": 0, "overdue": 0, "next_cursor": null}))]
pub(super) struct SupportQueue {
    tickets: Vec<StaffTicket>,
    /// How many wait for staff in all,
    waiting: i64,
    /// and how many of them should have been answered by now.
    overdue: i64,
    /// Null at the end.
    next_cursor: Option<String>,
}

/// What waits for staff, or is in a state. Who looked at which tickets is recorded.
#[utoipa::path(get, path = "/admin/support/tickets", tag = "support", params(QueueQuery),
    responses((status = 200, description = "A page of tickets", body = SupportQueue)))]
pub(super) async fn list_support_queue(
    State(app): State<App>,
    actor: Actor,
    Query(query): Query<QueueQuery>,
) -> Outcome<Json<SupportQueue>> {
    let wanted = query.check(&app, &actor)?;
    let sql = app.db.read().await?;
    let mut rows = store::for_staff(&sql, &wanted).await?;
    let page = usize::try_from(wanted.most - 1).unwrap_or(usize::MAX);
    let more = rows.len() > page;
    rows.truncate(page);
    let mut tickets = Vec::with_capacity(rows.len());
    for row in &rows {
        // An account that was erased in this moment takes its tickets along.
        if let Ok(key) = identity::api::user_key(&sql, &app.sealer, row.user).await {
            tickets.push(StaffTicket::of(&app, &key, row)?);
        }
    }
    let (waiting, overdue) = store::count_waiting(&sql, app.now()).await?;
    drop(sql);
    let seen: Vec<TicketId> = rows.iter().map(|row| row.id).collect();
    let act = Act::new("support_ticket.list", &"tickets").after(&json!({"tickets": seen}));
    audit::record_look(&app, &actor, act).await?;
    Ok(Json(SupportQueue {
        tickets,
        waiting,
        overdue,
        next_cursor: rows.last().filter(|_| more).map(cursor),
    }))
}

/// Where a page ends: the time it is in order of, and its id.
fn cursor(row: &TicketRow) -> String {
    let at = row.answer_due_at.unwrap_or(row.changed_at);
    format!("{}.{}", at.as_millisecond(), row.id)
}

fn read_cursor(text: &str) -> Option<(Timestamp, TicketId)> {
    let (at, id) = text.split_once('.')?;
    Some((Timestamp::from_millisecond(at.parse().ok()?).ok()?, id.parse().ok()?))
}

/// Whose tickets: of whoever asks, of nobody, or of an account.
pub(super) fn assignee(actor: &Actor, word: &str) -> Result<Option<UserId>, Problem> {
    match word {
        "me" => Ok(Some(actor.user)),
        "nobody" => Ok(None),
        id => {
            let odd = |_| Problem::invalid("assigned_to", "it must be me, nobody or the id of an account");
            id.parse().map(Some).map_err(odd)
        }
    }
}

impl QueueQuery {
    fn check(self, app: &App, actor: &Actor) -> Result<Wanted, Problem> {
        let limit = self.limit.unwrap_or(20);
        if !(1..=LIMIT_MAX).contains(&limit) {
            return Err(Problem::invalid("limit", format!("it must be 1 to {LIMIT_MAX}")));
        }
        let status = |word: &str| {
            let states: Vec<&str> = Status::ALL.iter().map(|status| status.as_str()).collect();
            let reason = || format!("it must be waiting, or one of {}", states.join(", "));
            Status::parse(word).ok_or_else(|| Problem::invalid("status", reason()))
        };
        let bad_cursor = || Problem::invalid("cursor", "it must be a next_cursor of this list");
        let cursor = self.cursor.as_deref();
        Ok(Wanted {
            status: self.status.as_deref().filter(|word| *word != "waiting").map(status).transpose()?,
            category: self.category.as_deref().map(body::category).transpose()?,
            assigned: match self.assigned_to.as_deref().map(|word| assignee(actor, word)).transpose()? {
                None => Assigned::Any,
                Some(None) => Assigned::Nobody,
                Some(Some(user)) => Assigned::To(user),
            },
            due_before: self.overdue.unwrap_or(false).then(|| app.now()),
            after: cursor.map(|text| read_cursor(text).ok_or_else(bad_cursor)).transpose()?,
            most: limit + 1,
        })
    }
}
