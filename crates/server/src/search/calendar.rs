//! `GET /search/calendar`: the cheapest price of each day; and the days nearest to one that has nothing.

use axum::extract::State;
use itinerary::Query as EngineQuery;
use jiff::Span;
use jiff::civil::Date;
use kernel::Money;
use platform::http::problem::Outcome;
use platform::http::{Json, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::engine;
use super::params::SearchParams;
use super::question::{self, Question};
use super::search_flights::must_be_ready;
use crate::app::App;
use crate::flights::api::FILING_CURRENCY;

const DAYS_MAX: u8 = 62;
const DAYS_DEFAULT: u8 = 31;
/// Days before and after one without an itinerary that are looked at, and how many of them are named.
const NEAR_DAYS: i64 = 7;
const NEAREST: usize = 3;

/// The parameters of a calendar.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct CalendarParams {
    /// Airport of departure.
    #[param(value_type = String, example = "ABE")]
    origin: Option<String>,
    /// Airport of arrival.
    #[param(value_type = String, example = "LAX")]
    destination: Option<String>,
    /// The first date of departure, local at the origin.
    #[param(value_type = String, format = Date, example = "2026-12-01")]
    from: Option<String>,
    /// How many days, 1 to 62.
    #[param(default = 31, minimum = 1, maximum = 62)]
    days: Option<u8>,
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
    /// As in a search.
    #[param(default = false)]
    mixed_cabin: Option<bool>,
    /// As in a search.
    #[param(default = false)]
    refundable: Option<bool>,
    /// As in a search.
    #[param(default = false)]
    bag: Option<bool>,
    /// As in a search.
    #[param(minimum = 0, maximum = 3)]
    max_stops: Option<u8>,
    /// As in a search.
    #[param(example = 600)]
    max_duration: Option<u32>,
    /// As in a search.
    #[param(example = "06:00")]
    departs_after: Option<String>,
    /// As in a search.
    #[param(example = "12:00")]
    departs_before: Option<String>,
    /// As in a search.
    #[param(example = "08:00")]
    arrives_after: Option<String>,
    /// As in a search.
    #[param(example = "22:00")]
    arrives_before: Option<String>,
    /// As in a search.
    #[param(example = 60)]
    min_connection: Option<u32>,
    /// As in a search.
    #[param(example = 180)]
    max_connection: Option<u32>,
    /// As in a search.
    #[param(example = "KR,S2")]
    airlines: Option<String>,
    /// As in a search.
    #[param(example = "ZZ")]
    exclude_airlines: Option<String>,
    /// As in a search.
    #[param(example = "ATL,ORD")]
    via: Option<String>,
    /// As in a search.
    #[param(example = "JFK")]
    exclude_via: Option<String>,
}

/// The cheapest price of each day.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"days": [{"date": "2026-12-01", "price": {"amount": 18900, "currency": "USD"}},
    {"date": "2026-12-02", "price": null}], "as_of": 4711, "complete": true}))]
pub(super) struct CalendarAnswer {
    days: Vec<DayPrice>,
    /// Number of the last change of flights, prices or seats that the answer knows.
    as_of: u64,
    /// False when the question was so wide that not everything could be looked at.
    complete: bool,
}

/// A day and what it costs at least.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"date": "2026-12-01", "price": {"amount": 18900, "currency": "USD"}}))]
pub(super) struct DayPrice {
    /// Local at the origin.
    #[schema(value_type = String, format = Date)]
    pub(super) date: Date,
    /// The lowest price for the whole party; null when nothing can be booked.
    pub(super) price: Option<Money>,
}

/// The cheapest price of each of up to 62 days, to the cent that of a search of the day with the same parameters. No login
/// needed.
#[utoipa::path(get, path = "/search/calendar", tag = "search", params(CalendarParams),
    responses((status = 200, description = "A price for each day", body = CalendarAnswer)))]
pub(super) async fn search_calendar(
    State(app): State<App>,
    Query(params): Query<CalendarParams>,
) -> Outcome<Json<CalendarAnswer>> {
    must_be_ready(&app)?;
    let days = params.days.unwrap_or(DAYS_DEFAULT);
    if !(1..=DAYS_MAX).contains(&days) {
        return Err(Problem::invalid("days", format!("it must be 1 to {DAYS_MAX}")));
    }
    if params.from.is_none() {
        let problem = "it is needed: the first local date of departure, such as 2026-12-01";
        return Err(Problem::invalid("from", problem));
    }
    let (questions, _) = params.as_search().check(&app)?;
    let as_of = app.live.as_of();
    let (days, complete) = prices(&app, &questions, dates(questions[0].date, days.into())).await?;
    Ok(Json(CalendarAnswer { days, as_of, complete }))
}

