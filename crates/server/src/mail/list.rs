//! `GET /admin/mails`: what was queued and what became of it. In a demo also what it says, because there nobody has a mailbox.

use axum::extract::State;
use jiff::Timestamp;
use kernel::{MailId, UserId};
use platform::config::Mode;
use platform::http::problem::Outcome;
use platform::http::{Json, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::open::{Opened, open};
use super::store::{self, Listed, Queued};
use crate::app::App;
use crate::audit::api::{self as audit, Act, Actor};

const LIMIT_MAX: i64 = 100;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct MailQuery {
    /// Those to this account.
    #[param(value_type = Option<String>, example = "usr_0193f2a1c5d07bb2a4d1c0ffee000001")]
    account: Option<UserId>,
    /// At most so many, 1 to 100.
    #[param(default = 20, minimum = 1, maximum = 100)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<MailId>,
}

/// A mail.
#[derive(Serialize, ToSchema)]
#[schema(as = Mail, example = json!({"id": "mal_0193f2a1c5d07bb2a4d1c0ffee00000b", "account": "usr_0193f2a1c5d07bb2a4d1c0ffee000001",
    "template": "verify-address", "locale": "en", "status": "sent", "tries": 1, "failure": null,
    "created_at": "2026-06-01T12:00:00Z", "sent_at": "2026-06-01T12:00:01Z", "next_try_at": null, "shown": null}))]
pub(super) struct MailView {
    #[schema(value_type = String)]
    id: MailId,
    /// The account it is to; null for an address without one.
    #[schema(value_type = Option<String>)]
    account: Option<UserId>,
    /// Which text; `notice` for one that tells a notification.
    template: String,
    locale: String,
    /// `waiting`, `sent`, `failed`, or `kept` (a demo without a mail server).
    status: &'static str,
    tries: i32,
    /// The mail server's code, or why else it was not sent yet.
    failure: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    sent_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    next_try_at: Option<Timestamp>,
    /// What it says, in a demo only and until it is sent.
    shown: Option<Shown>,
}

/// What a mail says.
#[derive(Serialize, ToSchema)]
#[schema(as = MailShown)]
pub(super) struct Shown {
    to: String,
    subject: String,
    text: String,
}

/// Mails, the newest first.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"mails": [], "next_cursor": null}))]
pub(super) struct MailList {
    mails: Vec<MailView>,
    /// Null at the end.
    #[schema(value_type = Option<String>)]
    next_cursor: Option<MailId>,
}

/// Mails and what became of them, the newest first. What they say is shown in a demo alone. Who looked is
/// recorded, with the account they asked for.
#[utoipa::path(get, path = "/admin/mails", tag = "operations", params(MailQuery),
    responses((status = 200, description = "A page of mails", body = MailList)))]
pub(super) async fn list_mails(
    State(app): State<App>,
    actor: Actor,
    Query(query): Query<MailQuery>,
) -> Outcome<Json<MailList>> {
    let limit = query.limit.unwrap_or(20);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Problem::invalid("limit", format!("it must be 1 to {LIMIT_MAX}")));
    }
    let (owner, before) = (query.account.map(UserId::uuid), query.cursor.map(MailId::uuid));
    let mut rows = store::list(&app.db.read().await?, owner, before, limit + 1).await?;
    let page = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > page;
    rows.truncate(page);
    let next_cursor = rows.last().filter(|_| more).map(|row| MailId::from_uuid(row.mail.id));
    let mut mails = Vec::with_capacity(rows.len());
    for row in rows {
        let shown = shown(&app, &row.mail).await?;
        mails.push(view(row, shown));
    }
    let whose = query.account.map_or_else(|| "mails".to_owned(), |account| account.to_string());
    audit::record_look(&app, &actor, Act::new("mail.list", &whose)).await?;
    Ok(Json(MailList { mails, next_cursor }))
}

/// What the mail says, if this is a demo.
async fn shown(app: &App, mail: &Queued) -> Result<Option<Shown>, Problem> {
    if app.config.mode != Mode::Demo {
        return Ok(None);
    }
    Ok(match open(app, mail).await? {
        Opened::Says(to, written) => Some(Shown { to, subject: written.subject, text: written.text }),
        Opened::Withdrawn | Opened::Gone | Opened::Unknown => None,
    })
}

fn view(row: Listed, shown: Option<Shown>) -> MailView {
    let status = match (row.sent_at, row.failed_at, row.due_at) {
        (Some(_), _, _) => "sent",
        (_, Some(_), _) => "failed",
        (_, _, Some(_)) => "waiting",
        (None, None, None) => "kept",
    };
    MailView {
        id: MailId::from_uuid(row.mail.id),
        account: row.mail.of_account.then(|| UserId::from_uuid(row.mail.owner)),
        template: row.mail.template,
        locale: row.mail.locale,
        status,
        tries: row.tries,
        failure: row.failure,
        created_at: row.created_at,
        sent_at: row.sent_at,
        next_try_at: row.due_at,
        shown,
    }
}
