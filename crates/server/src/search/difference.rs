//! How a flight as search has it differs from the flight as the database has it. Values in, values out.

use itinerary::{ClassState, FARE_MAX, FlightState, Held, Minute};
use kernel::{BookingClass, Cabin, FlightId};
use serde::Serialize;
use utoipa::ToSchema;

use super::question::instant;

/// One thing that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"field": "economy.Y.fare", "database": "20000", "search": "21000"}))]
pub(super) struct FieldDifference {
    /// What: `flight` when one side does not have it, `departs`, `arrives`, `origin`, `destination`, `airline`, `on_sale`, a
    /// cabin, or a class of one with `fare`, `seats` or `closes`; `sold` when search's own books do not agree.
    pub(super) field: String,
    /// As the database has it.
    pub(super) database: String,
    /// As search has it.
    pub(super) search: String,
}

/// A flight as either side has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sides {
    pub(super) database: Option<FlightState>,
    pub(super) search: Option<Held>,
}

impl Sides {
    /// Whether either side thinks it departs after `now`: nobody asks about other flights any more.
    pub(super) fn is_ahead(&self, now: Minute) -> bool {
        let held = self.search.as_ref().map(|held| &held.state);
        self.database.iter().chain(held).any(|state| state.departs > now)
    }

    /// What differs, nothing when the sides agree. Versions do not count: a change search need not know of raises them.
    pub(super) fn differences(&self) -> Vec<FieldDifference> {
        let mut found = Found(Vec::new());
        match (&self.database, &self.search) {
            (Some(database), Some(search)) if agree(database, search) => {}
            (Some(database), Some(search)) => compare(database, search, &mut found),
            (Some(_), None) => found.add("flight", &"there", &"missing"),
            (None, Some(_)) => found.add("flight", &"missing", &"there"),
            (None, None) => {}
        }
        found.0
    }
}

/// The quick answer for nearly every flight.
fn agree(database: &FlightState, held: &Held) -> bool {
    let version = held.state.version;
    let airline = database.id.key().map(|key| key.number.airline);
    held.sound && held.airline == airline && FlightState { version, ..database.clone() } == held.state
}

struct Found(Vec<FieldDifference>);

impl Found {
    fn add(&mut self, field: &str, database: &dyn ToString, search: &dyn ToString) {
        let (database, search) = (database.to_string(), search.to_string());
        if database != search {
            self.0.push(FieldDifference { field: field.to_owned(), database, search });
        }
    }
}

fn compare(database: &FlightState, held: &Held, found: &mut Found) {
    let search = &held.state;
    found.add("origin", &database.origin, &search.origin);
    found.add("destination", &database.destination, &search.destination);
    found.add("departs", &time(database.departs), &time(search.departs));
    found.add("arrives", &time(database.arrives), &time(search.arrives));
    found.add("on_sale", &database.on_sale, &search.on_sale);
    let airline = database.id.key().map(|key| key.number.airline);
    let name =
        |airline: Option<kernel::AirlineCode>| airline.map_or("none".to_owned(), |code| code.to_string());
    found.add("airline", &name(airline), &name(held.airline));
    for cabin in Cabin::ALL {
        let (database, search) = (&database.cabins[cabin.index()], &search.cabins[cabin.index()]);
        if let (Some(database), Some(search)) = (database, search) {
            for (rank, (database, search)) in (1..).zip(database.iter().zip(search)) {
                compare_class(cabin, rank, *database, *search, found);
            }
        } else {
            let there = |is: bool| if is { "there" } else { "missing" };
            found.add(&cabin.to_string(), &there(database.is_some()), &there(search.is_some()));
        }
    }
    if !held.sound {
        found.add("sold", &"as stated", &"otherwise");
    }
}

fn compare_class(cabin: Cabin, rank: u8, database: ClassState, search: ClassState, found: &mut Found) {
    let letter = BookingClass::new(cabin, rank).map_or('?', BookingClass::letter);
    let mut add = |what: &str, database: String, search: String| {
        found.add(&format!("{cabin}.{letter}.{what}"), &database, &search);
    };
    // A fare that is too high for search is not sold there, and kept as the highest.
    add("fare", database.fare.min(FARE_MAX).to_string(), search.fare.to_string());
    add("seats", database.seats.to_string(), search.seats.to_string());
    let closes = |minute: Minute| if minute.0 == u32::MAX { "never".to_owned() } else { time(minute) };
    add("closes", closes(database.closes), closes(search.closes));
}

fn time(minute: Minute) -> String {
    instant(minute).to_string()
}

/// A flight's differences on one line, the first few: `economy.Y.fare 20000 in the database, 21000 in search; …`.
pub(super) fn line(differences: &[FieldDifference]) -> String {
    const SHOWN: usize = 5;
    let shown = differences.iter().take(SHOWN).map(|difference| {
        let FieldDifference { field, database, search } = difference;
        format!("{field} {database} in the database, {search} in search")
    });
    let mut line = shown.collect::<Vec<_>>().join("; ");
    if differences.len() > SHOWN {
        line += &format!("; and {} more", differences.len() - SHOWN);
    }
    line
}

/// Pairs the flights of both sides, each in order of id.
pub(super) fn pair(database: Vec<FlightState>, search: Vec<Held>) -> Vec<(FlightId, Sides)> {
    let (mut database, mut search) = (database.into_iter().peekable(), search.into_iter().peekable());
    let mut pairs = Vec::new();
    loop {
        let ids = (database.peek().map(|state| state.id), search.peek().map(|held| held.state.id));
        let Some(next) = ids.0.into_iter().chain(ids.1).min() else { return pairs };
        pairs.push((
            next,
            Sides {
                database: database.next_if(|state| state.id == next),
                search: search.next_if(|held| held.state.id == next),
            },
        ));
    }
}