impl CalendarParams {
    fn as_search(&self) -> SearchParams {
        SearchParams {
            origin: self.origin.clone(),
            destination: self.destination.clone(),
            date: self.from.clone(),
            adults: self.adults,
            children: self.children,
            infants: self.infants,
            cabin: self.cabin.clone(),
            mixed_cabin: self.mixed_cabin,
            refundable: self.refundable,
            bag: self.bag,
            max_stops: self.max_stops,
            max_duration: self.max_duration,
            departs_after: self.departs_after.clone(),
            departs_before: self.departs_before.clone(),
            arrives_after: self.arrives_after.clone(),
            arrives_before: self.arrives_before.clone(),
            min_connection: self.min_connection,
            max_connection: self.max_connection,
            airlines: self.airlines.clone(),
            exclude_airlines: self.exclude_airlines.clone(),
            via: self.via.clone(),
            exclude_via: self.exclude_via.clone(),
            ..SearchParams::default()
        }
    }
}

fn dates(from: Date, count: i64) -> Vec<Date> {
    (0..count).filter_map(|day| from.checked_add(Span::new().days(day)).ok()).collect()
}

/// The days nearest to the question's that have an itinerary, the nearer first.
pub(super) async fn nearest_dates(app: &App, questions: &[Question]) -> Result<Vec<DayPrice>, Problem> {
    let Some(question) = questions.first() else { return Ok(Vec::new()) };
    let zone = app.directory.load().zone(question.origin);
    let today = app.now().to_zoned(zone).date();
    let around = question.date.checked_sub(Span::new().days(NEAR_DAYS)).unwrap_or(question.date);
    let around = dates(around, 2 * NEAR_DAYS + 1).into_iter().filter(|date| *date >= today);
    let (mut days, _) = prices(app, questions, around.collect()).await?;
    days.retain(|day| day.price.is_some());
    days.sort_by_key(|day| (day.date.duration_since(question.date).abs(), day.date));
    days.truncate(NEAREST);
    Ok(days)
}

/// The price of each date. It is many searches in one, so it has a thread of its own.
async fn prices(
    app: &App,
    questions: &[Question],
    dates: Vec<Date>,
) -> Result<(Vec<DayPrice>, bool), Problem> {
    let slot = app.live.slot().await?;
    let (app, questions) = (app.clone(), questions.to_vec());
    let apart = move || {
        let _slot = slot;
        let mut days: Vec<DayPrice> =
            dates.iter().map(|date| DayPrice { date: *date, price: None }).collect();
        let mut complete = true;
        let effort = engine::EFFORT_APART / questions.len().max(1) as u64;
        for question in questions {
            complete &= lower_prices(&app, question, effort, &mut days)?;
        }
        Ok((days, complete))
    };
    tokio::task::spawn_blocking(apart).await.map_err(Problem::internal)?
}

/// Puts a question's price where it is the lowest yet; `false` if not everything was looked at.
fn lower_prices(app: &App, question: Question, effort: u64, days: &mut [DayPrice]) -> Result<bool, Problem> {
    let (Some(first), Some(last)) = (days.first(), days.last()) else { return Ok(true) };
    let directory = app.directory.load();
    let (zone, landing_zone) = (directory.zone(question.origin), directory.zone(question.destination));
    let arrives = question.times.arrivals(first.date, last.date, &landing_zone);
    let question = Question { arrives, ..question };
    let windows: Vec<_> = days.iter().map(|day| question::origins(&question, day.date, &zone)).collect();
    let query: EngineQuery = engine::query(app, &question, 0, None, effort);
    let (prices, complete) = app.live.network.load().calendar(&query, &windows);
    for (day, adult) in days.iter_mut().zip(prices) {
        let Some(adult) = adult else { continue };
        let price = party_price(app, &question, adult)?;
        if day.price.is_none_or(|lowest| price.amount < lowest.amount) {
            day.price = Some(price);
        }
    }
    Ok(complete)
}

/// What the party pays when an adult pays `adult` millionths of a minor unit.
pub(super) fn party_price(app: &App, question: &Question, adult: u64) -> Result<Money, Problem> {
    let adult = i64::try_from(adult.saturating_add(500_000) / 1_000_000).map_err(Problem::internal)?;
    let total = engine::percents(app).total(adult, question.party).map_err(Problem::internal)?;
    Ok(Money::new(total, FILING_CURRENCY))
}
