//! Mails that are not wanted any more: a link in each that is not owed, which asks for nothing and ends mails of its kind (RFC 8058). It is
//! signed for an account and a kind, works as long as the account is there, and can do nothing else.

use domain::notices::Kind;
use kernel::{Category, UserId};
use platform::http::Problem;
use platform::keys::Secret;
use platform::signed::TokenSigner;
use serde::{Deserialize, Serialize};

use super::preferences::EMAIL;
use super::store::preferences;
use crate::app::App;
use crate::identity::api::hold_account;

/// What its token says.
#[derive(Serialize, Deserialize)]
struct NoMore {
    user: UserId,
    kind: String,
}

/// Signs and reads the tokens of such links.
pub fn signer(secret: &Secret) -> TokenSigner {
    TokenSigner::new(secret, "nun")
}

/// Where mails of a kind end for an account; nothing for what is owed to whoever flies.
pub(super) fn link(app: &App, user: UserId, kind: Kind) -> Result<Option<String>, Problem> {
    if kind.is_owed() {
        return Ok(None);
    }
    let no_more = NoMore { user, kind: kind.as_str().to_owned() };
    let token = app.unsubscribes.sign(&no_more).map_err(Problem::internal)?;
    Ok(Some(format!("{}/unsubscribe?token={token}", app.config.http.public_url.trim_end_matches('/'))))
}

/// The kind of mails that a token of ours ends.
pub fn ends(app: &App, token: &str) -> Option<Kind> {
    opened(app, token).map(|(_, kind)| kind)
}

/// Ends mails of the token's kind; nothing if the token is none of ours, or its account is gone. Ended once more, it is as it is.
pub async fn end(app: &App, token: &str) -> Result<Option<Kind>, Problem> {
    let Some((user, kind)) = opened(app, token) else { return Ok(None) };
    let tx = app.db.begin().await?;
    match hold_account(&tx, user).await {
        Err(problem) if problem.category == Category::Unauthenticated => return Ok(None),
        held => held?,
    }
    preferences::put(&tx, user, (kind.as_str(), EMAIL), false).await?;
    tx.commit().await?;
    Ok(Some(kind))
}

fn opened(app: &App, token: &str) -> Option<(UserId, Kind)> {
    let no_more: NoMore = app.unsubscribes.open(token)?;
    let kind = Kind::parse(&no_more.kind).filter(|kind| !kind.is_owed())?;
    Some((no_more.user, kind))
}
