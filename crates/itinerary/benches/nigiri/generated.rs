//! The generated world as a GTFS feed, and questions to it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};

use domain::geo::Position;
use domain::gtfs::{self, Stop, Table, Trip};
use itinerary::{FlightState, Minute};
use jiff::{Timestamp, ToSpan};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::demand::{Mix, world_pairs};
use crate::feed::Feed;
use crate::random::Random;
use crate::world::{FIRST, Place, World};
use crate::{Ends, Mixes};

const DAY: u32 = 24 * 60;

/// Writes so many whole days of UTC. The world's own days are local: the first one is over in the east before it begins in
/// the west, so one more on each side is made and cut.
pub(crate) fn write(world: &World, days: u32, path: &str) {
    let first = FIRST.tomorrow().expect("a date");
    let midnight = Minute((first.duration_since(jiff::civil::date(1970, 1, 1)).as_hours() * 60) as u32);
    let kept = midnight..midnight.plus(days * DAY);
    let flights = world.flights(days + 2).filter(|flight| kept.contains(&flight.departs));
    let mut trips: Vec<Trip> = flights.map(|flight| trip(&flight)).collect();
    trips.sort_unstable_by_key(|trip| trip.id);
    // One country and one minimum for each airport: the reader of this measurement knows no others.
    let minimum = world.connection_times().airports.into_iter();
    let feed = gtfs::Feed {
        publisher: ("A generated world".into(), "https://world.example".into()),
        dates: (first, first.checked_add((i64::from(days) - 1).days()).expect("a date")),
        minimum_minutes: (0, 0),
        exceptions: minimum.map(|(airport, minutes)| (airport, [minutes[0]; 4])).collect(),
        stops: world.places.iter().map(|place| (place.code, stop(place))).collect::<BTreeMap<_, _>>(),
        trips,
    };
    let mut zip = ZipWriter::new(File::create(path).unwrap_or_else(|error| panic!("{path}: {error}")));
    for table in Table::ALL {
        zip.start_file(table.file(), SimpleFileOptions::default()).expect("a file of the feed");
        let mut buffered = BufWriter::new(&mut zip);
        feed.write(table, &mut buffered).and_then(|()| buffered.flush()).expect("written");
    }
    zip.finish().expect("written");
}

fn trip(flight: &FlightState) -> Trip {
    let at = |minute: Minute| Timestamp::from_second(i64::from(minute.0) * 60).expect("an instant");
    Trip {
        id: flight.id,
        number: flight.id.key().expect("made of a key").number,
        origin: flight.origin,
        destination: flight.destination,
        departs: at(flight.departs),
        arrives: at(flight.arrives),
    }
}

fn stop(place: &Place) -> Stop {
    Stop {
        name: place.code.to_string(),
        country: "ZZ".into(),
        position: Position { latitude: place.latitude, longitude: place.longitude },
        // In these names the sign is that of the way to UTC.
        timezone: match place.offset / 60 {
            0 => "Etc/GMT".into(),
            hours => format!("Etc/GMT{:+}", -hours),
        },
    }
}

/// As the engine's own measurement draws them, between airports that have flights in the feed.
pub(crate) fn mixes(world: &World, feed: &Feed, count: usize) -> Mixes {
    [("demand", Mix::Demand), ("uniform", Mix::Uniform), ("hubs", Mix::Hubs)].map(|(name, mix)| {
        let (pair, mut random) = (world_pairs(world, mix), Random(11));
        let drawn = std::iter::repeat_with(|| {
            let (a, b) = pair(&mut random);
            (world.places[a].code, world.places[b].code)
        });
        let served = |ends: &Ends| feed.zones.contains_key(&ends.0) && feed.zones.contains_key(&ends.1);
        (name, drawn.filter(served).take(count).collect())
    })
}
