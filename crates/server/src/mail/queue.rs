//! Queueing: a row in the transaction of what there is to say.

use jiff::Timestamp;
use kernel::{MailId, NotificationId, UserId};
use platform::config::Mode;
use platform::db::{DbError, Sql};
use platform::http::Problem;
use platform::messages::Locale;
use platform::seal::{Place, UserKey};
use serde_json::{Value, json};
use uuid::Uuid;

use super::letter::{Content, Letter};
use super::store::{self, NewMail};
use crate::app::App;

/// More than any account gets while they are kept.
const MOST_LISTED: i64 = 10_000;

/// What mails of notifications have in place of a template, and those that are told to many: they go last (`store::claim`).
const NOTICE: &str = "notice";
pub(super) const BULK_NOTICE: &str = "bulk-notice";

/// To whom.
#[derive(Clone, Copy, Debug)]
pub enum To<'a> {
    /// To an account, at this address of its owner.
    Account {
        /// The account.
        user: UserId,
        /// Its key.
        key: &'a UserKey,
        /// Where.
        address: &'a str,
        /// In which language.
        locale: Locale,
    },
    /// To an address without an account.
    Address {
        /// Where.
        address: &'a str,
        /// In which language.
        locale: Locale,
    },
}

/// Where the content of a mail is sealed.
pub(super) fn place(id: Uuid) -> Place {
    Place::new("mails.content_sealed", id)
}

/// Queues a mail in the caller's transaction: it is sent if that is committed.
pub async fn queue(app: &App, sql: &Sql, to: To<'_>, letter: &Letter) -> Result<(), Problem> {
    let now = app.now();
    let id = kernel::ids::uuid_v7(now, app.random.bytes());
    let (address, locale) = match to {
        To::Account { address, locale, .. } | To::Address { address, locale } => (address, locale),
    };
    let content = serde_json::to_vec(&Content::new(address, letter)).map_err(Problem::internal)?;
    let (owner, of_account, content_sealed) = match to {
        To::Account { user, key, .. } => (user.uuid(), true, app.sealer.seal(key, place(id), &content)?),
        To::Address { .. } => (id, false, app.sealer.seal_system(place(id), &content)?),
    };
    let mail = NewMail {
        owner,
        id,
        of_account,
        template: letter.template.as_str(),
        notification: None,
        locale: locale.tag(),
        content_sealed: &content_sealed,
        now,
        due_at: due_at(app, now),
        gives_up_at: now + letter.template.worth_sending_for(),
    };
    store::insert(sql, &mail).await?;
    Ok(())
}

/// A mail that tells a notification.
#[derive(Clone, Copy, Debug)]
pub struct NoticeMail<'a> {
    /// Whose notification.
    pub user: UserId,
    /// Their key.
    pub key: &'a UserKey,
    /// Which.
    pub notification: NotificationId,
    /// Where to.
    pub address: &'a str,
    /// Whether the address is not known to be theirs.
    pub is_copy: bool,
    /// Whether it is told to many at once, and concerns nobody's own trip.
    pub is_bulk: bool,
    /// In which language.
    pub locale: Locale,
    /// After this nobody wants it any more.
    pub gives_up_at: Timestamp,
}

/// Queues a mail that tells a notification. What it says is asked of the notification when it is sent, and nothing goes out if that is
/// not so any more.
pub async fn queue_notice(app: &App, sql: &Sql, mail: &NoticeMail<'_>) -> Result<(), Problem> {
    queue_notice_as(app, sql, kernel::ids::uuid_v7(app.now(), app.random.bytes()), mail).await
}

/// Queues copies for addresses that are not the account's own: of a notification one to each address, however many of the account's bookings
/// have it and however often this is tried. They are queued in one order, so that two who queue the same never wait for each other.
pub async fn queue_copies(app: &App, sql: &Sql, copies: &[NoticeMail<'_>]) -> Result<(), Problem> {
    let mut copies: Vec<_> = copies.iter().map(|copy| (copy_id(app, copy), copy)).collect();
    copies.sort_unstable_by_key(|(id, _)| *id);
    for (id, copy) in copies {
        queue_notice_as(app, sql, id, copy).await?;
    }
    Ok(())
}

/// The id of a copy: of the time of its notification, and beside that of its address by a keyed hash.
fn copy_id(app: &App, copy: &NoticeMail<'_>) -> Uuid {
    let (notification, address) = (copy.notification.uuid(), copy.address.to_lowercase());
    let hash = app.sealer.blind_index("mail_copy", &format!("{notification}/{address}"));
    let mut id = *notification.as_bytes();
    for (byte, hashed) in id[6..].iter_mut().zip(hash) {
        *byte = hashed;
    }
    uuid::Builder::from_bytes(id)
        .with_version(uuid::Version::SortRand)
        .with_variant(uuid::Variant::RFC4122)
        .into_uuid()
}

async fn queue_notice_as(app: &App, sql: &Sql, id: Uuid, mail: &NoticeMail<'_>) -> Result<(), Problem> {
    let now = app.now();
    let content =
        serde_json::to_vec(&Content::of_notice(mail.address, mail.is_copy)).map_err(Problem::internal)?;
    let new = NewMail {
        owner: mail.user.uuid(),
        id,
        of_account: true,
        template: if mail.is_bulk { BULK_NOTICE } else { NOTICE },
        notification: Some(mail.notification.uuid()),
        locale: mail.locale.tag(),
        content_sealed: &app.sealer.seal(mail.key, place(id), &content)?,
        now,
        due_at: due_at(app, now),
        gives_up_at: mail.gives_up_at,
    };
    store::insert(sql, &new).await?;
    Ok(())
}

/// A demo without a mail server keeps its mails, to be looked at.
fn due_at(app: &App, now: Timestamp) -> Option<Timestamp> {
    let kept = app.config.mode == Mode::Demo && !app.mailer.is_configured();
    (!kept).then_some(now)
}

/// Forgets every mail of an account that is erased; how many.
pub async fn forget(sql: &Sql, user: UserId) -> Result<u64, DbError> {
    store::forget(sql, user.uuid()).await
}

/// Which mails an account got, and when, the newest first.
pub async fn sent_to(sql: &Sql, user: UserId) -> Result<Vec<Value>, DbError> {
    let rows = store::list(sql, Some(user.uuid()), None, MOST_LISTED).await?;
    let told = |mail: &store::Listed| {
        json!({"id": MailId::from_uuid(mail.mail.id).to_string(), "template": mail.mail.template, "locale": mail.mail.locale,
            "created_at": mail.created_at.to_string(), "sent_at": mail.sent_at.map(|at| at.to_string())})
    };
    Ok(rows.iter().map(told).collect())
}
