//! What shows that somebody has their second factor, and whether it does. Wrong tries are counted for the account, in the
//! database, so that all processes count together.

use jiff::{SignedDuration, Timestamp};
use kernel::{Category, UserId};
use platform::db::Sql;
use platform::http::Problem;
use platform::seal::{Place, UserKey};
use serde_json::Value;

use super::{passkey, recovery, totp};
use crate::app::App;
use crate::identity::store::second_factors::{self as store, FactorRow, Kind};

/// Wrong tries of an account within an hour; then none is looked at. Of a million codes three fit at a time, so that whoever knows
/// the password and tries all day has a chance of one in seven hundred.
const WRONG_AN_HOUR: usize = 20;
pub(super) const SECRET: &str = "second_factors.secret_sealed";

/// What is shown.
pub(in crate::identity) enum Evidence {
    /// What an authenticator app shows.
    Code(String),
    /// One of the ten.
    Recovery(String),
    /// What a passkey answered.
    Passkey(Value),
}

impl Evidence {
    /// The one that was given. Refusals: `invalid_field` when it is none or several.
    pub(in crate::identity) fn given(
        code: Option<String>,
        recovery_code: Option<String>,
        passkey: Option<Value>,
    ) -> Result<Self, Problem> {
        match (code, recovery_code, passkey) {
            (Some(code), None, None) => Ok(Self::Code(code)),
            (None, Some(code), None) => Ok(Self::Recovery(code)),
            (None, None, Some(answer)) => Ok(Self::Passkey(answer)),
            _ => Err(Problem::invalid("code", "give one of code, recovery_code and passkey")),
        }
    }
}

/// Whether the evidence shows that it is the account's owner. What is good once is used up, and what is wrong is counted, when the
/// caller commits; it commits either way. The caller holds the account (`store::sessions::hold_account`) before, and whoever changes factors
/// locks it, so that no lock of one waits for one of the other. Refusals: `too_many_requests`.
pub(in crate::identity) async fn holds(
    app: &App,
    sql: &Sql,
    (user, key): (UserId, &UserKey),
    evidence: &Evidence,
    now: Timestamp,
) -> Result<bool, Problem> {
    // A signature is not guessed: a passkey opens while guesses of codes wait.
    if let Evidence::Passkey(answer) = evidence {
        let right = passkey::holds(app, sql, (user, key), answer, now).await?;
        count(if right { "ok" } else { "refused" });
        return Ok(right);
    }
    let mut wrong_at = store::lock_guesses(sql, user, now).await?;
    if wrong_at.len() >= WRONG_AN_HOUR {
        count("limited");
        return Err(too_many(&wrong_at, now));
    }
    let right = match evidence {
        Evidence::Code(code) => code_fits(app, sql, (user, key), code, now).await?,
        Evidence::Recovery(code) => match recovery::hash(app, user, code) {
            Some(hash) => store::use_recovery_code(sql, user, &hash, now).await?,
            None => false,
        },
        Evidence::Passkey(_) => false,
    };
    if right {
        count("ok");
    } else {
        count("refused");
        wrong_at.push(now);
        store::set_guesses(sql, user, &wrong_at).await?;
    }
    Ok(right)
}

fn count(outcome: &'static str) {
    metrics::counter!("second_factors_total", "outcome" => outcome).increment(1);
}

fn too_many(wrong_at: &[Timestamp], now: Timestamp) -> Problem {
    let again = wrong_at.iter().min().map_or(now, |first| *first + SignedDuration::from_hours(1));
    let seconds = u64::try_from(again.as_second() - now.as_second()).unwrap_or(0).max(1);
    Problem::new(Category::TooMany, "too_many_requests")
        .arg("seconds", seconds.to_string())
        .retry_after(seconds)
}

async fn code_fits(
    app: &App,
    sql: &Sql,
    (user, key): (UserId, &UserKey),
    code: &str,
    now: Timestamp,
) -> Result<bool, Problem> {
    let mut fits = false;
    for factor in store::factors(sql, user).await?.iter().filter(|factor| factor.kind == Kind::Totp) {
        let secret = secret(app, key, factor)?;
        if let Some(step) = totp::step_of(&secret, code, now, factor.last_step) {
            fits |= store::use_step(sql, (user, factor.id), step, now).await?;
        }
    }
    Ok(fits)
}

/// The secret of a factor, opened.
pub(super) fn secret(app: &App, key: &UserKey, factor: &FactorRow) -> Result<Vec<u8>, Problem> {
    Ok(app.sealer.open(key, Place::new(SECRET, factor.id.uuid()), &factor.secret_sealed)?)
}
