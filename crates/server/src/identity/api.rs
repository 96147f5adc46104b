//! The door of the identity slice.

use jiff::SignedDuration;
use kernel::{Category, SessionId, UserId};
use platform::db::{DbError, Sql};
use platform::http::Problem;
use platform::seal::{Sealer, UserKey};

use super::email::Email;
use super::second_factor::ENROL;
use super::sessions;
use super::store::{self, sessions::Live};
use crate::access::{Access, Caller, Carried, Permission};
use crate::app::App;

pub use super::addressees::{Addressee, addressees};
pub use super::bootstrap::{Bootstrap, bootstrap_admin};
pub use super::fuzzing::{read_id_token, read_passkey, read_provider};
pub use super::jobs::{follow_job, jobs};
pub(crate) use super::oauth::standing::in_its_own_name;
pub use super::oauth::standing::{enabled_programs, lock_program, scopes_of_program, standings};
pub use super::oidc::Providers;
pub use super::password::{Fit, Hasher};
pub use super::register::{NewAccount, create_account};
pub use super::sessions::{EndedSessions, SeenCookies, Speaker, Tokens};
pub use super::traveller_documents::passport_of_saved;
pub use super::travellers::{Traveller, load as saved_travellers};
pub use crate::access::Role;

/// Whether a text can be an e-mail address.
pub fn is_email(text: &str) -> bool {
    Email::parse(text).is_some()
}

/// Keeps an account from being erased until the transaction ends, so that what is written of it does not outlive it. Refusal:
/// `unauthenticated`, if it is erased already.
pub async fn hold_account(sql: &Sql, user: UserId) -> Result<(), Problem> {
    let there = store::accounts::hold_account(sql, user).await?;
    there.then_some(()).ok_or_else(|| Problem::new(Category::Unauthenticated, "unauthenticated"))
}

/// The same, one at a time of an account: what is counted of it stays so until the transaction ends.
pub async fn hold_account_alone(sql: &Sql, user: UserId) -> Result<(), Problem> {
    let there = store::accounts::hold_account_alone(sql, user).await?;
    there.then_some(()).ok_or_else(|| Problem::new(Category::Unauthenticated, "unauthenticated"))
}

/// Keeps the caller's session from being ended until the transaction ends, and others of the account from doing the same at once; 401 if it
/// was ended.
pub(crate) async fn lock_session(app: &App, sql: &Sql, caller: &Caller) -> Result<(), Problem> {
    store::sessions::lock_account(sql, caller.user).await?;
    let live = store::sessions::lock(sql, (caller.user, caller.session), app.now()).await?;
    live.map(|_| ()).ok_or_else(|| Problem::new(Category::Unauthenticated, "unauthenticated"))
}

/// Whether a session was ended; one that is only over, and no longer known, was not.
pub(crate) async fn session_was_ended(
    sql: &Sql,
    (user, session): (UserId, SessionId),
) -> Result<bool, DbError> {
    store::sessions::was_ended(sql, (user, session)).await
}

/// The role of an account.
pub async fn role_of(sql: &Sql, user: UserId) -> Result<Option<Role>, DbError> {
    store::account_role(sql, user.uuid()).await
}

/// The account of an address, if it has one.
pub async fn user_of_email(app: &App, sql: &Sql, email: &str) -> Result<Option<UserId>, DbError> {
    let Some(email) = Email::parse(email) else { return Ok(None) };
    let index = app.sealer.blind_index("email", &email.folded);
    Ok(store::user_of_email(sql, &index).await?.map(UserId::from_uuid))
}

/// Whether there is such an account, and the airline has not disabled it.
pub async fn is_enabled(sql: &Sql, user: UserId) -> Result<bool, DbError> {
    Ok(store::account_role(sql, user.uuid()).await?.is_some())
}

/// The blind index of a stored address.
pub(super) fn email_index(app: &App, address: &str) -> Vec<u8> {
    let folded = Email::parse(address).map_or_else(|| address.to_lowercase(), |email| email.folded);
    app.sealer.blind_index("email", &folded)
}

