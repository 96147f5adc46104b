//! What a traveller can do with a booking now, and until when: in one place what each operation looks at for itself.
//!
//! An end is the clock's, as things stand: a delay, another schedule or what staff do moves it, and a quicker traveller may take the
//! last seat. What has no end is open until something other than time ends it.

#[cfg(test)]
mod tests;

use jiff::Timestamp;

use crate::booking::BookingStatus;
use crate::coupon::CouponStatus;

/// Something that a traveller does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// Pay the hold, or the open order.
    Pay,
    /// Keep the hold longer.
    Extend,
    /// Give the open order up.
    CancelOrder,
    /// Check in to a flight.
    CheckIn,
    /// Give a passport, without which nobody checks in to the flight.
    AddDocument,
    /// Take check-in back.
    UndoCheckIn,
    /// Choose seats and buy extras of a flight.
    AddExtras,
    /// Take other flights for a slice.
    Change,
    /// Give up the hold, or give the tickets of a slice back.
    Cancel,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Pay,
        Self::Extend,
        Self::CancelOrder,
        Self::CheckIn,
        Self::AddDocument,
        Self::UndoCheckIn,
        Self::AddExtras,
        Self::Change,
        Self::Cancel,
    ];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pay => "pay",
            Self::Extend => "extend",
            Self::CancelOrder => "cancel_order",
            Self::CheckIn => "check_in",
            Self::AddDocument => "add_document",
            Self::UndoCheckIn => "undo_check_in",
            Self::AddExtras => "add_extras",
            Self::Change => "change",
            Self::Cancel => "cancel",
        }
    }
}

/// Something that can be done now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chance {
    /// What.
    pub action: Action,
    /// With which slice, by its number; `None` where it is the whole booking, or one flight.
    pub slice: Option<i16>,
    /// With which flight, by its segment's number.
    pub segment: Option<i16>,
    /// From then on it cannot; `None` where no clock ends it.
    pub until: Option<Timestamp>,
}

impl Chance {
    const fn of_booking(action: Action, until: Timestamp) -> Self {
        Self { action, slice: None, segment: None, until: Some(until) }
    }

    const fn of_slice(action: Action, slice: i16, until: Option<Timestamp>) -> Self {
        Self { action, slice: Some(slice), segment: None, until }
    }

    /// With a flight.
    pub const fn of_segment(action: Action, segment: i16, until: Option<Timestamp>) -> Self {
        Self { action, slice: None, segment: Some(segment), until }
    }
}

/// A booking as it is now.
#[derive(Clone, Debug)]
pub struct BookingNow {
    /// Its state.
    pub status: BookingStatus,
    /// Its hold; says nothing once it is confirmed.
    pub hold: HoldNow,
    /// The order that waits to be paid.
    pub order: Option<OrderNow>,
    /// Its slices, those that were exchanged too.
    pub slices: Vec<SliceNow>,
    /// What can be done about check-in, if it is confirmed and no order is open (`check_in` says).
    pub check_in: Vec<Chance>,
}

/// A hold.
#[derive(Clone, Copy, Debug)]
pub struct HoldNow {
    /// Until then.
    pub expires_at: Timestamp,
    /// It was kept longer once, and is not again.
    pub extended: bool,
    /// A payment is under way.
    pub paying: bool,
}

/// An open order.
#[derive(Clone, Copy, Debug)]
pub struct OrderNow {
    /// Until then.
    pub expires_at: Timestamp,
    /// A payment is under way.
    pub paying: bool,
    /// Whether what it buys will fly.
    pub flies: bool,
}

/// A slice.
#[derive(Clone, Debug)]
pub struct SliceNow {
    /// Its number.
    pub number: i16,
    /// Its flights in order.
    pub flights: Vec<FlightNow>,
    /// Whether the airline has broken what is left of it (`refund::SliceNow::disruption`): then it goes back after it has begun too.
    pub broken: bool,
    /// Whether it can be changed.
    pub changes: Changes,
}

/// Whether a slice can be changed, as far as its fare family and the law have a word in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changes {
    /// It has no changes.
    No,
    /// It has none, but everything comes back, and so it costs nothing, until then.
    Until(Timestamp),
    /// It has.
    Yes,
}

/// A flight of a slice.
#[derive(Clone, Debug)]
pub struct FlightNow {
    /// The number of its segment.
    pub segment: i16,
    /// When it departs as it is expected now.
    pub departs_at: Timestamp,
    /// Whether the airline has cancelled it.
    pub cancelled: bool,
    /// When seats and extras of it are sold no more.
    pub extras_close_at: Timestamp,
    /// What became of everybody's coupons; none before the booking is confirmed.
    pub coupons: Vec<CouponStatus>,
}

impl FlightNow {
    /// Whether it has left.
    fn has_left(&self, now: Timestamp) -> bool {
        !self.cancelled && self.departs_at <= now
    }

