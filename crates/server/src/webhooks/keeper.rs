//! Who keeps webhooks: administrators all of them, a program its own.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use kernel::{ClientId, UserId};
use platform::db::{DbError, Sql};
use platform::http::Problem;

use super::store::Kept;
use crate::access::Caller;
use crate::app::App;
use crate::audit::api::{self as audit, Act, Actor};

/// Somebody who may keep webhooks, as the access of their operation let them.
#[derive(Clone, Debug)]
pub(super) enum Keeper {
    /// An administrator, whose acts are recorded.
    Airline(Actor),
    /// A program in its own name, with the account it acts for.
    Program(ClientId, UserId),
}

impl Keeper {
    /// Which webhooks are there for them.
    pub(super) const fn kept(&self) -> Kept {
        match self {
            Self::Airline(_) => Kept::All,
            Self::Program(client, _) => Kept::By(*client),
        }
    }

    /// The account.
    pub(super) const fn user(&self) -> UserId {
        match self {
            Self::Airline(actor) => actor.user,
            Self::Program(_, user) => *user,
        }
    }

    /// Records what staff did; what a program does with its own is in the log alone.
    pub(super) async fn record(&self, app: &App, sql: &Sql, act: Act) -> Result<(), DbError> {
        match self {
            Self::Airline(actor) => audit::record(app, sql, actor, act).await,
            Self::Program(..) => Ok(()),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Keeper {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let caller = Caller::from_request_parts(parts, state).await?;
        match caller {
            Caller { role: Some(_), .. } => Ok(Self::Airline(Actor::from_request_parts(parts, state).await?)),
            Caller { client: Some(client), user, .. } => Ok(Self::Program(client, user)),
            _ => Err(Problem::internal(anyhow::anyhow!("a person keeps no webhooks"))),
        }
    }
}
