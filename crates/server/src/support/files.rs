//! Files of tickets: sent on their own, before the message that they are for, and read again as what they are.
//!
//! A file is what its first bytes say (pictures and PDF, nothing else), whatever the sender calls it; pictures are made anew. It is kept
//! sealed in the database, so that no path leads to it; and it is given out as a download that no browser runs anything of.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};

use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderName, StatusCode};
use bytes::Bytes;
use jiff::SignedDuration;
use kernel::{AttachmentId, Category, TicketId, UserId};
use platform::db::{Sql, Tx};
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem, Query, Upload};
use platform::seal::UserKey;
use serde::Deserialize;
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};
use utoipa::IntoParams;

use super::pictures::{self, Picture};
use super::store;
use super::store::files::{self, FileRow};
use super::view::{Attachment, content_place, name_place, open};
use crate::access::Caller;
use crate::app::App;
use crate::audit::api::{self as audit, Act, Actor};
use crate::identity;

const NAME_MAX: usize = 100;
static TURNS: LazyLock<Turns> = LazyLock::new(Turns::default);
const DAY: SignedDuration = SignedDuration::from_hours(24);
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct UploadQuery {
    /// What it is called.
    #[param(example = "bag.jpg")]
    name: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct StaffUploadQuery {
    /// The ticket it is for.
    #[param(value_type = String, example = "sup_0193f2a1c5d07bb2a4d1c0ffee000010")]
    ticket_id: TicketId,
    /// What it is called.
    #[param(example = "form.pdf")]
    name: Option<String>,
}

/// Send a file, as the whole body: a picture (JPEG, PNG, WebP, GIF) or a PDF. It is for a message that names it within a day. 413
/// `body_too_large`, 422 `file_not_allowed`, 429 `too_many_files`.
#[utoipa::path(post, path = "/support/attachments", tag = "support", params(UploadQuery),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, description = "The file", body = Attachment),
        (status = 422, description = "`file_not_allowed`"), (status = 429, description = "`too_many_files`")))]
pub(super) async fn upload_attachment(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<UploadQuery>,
    Upload(content): Upload,
) -> Outcome<(StatusCode, Json<Attachment>)> {
    // Nothing is read for whoever may send no more; what counts is looked at again when it is kept.
    check_day(&app, &app.db.read().await?, caller.user).await?;
    let picture = fit_to_keep(caller.user, content, app.config.support.attachment_bytes).await?;
    let tx = app.db.begin().await?;
    identity::api::hold_account_alone(&tx, caller.user).await?;
    check_day(&app, &tx, caller.user).await?;
    let key = identity::api::user_key(&tx, &app.sealer, caller.user).await?;
    let of = Sender { user: caller.user, staff: None, ticket: None };
    let file = keep(&app, &tx, &key, (of, query.name.as_deref(), &picture)).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(file)))
}

/// Refuses who has sent too many files in a day.
async fn check_day(app: &App, sql: &Sql, user: UserId) -> Result<(), Problem> {
    let sent = files::sent_since(sql, user, app.now() - DAY).await?;
    if sent < i64::from(app.config.support.attachments_per_day) {
        return Ok(());
    }
    Err(Problem::new(Category::TooMany, "too_many_files").retry_after(3_600))
}

/// Send a file for an answer, as the whole body. 413 `body_too_large`, 422 `file_not_allowed`.
#[utoipa::path(post, path = "/admin/support/attachments", tag = "support", params(StaffUploadQuery),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, description = "The file", body = Attachment), (status = 404, description = "No such ticket"),
        (status = 422, description = "`file_not_allowed`")))]
pub(super) async fn upload_attachment_for_staff(
    State(app): State<App>,
    actor: Actor,
    Query(query): Query<StaffUploadQuery>,
    Upload(content): Upload,
) -> Outcome<(StatusCode, Json<Attachment>)> {
    let picture = fit_to_keep(actor.user, content, app.config.support.attachment_bytes).await?;
    let tx = app.db.begin().await?;
    let ticket = store::find_any(&tx, query.ticket_id).await?.ok_or_else(Problem::not_found)?;
    let key = identity::api::user_key(&tx, &app.sealer, ticket.user).await?;
    let of = Sender { user: ticket.user, staff: Some(actor.user), ticket: Some(ticket.id) };
    let file = keep(&app, &tx, &key, (of, query.name.as_deref(), &picture)).await?;
    let act = Act::new("support_ticket.attach", &ticket.id).after(&serde_json::json!({"file": file.id}));
    audit::record(&app, &tx, &actor, act).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(file)))
}

/// Whose file it is.
struct Sender {
    user: UserId,
    staff: Option<UserId>,
    ticket: Option<TicketId>,
}

