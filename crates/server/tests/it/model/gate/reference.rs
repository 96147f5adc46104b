//! What the day of one flight should do with three bookings, small enough to be read in a minute: one thing at a time, in memory.

use std::collections::BTreeSet;

/// Each party of the flight, by the kinds of its passengers: adult, child, infant.
pub(super) const PARTIES: [&[Kind]; 3] =
    [&[Kind::Adult, Kind::Child], &[Kind::Adult, Kind::Infant], &[Kind::Adult]];
/// Seats of the aircraft, and so many are sold: one more. Whoever is not checked in any more leaves theirs to the others.
pub(super) const SEATS: usize = 3;
pub(super) const SOLD: usize = 4;
/// Passengers in all.
pub(super) const PEOPLE: usize = 5;
/// Minutes before departure: when a day begins, when travellers and the counter check nobody in any more, and when boarding begins.
pub(super) const BEGINS: i64 = 90;
const ONLINE_CLOSES: i64 = 60;
const COUNTER_CLOSES: i64 = 45;
const BOARDING: i64 = 40;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Adult,
    Child,
    Infant,
}

/// What is done. People are named by their place in all parties together.
#[derive(Clone, Copy, Debug)]
pub(super) enum Command {
    CheckIn(usize, Desk),
    UndoCheckIn(usize),
    Offload(usize),
    Scan {
        who: usize,
        /// Which reader.
        device: usize,
        /// The reader says that it is its last reading of that pass, once more.
        again: bool,
        /// The first pass that was issued, whether there is a newer or not.
        first: bool,
    },
    TakeOff(usize),
    Close,
    Declare(Declared),
    /// What happens by itself within a minute.
    Follow,
    /// Everything of a booking that can go back.
    GiveBack(usize),
    Wait {
        minutes: i64,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Desk {
    Online,
    Counter,
}

/// What staff say of the flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Declared {
    Scheduled,
    Boarding,
    Departed,
    Cancelled,
}

/// What must be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    Done,
    /// With this code.
    Refused(&'static str),
    /// There is nothing to ask.
    Nothing,
}

use Expected::{Done, Nothing, Refused};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ticket {
    Open,
    CheckedIn,
    Boarded,
    Flown,
    NoShow,
    Refunded,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CheckIn {
    Never,
    In,
    Withdrawn,
    Offloaded,
}

/// A reading that let somebody on board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Reading {
    device: usize,
    word: usize,
    at: i64,
}

#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) booking: usize,
    /// From 1.
    pub(super) number: usize,
    kind: Kind,
    ticket: Ticket,
    check_in: CheckIn,
    boarded: Option<Reading>,
    /// How many passes were issued.
    pub(super) passes: usize,
    /// How often each reader has read a pass of theirs.
    readings: [usize; 2],
    /// Readings that let them on board and were taken back, by reader and word.
    undone: BTreeSet<(usize, usize)>,
}

impl Person {
    fn flies(&self) -> bool {
        !matches!(self.ticket, Ticket::NoShow | Ticket::Refunded)
    }

    fn waits(&self) -> bool {
        matches!(self.ticket, Ticket::Open | Ticket::CheckedIn)
    }

    fn is_on_board(&self) -> bool {
        matches!(self.ticket, Ticket::Boarded | Ticket::Flown)
    }

    fn is_checked_in(&self) -> bool {
        self.ticket == Ticket::CheckedIn || self.is_on_board()
    }

    /// How often a reader has read a pass of theirs.
    pub(super) fn readings(&self, device: usize) -> usize {
        self.readings[device]
    }

