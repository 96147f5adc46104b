//! `POST /admin/support/tickets/{id}/messages`: staff answer, or note something among themselves.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::support::Step;
use kernel::{AttachmentId, TicketId};
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem};
use platform::idempotency::IdempotencyKey;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::desk::facts;
use super::talk::{Words, move_on, say};
use super::view::Written;
use super::{body, store};
use crate::access::Caller;
use crate::app::App;
use crate::audit::api::{self as audit, Act, Actor};
use crate::identity;
use crate::keyed::{self, Begun};
use crate::notify::api as notify;

const ROUTE: &str = "POST /admin/support/tickets/{id}/messages";

/// What staff say.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"text": "Your bag is on the next flight.", "internal": false, "resolve": false, "attachments": []}))]
pub(super) struct StaffAnswer {
    /// 1 to 5,000 characters.
    text: String,
    /// Among staff: whoever asked neither sees it nor is told of it, and the ticket stays where it is.
    #[serde(default)]
    #[schema(required = false, default = false)]
    internal: bool,
    /// With that the ticket is dealt with.
    #[serde(default)]
    #[schema(required = false, default = false)]
    resolve: bool,
    /// Up to five files that staff sent for this ticket.
    #[serde(default)]
    #[schema(value_type = Vec<String>, required = false)]
    attachments: Vec<AttachmentId>,
}

/// Answer a ticket, or note something on it. It needs an `Idempotency-Key`. Whoever asked is told of an answer. 409 `ticket_closed`.
#[utoipa::path(post, path = "/admin/support/tickets/{id}/messages", tag = "support", request_body = StaffAnswer,
    params(("id" = String, Path, description = "Ticket id", example = "sup_0193f2a1c5d07bb2a4d1c0ffee000010"), ("Idempotency-Key" = String, Header, example = "4a7c1d8e-ticket-1",
        description = "Yours, new for each message")),
    responses((status = 201, description = "How it stands", body = Written),
        (status = 409, description = "`request_in_progress`, `ticket_closed`")))]
pub(super) async fn answer_ticket(
    State(app): State<App>,
    (caller, actor): (Caller, Actor),
    Path(id): Path<TicketId>,
    key: IdempotencyKey,
    Json(request): Json<StaffAnswer>,
) -> Outcome<Response> {
    let text = body::text(&request.text)?;
    body::files(&request.attachments)?;
    if request.internal && request.resolve {
        let reason = "a note among staff does not answer a ticket; leave it out, or PATCH the ticket";
        return Err(Problem::invalid("resolve", reason));
    }
    let keyed = match keyed::begin(&app, caller, ROUTE, key, id.uuid(), &(id, &request)).await? {
        Begun::New(keyed) => keyed,
        Begun::Answered(answer) => return Ok(answer),
    };
    let tx = &keyed.tx;
    let mut ticket = store::lock(tx, id, None).await?.ok_or_else(Problem::not_found)?;
    // What is written is sealed for whoever asked, not for whoever writes.
    let owner = identity::api::user_key(tx, &app.sealer, ticket.user).await?;
    let words =
        Words { staff: Some(actor.user), internal: request.internal, text, files: &request.attachments };
    if !request.internal {
        move_on(&app, &mut ticket, if request.resolve { Step::Resolve } else { Step::StaffAnswer })?;
        ticket.first_answered_at = ticket.first_answered_at.or_else(|| Some(app.now()));
        ticket.assigned_to = ticket.assigned_to.or(Some(actor.user));
    }
    say(&app, tx, &owner, (&mut ticket, &words)).await?;
    store::update(tx, &ticket).await?;
    if !request.internal {
        notify::support_answered(&app, tx, ticket.user, (&id.to_string(), ticket.messages)).await?;
    }
    let action = if request.internal { "support_ticket.note" } else { "support_ticket.answer" };
    audit::record(&app, tx, &actor, Act::new(action, &id).after(&facts(&ticket))).await?;
    keyed.finish(&app, StatusCode::CREATED, &Written::of(&ticket)).await
}
