//! What travellers are told, and when there is something new to tell of a flight. Nothing here knows to whom or how.

use jiff::{SignedDuration, Timestamp};

use crate::check_in::Window;
use crate::flight_status::{FlightStatus, LATE_FROM};

/// What a notification is about, as far as preferences are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A booking is confirmed or changed: the tickets.
    BookingConfirmed,
    /// A payment was made, or refused.
    Payment,
    /// Money is on its way back, or there.
    Refund,
    /// A flight has other scheduled times.
    ScheduleChange,
    /// A flight is expected late, or on time after all.
    Delay,
    /// A flight or a booking is cancelled.
    Cancellation,
    /// The gate.
    Gate,
    /// Check-in is open.
    CheckInOpen,
    /// It is nearly time, and somebody is not checked in.
    CheckInReminder,
    /// Somebody of the airline answered.
    SupportAnswer,
    /// What somebody watches costs less.
    PriceDrop,
    /// What staff have to say.
    Announcement,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 12] = [
        Self::BookingConfirmed,
        Self::Payment,
        Self::Refund,
        Self::ScheduleChange,
        Self::Delay,
        Self::Cancellation,
        Self::Gate,
        Self::CheckInOpen,
        Self::CheckInReminder,
        Self::SupportAnswer,
        Self::PriceDrop,
        Self::Announcement,
    ];

    /// The word for it, in the database and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BookingConfirmed => "booking_confirmed",
            Self::Payment => "payment",
            Self::Refund => "refund",
            Self::ScheduleChange => "schedule_change",
            Self::Delay => "delay",
            Self::Cancellation => "cancellation",
            Self::Gate => "gate",
            Self::CheckInOpen => "check_in_open",
            Self::CheckInReminder => "check_in_reminder",
            Self::SupportAnswer => "support_answer",
            Self::PriceDrop => "price_drop",
            Self::Announcement => "announcement",
        }
    }

    /// The kind of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Whether it is mailed to whoever said nothing about it. What a payment or a gate is, the inbox says as well.
    pub const fn is_mailed(self) -> bool {
        !matches!(self, Self::Payment | Self::Gate)
    }

    /// Whether it is pushed to the browsers of whoever said nothing about it: what somebody did just now they know, and what is announced to
    /// many is no reason to take a telephone out of a pocket.
    pub const fn is_pushed(self) -> bool {
        !matches!(self, Self::BookingConfirmed | Self::Payment | Self::Announcement)
    }

    /// Whether whoever flies is mailed it in any case: the airline owes it to them to say so (Regulation (EC) 261/2004 article 5,
    /// DGCA CAR section 3 series M part IV), and the ticket is theirs.
    pub const fn is_owed(self) -> bool {
        matches!(self, Self::BookingConfirmed | Self::ScheduleChange | Self::Cancellation)
    }
}

macro_rules! topics {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $kind:ident;)*) => {
        /// Which text says it. A kind has several.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Topic {
            $($(#[$doc])* $name,)*
        }

        impl Topic {
            /// Every topic.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The word for it, in the database, in the message catalogue and on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// What it is for preferences.
            pub const fn kind(self) -> Kind {
                match self { $(Self::$name => Kind::$kind,)* }
            }
        }
    };
}

topics! {
    /// A booking is paid, and its tickets are issued.
    Confirmed = "confirmed", BookingConfirmed;
    /// Tickets were exchanged for other flights.
    Changed = "changed", BookingConfirmed;
    /// A payment was captured.
    Paid = "paid", Payment;
    /// A payment was refused; nothing was charged.
    Declined = "declined", Payment;
    /// Money is to go back.
    RefundOrdered = "refund_ordered", Refund;
    /// Money went back.
    Refunded = "refunded", Refund;
    /// Money that had gone back could not be taken there, and is with the airline again.
    RefundReturned = "refund_returned", Refund;
    /// A flight has other scheduled times.
    Retimed = "retimed", ScheduleChange;
    /// A flight is expected late.
    Delayed = "delayed", Delay;
    /// A flight that was expected late is on time after all.
    OnTime = "on_time", Delay;
    /// The airline does not fly a flight.
    FlightCancelled = "flight_cancelled", Cancellation;
    /// A flight that was cancelled is flown after all.
    Reinstated = "reinstated", Cancellation;
    /// A booking was given up, by its owner or because it is not flown.
    BookingCancelled = "booking_cancelled", Cancellation;
    /// Some tickets of a booking were given back.
    PartlyCancelled = "partly_cancelled", Cancellation;
    /// Somebody who was checked in was put off a flight (denied boarding, Regulation (EC) 261/2004 article 4).
    Offloaded = "offloaded", Cancellation;
    /// A flight leaves from a gate, or from another.
    Gate = "gate", Gate;
    /// Check-in is open.
    CheckInOpen = "check_in_open", CheckInOpen;
    /// Not everybody is checked in, and it is nearly time.
    CheckInReminder = "check_in_reminder", CheckInReminder;
    /// Somebody of the airline answered a question.
    SupportAnswered = "support_answered", SupportAnswer;
    /// A route on a day, or a flight, that somebody watches costs less.
    PriceDropped = "price_dropped", PriceDrop;
    /// Staff say something.
    Announced = "announced", Announcement;
}

