//! The door of the fuzz target `socket`: what a client says on one. Nothing but the target and a test goes through it.

use kernel::{SessionId, UserId};
use uuid::Uuid;

use super::topics::{Topic, word};
use super::wire::{self, Said};
use crate::access::Caller;

/// Reads what a client says. Returns whether a topic that was understood is called in the log as it is asked for: two words for one
/// topic would be counted as two.
pub fn read_said(text: &str) -> bool {
    let caller = Caller {
        user: UserId::from_uuid(Uuid::nil()),
        session: SessionId::from_uuid(Uuid::nil()),
        client: None,
        role: None,
    };
    match wire::read(text) {
        Some(Said::Subscribe { topic, .. } | Said::Unsubscribe { topic }) => {
            Topic::parse(&topic, &caller).is_none_or(|known| word(&known.key()) == topic)
        }
        Some(Said::Ping) | None => {
            wire::topic_of(text);
            true
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_read() {
        for said in [
            r#"{"type": "subscribe", "topic": "inbox"}"#,
            r#"{"type": "subscribe", "topic": "price:JFK-LAX:2026-12-01", "after": 7}"#,
            r#"{"type": "ping"}"#,
            r#"{"topic": 7}"#,
            "",
        ] {
            assert!(read_said(said), "{said}");
        }
    }
}
