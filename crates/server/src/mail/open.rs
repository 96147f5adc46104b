//! Opening a mail: to whom it is and what it says, at the moment it is sent or shown.

use kernel::{NotificationId, UserId};
use platform::http::Problem;
use platform::messages::Locale;

use super::letter::{self, Content, Template, Written};
use super::queue::place;
use super::store::Queued;
use crate::app::App;
use crate::{identity, notify};

/// A mail that was opened.
pub(super) enum Opened {
    /// To whom, and what.
    Says(String, Written),
    /// What it was to tell is not so any more.
    Withdrawn,
    /// It is over, or its account was erased.
    Gone,
    /// A newer release queued it.
    Unknown,
}

/// Opens it. No connection is held while what it tells is looked at.
pub(super) async fn open(app: &App, mail: &Queued) -> Result<Opened, Problem> {
    let Some(sealed) = &mail.content_sealed else { return Ok(Opened::Gone) };
    let owner = UserId::from_uuid(mail.owner);
    let opened = if mail.of_account {
        let sql = app.db.read().await?;
        let Some(key) = identity::api::key_of(&sql, &app.sealer, owner).await? else {
            return Ok(Opened::Gone);
        };
        app.sealer.open(&key, place(mail.id), sealed)?
    } else {
        app.sealer.open_system(place(mail.id), sealed)?
    };
    let content: Content = serde_json::from_slice(&opened).map_err(Problem::internal)?;
    let locale = Locale::from_tag(&mail.locale).unwrap_or_default();
    let airline = &app.config.booking.airline_name;
    if let Some(notification) = mail.notification.map(NotificationId::from_uuid) {
        let notice = notify::api::notice(app, (owner, notification), locale, content.is_copy).await?;
        return Ok(notice.map_or(Opened::Withdrawn, |notice| {
            Opened::Says(content.to, letter::write_notice(&app.messages, locale, airline, notice))
        }));
    }
    let Some(template) = Template::parse(&mail.template) else { return Ok(Opened::Unknown) };
    let written = letter::write(&app.messages, locale, airline, template, &content);
    Ok(Opened::Says(content.to, written))
}