/// Who calls, by what the request carries, if a program may do what needs the scope; without one, no program may. Staff who signed in
/// to add a second factor may do that alone. Refusals: `unauthenticated`, `insufficient_scope`, `owner_only`, `second_factor_required`.
pub(crate) async fn authenticate(
    app: &App,
    carried: Carried<'_>,
    (access, scope): (Access, Option<&'static str>),
) -> Result<Caller, Problem> {
    let nobody = || Problem::new(Category::Unauthenticated, "unauthenticated");
    let (caller, granted) = match carried {
        Carried::Token(token) => {
            let now = app.now();
            let speaker = app.tokens.verify(token, now).ok_or_else(nobody)?;
            if !sessions::is_on(app, &speaker, now).await? {
                return Err(nobody());
            }
            (
                Caller { user: speaker.user, session: speaker.session, client: speaker.client, role: None },
                speaker.scope,
            )
        }
        Carried::Cookie(value) => {
            let live = sessions::cookie::session(app, value).await?.ok_or_else(nobody)?;
            (Caller { user: live.user, session: live.id, client: live.client, role: None }, live.scope)
        }
    };
    match (caller.client, scope) {
        (None, _) if granted.is_empty() || (granted == ENROL && access == Access::Enrolment) => Ok(caller),
        // What a session of ours is limited to and is not known here is nothing.
        (None, _) => Err(second_factor_required()),
        (Some(_), None) => Err(Problem::new(Category::Forbidden, "owner_only")),
        (Some(_), Some(scope)) if granted.split(' ').any(|one| one == scope) => Ok(caller),
        (Some(_), Some(scope)) => Err(Problem::new(Category::Forbidden, "insufficient_scope")
            .arg("scope", scope)
            .with("scope", scope)),
    }
}

/// Whether the session somebody came with is still on.
pub(crate) async fn is_on(app: &App, caller: &Caller) -> Result<bool, Problem> {
    let (user, session, client) = (caller.user, caller.session, caller.client);
    sessions::is_on(app, &Speaker { user, session, client, scope: String::new() }, app.now()).await
}

/// Whether its end was heard of: at once in this process, within a second of others while this one can read.
pub(crate) fn has_ended(app: &App, caller: &Caller) -> bool {
    app.ended.is_over(caller.session, caller.client)
}

/// Whether this process could read lately which sessions have ended. While it could not, nobody is known to be on.
pub(crate) fn knows_who_is_on(app: &App) -> bool {
    app.ended.knows()
}

/// Lets staff do what their role may now, whatever their session was opened for, and says the role. Refusals: `forbidden`,
/// `second_factor_required`, `step_up_required`, and `owner_only` for a program that wants what is sensitive.
pub(crate) async fn permit(app: &App, caller: &Caller, permission: Permission) -> Result<Role, Problem> {
    let sql = app.db.read().await?;
    let live = store::sessions::find(&sql, (caller.user, caller.session), app.now()).await?;
    let live = live.ok_or_else(|| Problem::new(Category::Unauthenticated, "unauthenticated"))?;
    if !live.role.may(permission) {
        return Err(Problem::new(Category::Forbidden, "forbidden"));
    }
    if app.config.staff_second_factor() && live.second_factor_at.is_none() {
        return Err(second_factor_required());
    }
    if permission.is_sensitive() {
        // A program cannot prove who sits before it.
        if caller.client.is_some() {
            return Err(Problem::new(Category::Forbidden, "owner_only"));
        }
        proven_lately(app, &live)?;
    }
    Ok(live.role)
}

fn second_factor_required() -> Problem {
    Problem::new(Category::Forbidden, "second_factor_required").actions(&["add_second_factor", "login"])
}

/// For what nobody should do with a session left open: its owner must have proved who they are within `auth.step_up_minutes`.
/// Refusals: `step_up_required`.
pub(crate) async fn require_proof(app: &App, caller: &Caller) -> Result<(), Problem> {
    let sql = app.db.read().await?;
    let live = store::sessions::find(&sql, (caller.user, caller.session), app.now()).await?;
    proven_lately(app, &live.ok_or_else(|| Problem::new(Category::Unauthenticated, "unauthenticated"))?)
}

fn proven_lately(app: &App, live: &Live) -> Result<(), Problem> {
    let proven_at = live.second_factor_at.map_or(live.proven_at, |at| at.max(live.proven_at));
    if app.now().duration_since(proven_at) <= SignedDuration::from_mins(app.config.auth.step_up_minutes) {
        return Ok(());
    }
    Err(Problem::new(Category::Forbidden, "step_up_required").actions(&["prove"]))
}

/// The user's data key, if the account was not erased.
pub async fn key_of(sql: &Sql, sealer: &Sealer, user: UserId) -> Result<Option<UserKey>, Problem> {
    let wrapped = store::wrapped_key(sql, user.uuid()).await?;
    Ok(wrapped.map(|wrapped| sealer.unwrap(user.uuid(), &wrapped)).transpose()?)
}

/// The user's data key, for sealing and opening what is theirs. An account without a key was erased.
pub async fn user_key(sql: &Sql, sealer: &Sealer, user: UserId) -> Result<UserKey, Problem> {
    let key = key_of(sql, sealer, user).await?;
    key.ok_or_else(|| Problem::new(Category::Unauthenticated, "unauthenticated"))
}
