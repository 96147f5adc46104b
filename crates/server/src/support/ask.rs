//! `POST /support/tickets`: asking for help.

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::support::Status;
use kernel::{Category, TicketId};
use platform::db::Sql;
use platform::http::problem::Outcome;
use platform::http::{Json, Problem};
use platform::idempotency::IdempotencyKey;
use platform::messages::Locale;

use super::body::{self, NewTicket};
use super::store::{self, TicketRow};
use super::talk::{Words, answer_times, check_day, say};
use super::view::{TicketThread, subject_place};
use super::{mine, view};
use crate::access::Caller;
use crate::app::App;
use crate::booking::api as booking;
use crate::identity;
use crate::keyed::{self, Begun, Keyed};

const ROUTE: &str = "POST /support/tickets";

/// Ask for help. It needs an `Idempotency-Key`. 409 `too_many_open_tickets` while too many of mine are not dealt with; 429
/// `too_many_tickets`, `too_many_messages` when I have asked or written too much in a day.
#[utoipa::path(post, path = "/support/tickets", tag = "support", request_body = NewTicket, params(("Idempotency-Key" = String, Header, example = "4a7c1d8e-ticket-1",
        description = "Yours, new for each message")),
    responses((status = 201, description = "The ticket", body = TicketThread),
        (status = 409, description = "`request_in_progress`, `too_many_open_tickets`")))]
pub(super) async fn create_ticket(
    State(app): State<App>,
    caller: Caller,
    Extension(locale): Extension<Locale>,
    key: IdempotencyKey,
    Json(request): Json<NewTicket>,
) -> Outcome<Response> {
    let category = body::category(&request.category)?;
    let (subject, text) = (body::subject(&request.subject)?, body::text(&request.text)?);
    body::files(&request.attachments)?;
    let keyed = match keyed::begin(&app, caller, ROUTE, key, caller.user.uuid(), &request).await? {
        Begun::New(keyed) => keyed,
        Begun::Answered(answer) => return Ok(answer),
    };
    identity::api::hold_account(&keyed.tx, caller.user).await?;
    check(&app, &keyed.tx, &caller, &request).await?;
    let (id, now) = (app.new_id(TicketId::new), app.now());
    let due = answer_times(&app).due(category, now);
    let subject = app.sealer.seal(&keyed.user_key, subject_place(id), subject.as_bytes())?;
    let mut ticket = TicketRow {
        user: caller.user,
        id,
        category,
        booking: request.booking_id,
        subject_sealed: subject,
        language: locale.tag().to_owned(),
        status: Status::Open,
        assigned_to: None,
        answer_due_at: Some(due),
        first_due_at: due,
        first_answered_at: None,
        resolved_at: None,
        messages: 1,
        created_at: now,
        changed_at: now,
    };
    store::insert(&keyed.tx, &ticket).await?;
    ticket.messages = 0;
    let words = Words { staff: None, internal: false, text, files: &request.attachments };
    say(&app, &keyed.tx, &keyed.user_key, (&mut ticket, &words)).await?;
    metrics::counter!("support_tickets_total", "category" => category.as_str()).increment(1);
    tracing::info!(ticket.id = %id, category = category.as_str(), "a ticket was opened");
    finish(&app, *keyed, ticket).await
}

async fn finish(app: &App, keyed: Keyed, ticket: TicketRow) -> Result<Response, Problem> {
    let view: view::TicketThread = mine::parts(&keyed.tx, ticket).await?.thread(app, &keyed.user_key)?;
    keyed.finish(app, StatusCode::CREATED, &view).await
}

/// Whether the booking is the caller's, and they have not too many tickets open.
async fn check(app: &App, sql: &Sql, caller: &Caller, request: &NewTicket) -> Result<(), Problem> {
    if let Some(booking) = request.booking_id {
        let owners = booking::owners(sql, &[booking]).await?;
        if owners.get(&booking) != Some(&caller.user) {
            return Err(Problem::invalid("booking_id", "it must be a booking of yours"));
        }
    }
    let most = app.config.support.open_tickets;
    if store::count_open(sql, caller.user).await? >= i64::from(most) {
        let problem = Problem::new(Category::Conflict, "too_many_open_tickets");
        return Err(problem.arg("most", most.to_string()).actions(&["message", "resolve"]));
    }
    check_day(app, sql, caller.user, true).await
}