impl Topic {
    /// The topic of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|topic| topic.as_str() == word)
    }

    /// Whether it may be told to very many at once, and can wait for what concerns somebody's own trip.
    pub const fn is_bulk(self) -> bool {
        matches!(self, Self::Announced | Self::PriceDropped)
    }

    /// What of a flight it is about, of those that tell how a flight stands.
    pub const fn aspect(self) -> Option<Aspect> {
        match self {
            Self::FlightCancelled | Self::Reinstated => Some(Aspect::Operation),
            Self::Retimed => Some(Aspect::Schedule),
            Self::Delayed | Self::OnTime => Some(Aspect::Delay),
            Self::Gate => Some(Aspect::Gate),
            _ => None,
        }
    }
}

/// Something of a flight that changes by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Aspect {
    /// Whether it is flown.
    Operation,
    /// Its scheduled times.
    Schedule,
    /// How late it is expected to leave.
    Delay,
    /// Where it leaves from.
    Gate,
}

impl Aspect {
    /// Every aspect.
    pub const ALL: [Self; 4] = [Self::Operation, Self::Schedule, Self::Delay, Self::Gate];

    /// The word for it, in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Operation => "operation",
            Self::Schedule => "schedule",
            Self::Delay => "delay",
            Self::Gate => "gate",
        }
    }
}

/// A flight as it stands now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlightNow {
    /// Scheduled departure.
    pub departs_at: Timestamp,
    /// Scheduled arrival.
    pub arrives_at: Timestamp,
    /// Expected departure; the scheduled one where nothing else is known.
    pub expected_at: Timestamp,
    /// What it is doing.
    pub status: FlightStatus,
    /// The gate, if there is one.
    pub gate: Option<String>,
}

/// What somebody who flies knows of a flight: what they bought, and what they were told last of each aspect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Departure and arrival as they were sold.
    pub sold: (Timestamp, Timestamp),
    /// The state of the last notification of an aspect ([`Say::state`]).
    pub told: [Option<String>; 4],
}

impl Known {
    fn told(&self, aspect: Aspect) -> Option<&str> {
        self.told[aspect as usize].as_deref()
    }
}

/// Something to say of a flight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Say {
    /// What of it.
    pub aspect: Aspect,
    /// With which text.
    pub topic: Topic,
    /// What is then known, to be compared with what comes.
    pub state: String,
}

const CANCELLED: &str = "cancelled";
const FLOWN: &str = "flown";
const ON_TIME: &str = "on_time";

