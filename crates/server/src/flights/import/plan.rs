//! From bytes to everything an import will write, without writing anything.

use std::collections::{HashMap, HashSet};
use std::io::Read;

use domain::fares::FareRule;
use domain::fares::advance::closing_instants;
use domain::fares::market::{self, MarketFare};
use domain::geo::Position;
use domain::market_ratios::{MarketRatio, market_ratios};
use domain::schedule::{DatedFlight, Schedule, ScheduleError, Zones};
use domain::timetable::{self, WeeklyPattern};
use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{AirportCode, Cabin, Currency, FlightId};
use sha2::{Digest, Sha256};

use super::encode::Rows;
use super::{File, ImportError, MAX_BYTES, MAX_DAYS, TimetableImport, store};
use crate::flights::times::{TZDATA_VERSION, zone};

/// An airport as far as a timetable needs it.
pub(super) struct KnownAirport {
    pub(super) code: AirportCode,
    pub(super) position: Position,
    pub(super) timezone: String,
}

/// A checked import.
pub(super) struct Plan {
    pub(super) patterns: Vec<WeeklyPattern>,
    pub(super) ratios: Vec<MarketRatio>,
    pub(super) dates: Vec<Date>,
    pub(super) sha256: [u8; 32],
    rule: FareRule,
    zones: Zones,
}

/// The rows of one date that are new.
pub(super) struct Day {
    pub(super) flights: Rows,
    pub(super) inventory: Rows,
    /// Flights of the date that were there before.
    pub(super) kept: u64,
}

/// The file's bytes, unpacked where they are gzip.
pub(super) fn unpack(file: File<'_>) -> Result<Vec<u8>, ImportError> {
    let mut bytes = Vec::new();
    let limit = MAX_BYTES + 1;
    if file.bytes.starts_with(&[0x1F, 0x8B]) {
        let unpacked = flate2::read::MultiGzDecoder::new(file.bytes).take(limit).read_to_end(&mut bytes);
        unpacked
            .map_err(|error| ImportError::Gzip { file: file.name.to_owned(), reason: error.to_string() })?;
    } else {
        bytes.extend(file.bytes.iter().take(usize::try_from(limit).unwrap_or(usize::MAX)));
    }
    if bytes.len() as u64 > MAX_BYTES {
        return Err(ImportError::TooLarge { file: file.name.to_owned() });
    }
    Ok(bytes)
}

impl Plan {
    /// Reads and checks everything. Both files are looked at before either is refused, so that one run tells all.
    pub(super) fn new(input: &TimetableImport<'_>, airports: &[KnownAirport]) -> Result<Self, ImportError> {
        if !(1..=MAX_DAYS).contains(&input.days) {
            return Err(ImportError::Days(input.days));
        }
        if airports.is_empty() {
            return Err(ImportError::NoAirports);
        }
        let positions: HashMap<AirportCode, Position> =
            airports.iter().map(|airport| (airport.code, airport.position)).collect();
        let text = unpack(input.timetable)?;
        let patterns = timetable::parse(input.timetable.name, &text, &|code| positions.contains_key(&code));
        let fares = input.market_fares.map_or(Ok(Vec::new()), read_fares);
        let (patterns, fares) = match (patterns, fares) {
            (Ok(patterns), Ok(fares)) => (patterns, fares),
            (Err(mut bad), Err(ImportError::BadInput(also))) => {
                bad.cells.extend(also.cells);
                bad.total += also.total;
                return Err(bad.into());
            }
            (Err(bad), _) => return Err(bad.into()),
            (_, Err(error)) => return Err(error),
        };
        let zones =
            Zones::new(airports.iter().map(|airport| (airport.code, airport.timezone.as_str())), &zone)?;
        let position = |code| positions.get(&code).copied();
        let rule = FareRule::new(&fares, &position);
        let ratios = market_ratios(&fares, &rule, &patterns, &position);
        let dates = dates(input.from, input.days)?;
        Ok(Self { patterns, ratios, dates, sha256: Sha256::digest(&text).into(), rule, zones })
    }