    fn has(&self, of: impl Fn(CouponStatus) -> bool) -> bool {
        self.coupons.iter().any(|status| of(*status))
    }

    /// Whether somebody's ticket for it can go back.
    fn is_returnable(&self, now: Timestamp) -> bool {
        self.has(CouponStatus::is_live) && !self.has_left(now)
    }

    /// Seats and extras, of a flight that somebody will be on.
    fn extras(&self, now: Timestamp) -> Option<Chance> {
        let sold = !self.cancelled && now < self.extras_close_at;
        sold.then(|| Chance::of_segment(Action::AddExtras, self.segment, Some(self.extras_close_at)))
    }
}

impl SliceNow {
    /// When its first flight departs; with `flown_only`, the first of those that will be flown.
    fn departs_at(&self, flown_only: bool) -> Option<Timestamp> {
        let flights = self.flights.iter().filter(|flight| !(flown_only && flight.cancelled));
        flights.map(|flight| flight.departs_at).min()
    }

    /// Other flights: nobody has set out or is checked in, and the family or the law lets them go.
    fn change(&self, now: Timestamp) -> Option<Chance> {
        let is_in = |status: CouponStatus| matches!(status, CouponStatus::CheckedIn | CouponStatus::Boarded);
        let is_open = |status: CouponStatus| status == CouponStatus::Open;
        let departs_at = self.departs_at(true);
        let begun = departs_at.is_some_and(|at| at <= now);
        if begun || self.flights.iter().any(|flight| flight.has(is_in)) {
            return None;
        }
        let until = match self.changes {
            Changes::No => return None,
            Changes::Until(end) if end < now => return None,
            Changes::Until(end) => Some(departs_at.map_or(end, |at| at.min(end))),
            Changes::Yes => departs_at,
        };
        let someone = self.flights.iter().any(|flight| flight.has(is_open));
        someone.then(|| Chance::of_slice(Action::Change, self.number, until))
    }

    /// Giving back: before its first flight leaves, and of what the airline broke as long as something is left to fly.
    fn cancel(&self, now: Timestamp) -> Option<Chance> {
        let left: Vec<&FlightNow> = self.flights.iter().filter(|flight| flight.is_returnable(now)).collect();
        let last = left.iter().map(|flight| flight.departs_at).max()?;
        let first = self.departs_at(false)?;
        let stranded = left.iter().any(|flight| flight.cancelled);
        let until = if self.broken { (!stranded).then_some(last) } else { Some(first) };
        if !self.broken && first <= now {
            return None;
        }
        Some(Chance::of_slice(Action::Cancel, self.number, until))
    }
}

/// What can be done with a booking: what is most pressing first, and of one kind in the order of travel.
pub fn chances(booking: &BookingNow, now: Timestamp) -> Vec<Chance> {
    match booking.status {
        BookingStatus::Held => of_hold(booking, now),
        BookingStatus::Confirmed => match booking.order {
            Some(order) => of_order(order, now),
            None => of_tickets(booking, now),
        },
        BookingStatus::Completed | BookingStatus::Expired | BookingStatus::Cancelled => Vec::new(),
    }
}

fn of_hold(booking: &BookingNow, now: Timestamp) -> Vec<Chance> {
    let HoldNow { expires_at, extended, paying } = booking.hold;
    if paying || expires_at <= now {
        return Vec::new();
    }
    let flights = || booking.slices.iter().flat_map(|slice| &slice.flights);
    let whole = |action| Chance::of_booking(action, expires_at);
    let mut all = Vec::new();
    if !flights().any(|flight| flight.cancelled) {
        all.push(whole(Action::Pay));
    }
    if !extended {
        all.push(whole(Action::Extend));
    }
    let bounded =
        |chance: Chance| Chance { until: chance.until.map(|until| until.min(expires_at)), ..chance };
    all.extend(flights().filter_map(|flight| flight.extras(now)).map(bounded));
    all.push(whole(Action::Cancel));
    all
}

fn of_order(order: OrderNow, now: Timestamp) -> Vec<Chance> {
    if order.paying || order.expires_at <= now {
        return Vec::new();
    }
    let pay = order.flies.then(|| Chance::of_booking(Action::Pay, order.expires_at));
    pay.into_iter().chain([Chance::of_booking(Action::CancelOrder, order.expires_at)]).collect()
}

fn of_tickets(booking: &BookingNow, now: Timestamp) -> Vec<Chance> {
    let flights = booking.slices.iter().flat_map(|slice| &slice.flights);
    let flown = flights.filter(|flight| flight.has(CouponStatus::is_live));
    let mut all = booking.check_in.clone();
    all.extend(flown.filter_map(|flight| flight.extras(now)));
    all.extend(booking.slices.iter().filter_map(|slice| slice.change(now)));
    all.extend(booking.slices.iter().filter_map(|slice| slice.cancel(now)));
    all.sort_by_key(|chance| chance.action);
    all
}