/// What somebody is to be told of a flight: what it is now and they do not know. Said again it is nothing, whatever happened in between.
/// Of a flight that is off the gate nothing more is said, and of one that is cancelled only that.
pub fn news(now: &FlightNow, known: &Known) -> Vec<Say> {
    let say = |aspect, topic, state: &str| Say { aspect, topic, state: state.to_owned() };
    let was_cancelled = known.told(Aspect::Operation) == Some(CANCELLED);
    let mut said = Vec::new();
    match now.status {
        FlightStatus::Cancelled if was_cancelled => return said,
        FlightStatus::Cancelled => return vec![say(Aspect::Operation, Topic::FlightCancelled, CANCELLED)],
        FlightStatus::Departed | FlightStatus::Arrived => return said,
        _ if was_cancelled => said.push(say(Aspect::Operation, Topic::Reinstated, FLOWN)),
        _ => {}
    }
    let schedule = times(now.departs_at, now.arrives_at);
    let sold = times(known.sold.0, known.sold.1);
    if known.told(Aspect::Schedule).unwrap_or(&sold) != schedule {
        said.push(say(Aspect::Schedule, Topic::Retimed, &schedule));
    }
    if let Some((topic, state)) = delay(now, known.told(Aspect::Delay)) {
        said.push(say(Aspect::Delay, topic, &state));
    }
    match &now.gate {
        Some(gate) if known.told(Aspect::Gate) != Some(gate) => {
            said.push(say(Aspect::Gate, Topic::Gate, gate));
        }
        _ => {}
    }
    said
}

fn times(departs_at: Timestamp, arrives_at: Timestamp) -> String {
    format!("{departs_at}/{arrives_at}")
}

/// A delay is news from a quarter of an hour on, and again when it is a quarter of an hour more or less; and so is its end, to whoever was
/// told of it. What was told of another schedule does not count any more.
fn delay(now: &FlightNow, told: Option<&str>) -> Option<(Topic, String)> {
    let of_this_schedule = |state: &str| -> Option<Timestamp> {
        let (departs_at, expected_at) = state.split_once('/')?;
        let departs_at: Timestamp = departs_at.parse().ok()?;
        expected_at.parse().ok().filter(|_| departs_at == now.departs_at)
    };
    let told = told.and_then(of_this_schedule);
    let is_late = now.expected_at.duration_since(now.departs_at) >= LATE_FROM;
    let differs = |told: Timestamp| now.expected_at.duration_since(told).abs() >= LATE_FROM;
    match (is_late, told) {
        (true, told) if told.is_none_or(differs) => {
            Some((Topic::Delayed, format!("{}/{}", now.departs_at, now.expected_at)))
        }
        (false, Some(_)) => Some((Topic::OnTime, ON_TIME.to_owned())),
        _ => None,
    }
}

/// Whether a notification about a flight still says how it is: somebody who knows just that would be told nothing more of it.
pub fn is_still_so(now: &FlightNow, aspect: Aspect, state: &str) -> bool {
    let over = matches!(now.status, FlightStatus::Departed | FlightStatus::Arrived);
    let cancelled = now.status == FlightStatus::Cancelled;
    let mut known = Known { sold: (now.departs_at, now.arrives_at), told: [None, None, None, None] };
    known.told[aspect as usize] = Some(state.to_owned());
    let is_on_time = now.expected_at.duration_since(now.departs_at) < LATE_FROM;
    match aspect {
        Aspect::Operation => (state == CANCELLED) == cancelled && !over,
        Aspect::Delay if state == ON_TIME => is_on_time && !over && !cancelled,
        _ => !over && !cancelled && news(now, &known).iter().all(|say| say.aspect != aspect),
    }
}

/// So long before check-in closes the reminder comes at the latest: what it asks for must still be possible.
const TIME_LEFT: SignedDuration = SignedDuration::from_hours(1);

/// How long before departure whoever is not checked in is reminded, where check-in closes so long before: usually so long, or earlier
/// where check-in closes early.
pub fn reminder_before(usually: SignedDuration, closes: SignedDuration) -> SignedDuration {
    usually.max(closes + TIME_LEFT)
}

/// What of check-in is to be said of a flight at a moment, while it is open: a delay moves the reminder, a cancellation drops both.
/// `reminds` is how long before departure the reminder usually comes.
pub fn check_in_news(
    flight: &FlightNow,
    window: &Window,
    reminds: SignedDuration,
    now: Timestamp,
) -> Option<Topic> {
    if matches!(flight.status, FlightStatus::Cancelled | FlightStatus::Departed | FlightStatus::Arrived) {
        return None;
    }
    if now < window.opens_at || now >= window.closes_at {
        return None;
    }
    let leaves_at = flight.expected_at.max(flight.departs_at);
    let closes = leaves_at.duration_since(window.closes_at);
    Some(if now >= leaves_at - reminder_before(reminds, closes) {
        Topic::CheckInReminder
    } else {
        Topic::CheckInOpen
    })
}

#[cfg(test)]
mod tests;