    /// As `support::aboard` says it.
    pub(super) fn stands(&self) -> String {
        let ticket = match self.ticket {
            Ticket::Open => "open",
            Ticket::CheckedIn => "checked_in",
            Ticket::Boarded => "boarded",
            Ticket::Flown => "flown",
            Ticket::NoShow => "no_show",
            Ticket::Refunded => "refunded",
        };
        let check_in = match self.check_in {
            CheckIn::Never => "-",
            CheckIn::In => "checked_in",
            CheckIn::Withdrawn => "withdrawn",
            CheckIn::Offloaded => "offloaded",
        };
        let aboard = match (self.boarded, self.ticket) {
            (None, _) => "-",
            (Some(_), Ticket::Flown) => "flown",
            (Some(_), _) => "aboard",
        };
        format!("{ticket} {check_in} {} {aboard}", u8::from(self.is_checked_in()))
    }
}

#[derive(Clone, Debug)]
pub(super) struct Reference {
    pub(super) people: Vec<Person>,
    declared: Option<Declared>,
    closed: bool,
    /// Minutes before the departure.
    left: i64,
}

impl Reference {
    pub(super) fn new() -> Self {
        let people = PARTIES.iter().enumerate().flat_map(|(booking, kinds)| {
            kinds.iter().enumerate().map(move |(index, kind)| Person {
                booking,
                number: index + 1,
                kind: *kind,
                ticket: Ticket::Open,
                check_in: CheckIn::Never,
                boarded: None,
                passes: 0,
                readings: [0; 2],
                undone: BTreeSet::new(),
            })
        });
        Self { people: people.collect(), declared: None, closed: false, left: BEGINS }
    }

    pub(super) fn apply(&mut self, command: Command) -> Expected {
        match command {
            Command::CheckIn(who, desk) => self.check_in(who, desk),
            Command::UndoCheckIn(who) => self.undo_check_in(who),
            Command::Offload(who) => self.offload(who),
            Command::Scan { who, device, again, first } => self.scan(who, device, again, first),
            Command::TakeOff(who) => self.take_off(who),
            Command::Close => self.close(),
            Command::Declare(declared) => {
                self.declared = Some(declared);
                Done
            }
            Command::Follow => self.follow(),
            Command::GiveBack(booking) => self.give_back(booking),
            Command::Wait { minutes } => {
                self.left -= minutes;
                Done
            }
        }
    }

    fn is_cancelled(&self) -> bool {
        self.declared == Some(Declared::Cancelled)
    }

    /// What staff say decides, and else the clock.
    fn has_left(&self) -> bool {
        self.declared == Some(Declared::Departed) || (self.declared.is_none() && self.left <= 0)
    }

    fn is_boarding(&self) -> bool {
        self.declared == Some(Declared::Boarding) || self.left <= BOARDING
    }

    fn of(&self, booking: usize) -> impl Iterator<Item = &Person> {
        self.people.iter().filter(move |person| person.booking == booking)
    }

    fn is_given_back(&self, booking: usize) -> bool {
        self.of(booking).all(|person| person.ticket == Ticket::Refunded)
    }

    /// Whoever comes and goes with somebody: an infant with its lap, while both fly.
    fn together(&self, who: usize) -> BTreeSet<usize> {
        let lap = [2, 3];
        let flies = |who: &usize| self.people[*who].flies();
        let both = lap.contains(&who) && lap.iter().all(flies);
        if both { lap.into() } else { [who].into_iter().filter(flies).collect() }
    }

    /// Whether children would be checked in without an adult if these are.
    fn are_alone(&self, booking: usize, checked_in: impl Fn(usize, &Person) -> bool) -> bool {
        let of = self.people.iter().enumerate().filter(|(_, person)| person.booking == booking);
        let then: Vec<Kind> =
            of.filter(|(who, person)| checked_in(*who, person)).map(|(_, person)| person.kind).collect();
        !then.is_empty() && !then.contains(&Kind::Adult)
    }

