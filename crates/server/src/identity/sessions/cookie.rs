//! Sessions of browsers: an opaque cookie that scripts cannot read, looked up at most every few seconds.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};
use jiff::Timestamp;
use moka::sync::Cache;
use platform::http::Problem;
use subtle::ConstantTimeEq;

use super::open::Opened;
use super::secret::Credential;
use crate::access::{COOKIE, cookie};
use crate::app::App;
use crate::identity::store::sessions::{self as store, Live};

/// How long what was looked up is believed; an end is heard of within this, or at once in the process it was made in.
const BELIEVED: Duration = Duration::from_secs(4);
const MOST: u64 = 200_000;
/// How old a session's last sign of life may be before another is written.
const TOUCH_SECONDS: i64 = 60;

/// What was looked up lately, by the hash of the secret.
pub struct SeenCookies(Cache<Vec<u8>, Live>);

impl Default for SeenCookies {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(MOST).time_to_live(BELIEVED).build())
    }
}

/// The session of a cookie's value, if it is on.
pub(in crate::identity) async fn session(app: &App, value: &str) -> Result<Option<Live>, Problem> {
    let Some(credential) = Credential::parse(value) else { return Ok(None) };
    let (hash, of) = (credential.hash(), (credential.user, credential.session));
    if app.ended.heard_of(credential.session) {
        return Ok(None);
    }
    if let Some(live) = app.cookies.0.get(&hash).filter(|live| (live.user, live.id) == of) {
        return Ok(Some(live));
    }
    let (sql, now) = (app.db.read().await?, app.now());
    let Some(live) = store::find(&sql, of, now).await? else { return Ok(None) };
    let fits = live.cookie_hash.as_deref().is_some_and(|kept| bool::from(kept.ct_eq(&hash)));
    if !fits {
        return Ok(None);
    }
    if now.as_second() - live.seen_at.as_second() >= TOUCH_SECONDS {
        store::touch(&sql, of, now).await?;
    }
    app.cookies.0.insert(hash, live.clone());
    Ok(Some(live))
}

/// The session of the cookie a request came with, whatever it is about to do: a sign-in takes its place.
pub(in crate::identity) async fn of_headers(app: &App, headers: &HeaderMap) -> Result<Option<Live>, Problem> {
    match cookie(headers) {
        Some(value) => session(app, value).await,
        None => Ok(None),
    }
}

/// The header that gives a browser its cookie, for as long as the session can last.
pub(in crate::identity) fn give(opened: &Opened, now: Timestamp) -> Result<HeaderMap, Problem> {
    set(&opened.secret, (opened.ends_at.as_second() - now.as_second()).max(0))
}

/// The header that takes it away.
pub(in crate::identity) fn take() -> Result<HeaderMap, Problem> {
    set("", 0)
}

fn set(value: &str, seconds: i64) -> Result<HeaderMap, Problem> {
    let text = format!("{COOKIE}={value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={seconds}");
    let value = HeaderValue::from_str(&text).map_err(Problem::internal)?;
    Ok(HeaderMap::from_iter([(header::SET_COOKIE, value)]))
}
