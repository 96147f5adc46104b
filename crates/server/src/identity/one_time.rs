//! One-time tokens: 256 random bits in a mail, their hash in the database, good once, for one purpose, for a while.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::SignedDuration;
use kernel::{Category, UserId};
use platform::db::{DbError, Sql};
use platform::http::Problem;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::store::one_time::{self as store, TokenRow};
use super::store::sessions::lock_account;
use crate::app::App;

/// What a token is for, and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// The account's address is its owner's.
    VerifyAddress,
    /// A new password.
    ResetPassword,
    /// The new address is the owner's.
    ChangeAddress,
    /// The old address comes back.
    RestoreAddress,
}

impl Purpose {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::VerifyAddress => "verify_address",
            Self::ResetPassword => "reset_password",
            Self::ChangeAddress => "change_address",
            Self::RestoreAddress => "restore_address",
        }
    }

    /// How long it is good for.
    pub(super) const fn life(self) -> SignedDuration {
        match self {
            Self::ResetPassword => SignedDuration::from_mins(30),
            Self::VerifyAddress | Self::ChangeAddress => SignedDuration::from_hours(24),
            Self::RestoreAddress => SignedDuration::from_hours(24 * 7),
        }
    }

    /// The page's name for it: `…/account#reset=TOKEN`. What stands behind the `#` is sent to no server.
    const fn fragment(self) -> &'static str {
        match self {
            Self::VerifyAddress => "verify",
            Self::ResetPassword => "reset",
            Self::ChangeAddress => "confirm",
            Self::RestoreAddress => "restore",
        }
    }
}

/// A token as it is handed out.
#[derive(Clone, Copy)]
pub(super) struct Token {
    pub(super) user: UserId,
    secret: [u8; 32],
}

impl Token {
    pub(super) fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode([self.user.uuid().as_bytes(), &self.secret[..]].concat())
    }

    /// Reads it back; refusal: `invalid_token`.
    pub(super) fn parse(text: &str) -> Result<Self, Problem> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| <[u8; 48]>::try_from(bytes).ok());
        let parts = bytes.as_ref().and_then(|bytes| bytes.split_first_chunk::<16>());
        let (user, secret) = parts.ok_or_else(refused)?;
        let secret = secret.try_into().map_err(|_| refused())?;
        Ok(Self { user: UserId::from_uuid(Uuid::from_bytes(*user)), secret })
    }

    fn hash(&self) -> Vec<u8> {
        Sha256::digest(self.secret).to_vec()
    }

    /// What the reader of a mail opens.
    pub(super) fn link(&self, app: &App, purpose: Purpose) -> String {
        let site = app.config.http.public_url.trim_end_matches('/');
        format!("{site}/account#{}={}", purpose.fragment(), self.text())
    }
}

/// The refusal of a token that is none, over, used, or for something else: which is not said.
pub(super) fn refused() -> Problem {
    Problem::new(Category::Unprocessable, "invalid_token").field("token")
}

/// Makes one.
pub(super) async fn issue(
    app: &App,
    sql: &Sql,
    user: UserId,
    purpose: Purpose,
    address_sealed: Option<&[u8]>,
) -> Result<Token, DbError> {
    let (token, now) = (Token { user, secret: app.random.bytes() }, app.now());
    let row = TokenRow {
        user,
        hash: &token.hash(),
        purpose: purpose.as_str(),
        address_sealed,
        now,
        expires_at: now + purpose.life(),
    };
    store::insert(sql, &row).await?;
    Ok(token)
}

/// Whether it is good, without using it.
pub(super) async fn look(app: &App, sql: &Sql, token: &Token, purpose: Purpose) -> Result<(), Problem> {
    let good = store::is_good(sql, (token.user, &token.hash()), purpose.as_str(), app.now()).await?;
    good.then_some(()).ok_or_else(refused)
}

/// Uses it: of those who bring it together, one does. The address it is about, sealed. The account's row is locked first, as by whoever
/// makes all of its tokens worthless.
pub(super) async fn redeem(
    app: &App,
    sql: &Sql,
    token: &Token,
    purpose: Purpose,
) -> Result<Option<Vec<u8>>, Problem> {
    lock_account(sql, token.user).await?;
    let used = store::redeem(sql, (token.user, &token.hash()), purpose.as_str(), app.now()).await?;
    used.ok_or_else(refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_back_and_nothing_else_is_one() {
        let token = Token { user: UserId::from_uuid(Uuid::from_u128(7)), secret: [9; 32] };
        let read = Token::parse(&token.text()).expect("a token");
        assert_eq!((read.user, read.secret), (token.user, token.secret));
        for text in ["", "x", &token.text()[1..], &format!("{}A", token.text())] {
            assert!(Token::parse(text).is_err(), "{text}");
        }
    }
}
