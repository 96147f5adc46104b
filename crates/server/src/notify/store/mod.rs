//! SQL on the notify slice's tables.

pub(super) mod announcements;
pub(super) mod inbox;
pub(super) mod news;
pub(super) mod preferences;

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{AirportCode, AnnouncementId, BookingId, FlightId, Money, NotificationId, UserId};
use serde::{Deserialize, Serialize};

/// A flight as a text names it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct NamedFlight {
    pub(super) number: String,
    pub(super) origin: String,
    pub(super) destination: String,
    /// Local, as the API writes it.
    pub(super) departs: String,
    /// The same; not in what older releases wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) arrives: Option<String>,
}

/// What somebody watches the price of.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Watched {
    pub(super) origin: AirportCode,
    pub(super) destination: AirportCode,
    /// Local at the origin.
    pub(super) date: Date,
    /// The flight, if it is one that is watched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) flight: Option<String>,
}

/// How far a refund is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RefundState {
    Ordered,
    Done,
    Returned,
}

/// What fills a text in: codes, numbers, times and amounts. Nothing that somebody typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Params {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) locator: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) flights: Vec<NamedFlight>,
    /// Expected departure, local, as the API writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) expected: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) gate: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) amount: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) refund: Option<RefundState>,
    /// A support ticket, by its id on the wire.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ticket: Option<String>,
    /// Where from, where to and when what somebody watches is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) watched: Option<Watched>,
    /// What it cost before; `amount` is what it costs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) was: Option<Money>,
    /// What staff announced: title and text are read there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) announcement: Option<AnnouncementId>,
    /// Which of a booking's flights it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) flight_id: Option<FlightId>,
}

impl Params {
    pub(super) fn of_amount(amount: Money) -> Self {
        Self { amount: Some(amount), ..Self::default() }
    }
}

/// A row of `notifications`.
#[derive(Clone, Debug)]
pub(super) struct NotificationRow {
    pub(super) user: UserId,
    pub(super) id: NotificationId,
    /// A word; a newer release may know more of them.
    pub(super) topic: String,
    pub(super) state: String,
    pub(super) booking: Option<BookingId>,
    pub(super) flight: Option<FlightId>,
    pub(super) params: Params,
    pub(super) created_at: Timestamp,
    pub(super) read_at: Option<Timestamp>,
    pub(super) superseded: bool,
    /// What it is about, by the name that whoever told it gave.
    pub(super) fact: String,
}

impl NotificationRow {
    /// The price watch that told it, by its id on the wire.
    pub(super) fn watch(&self) -> Option<&str> {
        self.params.watched.as_ref().map(|_| self.fact.as_str())
    }
}