async fn keep(
    app: &App,
    tx: &Tx,
    key: &UserKey,
    (of, name, file): (Sender, Option<&str>, &Picture),
) -> Result<Attachment, Problem> {
    let id = app.new_id(AttachmentId::new);
    let name = tidy_name(name.unwrap_or_default(), file.ending);
    let row = FileRow {
        user: of.user,
        id,
        staff: of.staff,
        ticket: of.ticket,
        message: None,
        name_sealed: app.sealer.seal(key, name_place(id), name.as_bytes())?,
        media_type: file.media_type.to_owned(),
        bytes: i32::try_from(file.bytes.len()).map_err(Problem::internal)?,
        created_at: app.now(),
    };
    files::insert(tx, &row, &app.sealer.seal(key, content_place(id), &file.bytes)?).await?;
    Attachment::of(app, key, &row)
}

/// A PDF as it is, a picture made anew; and nothing else. A picture takes a processor for a while, so it gets a thread where nobody waits
/// behind it, when it is its sender's turn.
async fn fit_to_keep(sender: UserId, content: Bytes, most: usize) -> Result<Picture, Problem> {
    let refused = || Problem::new(Category::Unprocessable, "file_not_allowed");
    let kind = infer::get(&content).map(|kind| kind.mime_type()).ok_or_else(refused)?;
    if kind == "application/pdf" {
        return Ok(Picture { bytes: content.to_vec(), media_type: "application/pdf", ending: "pdf" });
    }
    if !pictures::is_picture(kind) {
        return Err(refused());
    }
    let turn = TURNS.take(sender).await.map_err(Problem::internal)?;
    // The turn goes along: a sender who hangs up ends this future, and not the work.
    let made = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        pictures::made_anew(kind, &content, most)
    });
    made.await.map_err(Problem::internal)?.ok_or_else(refused)
}

/// Turns to make a picture: one at a time, which takes a processor up to a second, and memory as `pictures` says. An account waits in the line of
/// all with one picture, whatever else it has sent: nobody waits behind all of somebody else's.
struct Turns {
    line: Arc<Semaphore>,
    accounts: Mutex<HashMap<UserId, Weak<Semaphore>>>,
}

/// A turn, as long as it is kept: the account's and the line's.
struct Turn {
    _line: OwnedSemaphorePermit,
    _account: OwnedSemaphorePermit,
}

impl Default for Turns {
    fn default() -> Self {
        Self { line: Arc::new(Semaphore::new(1)), accounts: Mutex::new(HashMap::new()) }
    }
}

impl Turns {
    async fn take(&self, user: UserId) -> Result<Turn, AcquireError> {
        let account = self.of(user).acquire_owned().await?;
        let line = Arc::clone(&self.line).acquire_owned().await?;
        Ok(Turn { _line: line, _account: account })
    }

    /// What the pictures of an account wait for, one after the other. It is forgotten when none does.
    fn of(&self, user: UserId) -> Arc<Semaphore> {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = accounts.get(&user).and_then(Weak::upgrade) {
            return own;
        }
        accounts.retain(|_, account| account.strong_count() > 0);
        let own = Arc::new(Semaphore::new(1));
        accounts.insert(user, Arc::downgrade(&own));
        own
    }
}

/// A name without folders, control characters or what some systems take for something else; with the ending of its type.
fn tidy_name(name: &str, ending: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = last.rsplit_once('.').map_or(last, |(stem, _)| stem);
    let kept = |c: &char| !c.is_control() && !r#"<>:"|?*%;"#.contains(*c);
    let stem: String = stem.chars().filter(kept).take(NAME_MAX).collect();
    let stem = stem.trim().trim_matches('.');
    format!("{}.{ending}", if stem.is_empty() { "file" } else { stem })
}

/// A file that I sent, or that was sent to me.
#[utoipa::path(get, path = "/support/attachments/{id}", tag = "support",
    params(("id" = String, Path, description = "File id", example = "att_0193f2a1c5d07bb2a4d1c0ffee00000f")),
    responses((status = 200, description = "The file, to be kept", content(
        (String = "image/jpeg"), (String = "image/png"), (String = "application/pdf")))))]
pub(super) async fn get_attachment(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<AttachmentId>,
) -> Outcome<Download> {
    let sql = app.db.read().await?;
    let found = files::find(&sql, id, Some(caller.user)).await?;
    // What staff have sent and not said yet is theirs.
    let found = found.filter(|(row, _)| row.staff.is_none() || row.message.is_some());
    let (row, sealed) = found.ok_or_else(Problem::not_found)?;
    if store::messages::is_internal(&sql, &row).await? {
        return Err(Problem::not_found());
    }
    let key = identity::api::user_key(&sql, &app.sealer, row.user).await?;
    download(&app, &key, (&row, &sealed))
}

/// A file of a ticket, for staff. Who looked at it is recorded.
#[utoipa::path(get, path = "/admin/support/attachments/{id}", tag = "support",
    params(("id" = String, Path, description = "File id", example = "att_0193f2a1c5d07bb2a4d1c0ffee00000f")),
    responses((status = 200, description = "The file, to be kept", content(
        (String = "image/jpeg"), (String = "image/png"), (String = "application/pdf")))))]