    /// Departures a week from each airport of the timetable.
    pub(super) fn weekly_departures(&self) -> Vec<(AirportCode, i32)> {
        let mut departures: HashMap<AirportCode, i32> = HashMap::new();
        for pattern in &self.patterns {
            *departures.entry(pattern.origin).or_default() += pattern.days.count().cast_signed();
            departures.entry(pattern.destination).or_default();
        }
        let mut departures: Vec<_> = departures.into_iter().collect();
        departures.sort_unstable();
        departures
    }

    /// Hands the new rows of each date to `write`, in the order of dates, until it answers `false`.
    pub(super) fn encode(
        &self,
        present: &HashSet<FlightId>,
        mut write: impl FnMut(Day) -> bool,
    ) -> Result<(), ScheduleError> {
        let schedule = Schedule::new(&self.patterns, &self.zones)?;
        for date in &self.dates {
            let out_of_range = || ScheduleError::DateOutOfRange(*date);
            let closings = self.zones.map(|zone| closing_instants(*date, zone));
            let mut day = Day {
                flights: Rows::new(store::FLIGHT_FIELDS),
                inventory: Rows::new(store::CABIN_FIELDS),
                kept: 0,
            };
            for flight in schedule.on(*date)? {
                if present.contains(&flight.id) {
                    day.kept += 1;
                    continue;
                }
                let closes = closings[flight.origin_zone].ok_or_else(out_of_range)?;
                encode_flight(&mut day.flights, &flight);
                let cabins = [
                    (Cabin::Economy, flight.pattern.seats_economy),
                    (Cabin::Business, flight.pattern.seats_business),
                ];
                for (cabin, seats) in cabins.into_iter().filter(|(_, seats)| *seats > 0) {
                    self.encode_cabin(&mut day.inventory, &flight, cabin, seats, closes);
                }
            }
            if !write(day) {
                break;
            }
        }
        Ok(())
    }

    /// The columns are those of [`store::copy_inventory`].
    fn encode_cabin(
        &self,
        rows: &mut Rows,
        flight: &DatedFlight<'_>,
        cabin: Cabin,
        seats: u16,
        closes: [Timestamp; 3],
    ) {
        let filed = self.rule.file(flight, cabin, seats);
        rows.row().uuid(flight.id.uuid()).small(store::cabin_number(cabin)).small(seats.cast_signed());
        for limit in filed.limits {
            rows.small(limit.cast_signed());
        }
        for fare in filed.fares {
            rows.integer(fare);
        }
        for instant in closes {
            rows.instant(instant);
        }
        rows.text(Currency::USD.as_str());
    }
}

fn read_fares(file: File<'_>) -> Result<Vec<MarketFare>, ImportError> {
    Ok(market::parse(file.name, &unpack(file)?)?)
}

fn dates(from: Date, days: u16) -> Result<Vec<Date>, ScheduleError> {
    (0..i64::from(days))
        .map(|offset| from.checked_add(jiff::Span::new().days(offset)))
        .collect::<Result<_, _>>()
        .map_err(|_| ScheduleError::DateOutOfRange(from))
}

/// The columns are those of [`store::copy_flights`].
fn encode_flight(rows: &mut Rows, flight: &DatedFlight<'_>) {
    let pattern = flight.pattern;
    rows.row()
        .uuid(flight.id.uuid())
        .text(pattern.number.airline.as_str())
        .small(pattern.number.number.cast_signed())
        .text(pattern.number.suffix.map_or(String::new(), String::from).as_str())
        .text(pattern.origin.as_str())
        .text(pattern.destination.as_str())
        .wall_time(flight.departs_local)
        .wall_time(flight.arrives_local)
        .instant(flight.departs_at)
        .instant(flight.arrives_at)
        .text(TZDATA_VERSION)
        .integer(pattern.distance_miles.cast_signed())
        .text(&pattern.aircraft);
}
