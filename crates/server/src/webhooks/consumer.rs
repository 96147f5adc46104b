//! From an event to deliveries: one for each webhook that wants it.

use std::collections::BTreeSet;

use futures_util::future::BoxFuture;
use kernel::{DeliveryId, WebhookId};
use platform::db::{DbError, Sql};
use platform::outbox::{Consumer, Event, Types};

use super::audience::Audience;
use super::store::deliveries::{self, NewDelivery};
use super::store::{self, Wish};
use crate::app::App;

/// Deliveries that are queued by one statement.
const AT_ONCE: usize = 1_000;

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
            let wants = |wish: &&Wish| {
                wish.filters.iter().any(|filter| meaning.contains(filter))
                    && audience.hears(wish.client, &event.kind, &event.subject)
            };
            let webhooks: Vec<WebhookId> = wishes.iter().filter(wants).map(|wish| wish.webhook).collect();
            if !webhooks.is_empty() {
                let body = body_of(event)?;
                wanted.extend(webhooks.iter().map(|webhook| delivery(&self.app, *webhook, event, &body)));
            }
        }
        for part in wanted.chunks(AT_ONCE) {
            deliveries::insert(sql, part, 0, now, now).await?;
        }
        Ok(())
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
    Ok(delivery(app, webhook, event, &body_of(event)?))
}

fn body_of(event: &Event) -> Result<String, DbError> {
    let odd = |error| DbError::Inconsistent(format!("event {}: {error}", event.id));
    serde_json::to_string(&event.envelope()).map_err(odd)
}

fn delivery(app: &App, webhook: WebhookId, event: &Event, body: &str) -> NewDelivery {
    NewDelivery {
        webhook,
        id: app.new_id(DeliveryId::new),
        event: event.id,
        kind: event.kind.clone(),
        subject: event.subject.clone(),
        sequence: event.sequence,
        body: body.to_owned(),
        replay_of: None,
    }
}
