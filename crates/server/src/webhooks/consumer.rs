//! From an event to deliveries: one for each webhook that wants it.

use std::collections::BTreeSet;

use futures_util::future::BoxFuture;
use kernel::{DeliveryId, WebhookId};
use platform::db::{DbError, Sql};
use platform::outbox::{Consumer, Event, Types};

use super::audience::Audience;
use super::store;
use super::store::deliveries::{self, NewDelivery};
use crate::app::App;

/// Makes deliveries of events; a job sends them.
pub struct Deliveries {
    app: App,
}

impl Deliveries {
    /// For the webhooks of this application.
    pub fn new(app: &App) -> Self {
        Self { app: app.clone() }
    }

    async fn queue(&self, sql: &Sql, events: &[Event]) -> Result<(), DbError> {
        let now = self.app.now();
        let meanings: BTreeSet<String> =
            events.iter().flat_map(|event| Types::that_mean(&event.kind)).collect();
        let wishes = store::wishes(sql, &meanings.into_iter().collect::<Vec<_>>()).await?;
        let programs = wishes.iter().filter_map(|wish| wish.client).collect();
        let subjects = events.iter().map(|event| event.subject.as_str());
        let audience = Audience::of(sql, &programs, subjects, now).await?;
        let mut wanted = Vec::new();
        for event in events {
            let meaning = Types::that_mean(&event.kind);
            for wish in &wishes {
                let wants = wish.filters.iter().any(|filter| meaning.contains(filter));
                if wants && audience.hears(wish.client, &event.kind, &event.subject) {
                    wanted.push(delivery_of(&self.app, wish.webhook, event)?);
                }
            }
        }
        deliveries::insert(sql, &wanted, 0, now, now).await
    }
}

impl Consumer for Deliveries {
    fn name(&self) -> &'static str {
        "webhooks"
    }

    fn wants(&self, _: &str) -> bool {
        true
    }

    fn handle<'a>(&'a self, sql: &'a Sql, events: &'a [Event]) -> BoxFuture<'a, anyhow::Result<()>> {
        Box::pin(async move { Ok(self.queue(sql, events).await?) })
    }
}

/// What is sent of an event.
pub(super) fn delivery_of(app: &App, webhook: WebhookId, event: &Event) -> Result<NewDelivery, DbError> {
    let odd = |error| DbError::Inconsistent(format!("event {}: {error}", event.id));
    Ok(NewDelivery {
        webhook,
        id: app.new_id(DeliveryId::new),
        event: event.id,
        kind: event.kind.clone(),
        subject: event.subject.clone(),
        sequence: event.sequence,
        body: serde_json::to_string(&event.envelope()).map_err(odd)?,
        replay_of: None,
    })
}
