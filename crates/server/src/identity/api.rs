//! The door of the identity slice.

use kernel::{Category, UserId};
use platform::db::{DbError, Sql};
use platform::http::Problem;
use platform::seal::{Sealer, UserKey};

use super::email::Email;
use super::store;
use crate::app::App;

pub use super::password::Hasher;
pub use super::register::{NewAccount, create_account};
pub use super::store::Role;
pub use super::token::Tokens;
pub use super::travellers::{Traveller, load as saved_travellers};

/// Whether a text can be an e-mail address.
pub fn is_email(text: &str) -> bool {
    Email::parse(text).is_some()
}

/// The account of an address, if it has one.
pub async fn user_of_email(app: &App, sql: &Sql, email: &str) -> Result<Option<UserId>, DbError> {
    let Some(email) = Email::parse(email) else { return Ok(None) };
    let index = app.sealer.blind_index("email", &email.folded);
    Ok(store::user_of_email(sql, &index).await?.map(UserId::from_uuid))
}

/// The account an access token speaks for.
pub fn authenticate(app: &App, token: &str) -> Result<UserId, Problem> {
    app.tokens
        .verify(token, app.now())
        .ok_or_else(|| Problem::new(Category::Unauthenticated, "unauthenticated"))
}

/// Whether the account has the admin role now, whatever its token was issued for.
pub async fn is_admin(sql: &Sql, user: UserId) -> Result<bool, DbError> {
    Ok(store::role(sql, user.uuid()).await? == Some(Role::Admin))
}

/// The user's data key, for sealing and opening what is theirs. An account without a key was erased.
pub async fn user_key(sql: &Sql, sealer: &Sealer, user: UserId) -> Result<UserKey, Problem> {
    let wrapped = store::wrapped_key(sql, user.uuid()).await?;
    let wrapped = wrapped.ok_or_else(|| Problem::new(Category::Unauthenticated, "unauthenticated"))?;
    Ok(sealer.unwrap(user.uuid(), &wrapped)?)
}
