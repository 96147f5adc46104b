//! Who keeps seats from others without buying, or tries one card after another, has to pause. What happened is counted for the account,
//! in all processes together, in the transaction in which it did; and looked at before the next.

use jiff::SignedDuration;
use kernel::{Category, UserId};
use platform::attempts::{Attempt, Rule};
use platform::db::{DbError, Sql, Tx};
use platform::http::Problem;

use crate::app::App;

/// What one has to pause after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    /// Holds that expired unpaid (OWASP API6:2023: seats kept by nobody who buys).
    ExpiredHolds,
    /// Holds that were given up in time: seats kept all the same, by whoever holds and gives up again and again.
    GivenUpHolds,
    /// Payments that were declined: somebody tries cards that are not theirs.
    Declines,
}

impl After {
    const fn code(self) -> &'static str {
        match self {
            Self::ExpiredHolds => "too_many_expired_holds",
            Self::GivenUpHolds => "too_many_given_up_holds",
            Self::Declines => "too_many_declines",
        }
    }

    /// Nothing is counted where the setting is 0.
    fn rule(self, app: &App) -> Option<Rule> {
        let limits = &app.config.limits;
        let (name, most, minutes) = match self {
            Self::ExpiredHolds => ("expired_hold", limits.expired_holds, 30),
            Self::GivenUpHolds => ("given_up_hold", limits.given_up_holds, 10),
            Self::Declines => ("decline", limits.declines, 10),
        };
        (most > 0).then(|| Rule { name, burst: most.into(), every: SignedDuration::from_mins(minutes) })
    }

    fn attempt(self, app: &App, user: UserId) -> Option<Attempt> {
        Some(Attempt::new(&app.sealer, self.rule(app)?, user.uuid().as_bytes()))
    }

    /// It happened once more.
    pub(crate) async fn count(self, app: &App, tx: &Tx, user: UserId) -> Result<(), DbError> {
        match self.attempt(app, user) {
            Some(attempt) => attempt.count(tx, app.now()).await,
            None => Ok(()),
        }
    }

    /// Refuses whoever has to pause: 429 `too_many_expired_holds`, `too_many_given_up_holds`, `too_many_declines`.
    pub(crate) async fn check(self, app: &App, sql: &Sql, user: UserId) -> Result<(), Problem> {
        let Some(attempt) = self.attempt(app, user) else { return Ok(()) };
        let Some(wait) = attempt.look(sql, app.now()).await? else { return Ok(()) };
        metrics::counter!("accounts_paused_total", "after" => self.code()).increment(1);
        let minutes = wait.seconds().div_ceil(60);
        Err(Problem::new(Category::TooMany, self.code())
            .arg("minutes", minutes.to_string())
            .retry_after(wait.seconds()))
    }
}
