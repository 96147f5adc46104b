//! Check-in: when it is open on a route, what it asks for there, and who goes together.
//!
//! Times are instants: a window of 48 hours is 48 hours long on the night the clocks change as well. It opens by the schedule.
//! It closes by the schedule or by a published later departure, whichever is later: a delay gives more time, and an estimate
//! that is earlier takes none away.

mod file;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use kernel::AirportCode;

use crate::pricing::PassengerType;

pub use file::parse;

/// The longest a window may be, minutes: two weeks. More is a slip of the pen.
pub const MINUTES_MAX: u32 = 14 * 24 * 60;
/// The longest that a passport may have to be valid beyond arrival, months.
pub const MONTHS_MAX: u8 = 24;

/// When check-in is open, and what it asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// It opens so many minutes before departure,
    pub opens_minutes: u32,
    /// closes so many before for travellers,
    pub closes_minutes: u32,
    /// and so many before at the counter.
    pub counter_closes_minutes: u32,
    /// Whether a passport is asked for.
    pub passport: bool,
    /// For how many months after arrival the passport must be valid; 0 is on the day.
    pub passport_months: u8,
}

impl Terms {
    /// Whether the times are in their order: it opens before it closes, and for travellers not after the counter.
    pub const fn is_sound(&self) -> bool {
        self.opens_minutes <= MINUTES_MAX
            && self.opens_minutes > self.closes_minutes
            && self.closes_minutes >= self.counter_closes_minutes
            && self.passport_months <= MONTHS_MAX
    }
}

/// Where a route begins or ends.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum End {
    /// Anywhere.
    Anywhere,
    /// A country, ISO 3166-1 alpha-2.
    Country(String),
    /// An airport.
    Airport(AirportCode),
}

impl End {
    /// How closely it says where: airports before countries before anywhere. `None`: it is elsewhere.
    fn closeness(&self, airport: AirportCode, country: &str) -> Option<u8> {
        match self {
            Self::Anywhere => Some(0),
            Self::Country(code) => (code == country).then_some(1),
            Self::Airport(code) => (*code == airport).then_some(2),
        }
    }
}

/// What holds on a route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoutePolicy {
    /// From.
    pub origin: End,
    /// To.
    pub destination: End,
    /// Its terms.
    pub terms: Terms,
}

/// A flight's route.
#[derive(Clone, Copy, Debug)]
pub struct Route<'a> {
    /// From, with its country (ISO 3166-1 alpha-2).
    pub origin: (AirportCode, &'a str),
    /// To, with its country.
    pub destination: (AirportCode, &'a str),
}

impl Route<'_> {
    /// Whether the flight crosses a border.
    pub fn is_international(&self) -> bool {
        self.origin.1 != self.destination.1
    }
}

/// The terms of a route: those of the policy that names it most closely, or else those of domestic or of international flights.
/// Of two that are as close, the one that is closer about the origin.
pub fn terms_of(
    policies: &[RoutePolicy],
    (domestic, international): (Terms, Terms),
    route: &Route<'_>,
) -> Terms {
    let closeness = |policy: &RoutePolicy| {
        let from = policy.origin.closeness(route.origin.0, route.origin.1)?;
        let to = policy.destination.closeness(route.destination.0, route.destination.1)?;
        Some((from + to, from))
    };
    let fitting = policies.iter().filter_map(|policy| Some((closeness(policy)?, policy.terms)));
    let closest = fitting.max_by_key(|(closeness, _)| *closeness).map(|(_, terms)| terms);
    closest.unwrap_or(if route.is_international() { international } else { domestic })
}

/// Who checks in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Desk {
    /// Travellers by themselves.
    Online,
    /// Staff at the counter.
    Counter,
}

/// When check-in of a flight is open: from the first instant on, and at the second no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The first instant.
    pub opens_at: Timestamp,
    /// The first at which travellers cannot.
    pub closes_at: Timestamp,
    /// The first at which staff cannot.
    pub counter_closes_at: Timestamp,
}

/// Where an instant is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Before the window.
    NotOpen,
    /// In it.
    Open,
    /// Behind it.
    Closed,
}

impl Phase {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotOpen => "not_open",
            Self::Open => "open",
            Self::Closed => "closed",
        }
    }
}

impl Window {
    /// The window of a flight: its scheduled departure, and the expected one if another was published.
    pub fn of(terms: &Terms, departs_at: Timestamp, expected_at: Option<Timestamp>) -> Self {
        let before = |at: Timestamp, minutes: u32| at - SignedDuration::from_mins(minutes.into());
        let leaves_at = expected_at.map_or(departs_at, |expected| expected.max(departs_at));
        Self {
            opens_at: before(departs_at, terms.opens_minutes),
            closes_at: before(leaves_at, terms.closes_minutes),
            counter_closes_at: before(leaves_at, terms.counter_closes_minutes),
        }
    }

