//! `GET /search`: one-way itineraries of a date.

use axum::extract::State;
use domain::pricing::TypePercents;
use itinerary::{Destination, Filters, Journey, Limits, Order, Origin, Query as EngineQuery, Tariff};
use kernel::Category;
use platform::http::problem::Outcome;
use platform::http::{Json, Problem, Query};

use super::cursor;
use super::question::{Question, SearchParams};
use super::view::{SearchAnswer, Writer, offers_expire_at};
use crate::app::App;
use crate::flights::api::minute;

/// Flights a search may look at: some tens of milliseconds, a hundred times what the busiest markets need.
const EFFORT: u64 = 5_000_000;

/// Search flights from one airport to another on a date: nonstop and with up to two stops, every leg with seats for the
/// whole party. Ordered by duration, then price. No login needed.
#[utoipa::path(get, path = "/search", tag = "search", params(SearchParams),
    responses((status = 200, description = "A page of itineraries, each with an offer to book", body = SearchAnswer)))]
pub(super) async fn search_flights(
    State(app): State<App>,
    Query(params): Query<SearchParams>,
) -> Outcome<Json<SearchAnswer>> {
    if !app.live.is_loaded() {
        return Err(Problem::new(Category::Unavailable, "search_not_ready").retry_after(2));
    }
    let question = params.check(&app)?;
    let as_of = app.live.as_of();
    let mut journeys = run(&app, &question).await?;
    let more = journeys.len() > question.limit;
    journeys.truncate(question.limit);
    let directory = app.directory.load();
    let expires_at = offers_expire_at(&app, app.now());
    let Question { origin, destination, party, cabin, .. } = question;
    let ratio_ppm = directory.ratio_ppm(origin, destination, cabin);
    let writer = Writer { app: &app, directory: &directory, party, ratio_ppm, as_of, expires_at };
    let itineraries = journeys.iter().map(|journey| writer.itinerary(journey));
    Ok(Json(SearchAnswer {
        next_cursor: journeys.last().filter(|_| more).map(|last| cursor::encode(&last.key())),
        itineraries: itineraries.collect::<Result<_, _>>().map_err(Problem::internal)?,
        offers_expire_at: expires_at,
        as_of,
    }))
}

/// Runs the engine on a thread of its own, so that a long search does not hold up short requests. One more than the limit
/// tells whether there is a next page.
async fn run(app: &App, question: &Question) -> Result<Vec<Journey>, Problem> {
    let slot = app.live.slot().await?;
    let (app, question) = (app.clone(), question.clone());
    let search = move || {
        // Given back when the search ends, also when nobody waits for its answer any more.
        let _slot = slot;
        let directory = app.directory.load();
        let now = minute(app.now());
        let sales_close = u32::try_from(app.config.booking.sales_close_minutes).unwrap_or(0);
        let network = app.live.network.load();
        network.advance_clock(now);
        let connection_ppm = directory.ratio_ppm(question.origin, question.destination, question.cabin);
        let answer = network.search(&EngineQuery {
            origins: vec![Origin { airport: question.origin, departs: vec![question.departs] }],
            destinations: vec![Destination { airport: question.destination, arrives: None }],
            earliest_departure: now.plus(sales_close + 1),
            cabin: question.cabin,
            mixed_cabin: false,
            seats: question.party.seats().into(),
            max_stops: question.max_stops,
            limits: limits(&app),
            tariff: Tariff { connection_ppm, ..Tariff::default() },
            filters: Filters::default(),
            order: Order::Duration,
            limit: question.limit + 1,
            after: question.after,
            effort: EFFORT,
        });
        answer.journeys().collect()
    };
    tokio::task::spawn_blocking(search).await.map_err(Problem::internal)
}

/// The configured shares of children and infants.
pub fn percents(app: &App) -> TypePercents {
    TypePercents { child: app.config.booking.child_percent, infant: app.config.booking.infant_percent }
}

fn limits(app: &App) -> Limits {
    let search = &app.config.search;
    Limits { min_connection: 0, max_connection: search.max_layover, max_duration: search.max_journey }
}
