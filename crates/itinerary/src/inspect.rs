//! What is held of each flight, for somebody who compares it with its source.

use std::ops::Range;

use jiff::civil::Date;
use kernel::{AirlineCode, FlightId};

use crate::day::Day;
use crate::fares::{Closings, FARE_MAX};
use crate::flight::{FlightState, Minute, cheapest_class};
use crate::network::Network;
use crate::timetable::Timetable;

/// The largest party whose class is compared: nobody books more seats at once.
const PARTY_MAX: u16 = 9;

/// A flight as the network holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Its state, as it was loaded or applied. No fare is above [`FARE_MAX`].
    pub state: FlightState,
    /// Whose flight it is to searches.
    pub airline: Option<AirlineCode>,
    /// Whether searches see what the state says: for each party the class it is sold, and no lowest fare of the route above
    /// the flight's. If not, that is a defect of this crate.
    pub sound: bool,
}

impl Network {
    /// The flights whose ids are in the range, in order of id. Whoever writes waits meanwhile, some milliseconds for a day of
    /// tens of thousands of flights; searches do not.
    pub fn held(&self, ids: &Range<FlightId>) -> Vec<Held> {
        let writing = self.begin_writing();
        let timetable = self.timetable.load_full();
        let mut places: Vec<(FlightId, u32, usize)> = Vec::new();
        let days = days_around(ids);
        for (number, day) in timetable.days.numbered().filter(|(number, _)| days.contains(number)) {
            let here = (0..day.flight_count()).map(|place| (day.card(place).id, number, place));
            places.extend(here.filter(|(id, ..)| ids.contains(id)));
        }
        for (id, number) in
            timetable.strays().filter(|(id, number)| ids.contains(id) && !days.contains(number))
        {
            places.extend(timetable.days.get(number).and_then(|day| Some((id, number, day.find(id)?))));
        }
        places.sort_unstable();
        let clock = self.clock();
        let held = |(_, number, place): (FlightId, u32, usize)| {
            Some(hold(&timetable, timetable.days.get(number)?, place, &writing.closings, clock))
        };
        places.into_iter().filter_map(held).collect()
    }

    /// One flight, if it is held.
    pub fn held_flight(&self, id: FlightId) -> Option<Held> {
        let writing = self.begin_writing();
        let timetable = self.timetable.load_full();
        let (_, day, place) = timetable.find(id)?;
        Some(hold(&timetable, day, place, &writing.closings, self.clock()))
    }
}

/// The UTC days on which flights with such ids depart, strays apart: those of their local dates and the ones beside them.
fn days_around(ids: &Range<FlightId>) -> Range<u32> {
    let number =
        |date: Date| u32::try_from(date.duration_since(jiff::civil::date(1970, 1, 1)).as_hours() / 24).ok();
    let number = |id: FlightId| id.date().and_then(number);
    let first = number(ids.start).map_or(0, |number| number.saturating_sub(1));
    first..number(ids.end).map_or(u32::MAX, |number| number + 2)
}

fn hold(timetable: &Timetable, day: &Day, place: usize, closings: &Closings, clock: Minute) -> Held {
    let state = day.state(place, &timetable.graph, closings);
    let carrier = usize::from(day.card(place).times.carrier);
    let airline = timetable.carriers.get(carrier).copied().flatten();
    Held { sound: is_sound(day, place, &state, clock), airline, state }
}

/// Compares the words that searches read with the state they were made of.
fn is_sound(day: &Day, place: usize, state: &FlightState, clock: Minute) -> bool {
    state.cabins.iter().enumerate().all(|(index, classes)| {
        let (Some(cabin), Some(classes)) = (&day.cabins[index], classes) else { return classes.is_none() };
        let (card, seats) = (day.card(place), &cabin.flights[place]);
        let words = &seats.fares;
        // Of a class at the limit it is not known whether it was above, and so not for sale.
        let known = classes.iter().all(|class| class.fare < FARE_MAX);
        let as_stated = |seats: u16| {
            let sold = words.cheapest(seats.into()).map(|sold| (sold.rank(), sold.fare()));
            let stated = cheapest_class(classes, clock, seats).filter(|_| state.on_sale);
            sold == stated.map(|(rank, class)| (rank, class.fare))
        };
        (!known || (1..=PARTY_MAX).all(as_stated))
            && seats.times == card.times
            && day.lowest(index, card.route) <= words.lowest()
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use kernel::FlightKey;
    use kernel::codes::CLASSES_PER_CABIN;

    use super::*;
    use crate::airports::AirportInfo;
    use crate::connections::ConnectionTimes;
    use crate::flight::ClassState;

    /// Nothing outside can break it, so the words are broken here.
    #[test]
    fn words_that_disagree_with_the_state_are_noticed() {
        let [origin, destination] = ["ABE", "ATL"].map(|code| code.parse().expect("a code"));
        let airport = |code| AirportInfo { code, country: *b"US" };
        let network = Network::new([origin, destination].map(airport).to_vec(), ConnectionTimes::default());
        let number = "KR1".parse().expect("a number");
        let id = FlightId::of(&FlightKey { number, origin, date: date(2026, 12, 1) });
        let departs = Minute(20_788 * 24 * 60);
        let class = |fare| ClassState { fare, seats: 3, closes: departs };
        let cabins = [Some([400, 300, 200, 100].map(class)), None, None, None];
        let arrives = departs.plus(60);
        let state =
            FlightState { id, origin, destination, departs, arrives, on_sale: true, cabins, version: 1 };
        network.load([state]);
        let sound = || network.held_flight(id).expect("held").sound;
        assert!(sound());
        let timetable = network.timetable.load();
        let (_, day, place) = timetable.find(id).expect("held");
        let words = &day.cabins[0].as_ref().expect("economy").flights[place].fares;
        let word = |fare: u32, seats: u32| fare << 4 | seats;
        for (broken, why) in [
            ([word(400, 3), word(300, 3), word(200, 3), word(100, 0)], "a class is not for sale"),
            ([word(400, 9), word(300, 3), word(200, 3), word(100, 3)], "a party too large is sold seats"),
            ([word(400, 3), word(300, 3), word(200, 3), word(90, 3)], "a fare lies under its bound"),
            ([0; CLASSES_PER_CABIN], "nothing is for sale"),
        ] {
            words.store(broken);
            assert!(!sound(), "{why}");
        }
        words.store([word(400, 3), word(300, 3), word(200, 3), word(100, 3)]);
        assert!(sound());
    }
}