pub(super) async fn get_attachment_for_staff(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<AttachmentId>,
) -> Outcome<Download> {
    let sql = app.db.read().await?;
    let found = files::find(&sql, id, None).await?;
    // What was sent and not attached to anything was not sent to staff yet.
    let found = found.filter(|(row, _)| row.staff.is_some() || row.message.is_some());
    let (row, sealed) = found.ok_or_else(Problem::not_found)?;
    let key = identity::api::user_key(&sql, &app.sealer, row.user).await?;
    drop(sql);
    let act = Act::new("support_ticket.read_file", &id).after(&serde_json::json!({"ticket": row.ticket}));
    audit::record_look(&app, &actor, act).await?;
    download(&app, &key, (&row, &sealed))
}

/// A file as it goes out.
type Download = ([(HeaderName, String); 3], Vec<u8>);

/// To be kept, not shown: and should it be shown, nothing of it runs or reaches anything (CSP3 section 6.3.2).
fn download(app: &App, key: &UserKey, (row, sealed): (&FileRow, &[u8])) -> Result<Download, Problem> {
    let name = open(app, key, name_place(row.id), &row.name_sealed)?;
    let content = app.sealer.open(key, content_place(row.id), sealed)?;
    let headers = [
        (CONTENT_TYPE, row.media_type.clone()),
        (CONTENT_DISPOSITION, disposition(&name)),
        (CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'".to_owned()),
    ];
    Ok((headers, content))
}

/// `Content-Disposition` with a name in any script (RFC 6266 section 4.3, RFC 8187), and a plain one for those that read no other.
fn disposition(name: &str) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || "-_. ".contains(c) { c } else { '_' }).collect();
    let encoded: String =
        url::form_urlencoded::byte_serialize(name.as_bytes()).collect::<String>().replace('+', "%20");
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    /// Whether it is somebody's turn now.
    fn is_there<T>(waiting: std::pin::Pin<&mut impl Future<Output = T>>) -> Option<T> {
        match waiting.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(turn) => Some(turn),
            Poll::Pending => None,
        }
    }

    #[test]
    fn whoever_sends_many_pictures_waits_with_one() {
        let (turns, user) = (Turns::default(), |n: u128| UserId::from_uuid(uuid::Uuid::from_u128(n)));
        let first = is_there(pin!(turns.take(user(1)))).expect("nobody is there").expect("open");
        let mut more = pin!(turns.take(user(1)));
        let mut last = pin!(turns.take(user(1)));
        let mut other = pin!(turns.take(user(2)));
        assert!(is_there(more.as_mut()).is_none() && is_there(last.as_mut()).is_none());
        assert!(is_there(other.as_mut()).is_none(), "one at a time");
        drop(first);
        assert!(is_there(more.as_mut()).is_none(), "who came after it is before its sender's next");
        let theirs = is_there(other.as_mut()).expect("their turn");
        drop(theirs);
        let next = is_there(more.as_mut()).expect("and then the next");
        assert!(is_there(last.as_mut()).is_none());
        drop(next);
        drop(is_there(last.as_mut()).expect("the last").expect("open"));
        let _turn = is_there(pin!(turns.take(user(3)))).expect("free").expect("open");
        assert_eq!(turns.accounts.lock().expect("whole").len(), 1, "who waits for nothing is forgotten");
    }

    #[test]
    fn names_lead_nowhere_and_end_as_what_they_are() {
        for (given, expected) in [
            ("bag.JPEG", "bag.jpg"),
            ("../../etc/passwd", "passwd.jpg"),
            (r"C:\fakepath\bag.png", "bag.jpg"),
            ("page.html", "page.jpg"),
            ("", "file.jpg"),
            (".htaccess", "file.jpg"),
            ("a\u{0}\r\nb\".jpg", "ab.jpg"),
            ("मेरा बैग.jpg", "मेरा बैग.jpg"),
        ] {
            assert_eq!(tidy_name(given, "jpg"), expected, "{given:?}");
        }
        assert_eq!(tidy_name(&"x".repeat(1_000), "pdf").chars().count(), NAME_MAX + 4);
    }

    #[test]
    fn a_header_has_one_line_and_quotes_that_match() {
        let said = disposition("मेरा बैग.jpg");
        assert_eq!(
            said,
            "attachment; filename=\"____ ___.jpg\"; filename*=UTF-8''%E0%A4%AE%E0%A5%87%E0%A4%B0%E0%A4%BE%20%E0%A4%AC%E0%A5%88%E0%A4%97.jpg"
        );
        assert_eq!(disposition("a\"\r\nX: y.jpg").matches(['"', '\r', '\n']).count(), 2);
    }
}
