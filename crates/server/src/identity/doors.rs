//! Closing an account's doors: whoever had it before, or typed its address before its owner did, comes back by none of them.

use jiff::{SignedDuration, Timestamp};
use kernel::{SessionId, UserId};
use platform::db::{DbError, Sql};

use super::sessions::{EndCause, end_all};
use super::store::doors::{self as store, Closed};
use super::store::{one_time as tokens, sessions};
use crate::app::App;

/// Which second factors go.
#[derive(Clone, Copy)]
pub(super) enum Factors {
    /// All: whoever has the account from now on enrols anew.
    All,
    /// Those that are younger than this.
    Younger(SignedDuration),
}

/// Takes second factors, recovery codes, links with providers, mailed tokens, known devices and everything begun away, and ends every
/// session, of programs too. What was taken away, and which sessions ended, for after the commit.
pub(super) async fn close(
    app: &App,
    sql: &Sql,
    user: UserId,
    which: Factors,
    cause: EndCause,
) -> Result<(Closed, Vec<SessionId>), DbError> {
    sessions::lock_account(sql, user).await?;
    let since: Option<Timestamp> = match which {
        Factors::All => None,
        Factors::Younger(age) => Some(app.now() - age),
    };
    let closed = store::close(sql, user, since).await?;
    tokens::drop_all(sql, user, None).await?;
    let ended = end_all(app, sql, user, None, cause).await?;
    Ok((closed, ended))
}
