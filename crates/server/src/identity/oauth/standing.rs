//! What programs may do, for other slices that do something for them while nobody asks.

use jiff::Timestamp;
use kernel::{Category, ClientId, UserId};
use platform::db::{DbError, Sql};
use platform::http::Problem;

use crate::access::Caller;
use crate::app::App;
use crate::identity::store::oauth as store;

pub(crate) use store::Standing;

/// Refuses whoever is not a program that acts for an account of its own: `programs_only`. A program that calls in somebody else's name
/// is as much that person as itself, and what is the program's is not theirs.
pub(crate) async fn in_its_own_name(app: &App, caller: &Caller) -> Result<(), Problem> {
    let others = || Problem::new(Category::Forbidden, "programs_only");
    let client = caller.client.ok_or_else(others)?;
    let client = store::client(&app.db.read().await?, client).await?;
    // Scopes of what is a program's own are given for client_credentials alone (`authorize::check`).
    client.filter(|client| client.acts_for == Some(caller.user)).map(|_| ()).ok_or_else(others)
}

/// Keeps the program as it is, and others from doing the same, until the transaction ends.
pub async fn lock_program(sql: &Sql, client: ClientId) -> Result<(), DbError> {
    store::lock_client(sql, client).await.map(|_| ())
}

/// What these programs may do for these accounts now: for the one each acts for by itself, and for those whose owners let it and whose
/// sessions are on. Nothing where the program or the account is disabled.
pub async fn standings(
    sql: &Sql,
    clients: &[ClientId],
    users: &[UserId],
    now: Timestamp,
) -> Result<Vec<Standing>, DbError> {
    store::standings(sql, clients, users, now).await
}

/// Those of these programs that are not disabled.
pub async fn enabled_programs(sql: &Sql, clients: &[ClientId]) -> Result<Vec<ClientId>, DbError> {
    store::enabled(sql, clients).await
}

/// What a program may ask for at most; `None` if there is no such program, or it is disabled.
pub async fn scopes_of_program(sql: &Sql, client: ClientId) -> Result<Option<Vec<String>>, DbError> {
    let client = store::client(sql, client).await?.filter(|client| client.disabled_at.is_none());
    Ok(client.map(|client| client.scopes))
}
