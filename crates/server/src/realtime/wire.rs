//! What travels on a socket: JSON, one object in a text message.

use axum::extract::ws::Utf8Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::store::Entry;
use super::topics::word;

/// What everybody who listens is sent, made once.
pub type Told = Utf8Bytes;

/// What a client says.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Said {
    /// Listen to a topic: from now on, or after a number it has.
    Subscribe { topic: String, after: Option<i64> },
    /// No more.
    Unsubscribe { topic: String },
    /// Is anybody there?
    Ping,
}

/// How a subscription began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Begun {
    /// Everything after the number comes.
    After(i64),
    /// The same, but what lies before is not known any more: ask for everything again.
    Refetch(i64),
}

/// What an entry of the log says.
pub(super) fn told(entry: &Entry) -> Told {
    let (topic, created_at) = (word(&entry.topic), entry.created_at.to_string());
    json!({"type": "event", "topic": topic, "seq": entry.seq, "event": entry.event, "at": created_at, "data": entry.data})
        .to_string()
        .into()
}

pub(super) fn welcome(ping_seconds: u64) -> Told {
    json!({"type": "welcome", "ping_seconds": ping_seconds}).to_string().into()
}

pub(super) fn begun(topic: &str, begun: Begun) -> Told {
    let (kind, seq) = match begun {
        Begun::After(seq) => ("subscribed", seq),
        Begun::Refetch(seq) => ("refetch", seq),
    };
    json!({"type": kind, "topic": topic, "seq": seq}).to_string().into()
}

pub(super) fn left(topic: &str) -> Told {
    json!({"type": "unsubscribed", "topic": topic}).to_string().into()
}

pub(super) fn pong() -> Told {
    json!({"type": "pong"}).to_string().into()
}

/// Why not, by the code of the problem it would be over HTTP.
pub(super) fn refused(topic: Option<&str>, code: &str) -> Told {
    json!({"type": "refused", "topic": topic, "code": code}).to_string().into()
}

/// Why a socket is closed by us (RFC 6455 section 7.4; 4000 to 4999 are ours).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) enum Close {
    /// It read too slowly, or messages are gone: come again, and ask for everything again.
    Refetch,
    /// The session ended: sign in.
    Ended,
    /// Nothing was heard of it: come again.
    Silent,
    /// It said too much: come again later.
    TooMuch,
    /// It is as old as a sign-in is believed: come again at once.
    Renew,
    /// The process stops: come again after a moment of chance (1012, Service Restart).
    Restart,
    /// It sent what is not text (1008, Policy Violation).
    NotText,
    /// It sent more than a message may be (1009, Message Too Big).
    TooLong,
}

impl Close {
    pub(super) const fn code(self) -> u16 {
        match self {
            Self::NotText => 1008,
            Self::TooLong => 1009,
            Self::Restart => 1012,
            Self::Refetch => 4000,
            Self::Ended => 4001,
            Self::Silent => 4002,
            Self::TooMuch => 4003,
            Self::Renew => 4004,
        }
    }

    /// A word for the frame and for metrics.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::NotText => "not_text",
            Self::TooLong => "too_long",
            Self::Restart => "restart",
            Self::Refetch => "refetch",
            Self::Ended => "session_ended",
            Self::Silent => "silent",
            Self::TooMuch => "too_much",
            Self::Renew => "renew",
        }
    }
}

/// Reads what a client said.
pub(super) fn read(text: &str) -> Option<Said> {
    serde_json::from_str(text).ok()
}

/// The topic in something that could not be read whole, so that its sender knows what was refused.
pub(super) fn topic_of(text: &str) -> Option<String> {
    let said: Value = serde_json::from_str(text).ok()?;
    said["topic"].as_str().map(str::to_owned)
}
