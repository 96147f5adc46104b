//! Signing in with a provider of `OpenID` Connect: authorization code with PKCE, as RFC 9700 and `OpenID` Connect Core leave it.
//!
//! A browser is sent to the provider ([`begin`]) and comes back ([`callback`]); what the provider says is checked in full before any of it
//! is believed ([`provider`], [`id_token`]). Invariants: an identity (issuer and subject) opens one account; it is linked with one only by
//! that account's owner, or when the provider vouches for the confirmed address of the account ([`people`]); what comes back is good
//! once, in the browser it was begun in, from the provider it was sent to.
//!
//! The checks are ours on `jsonwebtoken` and `reqwest`, which are here for other things: `openidconnect` would bring a second family of
//! cryptography for the thirty lines they are.

pub(super) mod begin;
pub(super) mod callback;
pub(super) mod fuzzing;
mod id_token;
mod keys;
pub(super) mod links;
mod metadata;
mod people;
mod provider;
mod refusals;

use std::collections::BTreeSet;

use anyhow::{Context, ensure};
use jiff::Timestamp;
use platform::config::Config;
use platform::limits::LimitClass;
use utoipa_axum::routes;

use self::provider::{Provider, Trouble};
use crate::access::{Access, Routes};

/// The providers of the settings, in their order.
pub struct Providers(Vec<Provider>);

impl Providers {
    /// By the settings `auth.providers`.
    ///
    /// # Errors
    /// One of them cannot be; the error names the provider and the setting.
    pub fn new(config: &Config) -> anyhow::Result<Self> {
        let set = &config.auth.providers;
        let made = set
            .iter()
            .map(|one| Provider::new(one, config).with_context(|| format!("auth.providers {:?}", one.id)));
        let made = made.collect::<anyhow::Result<Vec<_>>>()?;
        for (what, values) in [
            ("id", set.iter().map(|one| one.id.as_str()).collect::<BTreeSet<_>>()),
            // A subject is its issuer's: two clients of one issuer could each hear of another.
            ("issuer", set.iter().map(|one| one.issuer.as_str()).collect()),
        ] {
            ensure!(values.len() == set.len(), "auth.providers: two have the same {what}");
        }
        let nobodys = config.auth.provider_secrets.keys().find(|id| !set.iter().any(|one| one.id == **id));
        ensure!(
            nobodys.is_none(),
            "auth.provider_secrets: there is no provider {:?}",
            nobodys.cloned().unwrap_or_default()
        );
        Ok(Self(made))
    }

    /// Whether each can be signed in with: its name, and what is wrong.
    pub async fn check(&self, now: Timestamp) -> Vec<(String, Result<(), &'static str>)> {
        let mut found = Vec::new();
        for provider in &self.0 {
            found.push((provider.id.clone(), provider.check(now).await.map_err(Trouble::word)));
        }
        found
    }

    fn all(&self) -> impl Iterator<Item = &Provider> {
        self.0.iter()
    }

    fn find(&self, id: &str) -> Option<&Provider> {
        self.0.iter().find(|provider| provider.id == id)
    }

    /// Whether there is one of this issuer.
    fn has_issuer(&self, issuer: &str) -> bool {
        self.0.iter().any(|provider| provider.issuer == issuer)
    }
}

pub(super) fn routes() -> Routes {
    let own = Access::Owner;
    Routes::new()
        .add(Access::Public, LimitClass::Other, routes!(begin::list_sign_in_providers))
        // Each makes a row, and asks somebody outside.
        .add(Access::Public, LimitClass::Login, routes!(begin::begin_provider_sign_in))
        .add(Access::Public, LimitClass::Login, routes!(callback::finish_provider_sign_in))
        .add(own, LimitClass::Login, routes!(links::list_my_providers, begin::begin_provider_link))
        .add(own, LimitClass::Login, routes!(links::unlink_provider))
}
