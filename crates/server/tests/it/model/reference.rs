//! What an airline of three flights should do, small enough to be read in a minute: numbers in memory, one thing at a time.

/// Seats of each flight, and what one costs.
pub(super) const FLIGHTS: [(i64, i64); 3] = [(3, 20_003), (2, 20_033), (2, 26_007)];
/// Less is not charged.
const LEAST: i64 = 50;
/// For each passenger, unless everything would come back.
const CHANGE_FEE: i64 = 7_500;
/// So many days before departure, so many percent of the fare come back.
pub(super) const LADDER: [(i64, i64); 3] = [(8, 100), (7, 75), (6, 50)];
/// Who booked so many days before the first departure may change their mind on the first day.
const CALM_DAYS: i64 = 7;
const DAY: i64 = 24 * 60;
const HOLD_MINUTES: i64 = 15;
/// How long after its deadline something is kept whose payment is not answered.
const FROZEN_MINUTES: i64 = 60;
const FIRST_DAY: i64 = DAY;

/// What is done. Bookings are named by any number: it is taken modulo how many there are.
#[derive(Clone, Copy, Debug)]
pub(super) enum Command {
    Hold {
        flight: usize,
        passengers: i64,
    },
    Extend(usize),
    Pay(usize, Card),
    /// The whole booking.
    Cancel(usize),
    /// One of two passengers.
    CancelOne(usize),
    Change {
        booking: usize,
        to: usize,
    },
    /// The order of a change, before it is paid.
    GiveUp(usize),
    Wait {
        minutes: i64,
    },
    /// A minute passes, and the reconciler looks at the payment that was not answered.
    Settle,
    /// The sweeper comes.
    Sweep,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Card {
    Good,
    Declined,
    /// Charged, and the answer is an error.
    Unanswered,
}

/// What must be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    Done,
    Refused,
    /// There is nothing to ask.
    Nothing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Held,
    Confirmed,
    Cancelled,
    Expired,
}

impl Status {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Confirmed => "confirmed",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Order {
    to: usize,
    due: i64,
    /// The fee, and what does not come back of a fare that was higher.
    kept: i64,
    /// What each passenger's fare will be made of.
    purse: Purse,
    deadline: i64,
    unanswered: bool,
}

/// What one passenger's fare was paid with: amounts, and how many percent of each come back at most.
#[derive(Clone, Debug)]
struct Purse(Vec<(i64, i64)>);

impl Purse {
    fn new(fare: i64) -> Self {
        Self(vec![(fare, 100)])
    }

    fn sum(&self) -> i64 {
        self.0.iter().map(|(amount, _)| amount).sum()
    }

    /// As it is worth when `now` percent come back of a new fare: nothing is worth more than it was. `None`: everything comes back.
    fn seen(&self, now: Option<i64>) -> Self {
        Self(self.0.iter().map(|(amount, most)| (*amount, now.map_or(100, |now| now.min(*most)))).collect())
    }

    /// What comes back of it; money of one percentage is rounded together, half up.
    fn back(&self) -> i64 {
        let mut sums = [0; 101];
        for (amount, percent) in &self.0 {
            sums[usize::try_from(*percent).expect("a percentage")] += amount;
        }
        (0..).zip(sums).map(|(percent, sum): (i64, i64)| (sum * percent + 50) / 100).sum()
    }

    /// Costs so much less: what was newly paid for it first, then what comes back least.
    fn waive(mut self, mut off: i64) -> Self {
        self.0.sort_by_key(|(_, percent)| (*percent < 100, *percent));
        for (amount, _) in &mut self.0 {
            let part = off.min(*amount);
            *amount -= part;
            off -= part;
        }
        self
    }

    /// Pays a fare with what comes back least, and with new money what is missing. What is left of it is the second.
    fn pay(mut self, fare: i64) -> (Self, Self) {
        self.0.sort_by_key(|(_, percent)| *percent);
        let (mut used, mut left, mut missing) = (vec![], vec![], fare);
        for (amount, percent) in self.0 {
            let part = amount.min(missing);
            missing -= part;
            used.push((part, percent));
            left.push((amount - part, percent));
        }
        used.push((missing, 100));
        (Self(used), Self(left))
    }
}

#[derive(Clone, Debug)]
pub(super) struct Booking {
    pub(super) status: Status,
    pub(super) passengers: i64,
    pub(super) flight: usize,
    /// What came in, and what of that goes back.
    pub(super) captured: i64,
    pub(super) returned: i64,
    pub(super) order: Option<Order>,
    booked_at: i64,
    deadline: i64,
    extended: bool,
    unanswered: bool,
    /// Of orders that were given up while their payment was not answered.
    late: i64,
    /// What does not come back, beside the fares it has now.
    kept: i64,
    /// What of its changes was too little to charge.
    waived: i64,
    /// Of each passenger.
    purse: Purse,
    first_departure: i64,
}

impl Booking {
    fn fare(&self) -> i64 {
        self.purse.sum() * self.passengers
    }

