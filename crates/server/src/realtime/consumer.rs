//! From events to messages: what happens to a booking or a flight is told to whoever listens to it.

use futures_util::future::BoxFuture;
use platform::db::Sql;
use platform::outbox::{Consumer, Event};
use serde_json::json;

use super::store::{self, NewMessage};
use super::topics::Topic;
use crate::events::api::{ImportCompleted, PromotionFiled};
use platform::outbox::Payload;

/// Tells whoever listens.
pub struct Happenings;

impl Consumer for Happenings {
    fn name(&self) -> &'static str {
        "live"
    }

    fn wants(&self, kind: &str) -> bool {
        kind != PromotionFiled::TYPE
    }

    fn handle<'a>(&'a self, sql: &'a Sql, events: &'a [Event]) -> BoxFuture<'a, anyhow::Result<()>> {
        Box::pin(async move {
            let messages: Vec<NewMessage> = events.iter().flat_map(messages_of).collect();
            Ok(store::put(sql, &messages).await?)
        })
    }
}

/// What is told of an event. What a flight does is public, and told whole. Of a booking it is told what happened and not more: what
/// its owner may see of it is what the API shows them.
fn messages_of(event: &Event) -> Vec<NewMessage> {
    let message = |topic, data| NewMessage { topic, event: event.kind.clone(), data, at: event.created_at };
    if let Ok(flight) = event.subject.parse() {
        return [Topic::Flight(flight), Topic::Ops].map(|topic| message(topic, event.payload.clone())).into();
    }
    if let Ok(booking) = event.subject.parse() {
        return vec![message(Topic::Booking(booking), json!({"booking_id": booking}))];
    }
    if event.kind == ImportCompleted::TYPE {
        return vec![message(Topic::Ops, event.payload.clone())];
    }
    Vec::new()
}