    fn check_in(&mut self, who: usize, desk: Desk) -> Expected {
        let booking = self.people[who].booking;
        if self.is_given_back(booking) {
            return Refused("booking_closed");
        }
        if !self.people[who].flies() {
            return Refused("invalid_field");
        }
        let asked = self.together(who);
        if self.are_alone(booking, |who, person| person.is_checked_in() || asked.contains(&who)) {
            return Refused("adult_must_check_in");
        }
        let new: Vec<usize> = asked.into_iter().filter(|who| !self.people[*who].is_checked_in()).collect();
        if new.is_empty() {
            return Done;
        }
        if self.is_cancelled() {
            return Refused("flight_cancelled");
        }
        let closes = if desk == Desk::Online { ONLINE_CLOSES } else { COUNTER_CLOSES };
        if self.has_left() || self.left <= closes || self.closed {
            return Refused("check_in_closed");
        }
        if desk == Desk::Online && new.iter().any(|who| self.people[*who].check_in == CheckIn::Offloaded) {
            return Refused("offloaded");
        }
        let seated = |person: &&Person| person.kind != Kind::Infant && person.is_checked_in();
        let more = new.iter().filter(|who| self.people[**who].kind != Kind::Infant).count();
        if self.people.iter().filter(seated).count() + more > SEATS {
            return Refused("no_seat_left");
        }
        for who in new {
            let person = &mut self.people[who];
            (person.ticket, person.check_in) = (Ticket::CheckedIn, CheckIn::In);
            person.passes += 1;
        }
        Done
    }

    fn undo_check_in(&mut self, who: usize) -> Expected {
        let may = self.is_cancelled() || (!self.has_left() && !self.is_boarding());
        let refused = if may { None } else { Some("boarding_started") };
        self.leave(who, CheckIn::Withdrawn, refused)
    }

    fn offload(&mut self, who: usize) -> Expected {
        if self.is_given_back(self.people[who].booking) {
            return Refused("booking_closed");
        }
        if self.has_left() || (self.left <= 0 && !self.is_cancelled()) {
            return Refused("already_departed");
        }
        self.leave(who, CheckIn::Offloaded, None)
    }

    fn leave(&mut self, who: usize, then: CheckIn, refused: Option<&'static str>) -> Expected {
        let booking = self.people[who].booking;
        if self.is_given_back(booking) {
            return Refused("booking_closed");
        }
        match self.people[who].ticket {
            Ticket::Refunded => return Refused("not_found"),
            Ticket::Boarded => return Refused("has_boarded"),
            _ => {}
        }
        let waits = |person: &Person| person.ticket == Ticket::CheckedIn;
        let leaving: Vec<usize> =
            self.together(who).into_iter().filter(|who| waits(&self.people[*who])).collect();
        if self.are_alone(booking, |who, person| person.is_checked_in() && !leaving.contains(&who)) {
            return Refused("adult_must_stay");
        }
        if leaving.is_empty() {
            return Done;
        }
        if let Some(code) = refused {
            return Refused(code);
        }
        for who in leaving {
            (self.people[who].ticket, self.people[who].check_in) = (Ticket::Open, then);
        }
        Done
    }

    fn scan(&mut self, who: usize, device: usize, again: bool, first: bool) -> Expected {
        let person = &self.people[who];
        let (now, word) = (self.left, person.readings[device] + usize::from(!again));
        if person.passes == 0 || word == 0 {
            return Nothing;
        }
        self.people[who].readings[device] = word;
        let person = &self.people[who];
        if self.is_given_back(person.booking) {
            return Refused("pass_ended");
        }
        if let Some(before) = person.boarded {
            // The same minute is within the seconds in which a reader beeps twice.
            let same = before.device == device && (before.word == word || before.at == now);
            return if same { Done } else { Refused("already_boarded") };
        }
        if person.undone.contains(&(device, word)) {
            return Refused("boarding_undone");
        }
        if let Some(code) = self.gate_is_shut() {
            return Refused(code);
        }
        if person.ticket != Ticket::CheckedIn {
            return Refused("pass_ended");
        }
        if first && person.passes > 1 {
            return Refused("pass_replaced");
        }
        let lap = |other: &Person| other.kind == Kind::Adult && other.flies();
        if person.kind == Kind::Infant
            && self.of(person.booking).find(|other| lap(other)).is_some_and(|lap| !lap.is_on_board())
        {
            return Refused("adult_first");
        }
        let person = &mut self.people[who];
        (person.ticket, person.boarded) = (Ticket::Boarded, Some(Reading { device, word, at: now }));
        Done
    }

