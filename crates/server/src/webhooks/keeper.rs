//! Who keeps webhooks: administrators all of them, a program its own.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use kernel::{Category, ClientId, UserId};
use platform::db::{DbError, Sql};
use platform::http::Problem;

use super::store::{Kept, WebhookRow};
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

    /// Says in the log who did it, and records it where it was staff: a program's are its own business.
    pub(super) async fn record(&self, app: &App, sql: &Sql, act: Act) -> Result<(), DbError> {
        let (action, webhook) = (act.action(), act.object().to_owned());
        match self {
            Self::Airline(actor) => {
                tracing::info!(action, webhook.id = webhook, user.id = %actor.user, "a webhook was worked on");
                audit::record(app, sql, actor, act).await
            }
            Self::Program(client, user) => {
                tracing::info!(action, webhook.id = webhook, client.id = %client, user.id = %user, "a program worked on its webhook");
                Ok(())
            }
        }
    }

    /// Whether a webhook is kept off by staff, and this is a program.
    pub(super) fn check_may_wake(&self, webhook: &WebhookRow) -> Result<(), Problem> {
        match self {
            Self::Program(..) if webhook.disabled_reason.as_deref() == Some(BY_STAFF) => {
                Err(Problem::new(Category::Conflict, "webhook_disabled_by_staff"))
            }
            _ => Ok(()),
        }
    }
}

/// Why a program's webhook is disabled when staff did it.
pub(super) const BY_STAFF: &str = "staff";

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