    /// What it costs; nothing is said of one that was never paid.
    pub(super) fn price(&self) -> Option<i64> {
        match self.status {
            Status::Held => Some(self.fare()),
            Status::Confirmed => Some(self.fare() + self.kept),
            Status::Cancelled | Status::Expired => None,
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Reference {
    pub(super) bookings: Vec<Booking>,
    /// Minutes from the beginning.
    now: i64,
    departures: [i64; 3],
}

impl Reference {
    /// Flights that depart so many minutes from now.
    pub(super) fn new(departures: [i64; 3]) -> Self {
        Self { bookings: vec![], now: 0, departures }
    }

    /// Which booking a command means.
    pub(super) fn named(&self, number: usize) -> Option<usize> {
        (!self.bookings.is_empty()).then(|| number % self.bookings.len())
    }

    pub(super) fn free(&self, flight: usize) -> i64 {
        let taken = self.bookings.iter().map(|booking| {
            let lives = matches!(booking.status, Status::Held | Status::Confirmed);
            let seat = lives && booking.flight == flight;
            let kept = booking.order.as_ref().is_some_and(|order| order.to == flight);
            booking.passengers * (i64::from(seat) + i64::from(kept))
        });
        FLIGHTS[flight].0 - taken.sum::<i64>()
    }

    /// One payment at a time is without an answer, so that the order of answers does not matter.
    fn is_waiting(&self) -> bool {
        let waits = |booking: &Booking| {
            booking.unanswered
                || booking.late > 0
                || booking.order.as_ref().is_some_and(|order| order.unanswered)
        };
        self.bookings.iter().any(waits)
    }

    pub(super) fn apply(&mut self, command: Command) -> Expected {
        match command {
            Command::Hold { flight, passengers } => self.hold(flight, passengers),
            Command::Wait { minutes } => {
                // Nobody flies here.
                if self.departures.iter().any(|departure| self.now + minutes > departure - 2 * DAY) {
                    return Expected::Nothing;
                }
                self.now += minutes;
                Expected::Done
            }
            Command::Settle => self.settle(),
            Command::Sweep => self.sweep(),
            Command::Pay(_, Card::Unanswered) if self.is_waiting() => Expected::Nothing,
            Command::Change { booking, to } => self.change(booking, to),
            Command::Extend(booking)
            | Command::Pay(booking, _)
            | Command::Cancel(booking)
            | Command::CancelOne(booking)
            | Command::GiveUp(booking) => {
                let now = self.now;
                let Some(number) = self.named(booking) else { return Expected::Nothing };
                let departures = self.departures;
                let booking = &mut self.bookings[number];
                match command {
                    Command::Extend(_) => booking.extend(now),
                    Command::Pay(_, card) => booking.pay(card, now, departures),
                    Command::Cancel(_) => booking.cancel(now, departures),
                    Command::CancelOne(_) => booking.cancel_one(now, departures),
                    _ => booking.give_up(),
                }
            }
        }
    }

    fn hold(&mut self, flight: usize, passengers: i64) -> Expected {
        if self.free(flight) < passengers {
            return Expected::Refused;
        }
        self.bookings.push(Booking {
            status: Status::Held,
            passengers,
            flight,
            captured: 0,
            returned: 0,
            order: None,
            booked_at: self.now,
            deadline: self.now + HOLD_MINUTES,
            extended: false,
            unanswered: false,
            late: 0,
            kept: 0,
            waived: 0,
            purse: Purse::new(FLIGHTS[flight].1),
            first_departure: self.departures[flight],
        });
        Expected::Done
    }

    fn change(&mut self, number: usize, to: usize) -> Expected {
        let Some(number) = self.named(number) else { return Expected::Nothing };
        let free = self.free(to);
        let booking = &mut self.bookings[number];
        if booking.flight == to {
            return Expected::Nothing;
        }
        if booking.status != Status::Confirmed || booking.order.is_some() || free < booking.passengers {
            return Expected::Refused;
        }
        let percent = booking.percent(self.now, self.departures);
        let fee = if percent.is_none() { 0 } else { CHANGE_FEE };
        let (mut purse, rest) = booking.purse.seen(percent).pay(FLIGHTS[to].1);
        let kept = (fee + rest.sum() - rest.back()) * booking.passengers;
        let mut due = FLIGHTS[to].1 * booking.passengers - booking.fare() + kept;
        if (1..LEAST).contains(&due) {
            if booking.waived + due >= LEAST {
                return Expected::Refused;
            }
            booking.waived += due;
            assert_eq!(booking.passengers, 1, "two are due the same each, and that is no such amount here");
            purse = purse.waive(due);
            due = 0;
        }
        let order = Order { to, due, kept, purse, deadline: self.now + HOLD_MINUTES, unanswered: false };
        if due > 0 {
            booking.order = Some(order);
        } else {
            booking.returned -= due;
            booking.moves(order, self.departures);
        }
        Expected::Done
    }

    fn settle(&mut self) -> Expected {
        self.now += 1;
        for number in 0..self.bookings.len() {
            let free = self.free(self.bookings[number].flight);
            self.bookings[number].hear(free, self.departures);
        }
        Expected::Done
    }

    fn sweep(&mut self) -> Expected {
        let now = self.now;
        let is_over =
            |deadline: i64, unanswered: bool| now >= deadline + if unanswered { FROZEN_MINUTES } else { 0 };
        for booking in &mut self.bookings {
            if booking.status == Status::Held && is_over(booking.deadline, booking.unanswered) {
                booking.status = Status::Expired;
            }
            if let Some(order) = booking.order.take_if(|order| is_over(order.deadline, order.unanswered)) {
                booking.late += if order.unanswered { order.due } else { 0 };
            }
        }
        Expected::Done
    }
}

impl Booking {
    /// How many percent come back of a fare that was paid for the flight it has; `None`: everything, whatever was before.
    fn percent(&self, now: i64, departures: [i64; 3]) -> Option<i64> {
        let calm = self.first_departure - self.booked_at >= CALM_DAYS * DAY;
        if calm && now - self.booked_at <= FIRST_DAY {
            return None;
        }
        let left = departures[self.flight] - now;
        Some(LADDER.iter().find(|(days, _)| left >= days * DAY).map_or(0, |(_, percent)| *percent))
    }

    fn extend(&mut self, now: i64) -> Expected {
        if self.status != Status::Held || self.unanswered || self.extended || now >= self.deadline {
            return Expected::Refused;
        }
        self.extended = true;
        self.deadline += HOLD_MINUTES;
        Expected::Done
    }

    fn pay(&mut self, card: Card, now: i64, departures: [i64; 3]) -> Expected {
        match (self.status, &mut self.order) {
            (Status::Held, _) if !self.unanswered && now < self.deadline => match card {
                Card::Good => {
                    self.captured += self.fare();
                    self.status = Status::Confirmed;
                }
                Card::Declined => {}
                Card::Unanswered => self.unanswered = true,
            },
            (Status::Confirmed, Some(order)) if !order.unanswered && now < order.deadline => match card {
                Card::Good => self.take_order(departures),
                Card::Declined => {}
                Card::Unanswered => order.unanswered = true,
            },
            _ => return Expected::Refused,
        }
        Expected::Done
    }

    /// The answer that was missing comes: the money is there.
    fn hear(&mut self, free: i64, departures: [i64; 3]) {
        if std::mem::take(&mut self.unanswered) {
            self.captured += self.fare();
            if self.status == Status::Held || free >= self.passengers {
                self.status = Status::Confirmed;
            } else {
                self.returned += self.fare();
            }
        }
        if self.order.as_ref().is_some_and(|order| order.unanswered) {
            self.take_order(departures);
        }
        let late = std::mem::take(&mut self.late);
        self.captured += late;
        self.returned += late;
    }

    fn take_order(&mut self, departures: [i64; 3]) {
        if let Some(order) = self.order.take() {
            self.captured += order.due;
            self.moves(order, departures);
        }
    }

    fn moves(&mut self, order: Order, departures: [i64; 3]) {
        self.flight = order.to;
        self.kept += order.kept;
        self.purse = order.purse;
        self.first_departure = self.first_departure.min(departures[order.to]);
    }

    /// Fares come back as far as each part of them does; what was kept does not.
    fn cancel(&mut self, now: i64, departures: [i64; 3]) -> Expected {
        match self.status {
            Status::Held if !self.unanswered => self.status = Status::Cancelled,
            Status::Confirmed if self.order.is_none() => {
                self.returned += self.purse.seen(self.percent(now, departures)).back() * self.passengers;
                self.status = Status::Cancelled;
            }
            Status::Cancelled => {}
            _ => return Expected::Refused,
        }
        Expected::Done
    }

    fn cancel_one(&mut self, now: i64, departures: [i64; 3]) -> Expected {
        if self.status != Status::Confirmed || self.passengers < 2 {
            return Expected::Nothing;
        }
        if self.order.is_some() {
            return Expected::Refused;
        }
        let back = self.purse.seen(self.percent(now, departures)).back();
        self.returned += back;
        self.kept += self.purse.sum() - back;
        self.passengers -= 1;
        Expected::Done
    }

    fn give_up(&mut self) -> Expected {
        match &self.order {
            None => Expected::Nothing,
            Some(order) if order.unanswered => Expected::Refused,
            Some(_) => {
                self.order = None;
                Expected::Done
            }
        }
    }
}
