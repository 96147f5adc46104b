//! Sessions: opened by whoever proved who they are, carried by a cookie in a browser and by refresh tokens in a program, and
//! ended by their owner, by staff, by time, or because a token of theirs was stolen.

pub(super) mod access_token;
pub(super) mod cookie;
mod ended;
pub(super) mod list;
mod open;
pub(super) mod refresh;
mod secret;

pub(super) use access_token::PublicKey;
pub use access_token::{Speaker, Tokens};
pub use cookie::SeenCookies;
pub(super) use ended::is_on;
pub use ended::{EndedSessions, follow_job};
pub(super) use open::{Carrier, NewSession, Opened, end, end_all, open};

/// Why a session ended before its time, as its row and the metrics say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EndCause {
    /// Its owner signed out.
    SignedOut,
    /// Its owner ended it from another one.
    EndedByOwner,
    /// The account was disabled, or its role changed.
    AccountChanged,
    /// A refresh token was used twice: somebody else has a copy.
    TokenReused,
    /// A second factor was added or taken away.
    FactorsChanged,
    /// A new sign-in in the same browser.
    Replaced,
    /// A new password.
    PasswordChanged,
    /// Its owner took the account's old address back.
    AddressRestored,
}

impl EndCause {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::EndedByOwner => "ended_by_owner",
            Self::AccountChanged => "account_changed",
            Self::TokenReused => "token_reused",
            Self::FactorsChanged => "factors_changed",
            Self::Replaced => "replaced",
            Self::PasswordChanged => "password_changed",
            Self::AddressRestored => "address_restored",
        }
    }
}
