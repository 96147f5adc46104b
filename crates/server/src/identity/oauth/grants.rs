//! What a token is given for.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::SignedDuration;
use kernel::{ClientId, SessionId, UserId};
use platform::db::Sql;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::client_auth;
use super::refusal::{Answer, Refusal};
use crate::access::{Device, Role, scopes};
use crate::app::App;
use crate::identity::api::user_key;
use crate::identity::sessions::{Carrier, EndCause, NewSession, end, open, refresh};
use crate::identity::store::oauth::{self as store, ClientRow, CodeRow};
use crate::identity::store::sessions;

/// What was granted.
pub(super) struct Granted {
    pub(super) user: UserId,
    pub(super) session: SessionId,
    pub(super) client: ClientId,
    pub(super) scope: String,
    pub(super) refresh_token: Option<String>,
}

/// The grant type as a label: what a client invents is none.
pub(super) fn label(grant_type: &str) -> &'static str {
    ["authorization_code", "refresh_token", "client_credentials"]
        .into_iter()
        .find(|known| *known == grant_type)
        .unwrap_or("other")
}

/// A code, which is good once. Whoever brings it a second time shows that it was stolen: the session of the first ends (RFC 6749
/// section 4.1.2).
pub(super) async fn by_code(
    app: &App,
    client: &ClientRow,
    device: &Device,
    (code, redirect_uri, verifier): (&str, &str, &str),
) -> Answer<Granted> {
    const NONE: Refusal =
        Refusal::invalid_grant("the code is none, over, used, or not for this client and address");
    let (hash, now) = (client_auth::hash(code), app.now());
    let tx = app.db.begin().await?;
    let found = store::lock_code(&tx, &hash).await?.filter(|row| row.client == client.id);
    let Some(row) = found else { return Err(NONE) };
    if row.used_at.is_some() {
        let ended = end_stolen(app, &tx, &row).await?;
        tx.commit().await?;
        app.ended.add(&ended);
        return Err(NONE);
    }
    if row.expires_at <= now || row.redirect_uri != redirect_uri || !fits(verifier, &row.challenge) {
        return Err(NONE);
    }
    // Whoever signed out, or lost their account, since they approved has taken it back.
    let approved = sessions::find(&tx, (row.user, row.approved_in), now).await?.ok_or(NONE)?;
    let key = user_key(&tx, &app.sealer, row.user).await?;
    let granted: Vec<&str> = row.scopes.iter().map(String::as_str).collect();
    let new = NewSession {
        user: row.user,
        password_hash: None,
        carrier: Carrier::Tokens,
        client: Some((client.id, &granted)),
        device,
        second_factor_at: approved.second_factor_at,
    };
    let opened = open(app, &tx, &key, new).await?;
    store::use_code(&tx, &hash, opened.id, now).await?;
    tx.commit().await?;
    Ok(Granted {
        user: row.user,
        session: opened.id,
        client: client.id,
        scope: granted.join(" "),
        refresh_token: Some(opened.secret),
    })
}

async fn end_stolen(app: &App, sql: &Sql, row: &CodeRow) -> Answer<Vec<SessionId>> {
    metrics::counter!("oauth_codes_reused_total").increment(1);
    tracing::warn!(client.id = %row.client, user.id = %row.user, "an authorization code was used twice; its session is ended");
    match row.session {
        Some(session) => Ok(end(app, sql, (row.user, session), EndCause::TokenReused).await?),
        None => Ok(Vec::new()),
    }
}

/// Whether the verifier is the one the challenge was made of (RFC 7636 section 4.6).
fn fits(verifier: &str, challenge: &str) -> bool {
    let made = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
    (43..=128).contains(&verifier.len()) && bool::from(made.as_bytes().ct_eq(challenge.as_bytes()))
}