    /// When it closes for them.
    pub const fn closes_for(&self, desk: Desk) -> Timestamp {
        match desk {
            Desk::Online => self.closes_at,
            Desk::Counter => self.counter_closes_at,
        }
    }

    /// Where `now` is for them.
    pub fn phase(&self, desk: Desk, now: Timestamp) -> Phase {
        if now < self.opens_at {
            Phase::NotOpen
        } else if now < self.closes_for(desk) {
            Phase::Open
        } else {
            Phase::Closed
        }
    }
}

/// A passenger of a flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// The number in the booking.
    pub number: i16,
    /// Adult, child or infant.
    pub kind: PassengerType,
    /// Whether they are checked in; whoever has boarded is.
    pub checked_in: bool,
    /// Whether they have boarded.
    pub boarded: bool,
}

/// Children would be checked in without an adult.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("children are checked in with an adult")]
pub struct ChildrenAlone;

/// Who is checked in when these are asked for: they, and an infant with the adult on whose lap it is, whichever of the two was
/// asked for. `party` is everybody of the booking who flies. Who is checked in already is not among them.
pub fn join(party: &[Member], asked: &BTreeSet<i16>) -> Result<BTreeSet<i16>, ChildrenAlone> {
    let all = with_laps(party, asked);
    let then = |member: &Member| member.checked_in || all.contains(&member.number);
    check_guarded(party, then)?;
    let new = |number: &i16| party.iter().any(|member| member.number == *number && !member.checked_in);
    Ok(all.into_iter().filter(new).collect())
}

/// Who is not checked in any more when these are taken off, the same way round. Who is not checked in, or has
/// boarded, is not among them.
pub fn leave(party: &[Member], asked: &BTreeSet<i16>) -> Result<BTreeSet<i16>, ChildrenAlone> {
    let all = with_laps(party, asked);
    let waits = |member: &Member| member.checked_in && !member.boarded;
    let then = |member: &Member| member.checked_in && !(waits(member) && all.contains(&member.number));
    check_guarded(party, then)?;
    let was = |number: &i16| party.iter().any(|member| member.number == *number && waits(member));
    Ok(all.into_iter().filter(was).collect())
}

/// Who of those checked in cannot stay so, once others have given their tickets back: everybody when no adult is checked in any more,
/// and an infant whose lap is not. `party` is everybody of the booking who still flies.
pub fn left_behind(party: &[Member]) -> BTreeSet<i16> {
    let adults = || party.iter().filter(|member| member.kind == PassengerType::Adult);
    let infants = party.iter().filter(|member| member.kind == PassengerType::Infant);
    let guarded = adults().any(|adult| adult.checked_in);
    let held = adults().zip(infants).filter(|(adult, _)| adult.checked_in);
    let held: BTreeSet<i16> = held.map(|(_, infant)| infant.number).collect();
    let stays = |member: &Member| match member.kind {
        PassengerType::Adult => true,
        PassengerType::Child => guarded,
        PassengerType::Infant => held.contains(&member.number),
    };
    party
        .iter()
        .filter(|member| member.checked_in && !member.boarded && !stays(member))
        .map(|member| member.number)
        .collect()
}

/// The infant on the lap of an adult.
pub fn infant_of(party: &[Member], adult: i16) -> Option<i16> {
    let of = |kind| party.iter().filter(move |member| member.kind == kind).map(|member| member.number);
    let mut laps = of(PassengerType::Adult).zip(of(PassengerType::Infant));
    laps.find(|(lap, _)| *lap == adult).map(|(_, infant)| infant)
}

/// Of whoever is checked in then, no child or infant is without an adult.
fn check_guarded(party: &[Member], then: impl Fn(&Member) -> bool) -> Result<(), ChildrenAlone> {
    let mut checked_in = party.iter().filter(|member| then(member)).peekable();
    if checked_in.peek().is_none() || checked_in.any(|member| member.kind == PassengerType::Adult) {
        Ok(())
    } else {
        Err(ChildrenAlone)
    }
}

/// The first infant is on the lap of the first adult, the second on that of the second (as in [`crate::seating::travellers`]).
fn with_laps(party: &[Member], asked: &BTreeSet<i16>) -> BTreeSet<i16> {
    let of = |kind| party.iter().filter(move |member| member.kind == kind).map(|member| member.number);
    let flies = |number: &&i16| party.iter().any(|member| member.number == **number);
    let mut all: BTreeSet<i16> = asked.iter().filter(flies).copied().collect();
    for (adult, infant) in of(PassengerType::Adult).zip(of(PassengerType::Infant)) {
        if all.contains(&adult) || all.contains(&infant) {
            all.extend([adult, infant]);
        }
    }
    all
}
