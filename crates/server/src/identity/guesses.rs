//! Guessing of passwords, made slow: by account, whichever processes and addresses the guesses come from.
//!
//! Ten at once and one each 40 seconds after that: at most a hundred are checked in any hour. They are counted by the blind index of
//! the address that was typed, so an address without an account is no different. Whoever guesses could keep the owner out that way;
//! so a device that signed in before has a count of its own, by a token it was given then (OWASP, device cookies), until the password is
//! another: whoever had the old one knows a device, too.

use axum::http::{HeaderMap, HeaderValue, header};
use jiff::{SignedDuration, Timestamp};
use kernel::UserId;
use platform::attempts::{Attempt, Rule};
use platform::http::Problem;
use serde::{Deserialize, Serialize};

use super::proof::too_many;
use crate::access::{DEVICE_COOKIE, cookie_named};
use crate::app::App;

const EVERY: SignedDuration = SignedDuration::from_secs(40);
/// From devices nobody knows.
const STRANGERS: Rule = Rule { name: "login", burst: 10, every: EVERY };
/// From each device that is known.
const DEVICES: Rule = Rule { name: "device", burst: 10, every: EVERY };
/// How long a device is known after it last signed in.
const KNOWN_FOR: SignedDuration = SignedDuration::from_hours(24 * 180);

/// A device that signed in to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KnownDevice {
    user: UserId,
    id: [u8; 16],
    at: Timestamp,
    /// Of the account when it signed in; a new password begins another.
    #[serde(default)]
    epoch: i32,
}

impl KnownDevice {
    /// The device of a token or, in a browser, of the cookie, if it signed in to this account lately and with its present password.
    pub(super) fn of(
        app: &App,
        token: Option<&str>,
        headers: &HeaderMap,
        (user, epoch): (UserId, i32),
    ) -> Option<Self> {
        let token = token.or_else(|| cookie_named(headers, DEVICE_COOKIE))?;
        let device: Self = app.devices.open(token)?;
        let known =
            (device.user, device.epoch) == (user, epoch) && app.now().duration_since(device.at) <= KNOWN_FOR;
        known.then_some(device)
    }

    /// What the device shows the next time: it stays the same device.
    pub(super) fn token(
        app: &App,
        before: Option<Self>,
        (user, epoch): (UserId, i32),
    ) -> Result<String, Problem> {
        let id = before.map_or_else(|| app.random.bytes(), |device| device.id);
        app.devices.sign(&Self { user, id, at: app.now(), epoch }).map_err(Problem::internal)
    }
}

/// A guess that may be checked; the caller gives it back if it was none. Refusal: `too_many_guesses`.
pub(super) async fn count(
    app: &App,
    email_index: &[u8],
    device: Option<KnownDevice>,
) -> Result<Attempt, Problem> {
    let attempt = match device {
        Some(device) => {
            let who = [device.user.uuid().as_bytes(), &device.id[..]].concat();
            Attempt::new(&app.sealer, DEVICES, &who)
        }
        None => Attempt::new(&app.sealer, STRANGERS, email_index),
    };
    match attempt.take(&app.db, app.now()).await? {
        Ok(()) => Ok(attempt),
        Err(wait) => {
            metrics::counter!("logins_total", "outcome" => "too_many").increment(1);
            Err(too_many(wait))
        }
    }
}

/// The header that gives a browser the device's token. It opens nothing by itself.
pub(super) fn give(headers: &mut HeaderMap, token: &str) -> Result<(), Problem> {
    let seconds = KNOWN_FOR.as_secs();
    let text = format!("{DEVICE_COOKIE}={token}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={seconds}");
    headers.append(header::SET_COOKIE, HeaderValue::from_str(&text).map_err(Problem::internal)?);
    Ok(())
}
