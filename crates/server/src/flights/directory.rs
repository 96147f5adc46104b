//! Airports, market ratios, fare families, taxes and rules of refunds in memory: small, asked at every request, replaced as a whole when an
//! import changes them.

use std::collections::HashMap;

use domain::fare_families::FareFamilies;
use domain::geo::Position;
use domain::places::{AirportRow, Places, cities};
use domain::pricing::RATIO_ONE_PPM;
use domain::refund_rules::RefundRules;
use domain::taxes::{TaxRules, TaxedLeg};
use itinerary::ConnectionTimes;
use jiff::tz::TimeZone;
use kernel::money::allocate;
use kernel::{AirportCode, Cabin};
use platform::config;
use platform::db::{DbError, Sql};

use super::{connections, store};

/// An airport as people know it.
#[derive(Clone, Debug)]
pub struct Airport {
    /// IATA code.
    pub code: AirportCode,
    /// Name.
    pub name: String,
    /// City it serves.
    pub city: String,
    /// State or province.
    pub subdivision: String,
    /// ISO 3166 code.
    pub country: String,
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// IANA name.
    pub timezone: String,
    /// The zone itself.
    pub zone: TimeZone,
    /// Departures a week in the timetable.
    pub weekly_departures: i32,
}

/// What is known of places, markets and fares.
#[derive(Debug, Default)]
pub struct Directory {
    airports: HashMap<AirportCode, Airport>,
    places: Places,
    ratios: HashMap<(AirportCode, AirportCode, Cabin), u32>,
    families: FareFamilies,
    taxes: TaxRules,
    refunds: RefundRules,
    times: ConnectionTimes,
}

impl Directory {
    /// A directory of these airports and nothing else.
    pub fn of(airports: Vec<Airport>) -> Self {
        let places = Places::new(&airports.iter().map(place).collect::<Vec<_>>(), &[]);
        let airports = airports.into_iter().map(|airport| (airport.code, airport)).collect();
        Self { airports, places, ..Self::default() }
    }

    /// The airport of a code.
    pub fn airport(&self, code: AirportCode) -> Option<&Airport> {
        self.airports.get(&code)
    }

    /// All airports, in no order.
    pub fn airports(&self) -> impl Iterator<Item = &Airport> {
        self.airports.values()
    }

    /// What a connection costs against the sum of its legs, in millionths.
    pub fn ratio_ppm(&self, origin: AirportCode, destination: AirportCode, cabin: Cabin) -> u32 {
        self.ratios.get(&(origin, destination, cabin)).copied().unwrap_or(RATIO_ONE_PPM)
    }

    /// What a seat is sold with.
    pub const fn families(&self) -> &FareFamilies {
        &self.families
    }

    /// What of a price is passed on.
    pub const fn taxes(&self) -> &TaxRules {
        &self.taxes
    }

    /// What comes back whatever a fare family says.
    pub const fn refund_rules(&self) -> &RefundRules {
        &self.refunds
    }

    /// The country of an airport; empty for one that is unknown.
    pub fn country_code(&self, code: AirportCode) -> &str {
        self.airport(code).map_or("", |airport| &airport.country)
    }

    /// One passenger's price of a slice as taxes see it: split over its flights by their filed fares, as a booking splits it.
    pub fn taxed_legs<'a>(
        &self,
        price: i64,
        fares: &[u32],
        flights: impl IntoIterator<Item = &'a store::FlightRow>,
    ) -> Vec<TaxedLeg> {
        let country = |code| self.country_code(code).to_owned();
        let leg = |(price, flight): (i64, &store::FlightRow)| TaxedLeg {
            countries: (country(flight.origin), country(flight.destination)),
            price,
        };
        allocate(price, fares).into_iter().zip(flights).map(leg).collect()
    }

    /// How long it takes to change planes.
    pub const fn connection_times(&self) -> &ConnectionTimes {
        &self.times
    }

    /// The zone of an airport; UTC for one that is unknown, which the flights' own checks exclude.
    pub fn zone(&self, code: AirportCode) -> TimeZone {
        self.airport(code).map_or(TimeZone::UTC, |airport| airport.zone.clone())
    }

    /// The same airports by what people call them, the cities they serve, and what is near.
    pub const fn places(&self) -> &Places {
        &self.places
    }
}

/// Reads the directory from the database. The settings have the connection times where no exception is filed.
pub async fn load_directory(sql: &Sql, settings: &config::Search) -> Result<Directory, DbError> {
    let airports = store::airports(sql).await?;
    let (ratios, families, taxes, refunds, exceptions) = Box::pin(async {
        tokio::try_join!(
            store::market_ratios(sql),
            store::fares::fare_families(sql),
            store::fares::tax_rules(sql),
            store::refund_rules::refund_rules(sql),
            store::connection_times::connection_times(sql),
        )
    })
    .await?;
    let shipped = |bad| DbError::Inconsistent(format!("data/refund-rules.csv: {bad}"));
    let refunds =
        if refunds.is_empty() { RefundRules::shipped().map_err(shipped)? } else { RefundRules::new(refunds) };
    let cities = cities::shipped().map_err(|bad| DbError::Inconsistent(format!("data/cities.csv: {bad}")))?;
    let places = Places::new(&airports.iter().map(place).collect::<Vec<_>>(), &cities);
    Ok(Directory {
        airports: airports.into_iter().map(|airport| (airport.code, airport)).collect(),
        places,
        ratios: ratios.into_iter().collect(),
        families: FareFamilies::new(families),
        taxes: TaxRules::new(taxes),
        refunds,
        times: connections::connection_times(settings, &exceptions),
    })
}

fn place(airport: &Airport) -> AirportRow<'_> {
    AirportRow {
        code: airport.code,
        name: &airport.name,
        city: &airport.city,
        subdivision: &airport.subdivision,
        position: Position { latitude: airport.latitude, longitude: airport.longitude },
        weekly_departures: u32::try_from(airport.weekly_departures).unwrap_or(0),
    }
}