/// A refresh token of this client. Fewer scopes may be asked for, never more.
pub(super) async fn by_refresh_token(
    app: &App,
    client: &ClientRow,
    token: &str,
    scope: Option<&str>,
) -> Answer<Granted> {
    const NONE: Refusal =
        Refusal::invalid_grant("the refresh token is none, over, used, or not this client's");
    let going = refresh::take(app, token, Some(client.id)).await?.ok_or(NONE)?;
    let granted: Vec<&str> = going.session.scope.split(' ').collect();
    // A scope that was taken from the client since is taken from its sessions too.
    let granted: Vec<&str> =
        granted.into_iter().filter(|scope| client.scopes.iter().any(|own| own == scope)).collect();
    let scope = narrowed(&granted, scope)?;
    let (user, session) = (going.session.user, going.session.id);
    Ok(Granted { user, session, client: client.id, scope, refresh_token: Some(going.on(app).await?) })
}

/// The client itself, for the account it acts for (RFC 6749 section 4.4).
pub(super) async fn by_itself(
    app: &App,
    client: &ClientRow,
    device: &Device,
    scope: Option<&str>,
) -> Answer<Granted> {
    let cannot = Refusal::unauthorized_client("the client has no secret, or no account of its own");
    let Some(user) = client.acts_for.filter(|_| client.secret_hash.is_some()) else { return Err(cannot) };
    let own: Vec<&str> = client.scopes.iter().map(String::as_str).collect();
    let scope = narrowed(&own, scope)?;
    let granted: Vec<&str> = scope.split(' ').collect();
    let (tx, now) = (app.db.begin().await?, app.now());
    let role = sessions::hold_account(&tx, user, None).await?;
    if !role.is_some_and(may_be_acted_for) || !store::hold_client(&tx, client.id).await? {
        return Err(Refusal::unauthorized_client("the client's account is disabled, or an administrator's"));
    }
    // One session is enough for all tokens it asks for, so that the owner's list of them stays readable.
    let ends_at = now + SignedDuration::from_mins(app.config.auth.token_minutes);
    let before = sessions::prolong(&tx, (user, client.id), &granted, (now, ends_at)).await?;
    let session = if let Some(session) = before {
        session
    } else {
        let key = user_key(&tx, &app.sealer, user).await?;
        // Its secret is what a second factor is for people: nothing somebody chose, and nothing that is used anywhere else.
        let new = NewSession {
            user,
            password_hash: None,
            carrier: Carrier::OneToken,
            client: Some((client.id, &granted)),
            device,
            second_factor_at: Some(now),
        };
        open(app, &tx, &key, new).await?.id
    };
    tx.commit().await?;
    Ok(Granted { user, session, client: client.id, scope, refresh_token: None })
}

/// Whether a program may act for accounts of the role by itself. What administrators do, a person does.
pub(super) fn may_be_acted_for(role: Role) -> bool {
    role != Role::Admin
}

/// The scopes asked for, if they are among those granted; all of those if none is named.
fn narrowed(granted: &[&str], asked: Option<&str>) -> Answer<String> {
    let Some(asked) = asked else { return Ok(granted.join(" ")) };
    let asked = scopes::parse(asked).filter(|asked| !asked.is_empty()).ok_or(Refusal::invalid_scope())?;
    if asked.iter().all(|scope| granted.contains(scope)) {
        Ok(asked.join(" "))
    } else {
        Err(Refusal::invalid_scope())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verifier_fits_its_challenge() {
        // RFC 7636 appendix B.
        let (verifier, challenge) =
            ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        assert!(fits(verifier, challenge));
        assert!(!fits(challenge, challenge), "plain is not taken");
        assert!(!fits("short", &URL_SAFE_NO_PAD.encode(Sha256::digest(b"short"))));
    }

    #[test]
    fn scopes_narrow_and_never_widen() {
        let granted = ["bookings:read", "payments:read"];
        assert_eq!(narrowed(&granted, None).expect("all"), "bookings:read payments:read");
        assert_eq!(narrowed(&granted, Some("payments:read")).expect("one"), "payments:read");
        for wider in ["bookings:write", "bookings:read staff:read", "nonsense", ""] {
            assert!(narrowed(&granted, Some(wider)).is_err(), "{wider}");
        }
    }
}
