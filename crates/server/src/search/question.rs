//! What was asked, checked: every refusal says what to change.

use std::fmt::Display;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;
use std::str::FromStr;

use domain::fare_families::{FareFamily, Wanted};
use domain::pricing::{Party, PartyError};
use itinerary::{Filters, Minute, Order, Origin};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use kernel::codes::CodeError;
use kernel::{AirportCode, Cabin, Category};
use platform::http::Problem;

use super::cursor::{self, Cursor};
use super::ends;
use super::params::SearchParams;
use super::times::{TimesOfDay, day};
use crate::app::App;
use crate::flights::api::Directory;

const LIMIT_MAX: usize = 100;
const LIMIT_DEFAULT: usize = 20;
/// How far a nearby airport may be.
const NEARBY_KM_MAX: u32 = 300;
/// The longest list of airlines or airports in a filter.
const LIST_MAX: usize = 50;
/// A checked question from one airport to another; a search between sets of airports is one for each pair. What it prints as is the same for the same parameters, whatever page of it is asked for.
#[derive(Clone, Debug)]
pub(super) struct Question {
    pub(super) origin: AirportCode,
    pub(super) destination: AirportCode,
    /// All airports the search may start or end at, if they are more than two: no plane is changed at any of them.
    pub(super) ends: Vec<AirportCode>,
    /// Local at the origin.
    pub(super) date: Date,
    /// All of it.
    pub(super) day: Range<Minute>,
    /// What the windows are on any date.
    pub(super) times: TimesOfDay,
    /// Windows of departure.
    pub(super) departs: Vec<Range<Minute>>,
    /// Windows of arrival; `None`: at any time.
    pub(super) arrives: Option<Vec<Range<Minute>>>,
    pub(super) party: Party,
    pub(super) cabin: Cabin,
    pub(super) mixed_cabin: bool,
    /// What prices are for: the cheapest family of the cabin that has all that is wanted.
    pub(super) family: FareFamily,
    pub(super) max_stops: u8,
    pub(super) order: Order,
    /// For the whole party, minor units.
    pub(super) max_price: Option<i64>,
    pub(super) max_duration: Option<u32>,
    pub(super) min_connection: u32,
    pub(super) max_connection: Option<u32>,
    /// Airlines and airports; the price is [`Self::max_price`].
    pub(super) filters: Filters,
}

/// Which part of the answer is asked for.
#[derive(Clone, Debug)]
pub(super) struct Page {
    pub(super) limit: usize,
    pub(super) cursor: Option<Cursor>,
    /// The same for the same questions on every server of this version.
    pub(super) question: u64,
    /// How many searches share the effort of one: all of a trip cost no more than a search.
    pub(super) share: u64,
}

impl SearchParams {
    /// Checks the parameters against each other, the airports, and the dates on sale. One question for each pair of airports.
    pub(super) fn check(&self, app: &App) -> Result<(Vec<Question>, Page), Problem> {
        let radius = self.nearby_km.unwrap_or(0);
        if radius > NEARBY_KM_MAX {
            return Err(Problem::invalid("nearby_km", format!("it must be 0 to {NEARBY_KM_MAX}")));
        }
        let origins = ends::airports(app, "origin", self.origin.as_deref(), radius)?;
        let destinations = ends::airports(app, "destination", self.destination.as_deref(), radius)?;
        let mut ends: Vec<AirportCode> = [&origins[..], &destinations[..]].concat();
        ends.sort_unstable();
        ends.dedup();
        self.check_numbers()?;
        let asked = origins.iter().flat_map(|origin| destinations.iter().map(move |other| (*origin, *other)));
        let questions: Vec<Question> = asked
            .filter(|(origin, destination)| origin != destination)
            .map(|pair| self.question(app, pair, &ends))
            .collect::<Result<_, _>>()?;
        if questions.is_empty() {
            return Err(Problem::new(Category::Unprocessable, "same_airport").field("destination"));
        }
        let page = self.page(&questions)?;
        Ok((questions, page))
    }

    fn question(
        &self,
        app: &App,
        (origin, destination): (AirportCode, AirportCode),
        ends: &[AirportCode],
    ) -> Result<Question, Problem> {
        let directory = app.directory.load();
        let (zone, landing_zone) = (directory.zone(origin), directory.zone(destination));
        let party =
            Party::new(self.adults.unwrap_or(1), self.children.unwrap_or(0), self.infants.unwrap_or(0));
        let cabin = self.cabin.as_deref().map_or(Ok(Cabin::Economy), str::parse);
        let cabin = cabin.map_err(|error: CodeError| Problem::invalid("cabin", error.to_string()))?;
        let date = date(app, self.date.as_deref(), &zone)?;
        let times = TimesOfDay::of(self)?;
        Ok(Question {
            origin,
            destination,
            ends: if ends.len() > 2 { ends.to_vec() } else { Vec::new() },
            date,
            day: day(date, &zone).ok_or_else(|| out_of_range("date"))?,
            departs: times.departures(date, &zone).ok_or_else(|| out_of_range("date"))?,
            arrives: times.arrivals(date, date, &landing_zone),
            times,
            party: party.map_err(refuse_party)?,
            cabin,
            family: self.family(&directory, cabin)?,
            mixed_cabin: self.mixed_cabin.unwrap_or(false),
            max_stops: self.max_stops.unwrap_or(itinerary::STOPS_MAX),
            order: order(app, self.sort.as_deref())?,
            max_price: self.max_price,
            max_duration: self.max_duration,
            min_connection: self.min_connection.unwrap_or(0),
            max_connection: self.max_connection,
            filters: self.filters()?,
        })
    }

