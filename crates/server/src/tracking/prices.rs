//! What flights cost: for each number of seats the cheapest class that has them together.

use domain::fare_families::FareFamilies;
use domain::pricing::{RATIO_ONE_PPM, Tariff};
use itinerary::{FlightState, Minute, cheapest_class};
use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{AirportCode, Cabin};

/// Parties need so many seats at most (`domain::pricing::Party`).
pub(super) const SEATS_MAX: usize = 9;

/// The direct flights of a route on a date: the one in their ids, which is the local date at the origin that they are filed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Day {
    pub(super) origin: AirportCode,
    pub(super) destination: AirportCode,
    pub(super) date: Date,
}

impl Day {
    /// Of a flight; `None` for an id that says no date.
    pub(super) fn of(state: &FlightState) -> Option<Self> {
        Some(Self { origin: state.origin, destination: state.destination, date: state.id.date()? })
    }
}

/// What one adult pays in a cabin, by the number of seats that are needed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Prices {
    /// For one seat, two … nine; `None` where no class has so many.
    pub(super) of_seats: [Option<i64>; SEATS_MAX],
    /// When the first of the classes that are open closes by the clock.
    pub(super) due: Option<Timestamp>,
}

/// What turns filed fares into prices: the cheapest fare family of each cabin, and when sales close.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pricing {
    tariffs: [Tariff; Cabin::ALL.len()],
    sales_close: u32,
}

impl Pricing {
    /// With these families; sales close so many minutes before departure.
    pub(super) fn new(families: &FareFamilies, sales_close: i64) -> Self {
        let plain = Tariff { nonstop_ppm: RATIO_ONE_PPM, connection_ppm: RATIO_ONE_PPM, per_flight: 0 };
        let tariff = |cabin| {
            let cheapest = families.of(cabin).next();
            cheapest.map_or(plain, |family| Tariff::new(RATIO_ONE_PPM, family.difference))
        };
        Self { tariffs: Cabin::ALL.map(tariff), sales_close: u32::try_from(sales_close).unwrap_or(0) }
    }

    /// The tariffs as numbers that can be compared.
    pub(super) fn marks(&self) -> Vec<i64> {
        self.tariffs.iter().flat_map(|tariff| [tariff.nonstop_ppm.into(), tariff.per_flight.into()]).collect()
    }

    /// What an adult pays for a filed fare; `None` for what is too much to count.
    pub(super) fn adult(&self, cabin: Cabin, fare: u32) -> Option<i64> {
        self.tariffs[cabin.index()].adult(&[fare]).ok()
    }

    /// What a flight costs in a cabin. The class is chosen by the rule that search and booking use.
    pub(super) fn of_flight(&self, state: &FlightState, cabin: Cabin, now: Minute) -> Prices {
        let is_open = state.on_sale && state.departs > now.plus(self.sales_close);
        let Some(classes) = state.cabins[cabin.index()].filter(|_| is_open) else { return Prices::default() };
        let closes = Minute(state.departs.0.saturating_sub(self.sales_close));
        let open = classes.iter().filter(|class| class.sells(now, 1));
        let due = open.map(|class| class.closes.min(closes)).min();
        let mut of_seats = [None; SEATS_MAX];
        for (seats, price) in (1..).zip(&mut of_seats) {
            let sold = cheapest_class(&classes, now, seats);
            *price = sold.and_then(|(_, class)| self.adult(cabin, class.fare));
        }
        Prices { of_seats, due: due.and_then(instant) }
    }
}

impl Prices {
    /// The lower of the two for each number of seats.
    pub(super) fn merge(&mut self, other: &Self) {
        for (mine, other) in self.of_seats.iter_mut().zip(other.of_seats) {
            *mine = mine.iter().copied().chain(other).min();
        }
        self.due = self.due.into_iter().chain(other.due).min();
    }

    /// The price for so many seats.
    pub(super) fn price(&self, seats: i16) -> Option<i64> {
        let index = usize::try_from(seats).ok()?.checked_sub(1)?;
        self.of_seats.get(index).copied().flatten()
    }
}

fn instant(minute: Minute) -> Option<Timestamp> {
    Timestamp::from_second(i64::from(minute.0) * 60).ok()
}

#[cfg(test)]
mod tests {
    use itinerary::ClassState;
    use kernel::FlightId;
    use kernel::codes::CLASSES_PER_CABIN;

    use super::*;

    const NOW: Minute = Minute(1_000);

    fn state(classes: [(u32, u16, u32); CLASSES_PER_CABIN], departs: u32) -> FlightState {
        let classes = classes.map(|(fare, seats, closes)| ClassState { fare, seats, closes: Minute(closes) });
        FlightState {
            id: FlightId::first_of("2026-06-10".parse().expect("a date")),
            origin: "ABE".parse().expect("an airport"),
            destination: "ATL".parse().expect("an airport"),
            departs: Minute(departs),
            arrives: Minute(departs + 90),
            on_sale: true,
            cabins: [Some(classes), None, None, None],
            version: 1,
        }
    }

    fn pricing() -> Pricing {
        Pricing::new(&FareFamilies::default(), 60)
    }

    #[test]
    fn a_price_is_of_a_class_that_seats_all_of_them() {
        let ladder = [(400, 9, u32::MAX), (300, 5, 5_000), (200, 2, 3_000), (100, 0, 2_000)];
        let prices = pricing().of_flight(&state(ladder, 9_000), Cabin::Economy, NOW);
        let [one, two, three, ..] = prices.of_seats;
        assert_eq!((one, two, three), (Some(200), Some(200), Some(300)));
        assert_eq!((prices.price(5), prices.price(6), prices.price(9)), (Some(300), Some(400), Some(400)));
        assert_eq!((prices.price(0), prices.price(10)), (None, None));
        assert_eq!(prices.due, instant(Minute(3_000)), "a class without seats may close unseen");
        assert_eq!(pricing().of_flight(&state(ladder, 9_000), Cabin::First, NOW), Prices::default());
    }

    #[test]
    fn sales_close_before_departure_and_what_is_off_sale_has_no_price() {
        let all = [(400, 9, u32::MAX); CLASSES_PER_CABIN];
        let at = |departs| pricing().of_flight(&state(all, departs), Cabin::Economy, NOW);
        assert_eq!(at(1_061).due, instant(Minute(1_001)));
        assert_eq!(at(1_060), Prices::default());
        let cancelled = FlightState { on_sale: false, ..state(all, 9_000) };
        assert_eq!(pricing().of_flight(&cancelled, Cabin::Economy, NOW), Prices::default());
    }

    #[test]
    fn the_cheapest_flight_counts_for_each_party() {
        let one = state([(400, 9, u32::MAX), (300, 1, 2_000), (300, 1, 2_000), (300, 1, 2_000)], 9_000);
        let other = state([(350, 2, u32::MAX); CLASSES_PER_CABIN], 3_000);
        let mut all = pricing().of_flight(&one, Cabin::Economy, NOW);
        all.merge(&pricing().of_flight(&other, Cabin::Economy, NOW));
        assert_eq!(all.of_seats[..4], [Some(300), Some(350), Some(400), Some(400)]);
        assert_eq!(all.due, instant(Minute(2_000)));
    }
}
