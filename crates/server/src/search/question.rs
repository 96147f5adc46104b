//! What was asked, checked: every refusal says what to change.

use std::ops::Range;

use domain::pricing::{Party, PartyError};
use itinerary::{Minute, SortKey};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use kernel::codes::CodeError;
use kernel::{AirportCode, Cabin, Category};
use platform::http::Problem;
use serde::Deserialize;
use utoipa::IntoParams;

use super::cursor;
use crate::app::App;
use crate::flights::api::minute;

const LIMIT_MAX: usize = 100;
const LIMIT_DEFAULT: usize = 20;
const STOPS_MAX: u8 = 2;

/// The parameters of a search.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct SearchParams {
    /// Airport of departure.
    #[param(value_type = String, example = "ABE")]
    origin: Option<String>,
    /// Airport of arrival.
    #[param(value_type = String, example = "LAX")]
    destination: Option<String>,
    /// Date of departure, local at the origin.
    #[param(value_type = String, format = Date, example = "2026-12-01")]
    date: Option<String>,
    /// Travellers of twelve years or older.
    #[param(default = 1, minimum = 1, maximum = 9)]
    adults: Option<u8>,
    /// Two to eleven years; each has a seat.
    #[param(default = 0, maximum = 8)]
    children: Option<u8>,
    /// Under two years, on a lap; at most one for each adult.
    #[param(default = 0, maximum = 9)]
    infants: Option<u8>,
    /// economy, `premium_economy`, business or first; economy if left out.
    #[param(example = "economy")]
    cabin: Option<String>,
    /// 0, 1 or 2.
    #[param(default = 2, minimum = 0, maximum = 2)]
    max_stops: Option<u8>,
    /// At most so many, 1 to 100.
    #[param(default = 20, minimum = 1, maximum = 100)]
    limit: Option<usize>,
    /// `next_cursor` of the page before, with the same other parameters.
    cursor: Option<String>,
}

/// A checked question.
#[derive(Clone, Debug)]
pub(super) struct Question {
    pub(super) origin: AirportCode,
    pub(super) destination: AirportCode,
    pub(super) departs: Range<Minute>,
    pub(super) party: Party,
    pub(super) cabin: Cabin,
    pub(super) max_stops: u8,
    pub(super) limit: usize,
    pub(super) after: Option<SortKey>,
}

impl SearchParams {
    /// Checks the parameters against each other, the airports, and the dates on sale.
    pub(super) fn check(&self, app: &App) -> Result<Question, Problem> {
        let (origin, zone) = airport(app, "origin", self.origin.as_deref())?;
        let (destination, _) = airport(app, "destination", self.destination.as_deref())?;
        if origin == destination {
            return Err(Problem::new(Category::Unprocessable, "same_airport").field("destination"));
        }
        let party =
            Party::new(self.adults.unwrap_or(1), self.children.unwrap_or(0), self.infants.unwrap_or(0));
        let cabin = self.cabin.as_deref().map_or(Ok(Cabin::Economy), str::parse);
        let max_stops = self.max_stops.unwrap_or(STOPS_MAX);
        let limit = self.limit.unwrap_or(LIMIT_DEFAULT);
        if max_stops > STOPS_MAX {
            return Err(Problem::invalid("max_stops", format!("it must be 0 to {STOPS_MAX}")));
        }
        if !(1..=LIMIT_MAX).contains(&limit) {
            return Err(Problem::invalid("limit", format!("it must be 1 to {LIMIT_MAX}")));
        }
        let bad_cursor = || Problem::invalid("cursor", "it must be a next_cursor of the same search");
        let after =
            self.cursor.as_deref().map(|text| cursor::decode(text).ok_or_else(bad_cursor)).transpose()?;
        Ok(Question {
            origin,
            destination,
            departs: day(app, self.date.as_deref(), &zone)?,
            party: party.map_err(refuse_party)?,
            cabin: cabin.map_err(|error| Problem::invalid("cabin", error.to_string()))?,
            max_stops,
            limit,
            after,
        })
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

fn airport(app: &App, field: &str, text: Option<&str>) -> Result<(AirportCode, TimeZone), Problem> {
    let text = text.ok_or_else(|| Problem::invalid(field, "it is needed: an airport code, such as ATL"))?;
    let code: AirportCode =
        text.parse().map_err(|error: CodeError| Problem::invalid(field, error.to_string()))?;
    let directory = app.directory.load();
    let airport = directory.airport(code).ok_or_else(|| {
        Problem::new(Category::Unprocessable, "unknown_airport").arg("airport", code.to_string()).field(field)
    })?;
    Ok((code, airport.zone.clone()))
}

/// The local day as a range of minutes: 23 or 25 hours long when the clocks change.
fn day(app: &App, text: Option<&str>, zone: &TimeZone) -> Result<Range<Minute>, Problem> {
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
    let start = |date: Date| date.to_zoned(zone.clone()).map(|zoned| minute(zoned.timestamp()));
    let far = |_| wrong("it is out of range");
    Ok(start(date).map_err(far)?..start(date.tomorrow().map_err(far)?).map_err(far)?)
}

/// The instant of a minute.
pub(super) fn instant(minute: Minute) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minute.0.into())
}
