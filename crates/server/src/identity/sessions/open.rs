//! Opening a session, and ending it.

use jiff::{SignedDuration, Timestamp};
use kernel::{Category, ClientId, SessionId, UserId};
use platform::db::{DbError, Sql};
use platform::http::Problem;
use platform::seal::{Place, UserKey};
use serde::{Deserialize, Serialize};

use super::EndCause;
use super::secret::Credential;
use crate::access::Device;
use crate::app::App;
use crate::identity::second_factor::ENROL;
use crate::identity::store::{oauth, sessions as store};
use crate::push::api as push;

/// How a session is carried from request to request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::identity) enum Carrier {
    /// Access tokens, renewed by refresh tokens.
    Tokens,
    /// One access token, and the session ends with it.
    OneToken,
    /// A browser's cookie.
    Cookie,
}

/// A session to open.
pub(in crate::identity) struct NewSession<'a> {
    pub(in crate::identity) user: UserId,
    /// The hash of the password that was shown, if one was: whoever changed it meanwhile locked this sign-in out.
    pub(in crate::identity) password_hash: Option<&'a str>,
    pub(in crate::identity) carrier: Carrier,
    /// The program it is for and what that may do; nothing for our own app.
    pub(in crate::identity) client: Option<(ClientId, &'a [&'a str])>,
    pub(in crate::identity) device: &'a Device,
    /// When a second factor was shown for it, if one was.
    pub(in crate::identity) second_factor_at: Option<Timestamp>,
}

/// An open session, and the secret that carries it: the cookie's or the first refresh token's.
pub(in crate::identity) struct Opened {
    pub(in crate::identity) id: SessionId,
    pub(in crate::identity) secret: String,
    pub(in crate::identity) ends_at: Timestamp,
    /// What it may do; empty for what the account may.
    pub(in crate::identity) scope: &'static str,
}

/// What is kept of the device, sealed.
#[derive(Serialize, Deserialize)]
pub(super) struct KeptDevice {
    pub(super) address: String,
    pub(super) agent: String,
}

/// Opens a session. Staff's are short, travellers' are long (settings `auth.*`); staff who need a second factor and did not show one
/// may add one and do nothing else. Refusal: `unauthenticated` when the account or the program was disabled meanwhile, or the
/// password changed.
pub(in crate::identity) async fn open(
    app: &App,
    sql: &Sql,
    key: &UserKey,
    new: NewSession<'_>,
) -> Result<Opened, Problem> {
    let now = app.now();
    let gone = || Problem::new(Category::Unauthenticated, "unauthenticated");
    let role = store::hold_account(sql, new.user, new.password_hash).await?.ok_or_else(gone)?;
    if let Some((client, _)) = new.client
        && !oauth::hold_client(sql, client).await?
    {
        return Err(gone());
    }
    let credential =
        Credential { user: new.user, session: app.new_id(SessionId::new), secret: app.random.bytes() };
    let auth = &app.config.auth;
    let (idle_minutes, hours) = if role.is_staff() {
        (auth.staff_idle_minutes, auth.staff_session_hours)
    } else {
        (auth.idle_minutes, auth.session_hours)
    };
    let enrols = role.is_staff()
        && new.client.is_none()
        && new.second_factor_at.is_none()
        && app.config.staff_second_factor();
    let own_scopes: &[&str] = if enrols { &[ENROL] } else { &[] };
    let ends_at = now
        + match new.carrier {
            Carrier::OneToken => SignedDuration::from_mins(auth.token_minutes),
            Carrier::Tokens | Carrier::Cookie => SignedDuration::from_hours(hours),
        };
    let device = KeptDevice { address: new.device.address.to_string(), agent: new.device.agent.clone() };
    let device = serde_json::to_vec(&device).map_err(Problem::internal)?;
    let place = Place::new("sessions.device_sealed", credential.session.uuid());
    let hash = credential.hash();
    let row = store::NewRow {
        user: new.user,
        id: credential.session,
        cookie_hash: (new.carrier == Carrier::Cookie).then_some(&hash[..]),
        client: new.client.map(|(client, _)| client),
        scopes: new.client.map_or(own_scopes, |(_, scopes)| scopes),
        device_sealed: &app.sealer.seal(key, place, &device)?,
        now,
        second_factor_at: new.second_factor_at,
        idle_minutes,
        ends_at,
    };
    store::insert(sql, &row).await?;
    if new.carrier == Carrier::Tokens {
        store::insert_refresh_token(sql, (new.user, credential.session), &hash, None, now).await?;
    }
    Ok(Opened {
        id: credential.session,
        secret: credential.text(),
        ends_at,
        scope: if enrols { ENROL } else { "" },
    })
}

/// Ends one session of the account; `false` if there is no such session alive. The caller commits, and then tells this process
/// with [`super::EndedSessions::add`] what the others hear within a second.
pub(in crate::identity) async fn end(
    app: &App,
    sql: &Sql,
    (user, session): (UserId, SessionId),
    cause: EndCause,
) -> Result<Vec<SessionId>, DbError> {
    let ended = store::end(sql, user, (Some(session), None), cause.as_str(), app.now()).await?;
    push::forget_sessions(sql, user, &ended).await?;
    Ok(ended)
}

/// Ends every session of the account but the one that is kept, and those that are being opened meanwhile.
pub(in crate::identity) async fn end_all(
    app: &App,
    sql: &Sql,
    user: UserId,
    keep: Option<SessionId>,
    cause: EndCause,
) -> Result<Vec<SessionId>, DbError> {
    store::lock_account(sql, user).await?;
    let ended = store::end(sql, user, (None, keep), cause.as_str(), app.now()).await?;
    push::forget_all_but(sql, user, keep).await?;
    Ok(ended)
}