    fn gate_is_shut(&self) -> Option<&'static str> {
        match self.declared {
            Some(Declared::Cancelled) => Some("flight_cancelled"),
            _ if self.has_left() => Some("already_departed"),
            _ if self.closed => Some("boarding_closed"),
            _ if self.is_boarding() => None,
            _ => Some("boarding_not_open"),
        }
    }

    fn take_off(&mut self, who: usize) -> Expected {
        if self.people[who].passes == 0 {
            return Nothing;
        }
        match self.people[who].ticket {
            Ticket::Boarded if self.closed => return Refused("boarding_closed"),
            Ticket::Boarded => {}
            Ticket::Flown => return Refused("already_departed"),
            _ => return Refused("not_found"),
        }
        let lap = self.people[who].kind == Kind::Adult;
        let with = if lap { self.together(who) } else { BTreeSet::from([who]) };
        self.come_back(|other, person| with.contains(&other) && person.ticket == Ticket::Boarded);
        Done
    }

    /// People on board are not any more.
    fn come_back(&mut self, which: impl Fn(usize, &Person) -> bool) {
        for who in 0..self.people.len() {
            if which(who, &self.people[who]) {
                let person = &mut self.people[who];
                person.ticket = Ticket::CheckedIn;
                person.undone.extend(person.boarded.take().map(|reading| (reading.device, reading.word)));
            }
        }
    }

    fn close(&mut self) -> Expected {
        if self.is_cancelled() {
            return Refused("flight_cancelled");
        }
        if !self.closed {
            if !self.has_left() && !self.is_boarding() {
                return Refused("boarding_not_open");
            }
            let alone = |booking| self.are_alone(booking, |_, person| person.is_on_board());
            if (0..PARTIES.len()).any(alone) {
                return Refused("children_alone");
            }
            self.closed = true;
        }
        self.settle();
        Done
    }

    /// Whoever waits at a closed gate did not come.
    fn settle(&mut self) {
        for person in self.people.iter_mut().filter(|person| person.waits()) {
            if person.ticket == Ticket::CheckedIn {
                person.check_in = CheckIn::Offloaded;
            }
            person.ticket = Ticket::NoShow;
        }
    }

    fn follow(&mut self) -> Expected {
        if self.is_cancelled() {
            self.come_back(|_, person| person.ticket == Ticket::Boarded);
            // Nobody has missed it, and its gate is as it was before it was closed.
            self.closed = false;
            for person in self.people.iter_mut().filter(|person| person.ticket == Ticket::NoShow) {
                person.ticket = Ticket::Open;
            }
        } else if self.has_left() {
            for person in self.people.iter_mut().filter(|person| person.ticket == Ticket::Boarded) {
                person.ticket = Ticket::Flown;
            }
        }
        Done
    }

    fn give_back(&mut self, booking: usize) -> Expected {
        if self.is_given_back(booking) {
            return Done;
        }
        let may = self.left > 0 || self.is_cancelled();
        if !may || !self.of(booking).any(Person::waits) {
            return Refused("already_departed");
        }
        let stays: Vec<Kind> =
            self.of(booking).filter(|person| person.ticket == Ticket::Boarded).map(|p| p.kind).collect();
        if !stays.is_empty() && !stays.contains(&Kind::Adult) {
            return Refused("adult_must_stay");
        }
        for person in self.people.iter_mut().filter(|person| person.booking == booking && person.waits()) {
            if person.check_in == CheckIn::In {
                person.check_in = CheckIn::Withdrawn;
            }
            person.ticket = Ticket::Refunded;
        }
        Done
    }
}