    fn family(&self, directory: &Directory, cabin: Cabin) -> Result<FareFamily, Problem> {
        let (refundable, bag) = (self.refundable.unwrap_or(false), self.bag.unwrap_or(false));
        let family = directory.families().cheapest(cabin, Wanted { refundable, bag });
        family.cloned().ok_or_else(|| {
            let field = if bag { "bag" } else { "refundable" };
            Problem::invalid(
                field,
                "no fare family of the cabin has it; ask for another cabin or leave it out",
            )
        })
    }

    fn check_numbers(&self) -> Result<(), Problem> {
        let stops_max = itinerary::STOPS_MAX;
        if self.max_stops.is_some_and(|stops| stops > stops_max) {
            return Err(Problem::invalid("max_stops", format!("it must be 0 to {stops_max}")));
        }
        if self.max_price.is_some_and(|price| price < 0) {
            return Err(Problem::invalid("max_price", "it must be 0 or more, in minor units"));
        }
        let shortest = self.min_connection.unwrap_or(0);
        if self.max_connection.is_some_and(|longest| longest < shortest) {
            return Err(Problem::invalid("max_connection", "it must not be less than min_connection"));
        }
        Ok(())
    }

    fn filters(&self) -> Result<Filters, Problem> {
        Ok(Filters {
            max_price: None,
            airlines: list("airlines", self.airlines.as_deref())?,
            not_airlines: list("exclude_airlines", self.exclude_airlines.as_deref())?,
            via: list("via", self.via.as_deref())?,
            not_via: list("exclude_via", self.exclude_via.as_deref())?,
        })
    }

    /// A hash of everything but which page is asked for; with the difference of the fare family, because the list is priced
    /// by it.
    fn fingerprint(&self, questions: &[Question]) -> u64 {
        let asked = Self { limit: None, cursor: None, facets: None, ..self.clone() };
        let mut hasher = DefaultHasher::new();
        asked.hash(&mut hasher);
        questions.first().map(|question| question.family.difference).hash(&mut hasher);
        hasher.finish()
    }

    fn page(&self, questions: &[Question]) -> Result<Page, Problem> {
        let limit = self.limit.unwrap_or(LIMIT_DEFAULT);
        if !(1..=LIMIT_MAX).contains(&limit) {
            return Err(Problem::invalid("limit", format!("it must be 1 to {LIMIT_MAX}")));
        }
        let question = self.fingerprint(questions);
        let bad = || Problem::invalid("cursor", "it must be a next_cursor of the same search");
        let of_this = |text: &str| {
            let cursor = cursor::decode(text)?;
            (cursor.question == question).then_some(cursor)
        };
        let cursor = self.cursor.as_deref().map(|text| of_this(text).ok_or_else(bad)).transpose()?;
        Ok(Page { limit, cursor, question, share: 1 })
    }
}

/// A party that cannot be booked together, as an answer.
fn refuse_party(error: PartyError) -> Problem {
    let (code, field) = match error {
        PartyError::NoAdult => ("no_adult", "adults"),
        PartyError::TooManySeats => ("too_many_seats", "adults"),
        PartyError::TooManyInfants => ("too_many_infants", "infants"),
    };
    Problem::new(Category::Unprocessable, code).field(field)
}

/// Codes parted by commas.
fn list<T: FromStr<Err: Display>>(field: &str, text: Option<&str>) -> Result<Vec<T>, Problem> {
    let codes =
        text.into_iter().flat_map(|text| text.split(',')).map(str::trim).filter(|code| !code.is_empty());
    let codes: Vec<T> = codes
        .map(|code| code.parse().map_err(|error: T::Err| Problem::invalid(field, error.to_string())))
        .collect::<Result<_, _>>()?;
    if codes.len() > LIST_MAX {
        return Err(Problem::invalid(field, format!("it must name at most {LIST_MAX}")));
    }
    Ok(codes)
}

fn order(app: &App, sort: Option<&str>) -> Result<Order, Problem> {
    let search = &app.config.search;
    Ok(match sort.unwrap_or("duration") {
        "duration" => Order::Duration,
        "price" => Order::Price,
        "departure" => Order::Departure,
        "arrival" => Order::Arrival,
        "best" => Order::Best { minute: search.best_minute, stop: search.best_stop },
        _ => return Err(Problem::invalid("sort", "it must be duration, price, departure, arrival or best")),
    })
}

fn out_of_range(field: &str) -> Problem {
    Problem::invalid(field, "it is out of range")
}

/// The date, on sale or not yet refused for a reason of its own.
fn date(app: &App, text: Option<&str>, zone: &TimeZone) -> Result<Date, Problem> {
    let wrong = |reason: &str| Problem::invalid("date", reason);
    let text = text.ok_or_else(|| wrong("it is needed: the local date of departure, such as 2026-12-01"))?;
    let date: Date = text.parse().map_err(|_| wrong("it must be a date, such as 2026-12-01"))?;
    let today = app.now().to_zoned(zone.clone()).date();
    if date < today {
        return Err(Problem::new(Category::Unprocessable, "date_past")
            .arg("today", today.to_string())
            .field("date"));
    }
    let last = app.live.network.load().span().map(|(_, last)| instant(last).to_zoned(zone.clone()).date());
    if let Some(last) = last.filter(|last| date > *last) {
        let problem = Problem::new(Category::Unprocessable, "date_beyond_horizon");
        return Err(problem.arg("last", last.to_string()).field("date"));
    }
    Ok(date)
}

/// The question's origin on another date, at the same times of day.
pub(super) fn origins(question: &Question, date: Date, zone: &TimeZone) -> Vec<Origin> {
    let origin = |departs| Origin { airport: question.origin, departs };
    question.times.departures(date, zone).map(origin).into_iter().collect()
}

/// The instant of a minute.
pub(super) fn instant(minute: Minute) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minute.0.into())
}
