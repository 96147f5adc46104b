//! Saying more on a ticket, and being content.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::days::is_in_time;
use domain::support::{AnswerTimes, Status, Step};
use jiff::SignedDuration;
use kernel::{AttachmentId, Category, TicketId, UserId};
use platform::db::{Sql, Tx};
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem};
use platform::idempotency::IdempotencyKey;
use platform::seal::UserKey;

use super::body::{self, NewMessage};
use super::store::files;
use super::store::messages::{self, MessageRow};
use super::store::{self, TicketRow};
use super::view::{Ticket, Written, text_place};
use crate::access::Caller;
use crate::app::App;
use crate::identity;
use crate::keyed::{self, Begun};

const ROUTE: &str = "POST /support/tickets/{id}/messages";
/// Nobody reads more.
const MESSAGES_MAX: i32 = 500;

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What somebody says.
pub(super) struct Words<'a> {
    pub(super) staff: Option<UserId>,
    pub(super) internal: bool,
    pub(super) text: &'a str,
    pub(super) files: &'a [AttachmentId],
}

/// How long staff have, as the settings say.
pub(super) fn answer_times(app: &App) -> AnswerTimes {
    let support = &app.config.support;
    AnswerTimes { urgent_hours: support.urgent_answer_hours, hours: support.answer_hours }
}

/// Refuses who has written too much in a day: staff read all of it. Who writes on several tickets at once may come to a few more: nothing is
/// scarce here but patience.
pub(super) async fn check_day(app: &App, sql: &Sql, user: UserId, opens: bool) -> Result<(), Problem> {
    let (since, most) = (app.now() - DAY, &app.config.support);
    let refused = |code| Err(Problem::new(Category::TooMany, code).retry_after(3_600));
    if opens && store::opened_since(sql, user, since).await? >= i64::from(most.tickets_per_day) {
        return refused("too_many_tickets");
    }
    if messages::written_since(sql, user, since).await? >= i64::from(most.messages_per_day) {
        return refused("too_many_messages");
    }
    Ok(())
}

/// Whether whoever asked can still say something: what was resolved long ago is over, also before the job has closed it.
pub(super) fn may_write(app: &App, ticket: &TicketRow) -> bool {
    let in_time = |at| is_in_time(at, app.config.support.reopen_days, app.now());
    ticket.status != Status::Closed && ticket.resolved_at.is_none_or(in_time)
}

/// Adds a message with its files to a locked ticket. Where the ticket stands afterwards is for [`move_on`].
pub(super) async fn say(
    app: &App,
    tx: &Tx,
    key: &UserKey,
    (ticket, words): (&mut TicketRow, &Words<'_>),
) -> Result<(), Problem> {
    if ticket.messages >= MESSAGES_MAX {
        return Err(closed());
    }
    ticket.messages += 1;
    let number = ticket.messages;
    let row = MessageRow {
        user: ticket.user,
        ticket: ticket.id,
        number,
        staff: words.staff,
        internal: words.internal,
        text_sealed: app.sealer.seal(key, text_place(ticket.id, number), words.text.as_bytes())?,
        created_at: app.now(),
    };
    messages::insert(tx, &row).await?;
    if !words.files.is_empty() {
        let of = (words.files, words.staff);
        if files::attach(tx, ticket.user, of, (ticket.id, number)).await? != words.files.len() {
            let reason = "each must be a file that was sent for this and is not attached yet";
            return Err(Problem::invalid("attachments", reason));
        }
    }
    Ok(())
}

/// A ticket after a step, with the times that go with its state. 409 `ticket_closed` where there is no such step.
pub(super) fn move_on(app: &App, ticket: &mut TicketRow, step: Step) -> Result<(), Problem> {
    let now = app.now();
    ticket.status = ticket.status.after(step).ok_or_else(closed)?;
    ticket.answer_due_at = match ticket.answer_due_at {
        _ if !ticket.status.waits_for_staff() => None,
        // Whoever asks twice is not answered later for it.
        Some(due) => Some(due),
        None => Some(answer_times(app).due(ticket.category, now)),
    };
    ticket.resolved_at = match ticket.status {
        Status::Resolved | Status::Closed => ticket.resolved_at.or(Some(now)),
        _ => None,
    };
    ticket.changed_at = now;
    Ok(())
}

fn closed() -> Problem {
    Problem::new(Category::Conflict, "ticket_closed").actions(&["create_ticket"])
}

/// Say more on a ticket. It needs an `Idempotency-Key`. What was resolved is opened again by it, for some days; after that 409
/// `ticket_closed`. 429 `too_many_messages` when I have written too many in a day.
#[utoipa::path(post, path = "/support/tickets/{id}/messages", tag = "support", request_body = NewMessage,
    params(("id" = String, Path, description = "Ticket id", example = "sup_0193f2a1c5d07bb2a4d1c0ffee000010"), ("Idempotency-Key" = String, Header, example = "4a7c1d8e-ticket-1",
        description = "Yours, new for each message")),
    responses((status = 201, description = "How it stands", body = Written),
        (status = 409, description = "`request_in_progress`, `ticket_closed`")))]
pub(super) async fn write_message(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<TicketId>,
    key: IdempotencyKey,
    Json(request): Json<NewMessage>,
) -> Outcome<Response> {
    let text = body::text(&request.text)?;
    body::files(&request.attachments)?;
    let keyed = match keyed::begin(&app, caller, ROUTE, key, id.uuid(), &(id, &request)).await? {
        Begun::New(keyed) => keyed,
        Begun::Answered(answer) => return Ok(answer),
    };
    let ticket = store::lock(&keyed.tx, id, Some(caller.user)).await?;
    let mut ticket = ticket.ok_or_else(Problem::not_found)?;
    if !may_write(&app, &ticket) {
        return Err(closed());
    }
    check_day(&app, &keyed.tx, caller.user, false).await?;
    let words = Words { staff: None, internal: false, text, files: &request.attachments };
    say(&app, &keyed.tx, &keyed.user_key, (&mut ticket, &words)).await?;
    move_on(&app, &mut ticket, Step::CustomerWrites)?;
    store::update(&keyed.tx, &ticket).await?;
    keyed.finish(&app, StatusCode::CREATED, &Written::of(&ticket)).await
}

/// Say that a ticket is dealt with. Saying it again does nothing.
#[utoipa::path(post, path = "/support/tickets/{id}/resolve", tag = "support",
    params(("id" = String, Path, description = "Ticket id", example = "sup_0193f2a1c5d07bb2a4d1c0ffee000010")),
    responses((status = 200, description = "The ticket", body = Ticket)))]
pub(super) async fn resolve_ticket(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<TicketId>,
) -> Outcome<Json<Ticket>> {
    let tx = app.db.begin().await?;
    let key = identity::api::user_key(&tx, &app.sealer, caller.user).await?;
    let mut ticket = store::lock(&tx, id, Some(caller.user)).await?.ok_or_else(Problem::not_found)?;
    if ticket.resolved_at.is_none() {
        move_on(&app, &mut ticket, Step::Resolve)?;
        store::update(&tx, &ticket).await?;
        tx.commit().await?;
    }
    Ok(Json(Ticket::of(&app, &key, &ticket)?))
}
