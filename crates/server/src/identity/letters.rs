//! What this slice writes to people.

use jiff::SignedDuration;
use kernel::UserId;
use platform::attempts::{Attempt, Rule};
use platform::db::Sql;
use platform::http::Problem;
use platform::messages::Locale;
use platform::seal::{Place, UserKey};

use super::one_time::{Purpose, Token};
use super::store::addresses::{self, Addressee};
use crate::app::App;
use crate::mail::api::{self as mail, Letter, Template, To};

/// Mails that somebody asks for to one address: whoever they are, they fill no mailbox.
const MAILS: Rule = Rule { name: "mail", burst: 5, every: SignedDuration::from_mins(15) };

/// Whether another mail may go to this address now. Whoever asks is not told.
pub(super) async fn may_go_to(app: &App, email_index: &[u8]) -> Result<bool, Problem> {
    let attempt = Attempt::new(&app.sealer, MAILS, email_index);
    let may = attempt.take(&app.db, app.now()).await?.is_ok();
    if !may {
        metrics::counter!("mails_withheld_total").increment(1);
    }
    Ok(may)
}

/// An account's owner, ready to be written to.
pub(super) struct Owner {
    pub(super) user: UserId,
    pub(super) key: UserKey,
    pub(super) address: String,
    pub(super) name: String,
    pub(super) locale: Locale,
}

impl Owner {
    /// Opens what is kept.
    pub(super) fn open(app: &App, row: &Addressee) -> Result<Self, Problem> {
        let key = app.sealer.unwrap(row.user.uuid(), &row.key)?;
        let open = |column, sealed: &[u8]| -> Result<String, Problem> {
            let bytes = app.sealer.open(&key, Place::new(column, row.user.uuid()), sealed)?;
            String::from_utf8(bytes).map_err(Problem::internal)
        };
        let address = open("users.email_sealed", &row.email_sealed)?;
        let name = open("users.name_sealed", &row.name_sealed)?;
        let locale = Locale::from_tag(&row.locale).unwrap_or_default();
        Ok(Self { user: row.user, key, address, name, locale })
    }

    /// Nobody, for the same work where there is no account.
    pub(super) fn nobody(app: &App) -> Result<Self, Problem> {
        let user = app.new_id(UserId::new);
        let (key, _) = app.sealer.new_user_key(user.uuid())?;
        let nobody = || "nobody@invalid.example".to_owned();
        Ok(Self { user, key, address: nobody(), name: String::new(), locale: Locale::En })
    }

    /// Writes to the account's address.
    pub(super) async fn write(&self, app: &App, sql: &Sql, letter: &Letter) -> Result<(), Problem> {
        self.write_to(app, sql, &self.address, letter).await
    }

    /// Writes to another address of theirs.
    pub(super) async fn write_to(
        &self,
        app: &App,
        sql: &Sql,
        address: &str,
        letter: &Letter,
    ) -> Result<(), Problem> {
        let to = To::Account { user: self.user, key: &self.key, address, locale: self.locale };
        mail::queue(app, sql, to, letter).await
    }
}

/// The mail that carries a token.
pub(super) fn with_token(app: &App, template: Template, token: &Token, purpose: Purpose) -> Letter {
    let minutes = purpose.life().as_mins();
    let args = vec![("minutes", minutes.to_string()), ("hours", (minutes / 60).to_string())];
    Letter { template, args, link: Some(token.link(app, purpose)) }
}

/// A mail that only says something, with the way to log in.
pub(super) fn notice(app: &App, template: Template) -> Letter {
    let site = app.config.http.public_url.trim_end_matches('/');
    Letter { template, args: Vec::new(), link: Some(format!("{site}/")) }
}

/// Tells an account's owner what was done to it. Nothing where it was erased.
pub(super) async fn tell(app: &App, sql: &Sql, user: UserId, template: Template) -> Result<(), Problem> {
    match addresses::of_user(sql, user).await? {
        Some(row) => Owner::open(app, &row)?.write(app, sql, &notice(app, template)).await,
        None => Ok(()),
    }
}
